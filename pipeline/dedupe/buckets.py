"""Candidates: pages that share a band, each tied to the smallest page of its bucket.

A bucket is the pages of one band key. Stars and not pairs: a bucket of *n* pages
gives *n* - 1 edges. What a task holds of a bucket, it joins before anything is
shuffled, so a template on a million pages sends a row for each block of pages that
it stands in, and not a row a page, to the one task that its bucket meets in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import band_keys
from pipeline.dedupe.page_signatures import signature_matrix
from pipeline.workspace.notes import Notes

#: Pages whose buckets are joined before the shuffle: 29 MB of signatures at 112 minima.
BLOCK_PAGES = 65_536
#: A bucket of as many pages is told as a hot one: a template, seldom a text.
HOT_PAGES = 10_000

_BLOCK = pa.schema(
    [
        pa.field("bucket", pa.int64()),
        pa.field("page_id", pa.string()),
        pa.field("neighbour", pa.string()),
        pa.field("pages", pa.int64()),
    ]
)
_BLOCK_DDL = "bucket long, page_id string, neighbour string, pages long"


def bucket_stars(signatures: DataFrame, settings: Dedupe) -> DataFrame:
    """``node``, ``neighbour``, ``pages``: edges between pages that share a band.

    ``signatures`` has ``page_id`` (unique) and ``signature``. A row whose ``node`` is
    its ``neighbour`` stands for a bucket of two pages or more, whose smallest page it
    is, and ``pages`` is the bucket's size; it is null elsewhere.
    """

    def join_blocks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in _blocks(batches):
            yield joined_block(block, settings.bands)

    rows = signatures.select("page_id", "signature").mapInArrow(join_blocks, _BLOCK_DDL)
    # Edges that a block has already made are spread by their own neighbour; the
    # blocks' smallest pages of a bucket meet.
    met = Window.partitionBy("bucket", "neighbour")
    tied = rows.select(
        F.col("page_id").alias("node"),
        F.coalesce("neighbour", F.min("page_id").over(met)).alias("neighbour"),
        F.sum("pages").over(met).alias("pages"),
    ).filter("pages IS NULL OR pages > 1")
    return tied.withColumn("pages", F.when(F.col("node") == F.col("neighbour"), F.col("pages")))


class BucketCounts(Notes):
    """Buckets of two pages or more, and those of ``HOT_PAGES`` or more."""

    buckets: Annotated[int, Field(alias="shared")]
    largest: Annotated[int, Field(alias="pages of the largest")]
    hot_buckets: Annotated[int, Field(alias=f"of {HOT_PAGES:,} pages or more")]
    hot_rows: Annotated[int, Field(alias="rows of those")]


def count_buckets(stars: DataFrame) -> BucketCounts:
    """Sizes of the buckets behind :func:`bucket_stars`: one row comes to the driver."""
    hot = F.col("pages") >= HOT_PAGES
    row = (
        stars.filter("pages IS NOT NULL")
        .agg(
            F.count(F.lit(1)).alias("buckets"),
            F.coalesce(F.max("pages"), F.lit(0)).alias("largest"),
            F.count_if(hot).alias("hot_buckets"),
            F.coalesce(F.sum(F.when(hot, F.col("pages"))), F.lit(0)).alias("hot_rows"),
        )
        .collect()[0]
    )
    return BucketCounts(**row.asDict())


def _blocks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches put together to blocks of about ``BLOCK_PAGES`` rows, none empty."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if batch.num_rows:
            held.append(batch)
            rows += batch.num_rows
        if rows >= BLOCK_PAGES:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if held:
        yield pa.Table.from_batches(held)


def joined_block(block: pa.Table, bands: int) -> pa.RecordBatch:
    """A row for each bucket of the block (``bucket``, its smallest ``page_id``, its
    number of ``pages``), and one for each edge within (``page_id``, ``neighbour``)."""
    block = block.take(pc.sort_indices(block["page_id"]))
    ids = block["page_id"].combine_chunks()
    keys = band_keys(signature_matrix(block["signature"].combine_chunks()), bands)
    # Rows are in the order of ids: the first of a key is its smallest page.
    buckets, first, bucket_of, pages = np.unique(
        keys.ravel(), return_index=True, return_inverse=True, return_counts=True
    )
    centres = first // bands
    page = np.repeat(np.arange(len(ids)), bands)
    centre = centres[bucket_of.ravel()]
    within = page != centre
    # Most copies share most bands; their edge is told once.
    edges = np.unique(page[within] * len(ids) + centre[within])
    tail = pa.nulls(len(edges), pa.int64())
    columns = [
        pa.concat_arrays([pa.array(buckets), tail]),
        pa.concat_arrays([ids.take(pa.array(centres)), ids.take(pa.array(edges // len(ids)))]),
        pa.concat_arrays(
            [pa.nulls(len(buckets), pa.string()), ids.take(pa.array(edges % len(ids)))]
        ),
        pa.concat_arrays([pa.array(pages), tail]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_BLOCK)
