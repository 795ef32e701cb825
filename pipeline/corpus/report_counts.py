"""Counts of whole tables for the corpus's report: a few rows each, whatever the tables hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

#: Names of each sort that are listed, the largest.
MOST_NAMES = 30
#: Steps of a domain's share of pages taken.
SHARE_BINS = 20
#: Domains that are named, those of which most pages were taken.
MOST_DOMAINS = 30


def score_counts(scores: DataFrame, collected: DataFrame, bins: int) -> tuple[list[int], list[int]]:
    """Pages by equal steps of score, and those collected; the last step has the score 1 too.

    ``scores`` has page_id and score, ``collected`` a score.
    """
    step = F.least(F.floor(F.col("score") * bins), F.lit(bins - 1)).cast("int")
    both = scores.select("score", F.lit(0).alias("of")).unionByName(
        collected.select("score", F.lit(1).alias("of"))
    )
    # A score that is no number is in no step; the funnel has it under the floor.
    counted = both.where(~F.isnan("score")).groupBy(step.alias("step"), "of").count().collect()
    by_step = {(row["of"], row["step"]): row["count"] for row in counted}
    every, taken = ([by_step.get((of, at), 0) for at in range(bins)] for of in (0, 1))
    return every, taken


def tenths_of(counts: Sequence[int]) -> list[float]:
    """The lowest scores of the tenths, from the second up, of counts by equal steps of score.

    To the step. Tenths that begin in one step begin at one score: ties are many.
    """
    bounds: list[float] = []
    total, seen = sum(counts), 0
    for number, count in enumerate(counts):
        while len(bounds) < 9 and total and seen + count > total * (len(bounds) + 1) / 10:
            bounds.append(number / len(counts))
        seen += count
    return bounds


def sample_of_tenths(scores: DataFrame, tenths: Sequence[float], pages: int) -> DataFrame:
    """page_id, score, tenth: so many pages of each tenth, the same on every run.

    A page is in the highest tenth that its score reaches.
    """
    from pyspark.sql import Window

    reached: Column = F.lit(1)
    for bound in tenths:
        reached = reached + (F.col("score") >= F.lit(bound).cast("float")).cast("int")
    chosen = Window.partitionBy("tenth").orderBy(F.xxhash64("page_id"), "page_id")
    return (
        scores.where(~F.isnan("score"))
        .select("page_id", "score", reached.alias("tenth"))
        .withColumn("place", F.row_number().over(chosen))
        .where(F.col("place") <= pages)
        .drop("place")
    )


def named_by(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
    """sort, name, tokens: a row for each of ``columns`` (text) of rows with tokens."""
    pairs = F.array(
        *(F.struct(F.lit(one).alias("sort"), F.col(one).alias("name")) for one in columns)
    )
    exploded = rows.select("tokens", F.explode(pairs).alias("pair"))
    return exploded.select("pair.sort", "pair.name", "tokens")


def named_by_several(rows: DataFrame, sort: str, names: Column) -> DataFrame:
    """The same by a column of arrays: a row for each of a page's names, one where it has none."""
    return rows.select(F.lit(sort).alias("sort"), F.explode_outer(names).alias("name"), "tokens")


def totals(named: DataFrame) -> dict[str, list[Row]]:
    """name, pages, tokens of each sort, most tokens first, ``MOST_NAMES`` of each.

    ``named`` has sort, name and tokens; null is the empty name.
    """
    from pyspark.sql import Window

    counted = named.groupBy("sort", F.coalesce("name", F.lit("")).alias("name")).agg(
        F.count("*").alias("pages"), F.sum("tokens").alias("tokens")
    )
    order = Window.partitionBy("sort").orderBy(F.desc("tokens"), "name")
    rows = counted.withColumn("place", F.row_number().over(order))
    by_sort: dict[str, list[Row]] = {}
    largest = rows.where(F.col("place") <= MOST_NAMES).collect()
    for row in sorted(largest, key=lambda row: int(row["place"])):
        by_sort.setdefault(row["sort"], []).append(row)
    return by_sort


def domain_counts(domains: DataFrame) -> list[int]:
    """Of table ``domains``, how many in each of ``SHARE_BINS`` steps of share; 1 in the last."""
    step = F.least(F.floor(F.col("share") * SHARE_BINS), F.lit(SHARE_BINS - 1)).cast("int")
    of_step: dict[int, int] = dict(domains.groupBy(step.alias("step")).count().collect())
    return [of_step.get(number, 0) for number in range(SHARE_BINS)]


def largest_domains(domains: DataFrame) -> list[Row]:
    """Rows of table ``domains``: those of which most pages were taken."""
    wanted = ("domain", "pages", "collected", "share", "mathematical")
    ranked = domains.orderBy(F.desc("collected"), F.desc("share"), "domain")
    return ranked.select(*wanted).limit(MOST_DOMAINS).collect()


def cluster_counts(pool: DataFrame) -> list[Row]:
    """least, most, clusters, pages of table ``pool``'s clusters by powers of two of their size."""
    sizes = pool.groupBy("cluster").agg(F.count("*").alias("size"))
    power = F.floor(F.log2("size")).cast("int")
    return (
        sizes.groupBy(power.alias("power"))
        .agg(
            F.min("size").alias("least"),
            F.max("size").alias("most"),
            F.count("*").alias("clusters"),
            F.sum("size").alias("pages"),
        )
        .orderBy("power")
        .drop("power")
        .collect()
    )


def pages_by_benchmark(traces: DataFrame) -> dict[str, int]:
    """Pages with a trace of each benchmark, of a table of traces."""
    counted = traces.groupBy("benchmark").agg(F.count_distinct("page_id"))
    return dict(counted.collect())
