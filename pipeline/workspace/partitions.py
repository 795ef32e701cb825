"""Into how many partitions Spark cuts what a step reads and shuffles: by what manifests say.

Spark's own number, 200, holds for no data in particular. As a step reads its tables, their sizes
add up in Spark's session (``count_read``), and before a query is planned the numbers follow from
that: partitions of a shuffle hold ``shuffle.partition_bytes`` of the run's configuration, and a
table is read in no more than ``MOST_SPLITS`` tasks. What a step writes has as many files as the
last of these has partitions. Where the user names a number of partitions, that is it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pipeline.workspace.manifest import Manifest
from pipeline.workspace.table_schemas import TableSchema

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

#: Bytes that steps move of a page whose text stays where it is (``make bench-flow``).
NARROW_ROW = 100
#: Tasks that read: Spark's driver keeps a note of each for each partition of a shuffle.
MOST_SPLITS = 20_000
#: Bytes of Parquet that a task reads: Spark's own choice, for all but the largest tables.
LEAST_SPLIT = 128 << 20

SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
_SPLIT = "spark.sql.files.maxPartitionBytes"
_TARGET, _LEAST, _READ = (f"spark.mathmine.{name}" for name in ("partitionBytes", "least", "read"))


def shuffle_partitions(moved: int, partition_bytes: int, least: int) -> int:
    """Partitions that hold ``moved`` bytes, of ``partition_bytes`` each; ``least`` or more."""
    return max(least, -(-moved // partition_bytes))


def split_bytes(stored: int) -> int:
    """Bytes of Parquet for a task, where ``stored`` bytes are read in all."""
    return max(LEAST_SPLIT, -(-stored // MOST_SPLITS))


def moved_bytes(declared: TableSchema, manifest: Manifest) -> int:
    """What a step shuffles of a table that it reads, at most: no texts, and all else."""
    if "text" in declared.names:
        return min(manifest.bytes, NARROW_ROW * manifest.rows)
    return manifest.bytes


def choose_partitions(spark: SparkSession, partition_bytes: int, least: int) -> None:
    """Have the session choose numbers of partitions from now on; ``least`` for small tables."""
    spark.conf.set(_TARGET, str(partition_bytes))
    spark.conf.set(_LEAST, str(least))
    forget_reads(spark)


def count_read(spark: SparkSession, declared: TableSchema, manifest: Manifest) -> None:
    """A step reads a table: enough partitions for it, and for those that it has read before."""
    target = spark.conf.get(_TARGET, None)
    if target is None:  # the user has chosen
        return
    reads = json.loads(spark.conf.get(_READ, None) or "{}")
    reads[manifest.table] = [moved_bytes(declared, manifest), manifest.bytes]
    spark.conf.set(_READ, json.dumps(reads))
    moved, stored = (sum(sizes) for sizes in zip(*reads.values(), strict=True))
    least = int(spark.conf.get(_LEAST, None) or 1)
    spark.conf.set(SHUFFLE_PARTITIONS, str(shuffle_partitions(moved, int(target), least)))
    spark.conf.set(_SPLIT, str(split_bytes(stored)))


def forget_reads(spark: SparkSession) -> None:
    """A step begins, with the least."""
    least = spark.conf.get(_LEAST, None)
    if least is not None:
        spark.conf.set(_READ, "{}")
        spark.conf.set(SHUFFLE_PARTITIONS, least)
        spark.conf.set(_SPLIT, str(LEAST_SPLIT))


def into_partitions(rows: DataFrame, count: int, number: Column) -> DataFrame:
    """``rows`` in ``count`` partitions, each in the one of its ``number``, from 0 on.

    What ``DataFrame.repartitionById`` does from Spark 4.1 on, in the terms of every Spark: rows
    are sent by the hash of a whole number that is known to go where it should.
    """
    from pyspark.sql import functions as F

    # As SQL: one call to the JVM, for however many.
    keys = F.expr(f"array({', '.join(map(str, keys_of_partitions(count)))})")
    return rows.repartition(count, F.element_at(keys, number.cast("int") + 1))


@cache
def keys_of_partitions(count: int) -> tuple[int, ...]:
    """For each of ``count`` partitions an ``int`` that Spark's hash partitioning sends there.

    That is by MurmurHash3 (x86, 32 bits, seed 42) of its four bytes, modulo ``count``.
    """
    keys = np.full(count, -1, np.int64)
    # The expected number of draws until each has one is count * (ln(count) + 0.58).
    step = 16 + 2 * count
    for start in range(0, 1 << 31, step):
        numbers = np.arange(start, start + step, dtype=np.uint32)
        partitions = _murmur3(numbers).view(np.int32) % count
        new = keys[partitions] < 0
        keys[partitions[new]] = numbers[new]
        if keys.min() >= 0:
            break
    return tuple(keys.tolist())


def _murmur3(numbers: np.ndarray) -> np.ndarray:
    """MurmurHash3_x86_32 of each of ``numbers`` (uint32), as uint32: products wrap around."""

    def rotated(values: np.ndarray, bits: int) -> np.ndarray:
        return (values << np.uint32(bits)) | (values >> np.uint32(32 - bits))

    block = rotated(numbers * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
    state = rotated(block ^ np.uint32(42), 13) * np.uint32(5) + np.uint32(0xE6546B64)
    state ^= np.uint32(4)  # bytes
    state = (state ^ (state >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    state = (state ^ (state >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return state ^ (state >> np.uint32(16))
