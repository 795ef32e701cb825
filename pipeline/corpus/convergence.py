"""What a round found that earlier rounds had not, and whether another one is worth its while.

DeepSeekMath (arXiv 2402.03300, section 2.1) stopped after its fourth round, of whose
data the third had nearly 98%.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Loop

#: Hosts that are named; languages are all told.
NAMED_HOSTS = 20


def new_pages(collected: DataFrame, previous: DataFrame | None, pages: DataFrame) -> DataFrame:
    """host, language, pages, tokens: what ``collected`` has beyond ``previous``.

    ``collected`` has page_id and tokens, ``previous`` page_id (None before round 2:
    everything is new), ``pages`` page_id, host and language.
    """
    new = collected if previous is None else collected.join(previous, "page_id", "left_anti")
    return (
        new.select("page_id", "tokens")
        .join(pages.select("page_id", "host", "language"), "page_id")
        .groupBy("host", "language")
        .agg(F.count("*").alias("pages"), F.sum("tokens").alias("tokens"))
    )


def described(new: DataFrame) -> dict[str, Any]:
    """:func:`new_pages` in figures: pages, tokens, hosts, and of what they are most."""
    row = new.agg(F.sum("pages"), F.sum("tokens"), F.count_distinct("host")).first()
    assert row is not None
    pages, tokens, hosts = (number or 0 for number in row)
    return {
        "new pages": pages,
        "new tokens": tokens,
        "hosts": hosts,
        "by host": _largest(new, "host", NAMED_HOSTS),
        "by language": _largest(new, "language", None),
    }


def _largest(new: DataFrame, column: str, limit: int | None) -> list[dict[str, Any]]:
    """Most pages first, ties by name."""
    rows = (
        new.groupBy(column)
        .agg(F.sum("pages").alias("pages"), F.sum("tokens").alias("tokens"))
        .orderBy(F.desc("pages"), column)
    )
    return [row.asDict() for row in (rows.limit(limit) if limit else rows).collect()]


def overlap_matrix(
    sizes: Sequence[int], in_both: Sequence[Mapping[str, int]]
) -> list[list[float | None]]:
    """For each pair of rounds, pages in both as a share of the row's round.

    ``sizes`` are the rounds' pages; ``in_both[i]`` has the pages of round i + 1 that an
    earlier round has too, by that round's number. None where the row's round is empty.
    """

    def both(one: int, other: int) -> int:
        if one == other:
            return sizes[one]
        return in_both[max(one, other)][str(min(one, other) + 1)]

    rounds = range(len(sizes))
    return [
        [both(row, column) / sizes[row] if sizes[row] else None for column in rounds]
        for row in rounds
    ]


class Verdict(NamedTuple):
    """Whether the loop has converged, and what to do, for a person."""

    stable: bool
    advice: str


def verdict(page_share: float, settings: Loop) -> Verdict:
    """The stop rule: of a round's pages, the share that the round before had already."""
    if page_share >= settings.stop_share:
        return Verdict(True, "the loop has converged: stop")
    return Verdict(False, f"under {settings.stop_share:.0%}: another round may find more")
