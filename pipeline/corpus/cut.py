"""What of a collection becomes corpus: a floor, a token budget and a least length of its own.

They change the product alone. The loop learns from all that a round collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.config.settings import Emit
from pipeline.corpus.budgets import BudgetEnd
from pipeline.corpus.wishes import left_out_for

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

TOO_SHORT = "fewer tokens than emit.min_tokens"
BELOW = "score below emit.floor"
BEYOND = "beyond emit.budgets"


def reason_to_leave_out(settings: Emit) -> Column:
    """Of a row of table ``corpus``: the first reason for which it is left out, or null."""
    return F.coalesce(
        left_out_for(settings.respect),
        F.when(F.col("tokens") < settings.min_tokens, F.lit(TOO_SHORT)),
        F.when(F.col("score") < F.lit(settings.floor).cast("float"), F.lit(BELOW)),
    )


def with_budget(reason: Column, settings: Emit, ends: Sequence[BudgetEnd]) -> Column:
    """The same with the largest budget: it goes to pages that nothing else leaves out, by rank.

    ``ends``: of the budgets that such pages exceed.
    """
    if not ends or ends[-1].budget < max(settings.budgets):
        return reason
    return F.coalesce(reason, F.when(F.col("rank") > ends[-1].last_rank, F.lit(BEYOND)))


def count_left_out(rows: DataFrame, reason: Column) -> dict[str, int]:
    """By the reason for which pages are left out, how many; none without pages."""
    counted = rows.groupBy(reason.alias("reason")).count().where("reason is not null")
    numbers: dict[str, int] = dict(counted.collect())
    return dict(sorted(numbers.items()))
