"""How a round compares with those before it: the closing lines on convergence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.base.printing import LONGEST_NAME, aligned, visible
from pipeline.corpus.convergence import overlap_matrix, verdict
from pipeline.report.finished_run import FinishedRun

#: Hosts and languages in a line.
_NAMED = 5


def convergence_lines(run: FinishedRun, last: int) -> list[str]:
    """What round ``last`` found anew, its overlap with all others, and whether to go on."""
    told = run.workspace.convergence(last).existing().notes
    lines = [
        f"new in round {last}: {told['new pages']:,} pages, {told['new tokens']:,} tokens "
        f"of {told['hosts']:,} hosts"
    ]
    for column in ("language", "host"):
        if named := told[f"by {column}"]:
            lines.append(f"  by {column}: {_named(named, column)}")
    if last == 1:
        return lines
    rounds = range(1, last + 1)
    sizes = [run.workspace.collected(n).existing().rows for n in rounds]
    in_both = [run.workspace.convergence(n).existing().notes["in both"] for n in rounds]
    header = ["of the pages of", *(f"in round {n}" for n in rounds)]
    shares = overlap_matrix(sizes, in_both)
    lines += aligned(
        [
            header,
            *([f"round {n}", *map(_share, row)] for n, row in zip(rounds, shares, strict=True)),
        ]
    )
    known = run.workspace.collected(last).existing().notes["already collected"]
    lines.append(
        f"round {last} had {known['page share']:.1%} of its pages and {known['token share']:.1%} "
        f"of its tokens from round {last - 1}; "
        f"{verdict(known['page share'], run.config.loop).advice}"
    )
    return lines


def _named(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    named = [
        f"{visible(row[column], LONGEST_NAME)} {row['pages']:,} ({row['tokens']:,} tokens)"
        for row in rows[:_NAMED]
    ]
    return ", ".join(named) + (" …" if len(rows) > _NAMED else "")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
