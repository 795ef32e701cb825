"""Which pages a round takes: the best by score, up to a budget of tokens.

DeepSeekMath, section 2.1, cuts the ranking at a number of tokens. The whole order
is made by ranges, and nothing but two sums a range reaches the driver.
"""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from pipeline.config.settings import Select
from pipeline.corpus.tokenizer import TokenizerNotes
from pipeline.workspace.notes import SpacedNotes
from pipeline.workspace.table_schemas import Checkpoint, schema, spark_schema

#: Why a round does not take a page.
BELOW_FLOOR, BEYOND_BUDGET = "score below the floor", "beyond the token budget"


def budget_of(settings: Select, round: int) -> int:
    """Tokens that round ``round`` (from 1) may take; the last budget repeats."""
    return settings.budgets[min(round, len(settings.budgets)) - 1]


def select_pages(
    candidates: DataFrame, settings: Select, round: int, checkpoint: Checkpoint
) -> DataFrame:
    """Table ``collected``: pages by score, highest first, then by page_id.

    ``candidates`` has page_id, score and tokens. The running sum of tokens stays within the
    round's budget, and the first page that would exceed it ends the selection. The result is
    the same for any number of partitions.
    """
    ranked = candidates.select("page_id", "score", "tokens")
    spark = candidates.sparkSession
    ranges = int(spark.conf.get("spark.sql.shuffle.partitions") or 1)
    # Computed again, a page could change its range. Its number is therefore written down with it.
    ranked = checkpoint(
        ranked.repartitionByRange(ranges, F.desc("score"), F.asc("page_id")).withColumn(
            "range", F.spark_partition_id()
        ),
        "ranked",
    )
    sums = ranked.groupBy("range").agg(F.count("*").alias("pages"), F.sum("tokens").alias("sum"))
    budget = budget_of(settings, round)
    before: list[dict[str, int]] = []
    pages_before = tokens_before = 0
    for row in sorted(sums.collect(), key=lambda row: int(row["range"])):
        before.append(
            {"range": row["range"], "pages_before": pages_before, "tokens_before": tokens_before}
        )
        pages_before += row["pages"]
        tokens_before += row["sum"]
        if tokens_before > budget:
            break
    by_range = pa.Table.from_pylist(before, _OFFSETS).to_pandas()
    offsets = spark.createDataFrame(by_range, spark_schema(_OFFSETS))
    in_order = Window.partitionBy("range").orderBy(F.desc("score"), F.asc("page_id"))
    running = in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return (
        ranked.join(F.broadcast(offsets), "range")
        .withColumn("rank", F.col("pages_before") + F.row_number().over(in_order))
        .withColumn("running", F.col("tokens_before") + F.sum("tokens").over(running))
        .where(F.col("running") <= budget)
        .select(*schema("collected").names)
    )


_OFFSETS = pa.schema(
    [("range", pa.int32()), ("pages_before", pa.int64()), ("tokens_before", pa.int64())]
)


class Overlap(SpacedNotes):
    """Pages and tokens of a round, and those among them that another round had already.

    The loop's stop rule looks at the shares; they are 0 where the round took nothing.
    """

    pages: int
    tokens: int
    known_pages: int
    known_tokens: int
    page_share: float
    token_share: float


class SelectNotes(SpacedNotes):
    """What step select notes of a round; ``already_collected``, by the round before, is None
    in round 1, and ``tokenizer`` where an estimate counted that an earlier version made.
    """

    tokens: int
    already_collected: Overlap | None = None
    tokenizer: TokenizerNotes | None = None


def overlap(collected: DataFrame, previous: DataFrame) -> Overlap:
    """Of ``collected`` (page_id, tokens), what ``previous`` (page_id) had already."""
    known = F.col("known").isNotNull()
    row = (
        collected.join(previous.select("page_id", F.lit(True).alias("known")), "page_id", "left")
        .agg(
            F.count("*"), F.sum("tokens"), F.count_if(known), F.sum(F.when(known, F.col("tokens")))
        )
        .first()
    )
    assert row is not None
    pages, tokens, known_pages, known_tokens = (number or 0 for number in row)
    return Overlap(
        pages=pages,
        tokens=tokens,
        known_pages=known_pages,
        known_tokens=known_tokens,
        page_share=known_pages / pages if pages else 0.0,
        token_share=known_tokens / tokens if tokens else 0.0,
    )
