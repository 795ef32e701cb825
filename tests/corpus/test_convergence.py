from __future__ import annotations

from pyspark.sql import DataFrame, SparkSession

from pipeline.config.settings import Loop
from pipeline.corpus.convergence import (
    by_host_and_language,
    described,
    new_pages,
    overlap_matrix,
    verdict,
)


def frames(spark: SparkSession) -> tuple[DataFrame, DataFrame, DataFrame]:
    rows = [
        (f"{n:03}", ("a.org", "b.org", "c.org")[n % 3], "zh" if n % 2 else "en", n + 1)
        for n in range(60)
    ]
    pages = spark.createDataFrame(rows, "page_id string, host string, language string, tokens long")
    collected = pages.where("page_id < '040'").select("page_id", "tokens")
    return collected, pages.where("page_id < '030'").select("page_id"), pages.drop("tokens")


def test_what_is_new_is_told_by_host_and_by_language(spark: SparkSession) -> None:
    collected, previous, pages = frames(spark)
    told = described(by_host_and_language(new_pages(collected, previous).join(pages, "page_id")))
    assert told.document() == {
        "new pages": 10,
        "new tokens": sum(range(31, 41)),
        "hosts": 3,
        "by host": [
            {"host": "a.org", "pages": 4, "tokens": 31 + 34 + 37 + 40},
            {"host": "b.org", "pages": 3, "tokens": 32 + 35 + 38},
            {"host": "c.org", "pages": 3, "tokens": 33 + 36 + 39},
        ],
        "by language": [
            {"language": "en", "pages": 5, "tokens": 31 + 33 + 35 + 37 + 39},
            {"language": "zh", "pages": 5, "tokens": 32 + 34 + 36 + 38 + 40},
        ],
    }


def test_later_perhaps_nothing_is_new(spark: SparkSession) -> None:
    collected, _, pages = frames(spark)
    new = new_pages(collected, collected).join(pages, "page_id")
    told = described(by_host_and_language(new))
    assert (told.new_pages, told.new_tokens, told.by_host) == (0, 0, ())


def test_the_matrix_has_each_round_in_each_other() -> None:
    # Round 2 lost ten pages of round 1; round 3 has all of round 1 again.
    assert overlap_matrix([50, 100, 120], [{}, {"1": 40}, {"1": 50, "2": 90}]) == [
        [1.0, 0.8, 1.0],
        [0.4, 1.0, 0.9],
        [50 / 120, 0.75, 1.0],
    ]
    assert overlap_matrix([0, 10], [{}, {"1": 0}]) == [[None, None], [0.0, 1.0]]
    # Nobody compared round 2 with round 1.
    assert overlap_matrix([10, 10], [{}, {}]) == [[1.0, None], [None, 1.0]]


def test_the_loop_stops_at_the_papers_share() -> None:
    assert verdict(0.98, Loop()) == (True, "the loop has converged: stop")
    assert verdict(0.9799, Loop()) == (False, "under 98%: another round may find more")
