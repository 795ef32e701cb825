"""Path prefixes of URLs, and the ones that can be taken without asking people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.base.outcomes import SetAside
from pipeline.config.tag_settings import Tags
from pipeline.mine.patterns import AUTO, Pattern, Patterns, literal_segments
from pipeline.web.urls import host_of

#: A longer segment is a title, a token or an attack, and no section of a site.
MAX_SEGMENT = 100
# What a pattern cannot hold, or a person cannot read in a table.
_NOT_IN_SEGMENT = re.compile(r"[\x00-\x20\x7f-\xa0?#\\\u2028\u2029\ufeff\ud800-\udfff]")


def url_prefixes(url: str, depth: int) -> list[str]:
    """The patterns of 0 to ``depth`` literal segments that match ``url``, shortest first.

    Ends before the first segment that no pattern can hold. Empty for a URL that
    is none.
    """
    try:
        prefix = host_of(url)
        segments = literal_segments(url)
    except SetAside:
        return []
    prefixes = [prefix]
    for segment in segments[:depth]:
        if len(segment) > MAX_SEGMENT or _NOT_IN_SEGMENT.search(segment):
            break
        prefix = f"{prefix}/{segment}"
        prefixes.append(prefix)
    return prefixes


def automatic_patterns(
    prefixes: Iterable[Mapping[str, Any]], settings: Tags, round_number: int
) -> Patterns:
    """The shallowest prefixes that ``TAGS=auto`` takes for mathematical.

    ``prefixes`` are rows of the table of prefixes: prefix, depth, pages, share. Taken
    are those with a share of ``auto_share`` and ``auto_min_pages`` pages, both at
    least, unless a shorter one of them covers it.
    """
    fit = [
        (row["depth"], row["prefix"])
        for row in prefixes
        if row["share"] >= settings.auto_share and row["pages"] >= settings.auto_min_pages
    ]
    chosen: set[str] = set()
    for _, prefix in sorted(fit):
        parts = prefix.split("/")
        if not any("/".join(parts[:length]) in chosen for length in range(1, len(parts) + 1)):
            chosen.add(prefix)
    return Patterns(
        Pattern(prefix, mathematical=True, who=AUTO, round=round_number) for prefix in chosen
    )
