"""The project as a wheel: installed, run from another folder, nothing of a checkout in reach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.base import native
from pipeline.workspace.executors import code_archive
from tests.places import PROJECT
from tests.web.warcs import good, members

JOBS = sorted(path.stem for path in (PROJECT / "jobs").glob("*.py"))
SCHEMA = (
    "import pipeline.workspace.table_schemas as t; print(t.__file__, t.schema('pages').version)"
)


class Installed:
    """An environment with the wheel in it; what it depends on is that of these tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        self.cache = folder / "cache"
        built = self._pip("wheel", "--no-deps", "--wheel-dir", folder / "dist", PROJECT)
        if "hatchling" in built.stderr and "No matching distribution" in built.stderr:
            pytest.skip("what builds a wheel, hatchling, cannot be had: the index is out of reach")
        assert built.returncode == 0, built.stderr
        [self.wheel] = (folder / "dist").glob("*.whl")
        venv = [sys.executable, "-m", "venv", "--without-pip", folder / "venv"]
        subprocess.run(venv, check=True)
        python = ("--python", folder / "venv" / "bin" / "python")
        put = self._pip(*python, "install", "--no-deps", "--no-index", self.wheel)
        assert put.returncode == 0, put.stderr
        told = self.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        self.packages = Path(told.stdout.strip())
        # A checkout that is installed there is named in a .pth file, which is not read from here.
        (self.packages / "shared.pth").write_text(sysconfig.get_path("purelib"))

    def _pip(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pip", *map(str, arguments)],
            env=os.environ | {"PIP_CONSTRAINT": str(PROJECT / "constraints.txt")},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(
        self, program: str, *arguments: object, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [self.folder / "venv" / "bin" / program, *map(str, arguments)],
            cwd=self.elsewhere,
            env=clean | {"XDG_CACHE_HOME": str(self.cache)} | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("wheel"))


@pytest.mark.slow
def test_it_puts_one_name_among_the_packages_and_has_all_in_it(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"pipeline", "mathmine"}
    for name in ("jobs", "schemas", "seeds"):
        there = {Path(path).name for path in names if path.startswith(f"pipeline/_data/{name}/")}
        tracked = subprocess.run(
            ["git", "ls-files", name], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        assert there == {Path(path).name for path in tracked.stdout.split()}
    assert "pipeline/py.typed" in names
    assert "pipeline/tagging/assets/page.html" in names


@pytest.mark.slow
def test_the_front_door_works_from_anywhere(installed: Installed) -> None:
    told = installed.run(
        "python",
        "-c",
        "import pipeline; print(pipeline.__file__); "
        "print(pipeline.extract_page(b'<p>Two is <i>the</i> even prime.').text)",
    )
    assert told.stderr == ""
    file, text = told.stdout.splitlines()
    assert Path(file) == installed.packages / "pipeline" / "__init__.py"
    assert text == "Two is the even prime."


@pytest.mark.slow
def test_a_type_checker_knows_the_front_door(installed: Installed) -> None:
    program = installed.elsewhere / "program.py"
    program.write_text(
        "from pipeline import extract_page, minhash\n"
        "reveal_type(extract_page(b''))\n"
        "reveal_type(minhash(''))\n"
        "extract_page('')\n"
    )
    python = installed.folder / "venv" / "bin" / "python"
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-executable", python, "--config-file=", program],
        cwd=installed.elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    page, signature, wrong, *_ = told.stdout.splitlines()
    assert "pipeline.text.page.Page" in page
    assert "numpy.ndarray" in signature
    assert 'has incompatible type "str"; expected "bytes"' in wrong


@pytest.mark.slow
def test_its_command_lists_and_runs_the_jobs(installed: Installed) -> None:
    told = installed.run("mathmine", "--help")
    assert told.returncode == 0, told.stderr
    listed = [line.split()[0] for line in told.stdout.splitlines() if line.startswith("  ")]
    assert [name for name in listed if name in JOBS] == JOBS
    assert str(installed.packages / "pipeline" / "_data" / "seeds") in told.stdout
    told = installed.run("mathmine", "extract", "--help")
    assert told.stdout.startswith("usage: mathmine extract ")
    told = installed.run("mathmine", "extract")
    assert told.returncode == 2
    assert "the following arguments are required: --workspace" in told.stderr
    told = installed.run("mathmine", "extrct")
    assert told.returncode == 2
    assert "invalid choice: 'extrct'" in told.stderr


@pytest.mark.slow
def test_it_extracts_a_warc_file(installed: Installed) -> None:
    folder = installed.elsewhere
    (folder / "a.warc.gz").write_bytes(members(good(1), good(2)))
    seeds = installed.packages / "pipeline" / "_data" / "seeds"
    (folder / "run.toml").write_text(
        '[crawls.mine]\nwarcs = ["*.warc.gz"]\n[extract]\nmin_words = 1\n'
        f'[decontaminate]\nallowed = "{seeds / "allowed_grams.toml"}"\n'
    )
    told = installed.run("mathmine", "extract", "--config", "run.toml", "--workspace", "work")
    assert told.returncode == 0, told.stderr
    assert "2 records" in told.stdout
    parts = (folder / "work" / "crawls" / "mine" / "batches").rglob("table=pages/*.parquet")
    assert sum(len(pq.read_table(part, columns=["url"])) for part in parts) == 2
    # Nothing is written where the packages are.
    assert not (installed.packages / "build").exists()


@pytest.mark.slow
@pytest.mark.skipif(native.folder() is None, reason="not compiled: make compile")
def test_it_finds_its_compiled_part_in_the_folder_of_caches(installed: Installed) -> None:
    asked = ("-c", "import pipeline.text.reader as r; print(r.__file__)")
    place = installed.cache / "mathmine" / f"native-{native.fingerprint()[:16]}"
    assert ".so" not in installed.run("python", *asked).stdout
    shutil.copytree(PROJECT / "build" / "native", place)
    try:
        assert installed.run("python", *asked).stdout.startswith(str(place))
        told = installed.run("python", "-m", "pipeline.base.native")
        assert told.stdout.splitlines()[-1] == f"up to date: {place}"
    finally:
        shutil.rmtree(place)


@pytest.mark.slow
def test_without_a_compiler_it_says_what_is_missing(installed: Installed) -> None:
    told = installed.run("python", "-m", "pipeline.base.native", CC="/nowhere/cc")
    assert told.returncode == 1
    assert "text extraction was not compiled" in told.stderr
    assert "/nowhere/cc" in told.stderr  # mypy had nothing to say before
    assert "mathmine[compile]" in told.stderr
    assert "Traceback" not in told.stderr
    [log] = (installed.cache / "mathmine").glob("native-*.log")
    assert str(log) in told.stderr
    assert not (installed.packages / "build").exists()


@pytest.mark.slow
def test_a_user_without_a_home_goes_without_a_compiled_part(installed: Installed) -> None:
    nowhere = {"XDG_CACHE_HOME": "not/absolute"}
    told = installed.run("python", "-m", "pipeline.base.native", **nowhere)
    assert told.returncode == 1
    assert "set XDG_CACHE_HOME" in told.stderr
    told = installed.run("python", "-c", "from pipeline import extract_page", **nowhere)
    assert told.returncode == 0, told.stderr


@pytest.mark.slow
def test_an_executor_gets_all_of_an_installed_project(installed: Installed, tmp_path: Path) -> None:
    told = installed.run(
        "python",
        "-c",
        "from pathlib import Path; from pipeline.workspace.executors import code_archive; "
        f"print(code_archive(Path({str(tmp_path)!r})))",
    )
    assert told.returncode == 0, told.stderr
    assert_serves(Path(told.stdout.strip()))


@pytest.mark.process
def test_an_executor_gets_all_of_a_checkout(tmp_path: Path) -> None:
    assert_serves(code_archive(tmp_path))


def assert_serves(archive: Path) -> None:
    """The archive is all that a worker needs to find the code and the tables' schemas."""
    told = subprocess.run(
        [sys.executable, "-c", SCHEMA],
        env=os.environ | {"PYTHONPATH": str(archive)},
        cwd=archive.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"{archive}/pipeline/workspace/")
