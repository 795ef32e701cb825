"""Sparks of managed services, fetched once into build/sparks; ``python -m tests.other_sparks``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from pipeline.base.bootstrap import NO_INDEX, explain
from tests.places import PROJECT

#: Spark, the py4j that it asks for, and the newest Python that it is made for.
SPARKS = {"3.5": ("0.10.9.7", (3, 11)), "4.0": ("0.10.9.9", (3, 13))}
#: Seconds for some 400 MB, which come as sources.
FETCHING = 240


class NotHadError(Exception):
    """The package index cannot be reached, or takes too long."""


def place_of(version: str) -> Path:
    return PROJECT / "build" / "sparks" / version


def fetch(version: str) -> Path:
    """A folder for PYTHONPATH with that Spark in it. Raises ``NotHadError``."""
    place = place_of(version)
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not place.is_dir():
            _fetch(version, place)
    return place


def _fetch(version: str, place: Path) -> None:
    coming = place.with_name(f"{version}.coming")
    shutil.rmtree(coming, ignore_errors=True)
    pip = [uv, "pip"] if (uv := shutil.which("uv")) else [sys.executable, "-m", "pip"]
    wanted = [f"pyspark=={version}.*", f"py4j=={SPARKS[version][0]}"]
    try:
        fetched = subprocess.run(
            [*pip, "install", "--quiet", "--no-deps", "--target", str(coming), *wanted],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCHING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotHadError(f"Spark {version} was not fetched within {FETCHING} seconds") from None
    if fetched.returncode:
        reason = explain(fetched.stdout, f"fetching Spark {version}")
        if reason != NO_INDEX:
            raise AssertionError(fetched.stdout)
        raise NotHadError(f"Spark {version}: {reason}")
    coming.rename(place)


if __name__ == "__main__":
    for name, (_, newest) in SPARKS.items():
        if sys.version_info[:2] <= newest:
            try:
                print(f"Spark {name} is in {fetch(name)}")
            except NotHadError as reason:
                print(reason)
