"""Several budgets of one corpus: each is the corpus down to a rank.

DeepSeekMath, section 2.1, weighed the best 40, 80, 120 and 160 billion tokens against one
another. Ranks are made once; what a budget has is told by the last rank in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.workspace.notes import Notes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Sums of an open range of ranks that reach the driver at once.
_RANGES = 1_000
_UNITS = ((10**9, "b"), (10**6, "m"), (10**3, "k"))


class BudgetEnd(Notes):
    """A budget of so many tokens, and what it has: the rows of the corpus down to ``last_rank``."""

    name: str
    budget: int
    pages: int
    tokens: int
    last_rank: int


@dataclass
class _Open:
    """A budget of which it is known that it ends within one range of ranks, after these rows."""

    budget: int
    place: int = 0
    pages: int = 0
    tokens: int = 0
    last_rank: int = 0

    def end(self) -> BudgetEnd:
        return BudgetEnd(
            name=budget_name(self.budget),
            budget=self.budget,
            pages=self.pages,
            tokens=self.tokens,
            last_rank=self.last_rank,
        )


def budget_name(tokens: int) -> str:
    """As views and configurations are called: ``40b``, ``1500k``."""
    unit, letter = next(((unit, letter) for unit, letter in _UNITS if tokens % unit == 0), (1, ""))
    return f"{tokens // unit}{letter}"


def budget_ends(rows: DataFrame, budgets: Sequence[int], last_rank: int) -> list[BudgetEnd]:
    """Of ``budgets`` those that the rows exceed, smallest first, and where each ends.

    ``rows`` have rank (each once, none over ``last_rank``) and tokens, in any order. As in
    :func:`pipeline.corpus.selection.select_pages` the first page that would exceed a budget
    ends it. However many rows there are, ``_RANGES`` sums a budget reach the driver at a time.
    """
    still_open = [_Open(budget) for budget in sorted(set(budgets))]
    width = 1
    while width * _RANGES < last_rank:
        width *= _RANGES
    while still_open and width:
        place = F.floor((F.col("rank") - 1) / width).cast("long")
        around = F.floor((F.col("rank") - 1) / (width * _RANGES)).cast("long")
        sums = (
            rows.where(around.isin([one.place for one in still_open]))
            .groupBy(around.alias("around"), place.alias("place"))
            .agg(
                F.count("*").alias("pages"),
                F.sum("tokens").alias("sum"),
                F.max("rank").alias("last"),
            )
            .collect()
        )
        ordered = sorted(sums, key=lambda row: int(row["place"]))
        exceeded = []
        for one in still_open:
            for row in ordered:
                if row["around"] != one.place:
                    continue
                if one.tokens + row["sum"] > one.budget:
                    one.place = row["place"]
                    exceeded.append(one)
                    break
                one.pages += row["pages"]
                one.tokens += row["sum"]
                one.last_rank = row["last"]
        still_open = exceeded
        width //= _RANGES
    return [one.end() for one in still_open]


def counted_again(ends: Sequence[BudgetEnd], rows: DataFrame) -> list[BudgetEnd]:
    """The same ends, of rows of which some have gone since: their pages and tokens as they are."""
    if not ends:
        return []
    within = [F.col("rank") <= end.last_rank for end in ends]
    sums = rows.agg(
        *(F.count_if(one) for one in within),
        *(F.coalesce(F.sum(F.when(one, F.col("tokens"))), F.lit(0)) for one in within),
    ).first()
    assert sums is not None
    numbers = zip(ends, sums[: len(ends)], sums[len(ends) :], strict=True)
    return [
        end.model_copy(update={"pages": pages, "tokens": tokens}) for end, pages, tokens in numbers
    ]


def budget_views(ends: Sequence[BudgetEnd]) -> str:
    """SQL: a view over view ``corpus`` for each budget, such as ``corpus_40b``."""
    return "".join(
        f"create or replace view corpus_{end.name} as\n"
        f"select * from corpus where rank <= {end.last_rank};\n"
        for end in ends
    )
