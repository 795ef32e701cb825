"""What ``jobs/round.py`` says at the end: how the rounds went, and where the corpus is.

Everything comes from manifests, so that a run with nothing to do says it too.
"""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

from pipeline.base.printing import aligned, sentence, visible
from pipeline.report.closing_benchmarks import report_lines
from pipeline.report.closing_convergence import convergence_lines
from pipeline.report.closing_evaluation import comparison_lines
from pipeline.report.closing_pool import dedupe_lines
from pipeline.report.closing_topics import topic_lines
from pipeline.report.finished_run import FinishedRun
from pipeline.workspace.storage import LocalStorage


def closing_lines(run: FinishedRun, last: int) -> list[str]:
    """Lines for a person, after the closing table."""
    lines = ["", *_rounds(run, last), *comparison_lines(run, last)]
    if run.config.labels.path:
        lines += ["", *_kinds(run, last)]
    lines += ["", *convergence_lines(run, last)]
    lines += ["", *topic_lines(run, last)]
    lines += ["", *dedupe_lines(run)]
    lines += ["", *report_lines(run.workspace.contamination().existing().notes)]
    corpus = run.workspace.corpus()
    manifest = corpus.existing()
    pages, tokens = manifest.rows, manifest.notes["tokens"]
    lines.append(sentence(f"corpus: {pages:,} pages, {tokens:,} tokens in {corpus.place}"))
    if isinstance(run.workspace.storage, LocalStorage):
        lines.append(f"query:  {query_command(corpus.place)}")
    return lines


def query_command(folder: str) -> str:
    """What a shell runs to ask the Parquet files of a folder, whatever the folder is called.

    It goes there first: to DuckDB parts of a path may be patterns, or columns (``a=b``).
    """
    # JSON's strings are Python's, and what is invisible in one is an escape in both.
    there = visible(json.dumps(folder, ensure_ascii=False))
    query = r"from \"*.parquet\" select language, count(*), sum(tokens) group by all"
    code = f'import os, duckdb; os.chdir({there}); print(duckdb.sql("{query}"))'
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def _rounds(run: FinishedRun, last: int) -> list[str]:
    header = [
        "round", "seed", "held-out precision", "recall", "AUC", "collected", "tokens",
        "known before", "domains",
    ]  # fmt: skip
    judged = bool(run.config.labels.path)
    if judged:
        header += ["true precision", "true recall"]
    rows = [header]
    for number in range(1, last + 1):
        trained = run.workspace.model(number).existing()
        collected = run.workspace.collected(number).existing()
        held_out = trained.notes["held out"]
        known = collected.notes.get("already collected", {})
        row = [
            str(number),
            f"{trained.counts['in']:,}",
            *(_share(held_out[name]) for name in ("precision", "recall")),
            "–" if held_out["auc"] is None else f"{held_out['auc']:.3f}",
            f"{collected.rows:,}",
            f"{collected.notes['tokens']:,}",
            _share(known.get("page share")),
            f"{run.workspace.domains(number).existing().counts['out']:,}",
        ]
        if judged:
            truth = run.workspace.judgement(number).existing().notes
            row += [_share(truth["precision"]), _share(truth["recall"])]
        rows.append(row)
    lines = aligned(rows)
    by_page = [
        str(number)
        for number in range(1, last + 1)
        if run.workspace.model(number).existing().notes["held out"]["by page"]
    ]
    if by_page:
        lines.append(
            f"(round {', '.join(by_page)}: hosts too few or too large to hold whole ones out, so "
            "held-out pages are of hosts that the classifier has learnt from)"
        )
    return lines


def _kinds(run: FinishedRun, last: int) -> list[str]:
    """Per kind of labelled page: the share that each round took."""
    judged = [run.workspace.judgement(n).existing().notes["kinds"] for n in range(1, last + 1)]
    rows = [["label", "kind", "pages", *(f"round {n} took" for n in range(1, last + 1))]]
    for index, kind in enumerate(judged[0]):
        shares = [_share(kinds[index]["share"]) for kinds in judged]
        rows.append([kind["label"], kind["kind"] or "–", f"{kind['pages']:,}", *shares])
    return aligned(rows)


def _share(value: Any) -> str:
    return "–" if value is None else f"{value:.1%}"
