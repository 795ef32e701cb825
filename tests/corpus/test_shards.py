from datetime import UTC, datetime

import pytest
from pyspark.sql import functions as F

from pipeline.base.errors import CountsDisagree
from pipeline.config.settings import Decontaminate, Emit, Tokens
from pipeline.corpus.shards import corpus_rows, emptied_pages, into_shards, shard_count
from pipeline.corpus.tokenizer import tokenizer
from pipeline.workspace.table_schemas import schema

COUNTS = tokenizer(Tokens(tokenizer="estimate"))
HIT = {
    "benchmark": "bakery",
    "split": "test",
    "item": "1",
    "field": "question",
    "rule": "ngram",
    "gram": "seven trays",
    "context": "",
    "share": 1.0,
    "words": 4,
    "by_rule": True,
    "ruling": "",
}


def page(page_id, text, **changes):
    return {
        "page_id": page_id,
        "crawl": "c",
        "url": f"https://a.example/{page_id}",
        "host": "a.example",
        "registered_domain": "a.example",
        "fetch_time": datetime(2024, 1, 2, tzinfo=UTC),
        "language": "en",
        "title": "",
        "text": text,
        "words": 1,
        "tokens": 99,
        "formulas": 2,
        "notations": "",
        "encoding": "utf-8",
        "licence": None,
        "licence_source": None,
        "reservation": None,
        "warc_truncated": None,
        "warc": "w.warc.gz",
        "warc_offset": 5,
        "warc_length": None,
    } | changes


MIXED = "Clean words with $x^2$ in them.\n\nSeven trays leave the oven, $y$ of them.\n\nMore words."


@pytest.fixture
def tables(spark):
    pages = [
        page("a", "clean"),
        page("b", MIXED),
        page("c", "Seven trays"),
        page("d", "never collected"),
    ]
    position = MIXED.index("Seven")
    hits = [
        HIT | {"page_id": "b", "position": position, "length": 11},
        HIT | {"page_id": "b", "position": position + 6, "length": 9},
        HIT | {"page_id": "c", "position": 0, "length": 11},
    ]
    return {
        "pages_of": lambda ids: (
            spark.createDataFrame(pages, schema("pages").spark())
            .drop("tokens")
            .join(ids, "page_id")
        ),
        "collected": spark.createDataFrame(
            [("c", 0.5, 77, 3), ("a", 1.0, 88, 1), ("b", 0.75, 77, 2)], schema("collected").spark()
        ),
        "first_round": spark.createDataFrame(
            [("a", 1), ("b", 2), ("c", 1), ("d", 1)], "page_id string, round int"
        ),
        "contamination": spark.createDataFrame(hits, schema("contamination").spark()),
    }


def rows_of(frame):
    assert frame.columns == schema("corpus").names
    return {row["page_id"]: row.asDict() for row in frame.collect()}


def test_contaminated_pages_are_left_out(tables):
    rows = rows_of(corpus_rows(**tables, settings=Decontaminate(unit="page"), tokenizer=COUNTS))
    assert set(rows) == {"a"}
    assert rows["a"] | {"fetch_time": None} == {
        "page_id": "a",
        "text": "clean",
        "url": "https://a.example/a",
        "host": "a.example",
        "registered_domain": "a.example",
        "crawl": "c",
        "fetch_time": None,
        "language": "en",
        "title": "",
        "tokens": 88,
        "score": 1.0,
        "rank": 1,
        "round": 1,
        "formulas": 2,
        "licence": None,
        "licence_source": None,
        "reservation": None,
        "warc": "w.warc.gz",
        "warc_offset": 5,
        "warc_length": None,
    }


def test_contaminated_segments_are_left_out_and_the_rest_counted_again(tables):
    rows = rows_of(corpus_rows(**tables, settings=Decontaminate(unit="segment"), tokenizer=COUNTS))
    assert set(rows) == {"a", "b"}
    left = "Clean words with $x^2$ in them.\n\nMore words."
    assert rows["b"]["text"] == left
    assert [rows["b"]["tokens"]] == COUNTS.count([left])
    assert (rows["b"]["formulas"], rows["b"]["rank"], rows["b"]["round"]) == (1, 2, 2)
    assert rows["a"]["tokens"] == 88


def test_what_was_removed_is_accounted_for():
    assert emptied_pages(collected=9, contaminated=2, emitted=7, unit="page") == 0
    assert emptied_pages(collected=9, contaminated=2, emitted=8, unit="segment") == 1
    for emitted, unit in [(8, "page"), (6, "page"), (6, "segment"), (10, "segment")]:
        with pytest.raises(CountsDisagree):
            emptied_pages(collected=9, contaminated=2, emitted=emitted, unit=unit)


@pytest.mark.parametrize(("text_bytes", "shards"), [(0, 1), (1, 1), (10**6, 1), (10**6 + 1, 2)])
def test_shards_hold_no_more_text_than_configured_on_average(text_bytes, shards):
    assert shard_count(text_bytes, Emit(shard_bytes=10**6)) == shards


@pytest.mark.parametrize("shards", [1, 3, 5])
def test_shards_are_contiguous_in_rank_whatever_the_partitions_before(spark, shards):
    ranks = [rank for rank in range(1, 101) if rank % 7]
    cuts = set()
    for partitions in (1, 6):
        rows = spark.createDataFrame([(rank,) for rank in ranks], "rank long")
        cut = into_shards(rows.repartition(partitions), shards, last_rank=100)
        parts = cut.withColumn("part", F.spark_partition_id()).collect()
        assert [row["rank"] for row in parts] == ranks
        assert [row["part"] for row in parts] == sorted(row["part"] for row in parts)
        assert len({row["part"] for row in parts}) == shards
        cuts.add(tuple(row["part"] for row in parts))
    assert len(cuts) == 1


def test_no_shard_goes_beyond_an_end(spark):
    rows = spark.createDataFrame([(rank,) for rank in range(1, 101)], "rank long").repartition(3)
    cut = into_shards(rows, 2, last_rank=100, ends=(30, 80, 100, 400))
    lasts = cut.groupBy(F.spark_partition_id()).agg(F.max("rank").alias("last")).collect()
    assert sorted(row["last"] for row in lasts) == [30, 50, 80, 100]


def test_no_rows_can_be_cut_too(spark):
    rows = spark.createDataFrame([], "rank long")
    assert into_shards(rows, 1, last_rank=0).collect() == []
