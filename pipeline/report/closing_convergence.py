"""What is told of a round beside those before it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.base.printing import LONGEST_NAME, aligned, visible
from pipeline.corpus.convergence import ConvergeNotes, overlap_matrix, verdict
from pipeline.corpus.selection import SelectNotes
from pipeline.report.closing import FinishedRun, Section, share

#: Hosts and languages in a line.
_NAMED = 5


def convergence_lines(run: FinishedRun, last: int) -> list[str]:
    """What round ``last`` found anew, its overlap with all others, and whether to go on."""
    workspace = run.workspace
    notes = ConvergeNotes.of(workspace.convergence(last).existing())
    lines = [
        f"new in round {last}: {notes.new_pages:,} pages, {notes.new_tokens:,} tokens "
        f"of {notes.hosts:,} hosts"
    ]
    languages = [(one.language, one.pages, one.tokens) for one in notes.by_language]
    hosts = [(one.host, one.pages, one.tokens) for one in notes.by_host]
    for column, new in (("language", languages), ("host", hosts)):
        if new:
            lines.append(f"  by {column}: {_named(new)}")
    if last == 1:
        return lines
    rounds = range(1, last + 1)
    collected = workspace.collected(last).existing()
    sizes = [workspace.collected(n).existing().rows for n in rounds]
    compared = [workspace.convergence(n).manifest() for n in rounds]
    in_both = [ConvergeNotes.of(one).in_both if one else {} for one in compared]
    rows = zip(rounds, overlap_matrix(sizes, in_both), strict=True)
    header = ["of the pages of", *(f"in round {n}" for n in rounds)]
    lines += aligned([header, *([f"round {n}", *map(share, row)] for n, row in rows)])
    known = SelectNotes.of(collected).already_collected
    if known:
        lines.append(
            f"round {last} had {known.page_share:.1%} of its pages and {known.token_share:.1%} "
            f"of its tokens from round {last - 1}; "
            f"{verdict(known.page_share, run.config.loop).advice}"
        )
    return lines


def _named(new: Sequence[tuple[str, int, int]]) -> str:
    named = [
        f"{visible(name, LONGEST_NAME)} {pages:,} ({tokens:,} tokens)"
        for name, pages, tokens in new[:_NAMED]
    ]
    return ", ".join(named) + (" …" if len(new) > _NAMED else "")


CONVERGENCE = Section(lines=convergence_lines)
