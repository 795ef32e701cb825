"""Compiled text extraction: when it is used, and that nothing depends on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.base import native

pytestmark = pytest.mark.process

PROJECT = Path(__file__).parents[2]
WHERE = (
    "import pipeline.text.reader as r, pipeline.text.formulas.tex as t; "
    "print(r.__file__, t.__file__)"
)

compiled = pytest.mark.skipif(native.folder() is None, reason="not compiled: make compile")


def where(root: Path, **environment: str) -> str:
    """The files that two modules come from, in a process that has ``root`` on its path."""
    clean = {name: value for name, value in os.environ.items() if name != native.SWITCH}
    told = subprocess.run(
        [sys.executable, "-c", WHERE],
        env=clean | {"PYTHONPATH": str(root)} | environment,
        cwd=PROJECT.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    for package in ("pipeline", "schemas"):
        shutil.copytree(
            PROJECT / package, root / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return root


def test_without_anything_compiled_the_sources_are_read(checkout: Path) -> None:
    assert ".so" not in where(checkout)


@compiled
def test_compiled_modules_are_used_until_a_source_changes(checkout: Path) -> None:
    shutil.copytree(PROJECT / "build" / "native", checkout / "build" / "native")
    assert where(checkout).count(".so") == 2
    assert ".so" not in where(checkout, **{native.SWITCH: "1"})
    with (checkout / "pipeline" / "text" / "words.py").open("a") as source:
        source.write("# edited\n")
    assert ".so" not in where(checkout)


@compiled
def test_executors_have_them_beside_the_archive_of_the_code(checkout: Path) -> None:
    archive = checkout.parent / "mathmine.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for source in filter(Path.is_file, checkout.rglob("*")):
            file.write(source, source.relative_to(checkout))
    assert ".so" not in where(archive)
    shutil.copytree(PROJECT / "build" / "native", checkout.parent / native.ARCHIVE)
    assert where(archive).count(".so") == 2


@compiled
def test_modules_for_another_c_library_are_left_alone(checkout: Path) -> None:
    place = checkout / "build" / "native"
    shutil.copytree(PROJECT / "build" / "native", place)
    for library in (place / "pipeline" / "text").glob("regions.*.so"):
        library.write_bytes(b"\x7fELF of another machine")
    assert ".so" not in where(checkout)


def test_where_compiling_fails_one_message_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    """Of a mypyc that ends as it does without a compiler, a minute later (test_wheel.py)."""
    package = tmp_path / "stub" / "mypyc"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "build.py").write_text(
        "def mypycify(*_, **__):\n"
        "    print('much that is of no use')\n"
        "    raise SystemExit(\"error: command '/nowhere/cc' failed: No such file\")\n"
    )
    told = subprocess.run(
        [sys.executable, "-m", "pipeline.base.native"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path / 'stub'}{os.pathsep}{checkout}"},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "text extraction was not compiled: error: command '/nowhere/cc'" in told.stderr
    assert "gcc" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (checkout / "build" / "native").exists()
    assert ".so" not in where(checkout)
