"""What is told of a round's collection, and of the domains found in it."""

from __future__ import annotations

from pipeline.classify.train_notes import TrainNotes
from pipeline.corpus.selection import SelectNotes
from pipeline.mine.reasons import ANNOTATION, NEXT, SHARE, SUSPECTED, MineNotes
from pipeline.report.closing import FinishedRun, Section, share


def _collected(run: FinishedRun, number: int) -> dict[str, str]:
    manifest = run.workspace.collected(number).manifest()
    notes = SelectNotes.of(manifest) if manifest else None
    known = notes.already_collected if notes else None
    return {
        "collected": f"{manifest.rows:,}" if manifest else "–",
        "tokens": f"{notes.tokens:,}" if notes else "–",
        "known before": share(known.page_share if known else None),
    }


def _domains(run: FinishedRun, number: int) -> dict[str, str]:
    manifest = run.workspace.domains(number).manifest()
    return {
        "domains": f"{manifest.counts.rows_out:,}" if manifest else "–",
        "decisions": _decisions(run, number),
    }


def _decisions(run: FinishedRun, number: int) -> str:
    """How many decisions the next round took from people that this one had not."""
    manifests = [run.workspace.model(n).manifest() for n in (number, number + 1)]
    before, after = (TrainNotes.of(one).patterns.people if one else None for one in manifests)
    return "–" if before is None or after is None else f"{max(0, after - before):,}"


def _asked(run: FinishedRun, number: int) -> list[str]:
    """Of which domains people are asked, and what the first decisions would give."""
    manifest = run.workspace.domains(number).manifest()
    notes = MineNotes.of(manifest) if manifest else MineNotes()
    kinds = [f"{count:,} {_KINDS[kind]}" for kind, count in notes.queued.items() if count]
    if not kinds:
        return []
    line = f"people are asked about domains: {', '.join(kinds)}"
    if notes.expected:
        first = f"the first {NEXT} decisions are on {notes.expected_of_next:,} of the "
        line += f"; {first}{notes.expected:,} pages that they may add"
    return [line]


_KINDS = {SHARE: "by their share", ANNOTATION: "by annotations", SUSPECTED: "suspected"}

COLLECTION = Section(_collected)
DOMAINS = Section(_domains, _asked)
