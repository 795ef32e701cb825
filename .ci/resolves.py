#!/usr/bin/env python3
"""Whether each Python that is supported gets all dependencies as wheels, on Linux, x86-64.

Resolves what pyproject.toml asks for, with the versions of constraints.txt, and installs
nothing: by uv where it is on the machine, else by pip. Ends with 1 where some Python does not
get them; where the package index cannot be reached, or takes too long, it says so and ends with 0.
"""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from pipeline.base.bootstrap import NO_INDEX, explain

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: Published as sources alone; pure Python, so they are built anywhere.
SOURCES = ("pyspark",)
#: What wheels for Linux may call themselves, up to the C library of 2018.
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)] + [
    f"manylinux{name}_x86_64" for name in ("2014", "2010", "1")
]
#: For each of them.
SECONDS = 240


def requirements() -> list[str]:
    """All that the project may ask for, its extras among it."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    without = (*SOURCES, project["name"])
    return [line for line in [*project["dependencies"], *extras] if not line.startswith(without)]


def command(python: str, file: str, folder: str) -> list[str]:
    """What resolves the requirements in ``file`` for a Python."""
    constraints = str(PROJECT / "constraints.txt")
    only_wheels = ("--only-binary", ":all:", "--python-version", python)
    if uv := shutil.which("uv"):
        return [
            *(uv, "pip", "compile", *only_wheels, "--python-platform", "x86_64-manylinux_2_28"),
            *("--constraint", constraints, "--output-file", f"{folder}/resolved.txt", file),
        ]
    # One more try: what it says of a network that is not there comes with it.
    pip = (sys.executable, "-m", "pip", "install", "--dry-run", "--retries", "1")
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    return [
        *(*pip, "--ignore-installed", *only_wheels, *platforms, "--target", folder),
        *("--constraint", constraints, "--requirement", file),
    ]


def resolved(python: str) -> tuple[int, str]:
    """The exit status of what resolves for a Python, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text("\n".join(requirements()) + "\n", encoding="utf-8")
        ended = subprocess.run(  # noqa: S603 - pip or uv
            command(python, str(file), folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    return ended.returncode, ended.stdout


def main() -> int:
    """Resolve for all Pythons at once, which mostly wait for the index; the exit status."""
    failed = False
    with ThreadPoolExecutor() as pool:
        for python, answer in [(python, pool.submit(resolved, python)) for python in PYTHONS]:
            try:
                status, said = answer.result()
            except subprocess.TimeoutExpired:
                print(f"Python {python}: not looked at: no answer within {SECONDS} seconds")
                continue
            reason = explain(said, "resolving")
            if not status:
                print(f"Python {python}: all dependencies are to be had as wheels", flush=True)
            elif reason == NO_INDEX:
                print(f"Python {python}: not looked at: {reason}", flush=True)
            else:
                failed = True
                print(f"Python {python}: {reason}\n{said}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
