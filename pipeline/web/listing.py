"""From what a configuration names to the WARC files that are there."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from pipeline.errors import InputError, InputMissing


@dataclass(frozen=True, slots=True)
class WarcFile:
    """A WARC file: its name (part of every page id), where it is, its size in bytes."""

    name: str
    path: str
    bytes: int


def find_warcs(patterns: Sequence[str]) -> list[WarcFile]:
    """The WARC files that local paths, globs (``**`` too) and ``file:`` URIs name, by name.

    A file named twice counts once. Raises ``InputMissing`` for a pattern without
    a file, ``InputError`` for another scheme, and for two files of one name.
    """
    found: dict[str, Path] = {}
    for pattern in patterns:
        for path in _matches(pattern):
            other = found.setdefault(path.name, path)
            if other.resolve() != path.resolve():
                raise InputError(
                    f"two WARC files are named {path.name}: {other} and {path}",
                    expected="a name for each: page ids are made from file name and offset",
                    remedy="rename one of them, or leave one out if they are the same file",
                )
    return [WarcFile(name, str(path), path.stat().st_size) for name, path in sorted(found.items())]


def open_warc(path: str) -> BinaryIO:
    """The file's bytes as stored. Raises ``InputMissing`` where it has gone."""
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise InputMissing(
            f"no WARC file at {path}", remedy="it was there when the run began: bring it back"
        ) from None


def _matches(pattern: str) -> list[Path]:
    path = _local(pattern)
    if Path(path).is_dir():
        raise InputMissing(
            f"{pattern} is a folder",
            expected="WARC files",
            remedy=f"name the files in it: {path.rstrip('/')}/*.warc.gz",
        )
    # A file whose own name holds a bracket is named as it is.
    names = [path] if Path(path).is_file() else glob.glob(path, recursive=True)  # noqa: PTH207 (absolute patterns)
    files = [Path(name) for name in names if Path(name).is_file()]
    if not files:
        raise InputMissing(
            f"no WARC file matches {pattern}",
            remedy="correct the path in the configuration's [crawls] table, or bring the files",
        )
    return files


def _local(pattern: str) -> str:
    if pattern.startswith("file:"):
        return unquote(urlsplit(pattern).path)
    scheme, colon, _ = pattern.partition("://")
    if colon:
        raise InputError(
            f"cannot read {pattern}: scheme {scheme}:// is not supported",
            expected="local paths, globs and file: URIs",
            remedy="copy the files to this machine, or to a file system that is mounted on it",
        )
    return pattern
