"""Which pages are the same page, and which copy of each is kept.

Three stages, each on what the one before left: canonical URL, exact text,
MinHash. Rows only ever meet through a key they share and through the smallest
page of a bucket, by aggregates that Spark computes in parts, so a template on a
million pages costs a million rows and not their square.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipeline.config import Dedupe
from pipeline.dedupe.components import connected_components
from pipeline.dedupe.features import compare_signatures, describe_pages
from pipeline.tables import Checkpoint, schema

_SIGNATURE_ITEM_BYTES = 4


def build_pool(pages: DataFrame, settings: Dedupe, *, checkpoint: Checkpoint) -> DataFrame:
    """The table ``pool``: a row for every row of ``pages``, columns of its schema.

    ``pages`` has ``page_id`` (unique), ``url``, ``text``, ``formulas`` (int),
    ``fetch_time`` (timestamp), none of them null. Of pages that are the same, the
    one with more formulas is kept, then the longer (characters), the newer, the
    one of smaller id. A page that an early stage drops names the copy that is
    kept in the end, and ``method`` says which stage dropped it.

    ``checkpoint(rows, name)`` must write the rows where they outlive the loss of
    an executor, and return them as read back; each name is used once. The result
    does not depend on how ``pages`` is partitioned.
    """
    described = checkpoint(describe_pages(pages, settings), "features")

    keys = described.drop("signature")
    by_url = checkpoint(_survivors(keys, "url_key", "url_survivor"), "by-url")

    left = by_url.filter("page_id = url_survivor").drop("url_survivor")
    by_text = checkpoint(_survivors(left, "text_key", "text_survivor"), "by-text")

    left = by_text.filter("page_id = text_survivor").drop("text_survivor")
    signatures = described.select("page_id", "signature").join(left, "page_id", "left_semi")
    buckets = checkpoint(_buckets(signatures, settings), "buckets")
    labels = connected_components(_star_edges(buckets), checkpoint=checkpoint)
    alike = left.join(labels.withColumnRenamed("node", "page_id"), "page_id")
    by_minhash = checkpoint(_survivors(alike, "component", "minhash_survivor"), "by-minhash")

    kept = checkpoint(_followed(by_url, by_text, by_minhash), "kept")
    return (
        kept.join(_clusters(kept), "kept_page_id", "left")
        .join(_similarities(kept, described), "page_id", "left")
        .withColumn("cluster", F.coalesce("cluster", "page_id"))
        .select(*schema("pool").names)
    )


def duplicate_counts(pool: DataFrame) -> DataFrame:
    """``method``, ``rows``: pages by what dropped them, ``kept`` for those it keeps.

    Their sum is the number of pages that went in. A method that dropped nothing
    has no row.
    """
    return pool.groupBy(F.coalesce("method", F.lit("kept")).alias("method")).agg(
        F.count(F.lit(1)).alias("rows")
    )


def _survivors(rows: DataFrame, key: str, name: str) -> DataFrame:
    """``rows`` and a column ``name``: the best ``page_id`` among those of equal ``key``."""
    best = (
        rows.groupBy(key)
        .agg(F.min(_order_of_preference()).alias("best"), F.count(F.lit(1)).alias("size"))
        # Most keys are one page's; the table to join with holds the others.
        .filter("size > 1")
        .select(key, F.col("best.page_id").alias(name))
    )
    return rows.join(best, key, "left").withColumn(name, F.coalesce(name, "page_id"))


def _order_of_preference() -> Column:
    """Smallest for the copy to keep. A struct, so that one aggregate decides it."""
    return F.struct(
        (-F.col("formulas")).alias("formulas"),
        (-F.col("characters")).alias("characters"),
        (-F.col("fetched")).alias("fetched"),
        F.col("page_id"),
    )


def _buckets(signatures: DataFrame, settings: Dedupe) -> DataFrame:
    """``page_id``, ``bucket``: a row for each band, its 64-bit key the hash of both
    the band's number and its minima."""
    width = settings.rows * _SIGNATURE_ITEM_BYTES
    keys = [
        F.xxhash64(F.lit(band), F.substring("signature", band * width + 1, width))
        for band in range(settings.bands)
    ]
    return signatures.select("page_id", F.explode(F.array(*keys)).alias("bucket"))


def _star_edges(buckets: DataFrame) -> DataFrame:
    """``node``, ``neighbour``: each member of a bucket, with the bucket's smallest."""
    centres = (
        buckets.groupBy("bucket")
        .agg(F.min("page_id").alias("neighbour"), F.count(F.lit(1)).alias("size"))
        .filter("size > 1")
    )
    return (
        buckets.join(centres, "bucket")
        .filter("page_id != neighbour")
        .select(F.col("page_id").alias("node"), "neighbour")
    )


def _followed(by_url: DataFrame, by_text: DataFrame, by_minhash: DataFrame) -> DataFrame:
    """``page_id``, ``kept_page_id``, ``method``: each page's way through the stages."""
    first = by_url.select("page_id", "url_survivor")
    second = by_text.select(F.col("page_id").alias("url_survivor"), "text_survivor")
    third = by_minhash.select(F.col("page_id").alias("text_survivor"), "minhash_survivor")
    method = (
        F.when(F.col("page_id") != F.col("url_survivor"), "url")
        .when(F.col("url_survivor") != F.col("text_survivor"), "exact")
        .when(F.col("text_survivor") != F.col("kept_page_id"), "minhash")
    )
    return (
        first.join(second, "url_survivor")
        .join(third, "text_survivor", "left")
        .withColumn("kept_page_id", F.coalesce("minhash_survivor", "text_survivor"))
        .select("page_id", "kept_page_id", method.alias("method"))
    )


def _clusters(kept: DataFrame) -> DataFrame:
    """``kept_page_id``, ``cluster`` of the groups that have more than one page."""
    return (
        kept.filter("page_id != kept_page_id")
        .groupBy("kept_page_id")
        .agg(F.least(F.min("page_id"), F.col("kept_page_id")).alias("cluster"))
    )


def _similarities(kept: DataFrame, described: DataFrame) -> DataFrame:
    """``page_id``, ``similarity`` of each dropped page and the one kept instead."""
    signatures = described.select("page_id", "signature")
    dropped = (
        kept.filter("page_id != kept_page_id")
        .join(signatures.withColumnRenamed("signature", "left"), "page_id")
        .join(
            signatures.select(
                F.col("page_id").alias("kept_page_id"), F.col("signature").alias("right")
            ),
            "kept_page_id",
        )
    )
    return compare_signatures(dropped)
