"""What jobs print, in processes of their own: hostile names, and disks that are full."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import quick_java
from tests.places import PROJECT
from tests.sample_runs import make_sample_web
from tests.web.warcs import gz, http, record

HOSTILE = "\x1b]0;pwned\x07\x1b[31m\u202e\x9b31m\u2066\u200b"
#: Line ends are the only controls that a job prints.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def run_job(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """From a folder that is not the project's: its workers find the code all the same."""
    job, *others = map(str, arguments)
    return subprocess.run(
        [sys.executable, str(PROJECT / "jobs" / job), *others],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        # How Spark plans is none of what is printed.
        env={**os.environ, **quick_java.environment(), **environment},
    )


def hostile_warc(path: Path) -> None:
    """Pages that are kept, and some that are set aside, with names that a terminal would obey."""
    words = f"A group is abelian {HOSTILE} when its elements commute, as in $ab = ba$ for all. " * 3
    pages = [
        f"<html><head><title>Sums {HOSTILE}</title></head><body><p>{words} {number}</p></html>"
        for number in range(12)
    ]
    records = [
        record(http(text.encode()), url=f"http://a.example/{HOSTILE}/{number}")
        for number, text in enumerate(pages)
    ]
    records.append(record(http(b"x" * 50, content_type=f"text/\x1b[31m{HOSTILE}")))
    records.append(record(http(b"", f"Content-Encoding: \x1b[31m{HOSTILE}")))
    path.write_bytes(b"".join(map(gz, records)))


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small disk of its own, or the test is skipped."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk to fill")
    try:
        yield folder
    finally:
        # What Spark has left running may hold it for a moment more.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def crawl(folder: Path) -> Path:
    hostile_warc(folder / f"crawl{HOSTILE}.warc.gz")
    config = folder / "run.toml"
    config.write_text('[crawls.c]\nwarcs = ["*.warc.gz"]\n')
    return config


def test_names_of_a_crawl_reach_no_terminal_raw(tmp_path: Path) -> None:
    config = crawl(tmp_path)
    workspace = tmp_path / f"it's ${HOSTILE}"
    told = run_job("extract.py", "--workspace", workspace, "--config", config, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "12" in told.stdout
    assert not RAW.search(told.stdout + told.stderr)
    # Nor does Spark say how it starts.
    for line in told.stderr.splitlines():
        assert line.startswith(("extract c: ", "the configuration is kept in ")), line
    # Files that are not there; of a run in a workspace of its own.
    workspace = tmp_path / f"other{HOSTILE}"
    missing = json.dumps(f"none{HOSTILE}\nforged.warc.gz")
    config.write_text(f"[crawls.c]\nwarcs = [{missing}]\n")
    told = run_job("extract.py", "--workspace", workspace, "--config", config, cwd=tmp_path)
    assert told.returncode == 1
    [found, remedy] = told.stderr.splitlines()
    assert r"none\x1b]0;pwned\x07\x1b[31m\u202e\x9b31m\u2066\u200b\nforged.warc.gz" in found
    assert not RAW.search(found)
    assert remedy.startswith("  to do:")


@pytest.mark.slow
@pytest.mark.parametrize("full", ["workspace", "local folders"])
def test_full_disk_is_one_error_without_any_trace(tmp_path: Path, full: str) -> None:
    config = crawl(tmp_path)
    with disk(tmp_path / "disk", "8k") as small:
        if full == "workspace":
            told = run_job("extract.py", "--workspace", small, "--config", config, cwd=tmp_path)
        else:
            where = ("--workspace", tmp_path / "w", "--config", config)
            assert run_job("extract.py", *where, cwd=tmp_path).returncode == 0
            (small / "full").write_bytes(b"x" * 4096)
            told = run_job("dedupe.py", *where, cwd=tmp_path, SPARK_LOCAL_DIRS=str(small))
    assert told.returncode == 1
    lines = told.stderr.splitlines()
    assert lines[-2].startswith("StorageFull: no space left while writing to ")
    assert lines[-1].startswith("  to do:    free some space, or name another place")
    for trace in ("Traceback", "\tat ", "Caused by", "Exception", " ERROR "):
        assert trace not in told.stderr, told.stderr


def test_workers_print_visibly_and_leave_without_a_word(tmp_path: Path) -> None:
    """What a library says in a worker, and what PySpark's workers say when a job has failed."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(PROJECT)!r})\n"
        "from pipeline.base.errors import InputMalformed\n"
        "from pipeline.base.program import run_program\n"
        "from pipeline.workspace.session import start_session\n"
        "def work(batches):\n"
        "    for batch in batches:\n"
        f"        print('said by a worker' + {HOSTILE!r}, file=sys.stderr, flush=True)\n"
        "        if batch.column(0)[0].as_py() == 0:\n"
        f"            raise InputMalformed('a page' + {HOSTILE!r}, remedy='mend it')\n"
        "        for _ in range(2_000):\n"
        "            yield batch\n"
        "def main():\n"
        "    frame = start_session('test').range(0, 80_000, 1, 4).mapInArrow(work, 'id long')\n"
        "    frame.write.format('noop').mode('overwrite').save()\n"
        "    return 0\n"
        "sys.exit(run_program(main))\n"
    )
    told = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert told.returncode == 1
    assert r"said by a worker\x1b]0;pwned" in told.stderr
    assert r"InputMalformed: a page\x1b]0;pwned\x07\x1b[31m\u202e" in told.stderr
    assert "\n  to do:    mend it\n" in told.stderr
    assert not RAW.search(told.stdout + told.stderr)
    for trace in ("Traceback", "\tat ", " ERROR "):
        assert trace not in told.stderr, told.stderr


def test_an_interrupt_while_spark_works_leaves_one_line(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal, sys, threading, time\n"
        f"sys.path.insert(0, {str(PROJECT)!r})\n"
        "from pipeline.base.program import run_program\n"
        "from pipeline.workspace.session import start_session\n"
        "def work(batches):\n"
        "    time.sleep(600)\n"
        "    yield from batches\n"
        "def interrupt(tracker):\n"
        "    while not tracker.getActiveStageIds():\n"
        "        time.sleep(0.1)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "def main():\n"
        "    spark = start_session('test')\n"
        "    tracker = spark.sparkContext.statusTracker()\n"
        "    threading.Thread(target=interrupt, args=[tracker], daemon=True).start()\n"
        "    spark.range(2).mapInArrow(work, 'id long').count()\n"
        "    return 0\n"
        "sys.exit(run_program(main, interrupted='interrupted'))\n"
    )
    told = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert told.returncode == 130
    assert told.stderr.splitlines() == ["interrupted"]


@pytest.mark.slow
def test_a_round_over_hostile_names_and_its_query(tmp_path: Path) -> None:
    """A benchmark, tags, labels, WARC files and the workspace, each with such a name."""
    web = make_sample_web(tmp_path, 600)
    hostile_warc(web.folder / "warc" / f"more{HOSTILE}.warc.gz")
    benchmark = {
        "benchmark": f"sample-{HOSTILE}\nforged",
        "split": "test",
        "id": "1",
        "question": "A group is abelian when its elements commute, as in ab = ba for all.",
        "answer": "3",
    }
    (web.folder / "benchmarks" / "hostile.jsonl").write_text(json.dumps(benchmark))
    with (web.folder / "url_patterns.tsv").open("a") as file:
        file.write(f"zz.example/x\x7f\u202e\tyes\tada{HOSTILE}\t2025-01-31\t0\t{HOSTILE}\n")
    with (web.folder / "labels.jsonl").open("a") as file:
        label = {"url": f"http://a.example/{HOSTILE}/1", "label": "math", "kind": f"k{HOSTILE}\nx"}
        file.write(json.dumps(label) + "\n")
    toml = web.config_path.read_text()
    web.config_path.write_text(
        toml.replace('names = ["', 'names = ["none\\u001b[31m", "sample-*", "')
    )
    workspace = tmp_path / f'it\'s $HOME "{HOSTILE}" größe'
    where = ("--workspace", workspace, "--config", web.config_path)
    told = run_job("round.py", *where, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    reviewed = run_job("tags.py", *where, cwd=tmp_path)
    assert reviewed.returncode == 0, reviewed.stderr
    for said in (told, reviewed):
        assert not RAW.search(said.stdout + said.stderr)
    assert "forged" not in [line[:6] for line in told.stdout.splitlines()]
    assert r"sample-\x1b]0;pwned" in told.stdout
    assert r"zz.example/x\x7f\u202e" in reviewed.stdout
    [query] = [line for line in told.stdout.splitlines() if line.startswith("query:  ")]
    answer = subprocess.run(
        ["sh", "-c", query.removeprefix("query:  ")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "language" in answer.stdout
