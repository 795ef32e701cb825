"""Bad input of every kind gets a clear error, or is set aside and counted with its reason."""

import errno
import gzip
import io
import json
import shutil
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import (
    InputEmpty,
    InputError,
    InputMalformed,
    InputMissing,
    MathmineError,
    StorageFull,
    TagsNeeded,
    TrainingFailed,
)
from pipeline.config.run_file import load_config
from pipeline.config.settings import Extract
from pipeline.config.sources import Crawl, Read
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.extract.warc_rows import extract_warc
from pipeline.loop.rounds import carry_out, deduplication, extraction, only, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.steps.decontaminate import DECONTAMINATE
from pipeline.loop.steps.judge import JUDGE
from pipeline.loop.steps.train import TRAIN
from pipeline.report.closing_judgement import JudgeNotes
from pipeline.web.listing import find_warcs
from tests.places import rows_in
from tests.poison import deadly_row_maker
from tests.sample_runs import beginning, round_lines

#: Of a WARC, where some of its pages do.
RECORDS = 120


def one_warc(sample_web):
    return sorted((sample_web.folder / "warc").glob("*.warc.gz"))[0]


@pytest.fixture(scope="module")
def short_warc(sample_web, tmp_path_factory):
    """The first records of a WARC, for tests that need no more of them."""
    whole = one_warc(sample_web)
    path = tmp_path_factory.mktemp("short") / whole.name
    path.write_bytes(beginning(whole, RECORDS))
    return path


def configured(folder, toml):
    path = folder / "run.toml"
    path.write_text(toml, encoding="utf-8")
    return load_config(path)


def run_plan(plan, config, workspace, number=1, **options):
    run = Run(config, str(workspace), **options)
    return run, list(carry_out(plan(config, number), run, dry_run=False))


def outcomes(workspace, crawl="c"):
    found = duckdb.sql(
        f"select warc, outcome, sum(records)::int "
        f"from {rows_in(workspace, f'crawls/{crawl}/ledger')} where kind = 'count' group by all"
    ).fetchall()
    return {(warc, outcome): records for warc, outcome, records in found}


def test_warc_that_is_not_there(spark, tmp_path):
    config = configured(tmp_path, '[crawls.c]\nwarcs = ["none/*.warc.gz"]\n')
    with pytest.raises(InputMissing, match=r"none/\*\.warc\.gz"):
        run_plan(extraction, config, tmp_path / "w")


def test_text_file_called_warc_is_set_aside_and_the_others_are_read(spark, tmp_path, short_warc):
    shutil.copy(short_warc, tmp_path / "good.warc.gz")
    (tmp_path / "text.warc.gz").write_text("this is no WARC\n" * 100)
    config = configured(tmp_path, '[crawls.c]\nwarcs = ["*.warc.gz"]\n')
    _, [report] = run_plan(extraction, config, tmp_path / "w")
    assert report.counts.set_aside["unreadable-warc"] == 1
    assert outcomes(tmp_path / "w")[("text.warc.gz", "unreadable-warc")] == 1
    assert outcomes(tmp_path / "w")[("good.warc.gz", "page")] == report.counts.rows_out


def test_truncated_warc_loses_its_last_record_and_says_so(spark, tmp_path, sample_web):
    whole = one_warc(sample_web).read_bytes()
    (tmp_path / "cut.warc.gz").write_bytes(whole[: len(whole) // 2])
    config = configured(tmp_path, '[crawls.c]\nwarcs = ["cut.warc.gz"]\n')
    _, [report] = run_plan(extraction, config, tmp_path / "w")
    assert report.counts.set_aside["truncated-record"] == 1
    assert report.counts.rows_out > 10


def test_crawl_without_a_page_is_an_error_that_counts_what_there_was(spark, tmp_path):
    with gzip.open(tmp_path / "empty.warc.gz", "wb") as file:
        file.write(
            b"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
            b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
            b"Content-Length: 0\r\n\r\n\r\n\r\n"
        )
    config = configured(tmp_path, '[crawls.c]\nwarcs = ["empty.warc.gz"]\n')
    with pytest.raises(InputEmpty, match=r"no page in the 1 WARCs of crawl c: .*warcinfo"):
        run_plan(extraction, config, tmp_path / "w")


def test_same_warc_name_in_two_crawls_is_refused(spark, tmp_path, sample_web):
    """Page ids are made of names: the same pages would be there twice."""
    path = one_warc(sample_web)
    config = configured(
        tmp_path, f'[crawls.a]\nwarcs = ["{path}"]\n[crawls.b]\nwarcs = ["{path}"]\n'
    )
    with pytest.raises(InputError, match="crawls a and b both have a WARC called"):
        run_plan(extraction, config, tmp_path / "w")


def test_warc_on_a_failing_disk_fails_the_job_and_is_not_called_bad(sample_web, monkeypatch):
    warc = next(w for w in find_warcs(Crawl(warcs=(str(one_warc(sample_web)),)), Read()))

    class Failing(io.FileIO):
        def readinto(self, buffer):
            if self.tell() > 1_000_000:
                raise OSError(errno.EIO, "Input/output error")
            return super().readinto(buffer)

    monkeypatch.setattr(
        "pipeline.web.warc.open_warc", lambda path, _: io.BufferedReader(Failing(path))
    )
    with pytest.raises(InputError, match=r"cannot read .*Input/output error"):
        list(extract_warc(warc, "c", Extract(), Read()))


def test_whatever_a_page_sets_off_costs_that_page_alone(short_warc, monkeypatch):
    warc = next(w for w in find_warcs(Crawl(warcs=(str(short_warc),)), Read()))
    settings = Extract(max_page_seconds=2)
    rows = list(extract_warc(warc, "c", settings, Read()))
    pages = [row["page_id"] for row in rows if row["table"] == "pages"]
    # By the environment, which the process that works on pages inherits.
    ends = {"segfault": "extractor-crashed", "endless": "extractor-timeout",
            "ten-gigabytes": "out-of-memory", "raise": "extractor-failed"}  # fmt: skip
    victims = dict(zip(ends, (pages[0], pages[7], pages[8], pages[-1]), strict=True))
    monkeypatch.setenv("DEADLY", " ".join(f"{name}={page}" for name, page in victims.items()))
    found = list(extract_warc(warc, "c", settings, Read(), deadly_row_maker))
    kept = [
        row for row in rows if row["table"] == "pages" and row["page_id"] not in victims.values()
    ]
    assert [row for row in found if row["table"] == "pages"] == kept
    asides = [row for row in found if row.get("kind") == "record"]
    before = [row for row in rows if row.get("kind") == "record"]
    assert sorted(row["outcome"] for row in asides if row not in before) == sorted(ends.values())
    counts = {row["outcome"]: row["records"] for row in found if row.get("kind") == "count"}
    assert counts["read"] == sum(number for name, number in counts.items() if name != "read")


@pytest.fixture(scope="module")
def pooled(spark, short_warc, tmp_path_factory):
    """A workspace with the pages and the pool of a short WARC, for the steps after them."""
    folder = tmp_path_factory.mktemp("pooled")
    toml = f'[crawls.c]\nwarcs = ["{short_warc}"]\n'
    config = configured(folder, toml)
    run_plan(extraction, config, folder / "w")
    run_plan(deduplication, config, folder / "w")
    return folder, toml


def train(pooled, extra, tmp_path, **options):
    folder, toml = pooled
    small = "[train]\ndim = 4\nbuckets = 1000\nsmall_seed_updates = []\n"
    config = configured(tmp_path, toml + small + extra)
    return run_plan(only(TRAIN), config, folder / "w", **options)


def test_seed_without_a_text_column_names_the_columns_there_are(pooled, tmp_path):
    pq.write_table(pa.table({"body": ["x"], "link": ["y"]}), tmp_path / "seed.parquet")
    with pytest.raises(InputMalformed, match=r"column text is missing .* body, link"):
        train(pooled, '[seed.texts]\npaths = ["seed.parquet"]\n', tmp_path)


def test_seed_that_is_not_there_tells_how_to_get_it(pooled, tmp_path):
    extra = '[seed.texts]\npaths = ["none/*.parquet"]\ndownload = "fetch it"\n'
    with pytest.raises(InputMissing, match=r"(?s)nothing matches .*fetch it"):
        train(pooled, extra, tmp_path)


def test_run_without_any_seed_is_refused(pooled, tmp_path):
    with pytest.raises(InputEmpty, match="nothing to learn mathematics from"):
        train(pooled, "", tmp_path)


def test_class_without_examples_fails_with_the_numbers(pooled, tmp_path):
    with pytest.raises(TrainingFailed, match="0 of math"):
        train(pooled, '[seed]\npatterns = ["nowhere.example/at/all"]\n', tmp_path)


def test_benchmark_file_with_broken_lines_names_the_line(pooled, tmp_path, finished):
    benchmarks = tmp_path / "benchmarks"
    benchmarks.mkdir()
    row = {"benchmark": "b", "split": "test", "id": "1", "question": "How many?", "answer": "3"}
    with gzip.open(benchmarks / "b.jsonl.gz", "wt") as file:
        file.write(json.dumps(row) + "\n{broken\n")
    config = finished.web.config
    changed = config.decontaminate.model_copy(update={"benchmarks": str(benchmarks)})
    config = config.model_copy(update={"decontaminate": changed})
    with pytest.raises(InputMalformed, match=r"b\.jsonl\.gz:2"):
        run_plan(only(DECONTAMINATE), config, finished.workspace, 3)


def test_run_without_benchmarks_says_so_everywhere(finished, tmp_path):
    shutil.copytree(finished.workspace, tmp_path / "w")
    config = finished.web.config
    config = config.model_copy(
        update={"decontaminate": config.decontaminate.model_copy(update={"benchmarks": ""})}
    )
    run, reports = run_plan(whole_loop, config, tmp_path / "w", finished.rounds)
    assert [r.title for r in reports if r.state == "built"] == [
        "decontaminate",
        "emit",
        "corpus topics",
        "report",
    ]
    assert "NOT DECONTAMINATED" in "\n".join(round_lines(run, finished.rounds))
    assert "NOT DECONTAMINATED" in (tmp_path / "w" / "corpus" / "README.md").read_text()
    assert DecontaminateNotes.of(run.workspace.contamination().existing()).benchmarks == {}


def test_loop_waits_for_tags_and_names_the_domains(finished, tmp_path):
    tags = tmp_path / "url_patterns.tsv"
    tags.write_text("pattern\tmathematical\twho\twhen\tround\tnote\n")
    config = finished.web.config
    config = config.model_copy(update={"tags": config.tags.model_copy(update={"file": str(tags)})})
    with pytest.raises(TagsNeeded) as caught:
        run_plan(only(TRAIN), config, finished.workspace, 2, tags="wait")
    queued = duckdb.sql(
        f"select domain from {rows_in(finished.workspace, 'rounds/1/domains')} where queued"
    ).fetchall()
    named = [name for (name,) in queued if f"collected in {name}" in str(caught.value)]
    assert len(named) == min(20, len(queued))
    assert str(tags) in str(caught.value)
    command = f"-m pipeline.tagging --workspace {finished.workspace} --round 1"
    assert command in caught.value.remedy or "make tag N=1" in caught.value.remedy
    assert caught.value.exit_status == 3


def test_full_disk_is_told_and_the_run_goes_on_afterwards(spark, tmp_path, sample_web):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk to fill")
    config = configured(tmp_path, f'[crawls.c]\nwarcs = ["{one_warc(sample_web)}"]\n')
    try:
        with pytest.raises(StorageFull, match="no space left"):
            run_plan(extraction, config, disk / "w")
        subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
        _, [report] = run_plan(extraction, config, disk / "w")
        assert report.counts.rows_out > 100
    finally:
        # What Spark has left running may hold it for a moment more.
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_labels_without_kinds_are_judged_too(finished, tmp_path):
    labels = tmp_path / "labels.jsonl"
    with labels.open("w") as file:
        for index, row in enumerate(finished.web.labels):
            kept = {"url": row["url"], "label": row["label"]}
            file.write(json.dumps(kept | ({"kind": row["kind"]} if index % 2 else {})) + "\n")
    config = finished.web.config
    config = config.model_copy(
        update={"labels": config.labels.model_copy(update={"path": str(labels)})}
    )
    shutil.copytree(finished.workspace, tmp_path / "w")
    run, _ = run_plan(only(JUDGE), config, tmp_path / "w", 3)
    judged = JudgeNotes.of(run.workspace.judgement(3).existing())
    assert {kind.kind for kind in judged.kinds} >= {None, "math-like"}


def test_inputs_of_one_name_in_two_folders_are_told_apart(finished, tmp_path):
    folder = tmp_path / "benchmarks"
    config = finished.web.config
    for part in ("a", "b"):
        (folder / part).mkdir(parents=True)
        row = {"benchmark": part, "split": "test", "id": "1", "question": "x", "answer": "3"}
        (folder / part / "test.jsonl").write_text(json.dumps(row))
    changed = config.decontaminate.model_copy(update={"benchmarks": str(folder)})
    run = Run(config.model_copy(update={"decontaminate": changed}), str(finished.workspace))
    before = DECONTAMINATE.recipe(run, 3)
    (folder / "a" / "test.jsonl").write_text(json.dumps(row | {"question": "another"}))
    assert DECONTAMINATE.recipe(run, 3).fingerprint != before.fingerprint


def test_every_error_says_what_to_do_or_what_was_expected():
    """The tree is what its module's docstring draws."""
    from pipeline.base import errors

    def tree(kind):
        yield kind.__name__
        for below in kind.__subclasses__():
            yield from tree(below)

    for name in tree(MathmineError):
        if getattr(errors, name, None):
            assert name in errors.__doc__
