"""Budgets of one corpus: to the row what a full sort gives, however many rows tie."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import duckdb
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from pipeline.config.settings import Select
from pipeline.corpus import budgets as module
from pipeline.corpus.budget_files import budgets_file
from pipeline.corpus.budgets import (
    BudgetEnd,
    budget_ends,
    budget_name,
    budget_views,
    counted_again,
)
from pipeline.corpus.selection import select_pages
from pipeline.corpus.shards import ShardFile
from pipeline.workspace.table_schemas import Checkpoint

#: Seven scores for all pages, so that almost all of them tie, and lengths as pages have them.
GENERATED = """
    create table candidates as
    select md5(i::varchar) as page_id, ((hash(i) % 7) / 7.0)::float as score,
        (20 + hash(i, 1) % 97 + if(hash(i, 2) % 50 = 0, 20000, 0))::int as tokens
    from range({}) as generated(i)
"""
SORTED = """
    with ranked as (
        select *, row_number() over by_rank as rank,
            sum(tokens) over (by_rank rows unbounded preceding) as running
        from candidates window by_rank as (order by score desc, page_id)
    )
    select {} from ranked where running <= {}
"""
#: What the driver may grow by, in bytes, whatever the number of pages.
MOST_GROWTH = 60_000_000


def generate(folder: Path, pages: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(GENERATED.format(pages))
    connection.execute(f"copy candidates to '{folder}/candidates.parquet'")
    return connection


def ends_by_sort(full: duckdb.DuckDBPyConnection, budget: int) -> tuple[int, int, int]:
    """Pages, tokens and last rank."""
    query = SORTED.format(
        "count(*), coalesce(sum(tokens), 0)::bigint, coalesce(max(rank), 0)", budget
    )
    [row] = full.sql(query).fetchall()
    return row


def agree(
    spark: SparkSession, checkpoint: Checkpoint, folder: Path, pages: int, budgets: list[int]
) -> None:
    full = generate(folder, pages)
    candidates = spark.read.parquet(str(folder / "candidates.parquet")).repartition(7)
    select = Select(budgets=(budgets[-1],), floor=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    collected = checkpoint(select_pages(candidates, select, 1, checkpoint), "collected")
    ends = budget_ends(collected, budgets[:-1], collected.count())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_GROWTH
    collected.write.parquet(str(folder / "collected"))
    by_sort = SORTED.format("page_id, score, tokens, rank", budgets[-1])
    ours = f"select * from '{folder}/collected/*.parquet'"
    for one, other in ((ours, by_sort), (by_sort, ours)):
        assert full.sql(f"({one}) except ({other}) limit 1").fetchall() == []
    assert [end.budget for end in ends] == budgets[:-1]
    for end in ends:
        assert (end.pages, end.tokens, end.last_rank) == ends_by_sort(full, end.budget)


def test_budgets_are_what_a_full_sort_gives(
    spark: SparkSession, checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RANGES", 10)
    agree(spark, checkpoint, tmp_path, 3_000, [1, 5_000, 5_001, 400_000, 900_000])


@pytest.mark.slow
def test_a_million_pages_with_heavy_ties_and_a_flat_driver(
    spark: SparkSession, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    agree(spark, checkpoint, tmp_path, 1_000_000, [1_000, 40_000_000, 80_000_000, 160_000_000])


def test_ranks_may_have_gaps_and_budgets_that_nothing_exceeds_are_left_out(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RANGES", 3)
    rows = spark.createDataFrame([(rank, 10) for rank in (2, 5, 9, 30)], "rank long, tokens int")
    ends = budget_ends(rows, [40, 30, 5, 29, 30], 40)
    assert [(end.budget, end.pages, end.tokens, end.last_rank) for end in ends] == [
        (5, 0, 0, 0),
        (29, 2, 20, 5),
        (30, 3, 30, 9),
    ]
    assert budget_ends(rows.where(F.lit(False)), [1], 0) == []
    assert counted_again([], rows) == []
    again = counted_again(ends, rows.where("rank <> 5"))
    assert [(end.budget, end.pages, end.tokens, end.last_rank) for end in again] == [
        (5, 0, 0, 0),
        (29, 1, 10, 5),
        (30, 2, 20, 9),
    ]


@pytest.mark.parametrize(
    ("tokens", "name"),
    [(40 * 10**9, "40b"), (1_500_000, "1500k"), (2_000_000, "2m"), (1_234, "1234"), (1, "1")],
)
def test_budgets_are_called_as_people_say(tokens: int, name: str) -> None:
    assert budget_name(tokens) == name


ENDS = [
    BudgetEnd(name="1k", budget=1_000, pages=3, tokens=990, last_rank=4),
    BudgetEnd(name="2k", budget=2_000, pages=6, tokens=1_999, last_rank=8),
]


def test_the_list_of_budgets_names_files_and_the_row_at_which_each_ends() -> None:
    files = [
        ShardFile(name="a.parquet", rows=3, first_rank=1, last_rank=4),
        ShardFile(name="b.parquet", rows=2, first_rank=5, last_rank=7),
        ShardFile(name="c.parquet", rows=9, first_rank=8, last_rank=20),
    ]
    first, second = json.loads(budgets_file(ENDS, files))["budgets"]
    assert first["files"] == [{"name": "a.parquet", "rows": 3}]
    assert [(one["name"], one["rows"]) for one in second["files"]] == [
        ("a.parquet", 3),
        ("b.parquet", 2),
        ("c.parquet", 1),
    ]
    assert (second["tokens"], second["last_rank"]) == (1_999, 8)


def test_each_budget_is_a_view() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table corpus as select range as rank from range(1, 20)")
        connection.execute(budget_views(ENDS))
        assert connection.sql("select max(rank) from corpus_1k").fetchall() == [(4,)]
        assert connection.sql("select count(*) from corpus_2k").fetchall() == [(8,)]
