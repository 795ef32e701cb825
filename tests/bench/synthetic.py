"""Synthetic signatures: rows of the table ``signatures`` with known copies, of any number.

A document is a function of its number, so that any task makes its own, and of what
its place among a hundred says: an original, the same address again, the same text
again, nearly the same text, or a page of the one template that two in a hundred share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from pipeline.config.settings import Dedupe
from pipeline.workspace.table_schemas import schema

#: Of a hundred documents: the first of each kind of copy; before those, originals.
SAME_URL, SAME_TEXT, NEAR, TEMPLATE = 70, 78, 84, 98
NEAR_SIMILARITY = 0.9
TEMPLATE_SIMILARITY = 0.97
_EPOCH = 1_700_000_000_000_000


def expected_kept(documents: int) -> int:
    """Pages that stay where every copy is found: the originals, and one of the template."""
    return documents // 100 * SAME_URL + 1


def synthetic_signatures(spark: SparkSession, documents: int, settings: Dedupe) -> DataFrame:
    """``documents`` rows (a multiple of 100), in no order."""

    def make(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            numbers = batch["id"].to_numpy().astype(np.uint64)
            yield _rows(numbers, settings.bands * settings.rows)

    tasks = max(4, documents // 50_000)
    return spark.range(0, documents, 1, tasks).mapInArrow(make, schema("signatures").spark())


def _rows(numbers: np.ndarray, permutations: int) -> pa.RecordBatch:
    place = numbers % np.uint64(100)
    original = numbers - place + (place - np.uint64(SAME_URL)) % np.uint64(SAME_URL)
    original = np.where(place < SAME_URL, numbers, original)
    original = np.where(place >= TEMPLATE, np.uint64(TEMPLATE), original)
    same_text = (place >= SAME_TEXT) & (place < NEAR)
    near = place >= NEAR
    changed = np.where(place >= TEMPLATE, 1 - TEMPLATE_SIMILARITY, 1 - NEAR_SIMILARITY)
    index = np.arange(permutations, dtype=np.uint64)
    own = _mixed(numbers[:, None] * np.uint64(1_000_003) + index)
    first = _mixed(original[:, None] * np.uint64(1_000_003) + index)
    dice = (_mixed(own ^ np.uint64(7)) >> np.uint64(11)).astype(np.float64) / 2.0**53
    copied = same_text[:, None] | (near[:, None] & (dice >= changed[:, None]))
    minima = np.where(copied, first, own).astype("<u4")
    in_url_family = (place >= SAME_URL) & (place < SAME_TEXT)
    columns = [
        _keys(numbers, 1),
        _keys(np.where(in_url_family, original, numbers), 2),
        _keys(np.where(same_text, original, numbers), 3),
        pa.array((place < SAME_URL).astype(np.int32)),
        pa.array((1000 + numbers % np.uint64(5000)).astype(np.int32)),
        pa.array(_EPOCH + numbers.astype(np.int64)),
        pa.array([row.tobytes() for row in minima], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema("signatures").arrow())


def _keys(numbers: np.ndarray, salt: int) -> pa.Array:
    """32 hex digits for each number."""
    upper = _mixed(numbers * np.uint64(8) + np.uint64(salt))
    lower = _mixed(upper + np.uint64(salt))
    return pa.array([f"{a:016x}{b:016x}" for a, b in zip(upper, lower, strict=True)], pa.string())


def _mixed(values: np.ndarray) -> np.ndarray:
    """splitmix64."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
