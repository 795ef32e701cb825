"""What is told of the corpus: how much it is, where it is, and how to ask it, and its report."""

from __future__ import annotations

import json
import shlex
import sys

from pipeline.base.printing import aligned, sentence, visible
from pipeline.corpus.cut_offs import ReportNotes
from pipeline.corpus.shards import EmitNotes
from pipeline.report.closing import FinishedRun, Section
from pipeline.report.cut_off_parts import cut_off_row
from pipeline.workspace.storage import LocalStorage


def _lines(run: FinishedRun, _: int) -> list[str]:
    corpus = run.workspace.corpus()
    manifest = corpus.existing()
    notes = EmitNotes.of(manifest)
    lines = best_lines(notes)
    lines.append(
        sentence(f"corpus: {manifest.rows:,} pages, {notes.tokens:,} tokens in {corpus.place}")
    )
    if isinstance(run.workspace.storage, LocalStorage):
        lines.append(f"query:  {query_command(corpus.place)}")
    return lines


CORPUS = Section(lines=_lines)


def best_lines(notes: EmitNotes) -> list[str]:
    """The best pages, for a look at what ranks first: fragments of pages would be seen here."""
    if not notes.best:
        return []
    rows = [["rank", "score", "tokens", "the best of the corpus begin"]]
    for page in notes.best:
        rows.append([f"{page.rank:,}", f"{page.score:.3f}", f"{page.tokens:,}", page.begins])
    return [*aligned(rows), ""]


def _report_lines(run: FinishedRun, _: int) -> list[str]:
    workspace = run.workspace
    manifest = workspace.corpus_report().manifest()
    made = ReportNotes.of(manifest).cut_offs if manifest else ()
    heads = ["down to", "lowest score", "pages", "tokens", "more pages", "more tokens"]
    place = workspace.storage.place(workspace.corpus_report_page())
    lines = [sentence(f"report: {place}")]
    return [*lines, "", *aligned([heads, *map(cut_off_row, made)])] if made else lines


REPORT_PAGE = Section(lines=_report_lines, goes_on=True)


def query_command(folder: str) -> str:
    """What a shell runs to ask the Parquet files of a folder, whatever the folder is called.

    It goes there first: to DuckDB parts of a path may be patterns, or columns (``a=b``).
    """
    # JSON's strings are Python's, and what is invisible in one is an escape in both.
    literal = visible(json.dumps(folder, ensure_ascii=False))
    query = r"from \"*.parquet\" select language, count(*), sum(tokens) group by all"
    code = f'import os, duckdb; os.chdir({literal}); print(duckdb.sql("{query}"))'
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"
