"""Numbers of partitions follow from what manifests say of the data."""

from dataclasses import replace

import pytest
from pyspark.sql import functions as F

from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.partitions import (
    LEAST_SPLIT,
    MOST_SPLITS,
    SHUFFLE_PARTITIONS,
    choose_partitions,
    count_read,
    forget_reads,
    into_partitions,
    keys_of_partitions,
    moved_bytes,
    shuffle_partitions,
    split_bytes,
)
from pipeline.workspace.table_schemas import schema

PARTITION = 128_000_000
#: Bytes of text of a page, and how much of it is left in Parquet.
TEXT, PACKED = 3_156, 0.35


def pages(rows, crawl="c"):
    size = int(rows * TEXT * PACKED)
    path = f"crawls/{crawl}/pages"
    recipe = Recipe("extract", 1, {}, {}, {})
    return Manifest(path, 1, recipe, rows, size, 1, Counts(rows, rows), "", "", 0.0)


@pytest.mark.parametrize(
    ("rows", "partitions", "tasks"),
    [
        # The sample web: what was before.
        (4_000, 8, 1),
        (1_000_000, 8, 9),
        # A dump, and the paper's pool: no partition of 41 GB, and not a task for each 128 MB.
        (2_600_000_000, 2_032, 20_000),
        (40_000_000_000, 31_250, 20_000),
    ],
)
def test_partitions_hold_as_much_for_a_dump_as_for_a_sample(rows, partitions, tasks):
    manifest = pages(rows)
    moved = moved_bytes(schema("pages"), manifest)
    assert shuffle_partitions(moved, PARTITION, 8) == partitions
    assert -(-manifest.bytes // split_bytes(manifest.bytes)) == tasks <= MOST_SPLITS
    if partitions > 8:
        assert moved / partitions == pytest.approx(PARTITION, rel=0.01)


def test_tables_without_texts_count_whole():
    manifest = pages(1_000)
    assert moved_bytes(schema("pages"), manifest) == 100_000
    assert moved_bytes(schema("signatures"), manifest) == manifest.bytes
    assert moved_bytes(schema("pages"), replace(manifest, rows=10**9)) == manifest.bytes


@pytest.mark.parametrize("count", [1, 7, 4_000])
def test_each_partition_has_a_key(count):
    keys = keys_of_partitions(count)
    assert len({*keys}) == len(keys) == count
    assert min(keys) >= 0


def test_rows_go_into_the_partition_of_their_number(spark):
    rows = spark.range(90).withColumn("number", F.col("id") % 9)
    placed = into_partitions(rows, 13, F.col("number")).withColumn("in", F.spark_partition_id())
    assert placed.rdd.getNumPartitions() == 13
    assert all(row["number"] == row["in"] for row in placed.collect())
    assert into_partitions(rows, 1, F.lit(0)).rdd.getNumPartitions() == 1


class Session:
    """What is set in a Spark session."""

    def __init__(self):
        self.settings = {SHUFFLE_PARTITIONS: "200"}

    @property
    def conf(self):
        return self

    def get(self, key, default):
        return self.settings.get(key, default)

    def set(self, key, value):
        self.settings[key] = value

    @property
    def numbers(self):
        split = self.settings.get("spark.sql.files.maxPartitionBytes")
        return self.settings[SHUFFLE_PARTITIONS], split


def test_what_a_step_reads_adds_up_once_each_until_it_ends():
    session = Session()
    choose_partitions(session, PARTITION, 16)
    assert session.numbers == ("16", str(LEAST_SPLIT))
    for crawl in ("a", "b", "a"):
        count_read(session, schema("pages"), pages(2_600_000_000, crawl))
    partitions, split = session.numbers
    assert partitions == "4063"
    assert int(split) > 2 * LEAST_SPLIT
    forget_reads(session)
    assert session.numbers == ("16", str(LEAST_SPLIT))


def test_number_that_the_user_names_stays():
    session = Session()
    count_read(session, schema("pages"), pages(2_600_000_000))
    forget_reads(session)
    assert session.numbers == ("200", None)
