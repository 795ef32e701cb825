"""What is told of a round's seed and classifier."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.classify.comparison import INTERVAL
from pipeline.classify.train_notes import Comparison, TrainNotes
from pipeline.report.closing import FinishedRun, Section, share

_NAMES = {
    "auc": "AUC",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "precision_at_recall_95": "precision at 95% recall",
}


def _cells(run: FinishedRun, number: int) -> dict[str, str]:
    manifest = run.workspace.model(number).manifest()
    held_out = TrainNotes.of(manifest).held_out if manifest else None
    auc = held_out.auc if held_out else None
    return {
        "seed": f"{manifest.counts.rows_in:,}" if manifest else "–",
        "held-out precision": share(held_out.precision if held_out else None),
        "recall": share(held_out.recall if held_out else None),
        "AUC": "–" if auc is None else f"{auc:.3f}",
    }


def _lines(run: FinishedRun, last: int) -> list[str]:
    """Rounds that held out single pages; a warning for each that does worse than the one before."""
    manifests = {number: run.workspace.model(number).manifest() for number in range(1, last + 1)}
    notes = {number: TrainNotes.of(manifest) for number, manifest in manifests.items() if manifest}
    lines = []
    if by_page := [str(number) for number, note in notes.items() if note.held_out.by_page]:
        lines.append(
            f"(round {', '.join(by_page)}: hosts too few or too large to hold whole ones out, so "
            "held-out pages are of hosts that the classifier has learnt from)"
        )
    lines += calibration_line(notes)
    for number, note in notes.items():
        if note.compared:
            lines += worse_line(note.compared, number)
    return lines


CLASSIFIER = Section(_cells, _lines, goes_on=True)


def calibration_line(notes: Mapping[int, TrainNotes]) -> list[str]:
    """How far scores are from the chances that they claim to be, in each round that tells."""
    rounds = []
    for number, note in notes.items():
        figures = note.held_out.calibration
        if not note.training.calibrated_by or figures.expected_error is None:
            continue
        how = (
            f"{figures.uncalibrated_error:.3f} before calibration"
            if figures.calibrated
            else f"calibrated by {note.training.calibrated_by}"
        )
        rounds.append(f"round {number} {figures.expected_error:.3f} ({how})")
    return [f"scores' expected calibration error: {'; '.join(rounds)}"] if rounds else []


def worse_line(compared: Comparison, number: int) -> list[str]:
    """The warning of round ``number``, if one is due: where it is worse, and all that is known."""
    if not compared.worse:
        return []
    of = "pages" if compared.by_page else "pages of hosts"
    changes = ", ".join(change for name in _NAMES if (change := _change(compared, name)))
    return [
        f"WORSE: round {number}'s classifier does worse than round {number - 1}'s on the same "
        f"{compared.now.examples.total:,} {of} that neither was trained on, in "
        f"{', '.join(_NAMES[name] for name in compared.worse)}: {changes}"
    ]


def _change(compared: Comparison, name: str) -> str:
    """A figure of both, with its interval; empty where one of them has none."""
    before, now = getattr(compared.before, name), getattr(compared.now, name)
    if before is None or now is None:
        return ""
    difference = compared.difference.get(name)
    interval = difference.interval if difference else None
    sure = (
        f" ({INTERVAL:.0%} interval {interval[0]:+.3f} to {interval[1]:+.3f})" if interval else ""
    )
    return f"{_NAMES[name]} {before:.3f} → {now:.3f}{sure}"
