"""Text extraction as machine code: ``pipeline.text`` and the classifier's features, compiled by
mypyc where there is a C compiler, and what is written in C: MinHash, and the finding of words.

The same modules, a third faster. They lie in ``build/native`` of a checkout, in the user's
folder of caches where a wheel was installed, or on an executor beside the archive of the code.
They are used only while they are of exactly these sources and this Python: an edited source is
read by the interpreter again. Where nothing was compiled, nothing is missing but speed.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import importlib.resources
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from pipeline.base.errors import SetupError
from pipeline.base.program import run_program
from pipeline.base.project import DATA, ROOT, cache_folder, checkout

#: Set to anything, everything is interpreted: for coverage, and to compare.
SWITCH = "MATHMINE_INTERPRETED"
#: What the folder is called where an executor has it.
ARCHIVE = "mathmine-native"
#: What is compiled, by paths in this package: whole packages, and single modules of others.
_COMPILED = ("text", "classify/features.py")
#: What is written in C, by paths in this package; beside each lies a module that does without.
_C_SOURCES = ("dedupe/minhash_native.c", "text/scanner_native.c")
_FINGERPRINT = "fingerprint"
#: These say what is in a package, and cannot be compiled.
_INTERPRETED = frozenset(("__init__.py", "__main__.py"))
_NOT_COPIED = shutil.ignore_patterns("__pycache__", DATA)
#: No other library's functions are to replace these, so that those that are called for every
#: character can be made part of what calls them.
_INLINING = "-fno-semantic-interposition"
#: What ``_build`` is told, in a process of its own.
_BUILD = "import sys; from pipeline.base.native import build; build(sys.argv[1])"


def extend(package: str, path: list[str]) -> None:
    """Put the compiled modules of ``package`` before its sources on its ``path``."""
    if (compiled := folder()) is not None:
        path.insert(0, str(compiled.joinpath(*package.split("."))))


@functools.cache
def folder() -> Path | None:
    """Where modules compiled from these sources for this Python are, if anywhere."""
    if os.environ.get(SWITCH):
        return None
    for place in _places():
        try:
            same = (place / _FINGERPRINT).read_text(encoding="ascii") == fingerprint()
        except OSError:
            continue
        if same and _runs_here(place):
            return place
    return None


def _places() -> Iterator[Path]:
    with contextlib.suppress(SetupError):
        yield built_folder()
    yield ROOT.parent / ARCHIVE


def built_folder() -> Path:
    """Where compiled modules are to be. ``SetupError``: installed, and the user has no home."""
    project = checkout()
    if project is not None:
        return project / "build" / "native"
    # Each version, and each Python, has its own.
    return cache_folder() / f"native-{fingerprint()[:16]}"


def _runs_here(place: Path) -> bool:
    """Whether this machine's C library is one that the modules can be loaded with."""
    try:
        ctypes.CDLL(str(next(place.rglob(f"regions{_suffix()}"))))
    except (OSError, StopIteration):
        return False
    return True


def _suffix() -> str:
    return str(sysconfig.get_config_var("EXT_SUFFIX"))


@functools.cache
def fingerprint() -> str:
    """Of the sources, and of the kind of Python and machine that they are compiled for."""
    digest = hashlib.sha256(_suffix().encode())
    how = importlib.resources.files("pipeline").joinpath("base", "native.py")
    for name, source in (("", how), *_sources(), *_c_sources()):
        digest.update(f"\0{name}\0".encode() + source.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[tuple[str, Traversable]]:
    """The modules that are compiled, by their paths in this package, in order."""
    package = importlib.resources.files("pipeline")
    todo = []
    for path in _COMPILED:
        place = package.joinpath(*path.split("/"))
        if place.is_dir():
            todo.append((path, place))
        else:
            yield path, place
    while todo:
        path, place = todo.pop()
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            name = f"{path}/{entry.name}"
            if entry.is_dir():
                todo.append((name, entry))
            elif name.endswith(".py") and entry.name not in _INTERPRETED:
                yield name, entry


def _c_sources() -> Iterator[tuple[str, Traversable]]:
    package = importlib.resources.files("pipeline")
    for path in _C_SOURCES:
        yield path, package.joinpath(*path.split("/"))


def build(target: str) -> None:
    """Compile into the folder ``target``. Prints much, and ends the process on an error."""
    from mypyc.build import mypycify
    from setuptools import Distribution, Extension

    sources = [f"pipeline/{name}" for name, _ in _sources()]
    extensions = mypycify(
        # Types are checked elsewhere, with the project's settings: of what these modules stand
        # on, such as pydantic's, mypy knows less here.
        ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent", *sources],
        opt_level="2",
        debug_level="0",
        # The library that they share is found where they are.
        group_name="pipeline.text.modules",
        target_dir=f"{target}.c",
    )
    for extension in extensions:
        extension.extra_compile_args = [*extension.extra_compile_args, _INLINING]
    for path in _C_SOURCES:
        module = path.removesuffix(".c").replace("/", ".")
        extensions.append(Extension(f"pipeline.{module}", [f"pipeline/{path}"]))
    distribution = Distribution({"name": "mathmine", "ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = target, f"{target}.o"
    command.ensure_finalized()
    command.run()


def compile_modules() -> bool:
    """Compile them unless that is done. Whether something was done; raises ``SetupError``."""
    if folder() is not None:
        return False
    built = built_folder()
    log_file = built.with_name(f"{built.name}.log")
    # Among installed packages, which may not be written, mypy would take them for those of others.
    work = built.with_name(f"{built.name}.new")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(ROOT / "pipeline", work / "pipeline", ignore=_NOT_COPIED)
    with log_file.open("w") as log:
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _BUILD, "made"],
            cwd=work,
            env=os.environ | {SWITCH: "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ended.returncode:
        raise SetupError(
            f"text extraction was not compiled: {_cause(log_file.read_text(errors='replace'))}",
            remedy="nothing needs it, it is faster only; mypy, setuptools (pip install "
            "'mathmine[compile]'), a C compiler and Python's headers are needed (Debian: gcc, "
            f"python3-dev). All that was said is in {log_file}",
        )
    (work / "made" / _FINGERPRINT).write_text(fingerprint(), encoding="ascii")
    shutil.rmtree(built, ignore_errors=True)
    (work / "made").rename(built)
    shutil.rmtree(work, ignore_errors=True)
    folder.cache_clear()
    return True


def _cause(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return (telling or lines or ["the compiler said nothing"])[-1]


def main() -> int:
    """``python -m pipeline.base.native``."""
    return run_program(_compile)


def _compile() -> int:
    print("compiling text extraction, once: two minutes or so", flush=True)
    done = compile_modules()
    place, project = built_folder(), checkout()
    shown = place.relative_to(project) if project else place
    print(f"{'done' if done else 'up to date'}: {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
