"""What of a collection becomes corpus: a floor, a token budget and a least length of its own.

They change the product alone. The loop learns from all that a round collected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.config.settings import Emit
from pipeline.corpus.wishes import left_out_for

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

TOO_SHORT = "fewer tokens than emit.min_tokens"
BELOW = "score below emit.floor"
BEYOND = "beyond emit.budget"
#: Ranges of ranks whose sums reach the driver.
_RANGES = 1_000


def reason_to_leave_out(rows: DataFrame, settings: Emit, last_rank: int) -> Column:
    """Of a row of table ``corpus``: the first reason for which it is left out, or null.

    ``last_rank``: the highest rank in ``rows``, which are looked at where there is a budget: it
    goes to pages that nothing else leaves out, by their rank, and the first one that would
    exceed it is the first beyond it, as in a round (``selection.select_pages``).
    """
    reason = F.coalesce(
        left_out_for(settings.respect),
        F.when(F.col("tokens") < settings.min_tokens, F.lit(TOO_SHORT)),
        F.when(F.col("score") < F.lit(settings.floor).cast("float"), F.lit(BELOW)),
    )
    if not settings.budget:
        return reason
    last = _last_rank(rows.where(reason.isNull()), settings.budget, last_rank)
    return F.coalesce(reason, F.when(F.col("rank") > last, F.lit(BEYOND)))


def _last_rank(rows: DataFrame, budget: int, last_rank: int) -> int:
    """The last rank down to which the tokens come to the budget at most."""
    width = -(-last_rank // _RANGES)
    place = F.floor((F.col("rank") - 1) / width).cast("long")
    sums = rows.groupBy(place.alias("range")).agg(F.sum("tokens").alias("tokens"))
    spent = 0
    for row in sorted(sums.collect(), key=lambda row: int(row["range"])):
        if spent + row["tokens"] > budget:
            inside = rows.where(place == row["range"]).select("rank", "tokens")
            for page in sorted(inside.collect(), key=lambda page: int(page["rank"])):
                spent += page["tokens"]
                if spent > budget:
                    return int(page["rank"]) - 1
        spent += row["tokens"]
    return last_rank


def count_left_out(rows: DataFrame, reason: Column) -> dict[str, int]:
    """By the reason for which pages are left out, how many; none without pages."""
    counted = rows.groupBy(reason.alias("reason")).count().where("reason is not null")
    numbers: dict[str, int] = dict(counted.collect())
    return dict(sorted(numbers.items()))
