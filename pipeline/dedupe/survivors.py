"""Which copy is kept: decided by the pages themselves, the same on every run."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def with_survivors(rows: DataFrame, key: str, name: str) -> DataFrame:
    """``rows`` and a column ``name``: the best ``page_id`` among those of equal ``key``.

    ``rows`` has ``page_id`` (unique), ``formulas``, ``characters``, ``fetched``.
    Better is the page with more formulas, then the longer, the newer, the one of
    smaller id.
    """
    # The rows of a key meet once; what they are sorted by may spill, however many they are.
    best = F.min(_order_of_preference()).over(Window.partitionBy(key))
    return rows.withColumn(name, best["page_id"])


def _order_of_preference() -> Column:
    """Smallest for the copy to keep. A struct, so that one aggregate decides it."""
    return F.struct(
        (-F.col("formulas")).alias("formulas"),
        (-F.col("characters")).alias("characters"),
        (-F.col("fetched")).alias("fetched"),
        F.col("page_id"),
    )
