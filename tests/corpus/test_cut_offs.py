"""What another cut-off would have, counted once for each page."""

from __future__ import annotations

from pyspark.sql import SparkSession

from pipeline.corpus.budgets import BudgetEnd
from pipeline.corpus.cut_offs import (
    Added,
    best_beyond,
    by_step,
    cut_offs,
    lower_floors,
    names_of,
    step_under_floor,
    under_floor,
)

ENDS = [
    BudgetEnd(name="10", budget=10, pages=1, tokens=10, last_rank=1),
    BudgetEnd(name="30", budget=30, pages=2, tokens=30, last_rank=3),
]
#: Rank 2 holds an item of a benchmark; of rank 3 a paragraph went; 5 was beyond the round.
PAGES = [
    ("a", 0.99, 10, "en", 1, 10),
    ("b", 0.98, 10, "en", 2, None),
    ("c", 0.97, 25, "zh", 3, 20),
    ("d", 0.96, 40, "en", 4, None),
    ("e", 0.60, 50, "de", None, None),
]


def test_each_page_is_in_the_first_cut_off_that_has_it(spark: SparkSession) -> None:
    candidates = spark.createDataFrame(
        [page[:4] for page in PAGES], "page_id string, score float, tokens int, language string"
    )
    collected = spark.createDataFrame(
        [(page[0], page[4]) for page in PAGES if page[4]], "page_id string, rank long"
    )
    corpus = spark.createDataFrame(
        [(page[0], page[5]) for page in PAGES if page[5]], "page_id string, tokens int"
    )
    scores = spark.createDataFrame(
        [("e", 0.6), ("f", 0.5), ("g", 0.4), ("h", 0.31), ("i", 0.05), ("j", float("nan"))],
        "page_id string, score float",
    )
    lower = under_floor(scores, 0.55).selectExpr(
        "page_id", "score", "'en' as language", "7 as tokens"
    )
    over = by_step(candidates, collected, corpus, ENDS, 3)
    rows = over.unionByName(lower.withColumn("step", step_under_floor(5, 0.55)))
    topics = spark.createDataFrame(
        [("c", "algebra"), ("g", "algebra")], "page_id string, topic string"
    )
    made = cut_offs(rows, topics, names_of(ENDS, 2, 0.55), corpus_step=2)
    assert [
        (one.name, one.pages, one.tokens, one.more_pages, one.beyond, one.estimated) for one in made
    ] == [
        ("budget 10", 1, 10, 1, False, False),
        ("budget 30", 2, 30, 1, False, False),
        ("the corpus", 2, 30, 0, False, False),
        ("all that round 2 collected", 3, 70, 1, True, False),
        ("all over the floor, 0.55", 4, 120, 1, True, False),
        ("a floor of 0.5", 5, 127, 1, True, True),
        ("a floor of 0.4", 6, 134, 1, True, True),
        ("a floor of 0.3", 7, 141, 1, True, True),
    ]
    assert made[1].languages == (Added(name="zh", pages=1, tokens=20),)
    assert [one.topics for one in made if one.topics] == [
        (Added(name="algebra", pages=1, tokens=20),),
        (Added(name="algebra", pages=1, tokens=7),),
    ]
    assert round(made[5].lowest_score or 0, 2) == 0.5
    assert [row["page_id"] for row in best_beyond(rows, 2).collect()] == ["d", "e", "f", "g", "h"]


def test_lower_floors_are_tenths_below_the_floor() -> None:
    assert lower_floors(0.5) == [0.4, 0.3, 0.2, 0.1]
    assert lower_floors(0.91)[0] == 0.9
    assert lower_floors(0.1) == []
