"""Common Crawl's crawls: what each has is in lists that are published beside it.

``crawl-data/CC-MAIN-2024-10/warc.paths.gz`` names its WARC files, ``cc-index-table.paths.gz``
the Parquet files of its columnar index; supplemental crawls (``CC-SUPPLEMENTAL-2026-22``) have
the same. Which crawls there are is in ``collinfo.json``.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import Literal

from pipeline.base.errors import InputError, InputMissing
from pipeline.config.sources import Read
from pipeline.web.path_lists import read_lines
from pipeline.web.streams import ReadFailed, read_all

#: What a crawl has lists of.
Kind = Literal["warc", "cc-index-table"]

#: Seconds without progress until a list counts as out of reach; a run waits for nothing else.
_PATIENCE, _BRIEF_PATIENCE = 60.0, 10.0
#: The part of a crawl's index that is of WARC files with pages; others are of failed visits.
_SUBSET = "/subset=warc/"
#: Crawls without lists: a pattern of the names of their index's part files, and how many.
_UNLISTED = {
    "CC-SUPPLEMENTAL-2026-22": (
        "projects/cc-open-athena-test/CC-SUPPLEMENTAL-2026-22/index/table/cc-supplemental/warc/"
        "crawl=CC-SUPPLEMENTAL-2026-22/subset=warc/"
        "part-{:05d}-8637f21e-a055-46d1-8233-990f59974248.c000.gz.parquet",
        10,
    ),
}


def at_common_crawl(path: str, read: Read) -> str:
    """The address of what Common Crawl's lists and index call ``path``: ``crawl-data/…``."""
    return f"{read.common_crawl.rstrip('/')}/{path}"


def crawl_paths(crawl: str, kind: Kind, read: Read) -> list[str]:
    """Addresses of a crawl's files, in the order of its list.

    ``crawl``: its id. Raises ``InputMissing`` where there is no such crawl, with the name of
    the nearest one, and where its list cannot be read.
    """
    address = at_common_crawl(f"crawl-data/{crawl}/{kind}.paths.gz", read)
    try:
        lines = [line.strip() for line in read_lines(address, _patient(read, _PATIENCE))]
    except (ReadFailed, OSError) as failure:
        if crawl in _UNLISTED:
            pattern, count = _UNLISTED[crawl]
            parts = [at_common_crawl(pattern.format(number), read) for number in range(count)]
            return parts if kind == "cc-index-table" else _warcs_of_index(parts, read)
        cause = failure.cause if isinstance(failure, ReadFailed) else failure.strerror or ""
        raise _unknown(crawl, address, cause, read) from None
    return _addresses(lines, kind, read)


def listed_paths(address: str, read: Read) -> list[str]:
    """Addresses of the part files of an index that a list at ``address`` names.

    Raises ``InputMissing`` where it cannot be read.
    """
    try:
        lines = [line.strip() for line in read_lines(address, read)]
    except ReadFailed as failure:
        raise InputMissing(
            f"cannot read {failure.path}: {failure.cause}",
            remedy="correct index in the configuration's [crawls] table, or [read]",
        ) from None
    return _addresses(lines, "cc-index-table", read)


def _addresses(lines: Sequence[str], kind: Kind, read: Read) -> list[str]:
    paths = [line for line in lines if line and not line.startswith("#")]
    if kind == "cc-index-table":
        subset = [path for path in paths if _SUBSET in path]
        paths = [path for path in subset or paths if path.endswith(".parquet")]
    return [path if "://" in path else at_common_crawl(path, read) for path in paths]


def _warcs_of_index(parts: Sequence[str], read: Read) -> list[str]:
    """The WARC files that an index speaks of: of each part that one column is read, by range."""
    # PyArrow takes a while to load, and crawls that have lists do without.
    from pipeline.web.parquet_ranges import distinct_values

    names: set[str] = set()
    for part in parts:
        names |= distinct_values(part, "warc_filename", read)
    return _addresses(sorted(names), "warc", read)


def _patient(read: Read, seconds: float) -> Read:
    """``read``, with no more patience than this."""
    return read.model_copy(
        update={
            "patience_seconds": min(read.patience_seconds, seconds),
            "timeout_seconds": min(read.timeout_seconds, seconds),
        }
    )


def _unknown(crawl: str, address: str, cause: str, read: Read) -> InputError:
    """Why the list of a crawl cannot be read, and which crawl may have been meant."""
    problem = f"cannot read {address}: {cause}"
    try:
        known = _known_crawls(read)
    except (ReadFailed, ValueError, OSError) as failure:
        why = failure.cause if isinstance(failure, ReadFailed) else "it is no such list"
        return InputMissing(
            problem,
            remedy=f"correct the crawl's id, or [read]; the list of all crawls, {read.crawl_list}, "
            f"cannot be read either: {why}",
        )
    if crawl in known:
        return InputMissing(
            problem,
            remedy="the crawl is one, and its list is not there or cannot be reached: correct "
            "common_crawl in [read], or try again later",
        )
    near = difflib.get_close_matches(crawl.upper(), known, n=1, cutoff=0.0)
    return InputMissing(
        f"there is no crawl {crawl}",
        expected=f"one of the {len(known)} crawls of {read.crawl_list}",
        remedy=f"did you mean {near[0]}?" if near else "",
    )


def _known_crawls(read: Read) -> list[str]:
    """The ids of all crawls that ``collinfo.json`` has, the latest first as there."""
    text = read_all(read.crawl_list, _patient(read, _BRIEF_PATIENCE))
    known = json.loads(text)
    if not isinstance(known, list):
        raise ValueError("no list")
    return [str(one["id"]) for one in known if isinstance(one, dict) and "id" in one]
