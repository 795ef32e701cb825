"""Which pages are the same page, and which copy of each is kept.

Three stages, each on what the one before left: canonical URL, exact text,
MinHash. Rows only ever meet through a key they share and through the smallest
page of a bucket, by aggregates that Spark computes in parts, so a template on a
million pages costs a million rows and not their square.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Dedupe
from pipeline.dedupe.buckets import bucket_stars
from pipeline.dedupe.components import connected_components
from pipeline.dedupe.minhash import estimated_jaccard, signature_matrix
from pipeline.dedupe.survivors import with_survivors
from pipeline.dedupe.verification import verified_survivors
from pipeline.workspace.table_schemas import Checkpoint, schema

_SIMILARITY = pa.schema([("page_id", pa.string()), ("similarity", pa.float64())])


class Deduplicated(NamedTuple):
    """The table ``pool``, and what is told about how it came to be."""

    #: a row for every row of the signatures, columns of the schema
    pool: DataFrame
    #: see :func:`pipeline.dedupe.buckets.bucket_stars`
    stars: DataFrame
    #: see :func:`pipeline.dedupe.verification.verified_survivors`; None without it
    verified: DataFrame | None


def build_pool(
    signatures: DataFrame,
    settings: Dedupe,
    *,
    checkpoint: Checkpoint,
    texts: DataFrame | None = None,
) -> Deduplicated:
    """The table ``pool`` out of the table ``signatures``, of as many crawls as there are.

    Of pages that are the same, the one with more formulas is kept, then the longer
    (characters), the newer, the one of smaller id. A page that an early stage drops
    names the copy that is kept in the end, and ``method`` says which stage dropped
    it. ``page_id`` must be unique, and all signatures made with ``settings``.

    With ``texts`` (``page_id``, ``text``) a near-duplicate is dropped only for a page
    that it is truly as similar to as ``settings.least_similarity``.

    ``checkpoint(rows, name)`` must write the rows where they outlive the loss of
    an executor, and return them as read back; each name is used once. The result
    does not depend on how ``signatures`` is partitioned, nor on which crawl had
    its signatures made first.
    """
    keys = signatures.drop("signature")
    by_url = with_survivors(keys, "url_key", "url_survivor").drop("url_key")
    by_url = checkpoint(by_url, "by-url")

    left = by_url.filter("page_id = url_survivor").drop("url_survivor")
    by_text = with_survivors(left, "text_key", "text_survivor").drop("text_key")
    by_text = checkpoint(by_text, "by-text")

    left = by_text.filter("page_id = text_survivor").drop("text_survivor")
    remaining = signatures.select("page_id", "signature").join(left, "page_id", "left_semi")
    stars = checkpoint(bucket_stars(remaining, settings), "stars")
    labels = connected_components(stars, checkpoint=checkpoint)
    alike = left.join(labels.withColumnRenamed("node", "page_id"), "page_id")
    verified = None
    if texts is None:
        survivors = with_survivors(alike, "component", "minhash_survivor")
    else:
        alike = checkpoint(alike, "clusters")
        survivors = verified_survivors(alike, texts, settings, checkpoint=checkpoint)
    by_minhash = checkpoint(survivors, "by-minhash")
    if texts is not None:
        verified = by_minhash

    fates = checkpoint(_followed(by_url, by_text, by_minhash), "kept")
    compared = checkpoint(_compared_signatures(fates, signatures), "compared")
    pool = (
        fates.join(_clusters(fates), "kept_page_id", "left")
        .join(_similarities(fates, compared), "page_id", "left")
        .withColumn("cluster", F.coalesce("cluster", "page_id"))
        .withColumn("similarity", F.when(F.col("same_words"), 1.0).otherwise(F.col("similarity")))
    )
    if verified is not None:
        true = verified.select("page_id", F.col("similarity").alias("true_similarity"))
        pool = pool.join(true, "page_id", "left").withColumn(
            "similarity",
            F.when(F.col("method") == "minhash", F.col("true_similarity")).otherwise(
                F.col("similarity")
            ),
        )
    return Deduplicated(pool.select(*schema("pool").names), stars, verified)


def duplicate_counts(pool: DataFrame) -> DataFrame:
    """``method``, ``rows``: pages by what dropped them, ``kept`` for those it keeps.

    Their sum is the number of pages that went in. A method that dropped nothing
    has no row.
    """
    return pool.groupBy(F.coalesce("method", F.lit("kept")).alias("method")).agg(
        F.count(F.lit(1)).alias("rows")
    )


def _followed(by_url: DataFrame, by_text: DataFrame, by_minhash: DataFrame) -> DataFrame:
    """Each page's way through the stages: page_id, kept_page_id, method and same_words.

    The last where the text's own survivor is kept, whose signature is the same.
    """
    first = by_url.select("page_id", "url_survivor")
    second = by_text.select(F.col("page_id").alias("url_survivor"), "text_survivor")
    third = by_minhash.select(F.col("page_id").alias("text_survivor"), "minhash_survivor")
    method = (
        F.when(F.col("page_id") != F.col("url_survivor"), "url")
        .when(F.col("url_survivor") != F.col("text_survivor"), "exact")
        .when(F.col("text_survivor") != F.col("kept_page_id"), "minhash")
    )
    same_words = (
        (F.col("page_id") == F.col("url_survivor"))
        & (F.col("url_survivor") != F.col("text_survivor"))
        & (F.col("text_survivor") == F.col("kept_page_id"))
    )
    return (
        first.join(second, "url_survivor")
        .join(third, "text_survivor", "left")
        .withColumn("kept_page_id", F.coalesce("minhash_survivor", "text_survivor"))
        .select("page_id", "kept_page_id", method.alias("method"), same_words.alias("same_words"))
    )


def _clusters(fates: DataFrame) -> DataFrame:
    """``kept_page_id``, ``cluster`` of the groups that have more than one page."""
    return (
        fates.filter("page_id != kept_page_id")
        .groupBy("kept_page_id")
        .agg(F.least(F.min("page_id"), F.col("kept_page_id")).alias("cluster"))
    )


def _compared_signatures(fates: DataFrame, signatures: DataFrame) -> DataFrame:
    """``page_id``, ``signature`` of the pages on both sides of :func:`_similarities`.

    Signatures are most of what is moved here: all of them once, and these few again.
    """
    dropped = _differing(fates)
    both = dropped.select("page_id").union(dropped.select("kept_page_id")).distinct()
    return signatures.select("page_id", "signature").join(both, "page_id", "left_semi")


def _similarities(fates: DataFrame, signatures: DataFrame) -> DataFrame:
    """``page_id``, ``similarity`` of each dropped page of other words than the one kept instead."""
    dropped = (
        _differing(fates)
        .join(signatures.withColumnRenamed("signature", "left"), "page_id")
        .join(
            signatures.select(
                F.col("page_id").alias("kept_page_id"), F.col("signature").alias("right")
            ),
            "kept_page_id",
        )
    )
    return dropped.select("page_id", "left", "right").mapInArrow(
        _compared, "page_id string, similarity double"
    )


def _differing(fates: DataFrame) -> DataFrame:
    return fates.filter("page_id != kept_page_id AND NOT same_words")


def _compared(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if batch.num_rows:
            left, right = (signature_matrix(batch[side]) for side in ("left", "right"))
            similarity = pa.array(estimated_jaccard(left, right), pa.float64())
            yield pa.RecordBatch.from_arrays([batch["page_id"], similarity], schema=_SIMILARITY)
