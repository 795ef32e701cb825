"""``budgets.json``: of which files each budget of the corpus is, and where in the last it ends."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.base.small_files import json_text
from pipeline.corpus.budgets import BudgetEnd
from pipeline.corpus.shards import ShardFile


def files_of(end: BudgetEnd, files: Sequence[ShardFile]) -> list[ShardFile]:
    """The files that a budget has rows in, in the order of rank."""
    return [file for file in files if file.first_rank <= end.last_rank]


def budgets_file(ends: Sequence[BudgetEnd], files: Sequence[ShardFile]) -> str:
    """``budgets.json``: of each budget what it has, its files, and the row at which it ends.

    ``rows``: of a file those that are in the budget, which are its first.
    """
    return json_text({"budgets": [_document(end, files) for end in ends]})


def _document(end: BudgetEnd, files: Sequence[ShardFile]) -> dict[str, object]:
    of = files_of(end, files)
    before = sum(file.rows for file in of[:-1])
    rows = [file.rows for file in of[:-1]] + ([end.pages - before] if of else [])
    return end.document() | {
        "files": [
            {"name": file.name, "rows": number} for file, number in zip(of, rows, strict=True)
        ]
    }
