"""From what a configuration names to the WARC files that there are.

Local paths and globs, ``s3://`` and ``https://`` addresses, lists of any of these, and
the ids of Common Crawl's crawls, whose list of paths is fetched. Files that are named
one by one are looked at, so that a wrong name is told at once; the thousands of a list
are taken at their word, and what is missing of them is found when it is read.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import xxhash

from pipeline.base.errors import InputError, InputMissing
from pipeline.base.file_identity import file_identity
from pipeline.config.sources import CRAWL_ID, Crawl, Read
from pipeline.web.crawls import at_common_crawl, crawl_paths
from pipeline.web.path_lists import read_lines
from pipeline.web.streams import REMOTE, ReadFailed, Stat, is_remote, list_objects, stat

#: What the end of a list's name is.
_LISTS = (".paths", ".paths.gz", ".txt", ".txt.gz")
#: In a list, the beginning of what lies where Common Crawl is.
_COMMON_CRAWL_PATHS = ("crawl-data/", "projects/")
#: A path as Common Crawl's lists have it, below the root of whatever holds a copy.
_PUBLISHED = re.compile(r"(?:^|/)(crawl-data/CC-[^/]+/.+)$")
#: In an identity, before the size in bytes.
_SIZE = " of bytes: "
#: A fraction of WARCs is those whose name hashes to the lowest part of this range.
_HASHES = 1 << 64


@dataclass(frozen=True, slots=True)
class WarcFile:
    """A WARC file: its name (part of every page id), where it is, its size in bytes.

    ``bytes`` is 0 where nothing told the size; ``identity`` changes when the file does. Of a
    published file it is the same whatever the file is read through, see :func:`same_file`.
    """

    name: str
    path: str
    bytes: int
    identity: str


def same_file(one: str, other: str) -> bool:
    """Whether two identities are of one file in one state.

    A list of paths tells no size: then the path below the crawl's root says enough, as what
    Common Crawl has published does not change.
    """
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    return bool(_PUBLISHED.search(shorter)) and longer.startswith(f"{shorter}{_SIZE}")


def find_warcs(crawl: Crawl, read: Read) -> list[WarcFile]:
    """The WARC files of ``crawl``, by name, a file named twice once.

    Of more than ``crawl.first`` the first are taken, in the order in which they are
    named; of these ``crawl.fraction``, told by their names: the same ones every time,
    and among those of any larger fraction. Raises ``InputMissing`` for what is not
    there, ``InputError`` for two files of one name and for what cannot be reached.
    """
    try:
        warcs = _unique(chain.from_iterable(_named(name, read) for name in crawl.warcs))
    except ReadFailed as failure:
        raise InputMissing(
            f"cannot read {failure.path}: {failure.cause}",
            remedy="correct the address in the configuration's [crawls] table, or [read]",
        ) from None
    if crawl.first:
        warcs = warcs[: crawl.first]
    if crawl.fraction < 1:
        limit = int(crawl.fraction * _HASHES)
        warcs = [file for file in warcs if xxhash.xxh3_64_intdigest(file.name.encode()) < limit]
    return sorted(warcs, key=lambda file: file.name)


def _published(path: str, size: int) -> str | None:
    """The identity of a file of Common Crawl, wherever it is read: its path there, and size."""
    match = _PUBLISHED.search(_path_of(path))
    if match is None:
        return None
    return f"{match[1]}{_SIZE}{size}" if size else match[1]


def _unique(files: Iterator[WarcFile]) -> list[WarcFile]:
    by_name: dict[str, WarcFile] = {}
    for file in files:
        other = by_name.setdefault(file.name, file)
        if other.path != file.path and not _at_one_place(other.path, file.path):
            raise InputError(
                f"two WARC files are named {file.name}: {other.path} and {file.path}",
                expected="a name for each: page ids are made from file name and offset",
                remedy="rename one of them, or leave one out if they are the same file",
            )
    return list(by_name.values())


def _at_one_place(one: str, other: str) -> bool:
    if is_remote(one) or is_remote(other):
        return False
    return Path(one).resolve() == Path(other).resolve()


def _named(name: str, read: Read) -> Iterator[WarcFile]:
    """The files that one entry of the configuration stands for."""
    if CRAWL_ID.fullmatch(name):
        for path in crawl_paths(name, "warc", read):
            yield WarcFile(_name_of(path), path, 0, _published(path, 0) or path)
    elif name.endswith(_LISTS):
        for path in [name] if is_remote(name) else map(str, _matches(name)):
            yield from _listed(path, read)
    elif is_remote(name):
        yield from _remote(name, read)
    else:
        for file in _matches(name):
            size = file.stat().st_size
            identity = _published(str(file), size) or file_identity(file)
            yield WarcFile(file.name, str(file), size, identity)


def _remote(address: str, read: Read) -> Iterator[WarcFile]:
    scheme = address.partition("://")[0]
    if scheme == "s3" and (address.endswith("/") or any(sign in address for sign in "*?[")):
        none = True
        for path, version in list_objects(address, read):
            if not path.endswith("/"):
                none = False
                yield _at(path, version)
        if none:
            raise InputMissing(
                f"no WARC file matches {address}",
                remedy="correct the address in the configuration's [crawls] table",
            )
    else:
        yield _at(address, stat(address, read))


def _at(path: str, version: Stat) -> WarcFile:
    identity = _published(path, version.bytes) or version.identity
    return WarcFile(_name_of(path), path, version.bytes, identity)


def _name_of(path: str) -> str:
    return PurePosixPath(_path_of(path)).name


def _path_of(path: str) -> str:
    return unquote(urlsplit(path).path) if is_remote(path) else path


def _listed(path: str, read: Read) -> Iterator[WarcFile]:
    """The files of a list: a path or address a line, ``#`` lines and empty ones skipped.

    A relative one is relative to the list, or begins as Common Crawl's paths do.
    """
    for line in read_lines(path, read):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        if entry.startswith(_COMMON_CRAWL_PATHS):
            entry = at_common_crawl(entry, read)
        elif "://" not in entry and not entry.startswith("/"):
            entry = _relative_to(path, entry)
        # Nothing of a list is looked at, and of published crawls nothing changes.
        yield WarcFile(_name_of(entry), _local(entry), 0, _published(entry, 0) or entry)


def _relative_to(path: str, entry: str) -> str:
    if is_remote(path):
        folder, _, _ = path.rpartition("/")
        return f"{folder}/{entry}"
    return str(Path(path).parent / entry)


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
    return sorted(files, key=lambda file: file.name)


def _local(pattern: str) -> str:
    if pattern.startswith("file:"):
        return unquote(urlsplit(pattern).path)
    scheme, colon, _ = pattern.partition("://")
    if colon and scheme not in REMOTE:
        raise InputError(
            f"cannot read {pattern}: scheme {scheme}:// is not supported",
            expected="local paths, globs and file: URIs, s3:// and https://",
            remedy="copy the files to one of these",
        )
    return pattern
