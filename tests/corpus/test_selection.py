import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config.settings import Select
from pipeline.corpus.candidates import reaches_floor
from pipeline.corpus.selection import budget_of, overlap, select_pages
from pipeline.workspace.table_schemas import schema

CANDIDATES = "page_id string, score float, tokens int"
TOKENS = "page_id string, tokens int"


def oracle(pages, select, round=1):
    """The same in plain Python: ``(page_id, score, tokens, rank)`` in order of rank."""
    floor, left = np.float32(select.floor), budget_of(select, round)
    rows = [
        (page_id, float(np.float32(score)), tokens)
        for page_id, score, tokens in pages
        if np.float32(score) >= floor
    ]
    taken = []
    for rank, row in enumerate(sorted(rows, key=lambda row: (-row[1], row[0])), start=1):
        left -= row[2]
        if left < 0:
            break
        taken.append((*row, rank))
    return taken


def run(spark, checkpoint, pages, select, *, round=1, partitions=2):
    candidates = spark.createDataFrame(pages, CANDIDATES).where(reaches_floor(select))
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))
    try:
        selected = select_pages(
            candidates.repartition(partitions), select, round, checkpoint=checkpoint
        )
        assert selected.columns == schema("collected").names
        return sorted((tuple(row) for row in selected.collect()), key=lambda row: row[3])
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)


def made(count):
    # Scores repeat, so that ties are many and lie across the bounds of ranges.
    return [(f"{n * 7919 % 100003:032x}", n % 13 / 13, n * 31 % 97) for n in range(count)]


# A partition more is two tasks and two files more; few of the whole are ever in one.
@pytest.mark.parametrize(("partitions", "budget"), [(1, 5_000), (7, 10_000_000), (20, 5_000)])
def test_any_number_of_partitions_selects_what_plain_python_does(
    spark, checkpoint, partitions, budget
):
    pages, select = made(600), Select(budgets=(budget,), floor=0.3)
    selected = run(spark, checkpoint, pages, select, partitions=partitions)
    assert selected == oracle(pages, select)
    assert sum(row[2] for row in selected) <= budget


@settings(
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    pages=st.lists(
        st.tuples(
            st.integers(0, 99), st.sampled_from([0.0, 0.4, 0.5, 0.9, 1.0]), st.integers(0, 9)
        ),
        max_size=40,
        unique_by=lambda page: page[0],
    ),
    budget=st.integers(1, 120),
    partitions=st.sampled_from([1, 3]),
)
def test_selection_agrees_with_plain_python_on_random_pages(
    spark, checkpoint, pages, budget, partitions
):
    pages = [(f"{number:032x}", score, tokens) for number, score, tokens in pages]
    select = Select(budgets=(budget,), floor=0.5)
    assert run(spark, checkpoint, pages, select, partitions=partitions) == oracle(pages, select)


def test_a_page_that_would_exceed_the_budget_ends_the_selection(spark, checkpoint):
    pages = [("a", 0.9, 6), ("b", 0.8, 5), ("c", 0.7, 1), ("d", 0.6, 0)]
    selected = run(spark, checkpoint, pages, Select(budgets=(10,)))
    assert [row[0] for row in selected] == ["a"]
    exact = run(spark, checkpoint, pages, Select(budgets=(11,)))
    assert [row[0] for row in exact] == ["a", "b"]


def test_a_score_at_the_floor_is_taken_and_no_number_is_not(spark, checkpoint):
    pages = [("a", 0.9, 1), ("b", 0.8999, 1), ("c", math.nan, 1)]
    select = Select(budgets=(9,), floor=0.9)
    assert [row[0] for row in run(spark, checkpoint, pages, select)] == ["a"]
    scores = spark.createDataFrame(pages, CANDIDATES)
    assert scores.where(~reaches_floor(select)).count() == 2


def test_no_page_over_the_floor_selects_nothing(spark, checkpoint):
    assert run(spark, checkpoint, [("a", 0.1, 1)], Select()) == []


def test_budgets_go_by_round_and_the_last_repeats():
    select = Select(budgets=(40, 80))
    assert [budget_of(select, round) for round in (1, 2, 3, 9)] == [40, 80, 80, 80]


def test_overlap_counts_what_the_last_round_had(spark):
    collected = spark.createDataFrame([("a", 10), ("b", 20), ("c", 70)], TOKENS)
    previous = spark.createDataFrame([("b",), ("c",), ("z",)], "page_id string")
    assert overlap(collected, previous).document() == {
        "pages": 3,
        "tokens": 100,
        "known pages": 2,
        "known tokens": 90,
        "page share": pytest.approx(2 / 3),
        "token share": 0.9,
    }


def test_overlap_of_nothing_is_none(spark):
    nothing = spark.createDataFrame([], TOKENS)
    assert set(overlap(nothing, nothing).document().values()) == {0}
