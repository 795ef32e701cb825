import pytest
from pyspark.sql import functions as F

from pipeline.corpus.report_counts import (
    cluster_counts,
    domain_counts,
    named_by,
    named_by_several,
    pages_by_benchmark,
    sample_of_tenths,
    score_counts,
    tenths_of,
    totals,
)


def test_scores_are_counted_in_equal_steps(spark):
    scores = spark.createDataFrame(
        [("a", 0.0), ("b", 0.09), ("c", 0.1), ("d", 1.0), ("e", float("nan"))],
        "page_id string, score float",
    )
    collected = spark.createDataFrame([("d", 1.0)], "page_id string, score float")
    # 0.1 as 32 bits is a little over a tenth.
    assert score_counts(scores, collected, 10) == (
        [2, 1, 0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    )


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ([10] * 10, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        # Nearly all pages have one score.
        ([96, 0, 0, 0, 0, 0, 0, 0, 0, 4], [0.0] * 9),
        ([50, 0, 0, 0, 0, 0, 0, 0, 0, 50], [0.0] * 4 + [0.9] * 5),
        ([0] * 10, []),
    ],
)
def test_tenths_have_as_many_pages_each_as_ties_allow(counts, bounds):
    assert tenths_of(counts) == bounds


def test_a_sample_has_pages_of_each_tenth_and_is_the_same_again(spark):
    scores = spark.range(1_000).select(
        F.format_string("%04d", "id").alias("page_id"),
        (F.col("id") / 1_000).cast("float").alias("score"),
    )
    tenths = [number / 10 for number in range(1, 10)]
    rows = sample_of_tenths(scores, tenths, 3).collect()
    again = sample_of_tenths(scores.repartition(7), tenths, 3).collect()
    assert sorted(rows) == sorted(again)
    assert sorted(row["tenth"] for row in rows) == sorted([*range(1, 11)] * 3)
    assert all(int(row["page_id"]) // 100 + 1 == row["tenth"] for row in rows)


def test_totals_are_by_name_the_largest_first(spark):
    rows = spark.createDataFrame(
        [(5, "en", None, ["a", "b"]), (7, "zh", "x", ["a"]), (1, "en", "x", None)],
        "tokens int, language string, licence string, topics array<string>",
    )
    named = named_by(rows, ["language", "licence"]).unionByName(
        named_by_several(rows, "topic", F.col("topics"))
    )
    assert {
        sort: [(row["name"], row["pages"], row["tokens"]) for row in of]
        for sort, of in totals(named).items()
    } == {
        "language": [("zh", 1, 7), ("en", 2, 6)],
        "licence": [("x", 2, 8), ("", 1, 5)],
        "topic": [("a", 2, 12), ("b", 1, 5), ("", 1, 1)],
    }


def test_domains_clusters_and_benchmarks_are_counted(spark):
    shares = spark.createDataFrame([(0.0,), (0.049,), (0.1,), (1.0,)], "share double")
    assert domain_counts(shares) == [2, 0, 1, *[0] * 16, 1]
    pool = spark.createDataFrame(
        [("a",), *[("b",)] * 2, *[("c",)] * 3, *[("d",)] * 9], "cluster string"
    )
    assert [tuple(row) for row in cluster_counts(pool)] == [
        (1, 1, 1, 1),
        (2, 3, 2, 5),
        (9, 9, 1, 9),
    ]
    traces = spark.createDataFrame(
        [("p", "gsm8k"), ("p", "gsm8k"), ("q", "gsm8k"), ("p", "math")],
        "page_id string, benchmark string",
    )
    assert pages_by_benchmark(traces) == {"gsm8k": 2, "math": 1}
