"""What a run says of the pool at its end; from its manifest alone."""

from __future__ import annotations

from pipeline.report.finished_run import FinishedRun


def dedupe_lines(run: FinishedRun, _: int = 1) -> list[str]:
    """What a person wants to know of the pool beside its counts, out of its manifest."""
    notes = run.workspace.pool().existing().notes
    banding, buckets = notes["banding"], notes["buckets"]
    recall = ", ".join(
        f"{share:.1%} at {similarity}"
        for similarity, share in notes["expected recall by similarity"].items()
    )
    lines = [
        f"near-duplicates: {banding['bands']} bands of {banding['rows']} minima; of the pairs of "
        f"a Jaccard similarity they are expected to find {recall}",
        "buckets: " + ", ".join(f"{name} {number:,}" for name, number in buckets.items()),
    ]
    if verified := notes.get("verified"):
        told = ", ".join(f"{name} {number:,}" for name, number in verified.items())
        lines.append(f"verified by true similarity: {told}")
    return lines
