"""What the end of a run says about each round's classifier beside the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.classify.comparison import INTERVAL
from pipeline.report.finished_run import FinishedRun

_NAMES = {"auc": "AUC", "precision": "precision", "recall": "recall", "f1": "F1"}


def comparison_lines(run: FinishedRun, last: int) -> list[str]:
    """A warning for each round whose classifier does worse than the one before."""
    lines = []
    for number in range(2, last + 1):
        compared = run.workspace.model(number).existing().notes["compared"]
        lines += worse_line(compared, number)
    return lines


def worse_line(compared: Mapping[str, Any], number: int) -> list[str]:
    """The warning of round ``number`` (see ``classify.comparison.compare``), if one is due."""
    if not compared["worse"]:
        return []
    examples = sum(compared["now"]["examples"].values())
    of = "pages" if compared["by_page"] else "pages of hosts"
    changes = ", ".join(_change(compared, name) for name in compared["worse"])
    return [
        f"WORSE: round {number}'s classifier does worse than round {number - 1}'s on the same "
        f"{examples:,} {of} that neither was trained on: {changes}"
    ]


def _change(compared: Mapping[str, Any], name: str) -> str:
    before, now = compared["before"][name], compared["now"][name]
    interval = compared["difference"][name]["interval"]
    sure = (
        f" ({INTERVAL:.0%} interval {interval[0]:+.3f} to {interval[1]:+.3f})" if interval else ""
    )
    return f"{_NAMES[name]} {before:.3f} → {now:.3f}{sure}"
