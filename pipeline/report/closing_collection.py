"""What is told of a round's collection, and of the domains found in it."""

from __future__ import annotations

from pipeline.corpus.selection import SelectNotes
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
    return {"domains": f"{manifest.counts.rows_out:,}" if manifest else "–"}


COLLECTION = Section(_collected)
DOMAINS = Section(_domains)
