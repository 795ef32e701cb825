"""What a round found that earlier rounds had not, and whether another one is worth its while.

DeepSeekMath (arXiv 2402.03300, section 2.1) stopped after its fourth round, of whose
data the third had nearly 98%.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Loop
from pipeline.workspace.notes import Notes, SpacedNotes

#: Hosts that are named; languages are all told.
NAMED_HOSTS = 20


class NewOfHost(Notes):
    """New pages and tokens of a host."""

    host: str
    pages: int
    tokens: int


class NewOfLanguage(Notes):
    """New pages and tokens in a language."""

    language: str
    pages: int
    tokens: int


class NewPages(SpacedNotes):
    """What a round has beyond the one before, most pages first: the ``NAMED_HOSTS`` largest
    hosts out of ``hosts``, and all languages.
    """

    new_pages: int
    new_tokens: int
    hosts: int
    by_host: tuple[NewOfHost, ...]
    by_language: tuple[NewOfLanguage, ...]


class ConvergeNotes(NewPages):
    """What step converge notes: ``in_both`` has the pages of the round that an earlier one has
    too, by that round's number.
    """

    in_both: Mapping[str, int]


def new_pages(collected: DataFrame, previous: DataFrame) -> DataFrame:
    """page_id, tokens: what ``collected`` has beyond ``previous`` (page_id)."""
    return collected.select("page_id", "tokens").join(previous, "page_id", "left_anti")


def by_host_and_language(new: DataFrame) -> DataFrame:
    """host, language, pages, tokens: sums of pages with host, language and tokens."""
    return new.groupBy("host", "language").agg(
        F.count("*").alias("pages"), F.sum("tokens").alias("tokens")
    )


def described(new: DataFrame) -> NewPages:
    """:func:`by_host_and_language` in figures: pages, tokens, hosts, and of what they are most."""
    row = new.agg(F.sum("pages"), F.sum("tokens"), F.count_distinct("host")).first()
    assert row is not None
    pages, tokens, hosts = (number or 0 for number in row)
    by_host = _by(new, "host").limit(NAMED_HOSTS).collect()
    by_language = _by(new, "language").collect()
    return NewPages(
        new_pages=pages,
        new_tokens=tokens,
        hosts=hosts,
        by_host=tuple(NewOfHost(**row.asDict()) for row in by_host),
        by_language=tuple(NewOfLanguage(**row.asDict()) for row in by_language),
    )


def _by(new: DataFrame, column: str) -> DataFrame:
    """Most pages first, ties by name."""
    return (
        new.groupBy(column)
        .agg(F.sum("pages").alias("pages"), F.sum("tokens").alias("tokens"))
        .orderBy(F.desc("pages"), column)
    )


def overlap_matrix(
    sizes: Sequence[int], in_both: Sequence[Mapping[str, int]]
) -> list[list[float | None]]:
    """For each pair of rounds, pages in both as a share of the row's round.

    ``sizes`` are the rounds' pages; ``in_both[i]`` has the pages of round i + 1 that an
    earlier round has too, by that round's number. None where the row's round is empty, and
    where two rounds were not compared.
    """

    def share(row: int, column: int) -> float | None:
        if not sizes[row]:
            return None
        if row == column:
            return 1.0
        both = in_both[max(row, column)].get(str(min(row, column) + 1))
        return None if both is None else both / sizes[row]

    rounds = range(len(sizes))
    return [[share(row, column) for column in rounds] for row in rounds]


class Verdict(NamedTuple):
    """Whether the loop has converged, and what to do, for a person."""

    stable: bool
    advice: str


def verdict(page_share: float, settings: Loop) -> Verdict:
    """The stop rule: of a round's pages, the share that the round before had already."""
    if page_share >= settings.stop_share:
        return Verdict(True, "the loop has converged: stop")
    return Verdict(False, f"under {settings.stop_share:.0%}: another round may find more")
