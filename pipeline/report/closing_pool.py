"""What is told of the pool."""

from __future__ import annotations

from pipeline.dedupe.pool_notes import PoolNotes
from pipeline.report.closing import FinishedRun, Section
from pipeline.workspace.notes import Notes


def dedupe_lines(run: FinishedRun, _: int = 1) -> list[str]:
    """What a person wants to know of the pool beside its counts."""
    notes = PoolNotes.of(run.workspace.pool().existing())
    recall = ", ".join(
        f"{found:.1%} at {similarity}"
        for similarity, found in notes.expected_recall_by_similarity.items()
    )
    lines = [
        f"near-duplicates: {notes.banding.bands} bands of {notes.banding.rows} minima; of the "
        f"pairs of a Jaccard similarity they are expected to find {recall}",
        f"buckets: {_listed(notes.buckets)}",
    ]
    if notes.verified:
        lines.append(f"verified by true similarity: {_listed(notes.verified)}")
    return lines


def _listed(counts: Notes) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.document().items())


POOL = Section(lines=dedupe_lines)
