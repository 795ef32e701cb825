"""The corpus alone is cut: by length, by score, by a budget, each page counted with its reason."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipeline.config.settings import LEAST_TOKENS, Emit
from pipeline.corpus import budgets
from pipeline.corpus.budgets import budget_ends
from pipeline.corpus.cut import (
    BELOW,
    BEYOND,
    TOO_SHORT,
    count_left_out,
    reason_to_leave_out,
    with_budget,
)
from pipeline.corpus.shards import EmitNotes, best_pages
from pipeline.report.closing_corpus import best_lines

#: Ranks 1 to 3 are fragments, as on a real crawl; rank 5 asks not to be mined.
TOKENS = (27, 63, 40, 500, 800, 64, 900, 100)
COLUMNS = (
    "rank long, tokens int, score float, licence string, reservation string, url string, "
    "text string"
)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    pages = [
        (
            rank,
            tokens,
            1.0 - rank / 10,
            None,
            "rsl" if rank == 5 else None,
            f"http://h{rank}.example/",
            f"Text {rank}\n\n\x1b[31m and more " + "of it " * 20,
        )
        for rank, tokens in enumerate(TOKENS, start=1)
    ]
    return spark.createDataFrame(pages, COLUMNS)


@pytest.mark.parametrize(
    ("emit", "kept", "counts"),
    [
        ({}, [4, 6, 7, 8], {TOO_SHORT: 3, "reservation": 1}),
        ({"min_tokens": 0, "respect": ()}, [1, 2, 3, 4, 5, 6, 7, 8], {}),
        ({"floor": 0.4}, [4, 6], {BELOW: 2, TOO_SHORT: 3, "reservation": 1}),
        # The page of 900 does not fit, and ends it: no smaller one after it is taken.
        ({"budgets": (700,)}, [4, 6], {BEYOND: 2, TOO_SHORT: 3, "reservation": 1}),
        ({"budgets": (100, 564)}, [4, 6], {BEYOND: 2, TOO_SHORT: 3, "reservation": 1}),
        ({"budgets": (563,)}, [4], {BEYOND: 3, TOO_SHORT: 3, "reservation": 1}),
        ({"budgets": (600, 10_000)}, [4, 6, 7, 8], {TOO_SHORT: 3, "reservation": 1}),
    ],
)
def test_each_page_has_one_reason(
    rows: DataFrame, monkeypatch: pytest.MonkeyPatch, emit: dict, kept: list, counts: dict
) -> None:
    monkeypatch.setattr(budgets, "_RANGES", 3)
    settings = Emit(**emit)
    reason = reason_to_leave_out(settings)
    ends = budget_ends(rows.where(reason.isNull()), settings.budgets, len(TOKENS))
    reason = with_budget(reason, settings, ends)
    left = rows.where(reason.isNull()).select("rank").collect()
    assert sorted(row["rank"] for row in left) == kept
    assert count_left_out(rows, reason) == counts
    assert LEAST_TOKENS == 64


def test_the_best_are_told_so_that_fragments_are_seen(rows: DataFrame) -> None:
    notes = EmitNotes(tokens=1, bytes_of_text=1, shards=1, best=best_pages(rows))
    assert EmitNotes.model_validate(notes.document()) == notes
    lines = best_lines(notes)
    assert [line.split()[:3] for line in lines[1:-1]] == [
        [str(rank), f"{1 - rank / 10:.3f}", str(TOKENS[rank - 1])] for rank in range(1, 6)
    ]
    assert r"Text 1 \x1b[31m and more" in lines[1]
