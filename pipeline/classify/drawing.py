"""Drawing rows without a die: who is taken follows from a hash of the id.

So the choice is the same with any number of partitions.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def at_most(rows: DataFrame, count: int, limit: int, seed: int) -> DataFrame:
    """The ``limit`` of ``count`` rows whose ids hash lowest.

    Only about as many rows as are wanted get sorted.
    """
    if count <= limit:
        return rows
    place = place_of("sample", seed, row_id())
    near = rows.where(fraction(place) < (1.2 * limit + 1_000) / count)
    return near.orderBy(place, row_id()).limit(limit)


def at_most_per_host(rows: DataFrame, limit: int, seed: int) -> DataFrame:
    """The ``limit`` rows of each host whose ids hash lowest.

    Large hosts are thinned by their counts first, so that no task ever ranks more
    than some 1.5 times ``limit`` rows of one host.
    """
    place = place_of("host", seed, row_id())
    rows = rows.withColumn("group", host_or_id())
    large = rows.groupBy("group").agg(F.count("*").alias("size")).where(F.col("size") > limit)
    near = rows.join(F.broadcast(large), "group", "left").where(
        F.col("size").isNull() | (fraction(place) < (1.5 * limit + 100) / F.col("size"))
    )
    ranked = near.withColumn(
        "rank", F.row_number().over(Window.partitionBy("group").orderBy(place, row_id()))
    )
    return ranked.where(F.col("rank") <= limit).drop("group", "size", "rank")


def row_id() -> Column:
    """The id of a row of a seed: the page's, or the outside text's."""
    return F.coalesce("page_id", "source_id")


def host_or_id() -> Column:
    """The host; a text without one is a host of its own."""
    return F.when(F.col("host") == "", row_id()).otherwise(F.col("host"))


def place_of(purpose: str, seed: int, key: Column) -> Column:
    """A hash to sort and cut by; one a purpose, so that no choice leans on another."""
    return F.xxhash64(F.lit(purpose), F.lit(seed), key)


def fraction(place: Column) -> Column:
    """Where a 64-bit hash lies in its range, 0 to 1."""
    return place.cast("double") / F.lit(2.0**64) + F.lit(0.5)
