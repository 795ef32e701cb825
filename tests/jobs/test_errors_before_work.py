"""What a person gets wrong is told in the first seconds, by a dry run too: nothing is begun."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import StorageFull
from pipeline.corpus.shards import EmitNotes
from pipeline.loop import preflight
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.table_schemas import schema
from tests.jobs.in_process import Told, job
from tests.places import PROJECT
from tests.web.warcs import good, members

BASE = """\
[crawls.c]
warcs = ["*.warc.gz"]
[seed]
patterns = ["a.example/math"]
"""
HEADER = "pattern\tmathematical\twho\twhen\tround\tnote\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A fresh folder with a WARC."""
    (tmp_path / "a.warc.gz").write_bytes(members(good(1)))
    return tmp_path


def ended(here: Path, toml: str, *more: object, name: str = "round") -> Told:
    """A dry run, and the run itself, which says the same; neither leaves a workspace."""
    (here / "run.toml").write_text(toml)
    line = ("--workspace", here / "w", "--config", here / "run.toml", *more)
    dry = job(name, *line, "--dry-run")
    assert dry.status == 2
    real = job(name, *line)
    assert real.status == 1
    assert real.err == dry.err
    assert "Traceback" not in real.err
    assert not (here / "w" / "run.json").exists()
    return real


def of_seed(here: Path, seed: str) -> str:
    return BASE.replace('patterns = ["a.example/math"]', seed)


@pytest.mark.parametrize(
    ("seed", "told"),
    [
        ("", "InputEmpty: there is nothing to learn mathematics from: no seed texts, no URL"),
        (
            'patterns = ["a.example/x?y"]',
            "seed.patterns of the configuration: 'a.example/x?y' is no URL",
        ),
        ('patterns = ["ftp://a.example"]', "configuration: 'ftp://a.example' is no URL pattern"),
        ('patterns = "a.example"', "seed.patterns is 'a.example'"),
        ('texts = {paths = ["none/*"], download = "fetch it"}', "no seed texts: nothing matches"),
        ('texts = "none.toml"', "InputMissing: no configuration at"),
    ],
)
def test_a_seed_that_is_none(here: Path, seed: str, told: str) -> None:
    assert told in ended(here, of_seed(here, seed)).err


def test_seed_texts_without_their_column(here: Path) -> None:
    pq.write_table(pa.table({"body": ["x"], "n": [1]}), here / "t.parquet")
    (here / "t.jsonl").write_text('{"body": "x"}\n')
    for kind, column in (("parquet", "text"), ("parquet", "n"), ("jsonl", "text")):
        seed = f'texts = {{paths = ["*.{kind}"], format = "{kind}", text_column = "{column}"}}'
        told = ended(here, of_seed(here, seed)).err
        trouble = "is not text" if column == "n" else "is missing"
        assert f"InputMalformed: column {column} {trouble} in" in told
        assert "there are: body" in told


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('train = {dim = "64"}', "train.dim is '64'"),
        ("train = {dim = true}", "train.dim is True"),
        ('select = {budgets = ["4_000"]}', "select.budgets.0 is '4_000'"),
        ('select = {floor = "0.5"}', "select.floor is '0.5'"),
        ('dedupe = {verify = "yes"}', "dedupe.verify is 'yes'"),
    ],
)
def test_numbers_and_switches_are_no_strings(here: Path, key: str, told: str) -> None:
    assert told in ended(here, f"{key}\n{BASE}").err


def test_benchmarks_that_are_not_there(here: Path) -> None:
    toml = BASE + '[decontaminate]\nbenchmarks = "b"\nnames = ["gsm8k", "math"]\n'
    assert "InputMissing: no folder of benchmarks at" in ended(here, toml).err
    (here / "b").mkdir()
    assert "InputEmpty: no benchmark in" in ended(here, toml).err
    item = {"split": "test", "id": "1", "question": "What is 1 + 1?", "answer": "2"}
    for name in ("aime", "svamp"):
        line = json.dumps(item | {"benchmark": name})
        (here / "b" / f"{name}.jsonl").write_text(line)
    told = ended(here, toml).err
    assert "matches gsm8k, math" in told
    assert "one of aime, svamp" in told
    (here / "b" / "gsm8k.jsonl").write_text(json.dumps(item | {"benchmark": "gsm8k"}))
    (here / "run.toml").write_text(toml)
    dry = job("round", "--workspace", here / "w", "--config", here / "run.toml", "--dry-run")
    assert dry.status == 0, dry.err
    assert "covers 2 of the 3 files in" in dry.err
    assert "aime.jsonl, svamp.jsonl" in dry.err
    assert "no file is of the name math" in dry.err


def test_a_tags_file_that_is_missing_is_made_by_the_command_that_is_told(here: Path) -> None:
    toml = BASE + '[tags]\nfile = "tags.tsv"\n'
    told = ended(here, toml).err
    assert "InputMissing: no URL patterns at" in told
    assert "make tags-file" in told
    line = [sys.executable, "-m", "pipeline.tagging", "--make-file"]
    config = ["--config", str(here / "run.toml"), "--workspace", str(here / "w")]
    for _ in range(2):  # the second finds it, and leaves it alone
        made = subprocess.run([*line, *config], cwd=PROJECT, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    assert (here / "tags.tsv").read_text() == HEADER
    assert job("round", *config[2:], *config[:2], "--dry-run").status == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "labels no page"),
        ('{"url": "http://a.example/", "label": "maths"}\n', "labels no page"),
        ('{"url": "http://a.example/", "label": "math"}\n{"url": \n', "labels.jsonl:2: no label"),
        ("url,label\n", "labels.jsonl:1: no label of a page"),
        ('["http://a.example/", "math"]\n', "labels.jsonl:1: no label of a page"),
    ],
)
def test_labels_that_are_malformed(here: Path, text: str, told: str) -> None:
    (here / "labels.jsonl").write_text(text)
    assert told in ended(here, BASE + '[labels]\npath = "labels.jsonl"\n').err


def test_several_things_are_told_at_once(here: Path) -> None:
    toml = BASE + '[tags]\nfile = "t.tsv"\n[labels]\npath = "l.jsonl"\n'
    toml += '[decontaminate]\nbenchmarks = "b"\n'
    told = ended(here, toml).err
    for name in ("t.tsv", "l.jsonl", "/b"):
        assert name in told


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder that everybody sees, and within it a user who may do little."""
    if os.geteuid():
        pytest.skip("only root can become somebody who may do less")
    folder = Path(tempfile.mkdtemp(prefix="mathmine-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


def test_what_may_not_be_read_or_written() -> None:
    with nobody() as folder:
        (folder / "a.warc.gz").write_bytes(members(good(1)))
        (folder / "run.toml").write_text(BASE)
        (folder / "theirs").mkdir()
        (folder / "theirs" / ".lock").touch(mode=0o600)
        os.seteuid(65534)
        line = ("--config", folder / "run.toml", "--dry-run", "--workspace")
        told = job("round", *line, folder / "w" / "x")
        assert told.status == 2
        assert f"WorkspaceError: {folder} is not yours to write" in told.err
        assert "is not yours to write" in job("round", *line, folder / "theirs").err
        os.seteuid(0)
        (folder / "theirs").chmod(0o777)
        os.seteuid(65534)
        assert "theirs/.lock is not yours" in job("round", *line, folder / "theirs").err
        os.seteuid(0)
        (folder / "a.warc.gz").chmod(0)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        os.seteuid(65534)
        told = job("round", *line, folder / "open")
        assert told.status == 2
        assert "a.warc.gz cannot be read: Permission denied" in told.err


def test_what_no_check_foresaw_is_one_line_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "run.toml").write_text(BASE)
    line = ("--workspace", here / "w", "--config", here / "run.toml")

    def failing(error: BaseException) -> Told:
        def fail(*_: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("pipeline.cli.preflight", fail)
            return job("round", *line)

    for error, status, told in (
        (PermissionError(13, "Permission denied", "/data/x"), 1, "FileRefused: /data/x: Permiss"),
        (OSError(28, "No space left on device"), 1, f"{StorageFull.__name__}: no space left"),
        (BrokenPipeError(32, "Broken pipe"), 141, "what reads this program's output has ended"),
        (KeyboardInterrupt(), 130, "interrupted: run the same command again to go on"),
    ):
        ended = failing(error)
        assert ended.status == status
        assert ended.err.startswith(told)
        assert "Traceback" not in ended.err


PAGES = [
    ("math.example", "http://math.example/notes/1"),
    ("math.example", "http://www.math.example/notes/2"),
    ("b.example", "http://b.example/food"),
]


@pytest.fixture
def extracted(here: Path) -> Path:
    """As a run leaves it that has extracted these pages: a table of pages, and one of others."""
    batch = here / "w" / "crawls" / "c" / "pages" / "batch=00000"
    batch.mkdir(parents=True)
    hosts, urls = zip(*PAGES, strict=True)
    pq.write_table(pa.table({"host": hosts, "url": urls, "text": ["x"] * 3}), batch / "p.parquet")
    pq.write_table(pa.table({"host": ["ledger.example"], "url": ["x"]}), batch / "l.parquet")
    (batch / "half.parquet").write_bytes(b"PAR1")
    return here


def test_seed_patterns_are_held_against_what_is_extracted(
    extracted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*patterns: str) -> Told:
        seed = f"patterns = {json.dumps(patterns)}"
        (extracted / "run.toml").write_text(of_seed(extracted, seed))
        line = ("--workspace", extracted / "w", "--config", extracted / "run.toml")
        return job("round", *line, "--dry-run")

    assert "no page" not in told("math.example/notes", "b.example").err
    # Of good ones the misspelt one is told, with the host that may be meant.
    some = told("math.example/notes", "maths.example/notes", "math.example/note")
    assert some.status == 0
    assert (
        "no page of what is extracted is under math.example/note, maths.example/notes (did you "
        "mean math.example?)" in some.err
    )
    # While WARCs are missing a pattern may match yet; once all are read it is an error.
    assert told("maths.example").status == 0
    whole = preflight.SeedReach((), ("math.example",), whole=True)
    monkeypatch.setattr(preflight, "seed_reach", lambda *_: whole)
    ended = told("maths.example")
    assert ended.status == 2
    assert "InputEmpty: the seed matches nothing: no page of what is extracted is" in ended.err


def test_an_older_round_does_not_replace_a_newer_corpus_unasked(here: Path) -> None:
    (here / "run.toml").write_text(BASE)
    made = Manifest(
        table="corpus/data",
        schema_version=schema("corpus").version,
        recipe=Recipe("emit", 1, {}, {}, {}),
        rows=1,
        bytes=1,
        files=1,
        counts=Counts(1, 1),
        code_version="0",
        finished="",
        seconds=0.0,
        notes=EmitNotes(tokens=1, bytes_of_text=1, shards=1, round=2).document(),
    )
    (here / "w" / "corpus").mkdir(parents=True)
    (here / "w" / "corpus" / "manifest.json").write_text(made.to_json())
    line = ("--workspace", here / "w", "--config", here / "run.toml", "--dry-run", "--round")
    told = job("round", *line, 1)
    assert told.status == 2
    assert "is round 2's, and this would replace it by round 1's" in told.err
    assert "--round 1 --force" in told.err
    assert "--round 2 (N=2) goes on with it" in told.err
    assert job("round", *line, 2).status == 0
    assert job("round", *line, 1, "--force").status == 0
    assert "would replace" not in job("extract", *line, 1).err
