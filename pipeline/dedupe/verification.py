"""True similarity before a near-duplicate is dropped.

MinHash ties pages together by estimates and through third pages; two ends of a
chain may have little in common. With verification a page is dropped only for a
page that it is truly similar to: in each cluster the best page takes those that
are, the best of the others takes its own, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import shingle_hashes, true_jaccard
from pipeline.dedupe.survivors import with_survivors
from pipeline.text.text_key import comparable_words
from pipeline.workspace.table_schemas import Checkpoint

#: Pages that may each take their like in one cluster; whatever is left then is kept.
#: A cluster of pages that all differ would otherwise be gone through once a page.
MOST_TURNS = 8

_SHINGLES = pa.schema([("page_id", pa.string()), ("shingles", pa.binary())])
_SIMILARITY = pa.schema([("page_id", pa.string()), ("similarity", pa.float64())])


def verified_survivors(
    clustered: DataFrame, texts: DataFrame, settings: Dedupe, *, checkpoint: Checkpoint
) -> DataFrame:
    """``page_id``, ``minhash_survivor``, ``similarity``, ``turn``: a row a page of ``clustered``.

    ``clustered`` has ``page_id``, ``component`` and what survivors are chosen by;
    ``texts`` has ``page_id`` and ``text`` of those pages at least. ``similarity`` is
    the true Jaccard similarity to the survivor, at least ``least_similarity``, and
    null for a survivor itself. ``turn`` is that of its cluster's survivors that took
    the page, from 1; pages that nobody took after the last turn survive with 0.
    """
    shingled = checkpoint(_shingled(texts, clustered, settings), "shingles")
    left, fates = clustered, []
    for turn in range(1, MOST_TURNS + 1):
        compared = checkpoint(_compared(left, shingled), f"compared-{turn}")
        # A survivor is compared with nothing.
        alike = F.coalesce(
            F.col("similarity") >= settings.least_similarity,
            F.col("page_id") == F.col("minhash_survivor"),
        )
        fates.append(_fates(compared.filter(alike), turn))
        left = compared.filter(~alike).select(*clustered.columns)
        if left.isEmpty():
            break
    else:
        alone = left.withColumn("minhash_survivor", F.col("page_id"))
        fates.append(_fates(alone.withColumn("similarity", F.lit(None).cast("double")), 0))
    all_fates = fates[0]
    for rows in fates[1:]:
        all_fates = all_fates.unionByName(rows)
    return all_fates


def _fates(rows: DataFrame, turn: int) -> DataFrame:
    return rows.select("page_id", "minhash_survivor", "similarity", F.lit(turn).alias("turn"))


def _compared(left: DataFrame, shingled: DataFrame) -> DataFrame:
    """``left`` with each page's ``minhash_survivor`` and its ``similarity`` to that."""
    chosen = with_survivors(left, "component", "minhash_survivor")
    pairs = (
        chosen.filter("page_id != minhash_survivor")
        .select("page_id", "minhash_survivor")
        .join(shingled.withColumnRenamed("shingles", "left"), "page_id")
        .join(
            shingled.select(
                F.col("page_id").alias("minhash_survivor"), F.col("shingles").alias("right")
            ),
            "minhash_survivor",
        )
        .select("page_id", "left", "right")
    )
    similarities = pairs.mapInArrow(_jaccard, "page_id string, similarity double")
    return chosen.join(similarities, "page_id", "left")


def _jaccard(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        similarities = [
            true_jaccard(np.frombuffer(left.as_py(), "<u8"), np.frombuffer(right.as_py(), "<u8"))
            for left, right in zip(batch["left"], batch["right"], strict=True)
        ]
        column = pa.array(similarities, pa.float64())
        yield pa.RecordBatch.from_arrays([batch["page_id"], column], schema=_SIMILARITY)


def _shingled(texts: DataFrame, clustered: DataFrame, settings: Dedupe) -> DataFrame:
    """``page_id``, ``shingles``: each page's distinct shingle hashes in order, 8 bytes each."""

    def shingle(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            shingles = [
                np.unique(shingle_hashes(comparable_words(text.as_py()), settings))
                for text in batch["text"]
            ]
            column = pa.array([hashes.astype("<u8").tobytes() for hashes in shingles], pa.binary())
            yield pa.RecordBatch.from_arrays([batch["page_id"], column], schema=_SHINGLES)

    clustered_texts = texts.join(clustered.select("page_id"), "page_id", "left_semi")
    return clustered_texts.select("page_id", "text").mapInArrow(
        shingle, "page_id string, shingles binary"
    )
