"""Nobody's run goes into another's workspace, and nobody's tags into another's file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.kept import KEPT
from tests.jobs.in_process import job
from tests.places import PROJECT
from tests.web.warcs import good, members

LAB = """\
[crawls.lab]
warcs = ["*.warc.gz"]
[seed]
patterns = ["a.example/math"]
[tags]
file = "url_patterns.tsv"
"""
HEADER = "pattern\tmathematical\twho\twhen\tround\tnote\n"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A folder with a run's TOML and all that it names."""
    (tmp_path / "a.warc.gz").write_bytes(members(good(1)))
    (tmp_path / "run.toml").write_text(LAB)
    (tmp_path / "url_patterns.tsv").write_text(HEADER)
    return tmp_path


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs do all that they do, but for their steps."""
    monkeypatch.setattr("pipeline.cli.carry_out", lambda *_, **__: iter(()))


@pytest.mark.usefixtures("no_work")
def test_a_workspace_knows_its_run_and_refuses_another(lab: Path) -> None:
    workspace = lab / "w"
    where = ("--workspace", workspace)
    # A run that is not begun, for want of an input, leaves nothing.
    assert "there is no pool" in job("classify", *where, "--config", lab / "run.toml").err
    assert not workspace.exists()
    told = job("extract", *where, "--config", lab / "run.toml")
    assert told.status == 0, told.err
    assert f"the configuration is kept in {workspace}/{KEPT}" in told.err
    kept = (workspace / KEPT).read_text()
    assert '"lab"' in kept
    # Without --config: the lab's run, not the sample's.
    told = job("extract", *where)
    assert told.status == 0, told.err
    assert (workspace / KEPT).read_text() == kept
    # With the sample's: refused, and the difference shown.
    for name in ("dedupe", "round"):
        told = job(name, *where, "--config", PROJECT / "seeds" / "sample.toml")
        assert told.status == 1
        assert "crawls.lab: in the workspace, and not in the configuration" in told.err
        assert f"tags.file: {lab}/url_patterns.tsv → {PROJECT}/seeds/url_patterns.tsv" in told.err
        assert "--adopt-config" in told.err
    assert (workspace / KEPT).read_text() == kept
    assert sorted(path.name for path in workspace.iterdir()) == [".lock", KEPT]
    # Where it is meant, it goes on, and is what is kept.
    other = lab / "other.toml"
    other.write_text(LAB.replace("a.example/math", "b.example"))
    told = job("extract", *where, "--config", other)
    assert "seed.patterns: a.example/math → b.example" in told.err
    told = job("extract", *where, "--config", other, "--adopt-config")
    assert told.status == 0, told.err
    assert "seed.patterns changed" in told.err
    assert "b.example" in (workspace / KEPT).read_text()


def test_a_workspace_of_before_that_has_other_crawls_is_not_taken_for_the_samples(
    lab: Path,
) -> None:
    (lab / "w" / "crawls" / "lab").mkdir(parents=True)
    told = job("dedupe", "--workspace", lab / "w")
    assert told.status == 1
    assert "crawls.lab: in the workspace, and not in the configuration" in told.err


@pytest.mark.usefixtures("no_work")
def test_tags_go_to_the_file_of_the_workspaces_run(lab: Path) -> None:
    job("extract", "--workspace", lab / "w", "--config", lab / "run.toml")
    (lab / "theirs.tsv").write_text(HEADER + "c.example\tyes\tben\t2026-01-02\t1\t\n")
    versioned = (PROJECT / "seeds" / "url_patterns.tsv").read_bytes()
    tagging = [sys.executable, "-m", "pipeline.tagging", "--workspace", str(lab / "w")]

    def told(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*tagging, "--who", "ada", *more], cwd=PROJECT, capture_output=True, text=True
        )

    merged = told("--merge", str(lab / "theirs.tsv"))
    assert merged.returncode == 0, merged.stderr
    assert "c.example" in (lab / "url_patterns.tsv").read_text()
    refused = told("--config", str(PROJECT / "seeds" / "sample.toml"))
    assert refused.returncode == 1
    assert "tags.file: " in refused.stderr
    assert (PROJECT / "seeds" / "url_patterns.tsv").read_bytes() == versioned


@pytest.fixture
def makefile(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "pipeline/base/bootstrap.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-n", *words], cwd=folder, env=clean, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["round", "CONFG=run.toml"], "no variable CONFG here: did you mean CONFIG?"),
        (["tag", "config=run.toml"], "no variable config here: did you mean CONFIG?"),
        (["test", "WORKSPCE=x"], "no variable WORKSPCE here: did you mean WORKSPACE?"),
        (["help", "x;echo=1"], "no variable x;echo here; make help lists them"),
    ],
)
def test_make_refuses_a_variable_that_it_does_not_know(
    makefile: Path, words: list[str], told: str
) -> None:
    ended = make(makefile, *words)
    assert ended.returncode == 2
    assert told in ended.stderr
    assert not ended.stdout


def test_make_takes_every_variable_that_it_reads(makefile: Path) -> None:
    names = re.findall(r"^([A-Z_]+) \?=", (makefile / "Makefile").read_text(), re.MULTILINE)
    assert {"CONFIG", "URL"} < set(names)
    ended = make(makefile, "help", *[f"{name}=python3" for name in names])
    assert ended.returncode == 0, ended.stderr


def test_make_takes_its_own_variables_and_gives_nobody_the_samples_tags(makefile: Path) -> None:
    ended = make(makefile, "compile", "CC=clang", "CFLAGS=-O1", "PYTHON=python3")
    assert ended.returncode == 0, ended.stderr
    ended = make(makefile, "tag", "N=1", "WORKSPACE=/data/it's")
    assert r"""--workspace '/data/it'\''s'""" in ended.stdout
    assert "seeds/" not in ended.stdout.splitlines()[-1]
    # The sample web is made only for who runs it.
    for words, made in ((["WORKSPACE=new"], True), (["WORKSPACE=my run"], False)):
        (makefile / "my run").mkdir(exist_ok=True)
        (makefile / "my run" / KEPT).write_text("{}")
        assert ("pipeline.sampleweb" in make(makefile, "round", *words).stdout) is made
