"""How well a classifier does on hosts that it has not seen.

NumPy only. What cannot be said (no mathematical page held out, say) is ``None``,
with the reason beside it, so that a small run still ends with a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Recall at which precision is told: what a corpus can afford to lose.
RECALL = 0.95


def evaluate(
    labels: Sequence[bool],
    scores: Sequence[float] | np.ndarray,
    hosts: Sequence[str],
    languages: Sequence[str],
    threshold: float,
    *,
    ids: Sequence[str],
    mistakes: int = 20,
) -> dict[str, Any]:
    """What ``evaluation.json`` holds, of held-out examples given column by column.

    ``labels`` says which are mathematical; a score of at least ``threshold`` calls
    an example so. ``mistakes`` bounds each of the two lists of worst mistakes.
    All figures are rounded to six places.
    """
    truth = np.asarray(labels, dtype=bool)
    score = np.asarray(scores, dtype=np.float64)
    assert len(truth) == len(score) == len(hosts) == len(languages) == len(ids)
    language = np.asarray(languages, dtype=object)
    called = score >= threshold

    def worst(wrong: np.ndarray, sign: int) -> list[dict[str, Any]]:
        order = sorted(np.flatnonzero(wrong).tolist(), key=lambda i: (sign * score[i], ids[i]))
        return [
            {
                "id": ids[i],
                "host": hosts[i],
                "language": languages[i],
                "score": round(float(score[i]), 6),
            }
            for i in order[:mistakes]
        ]

    return {
        "threshold": threshold,
        **_figures(truth, score, called),
        "hosts": {
            "math": len({hosts[i] for i in np.flatnonzero(truth).tolist()}),
            "other": len({hosts[i] for i in np.flatnonzero(~truth).tolist()}),
        },
        "by_language": {
            name: _figures(*(column[language == name] for column in (truth, score, called)))
            for name in sorted(set(languages))
        },
        "missed": worst(truth & ~called, 1),
        "wrongly_called": worst(~truth & called, -1),
    }


def _figures(truth: np.ndarray, score: np.ndarray, called: np.ndarray) -> dict[str, Any]:
    math, other = int(truth.sum()), int((~truth).sum())
    hits, taken = int((truth & called).sum()), int(called.sum())
    figures: dict[str, float | None] = {
        "precision": hits / taken if taken else None,
        "recall": hits / math if math else None,
        "f1": 2 * hits / (math + taken) if math else None,
        "auc": None,
        "average_precision": None,
        "precision_at_recall_95": None,
    }
    if math and other:
        figures["auc"] = auc(truth, score)
        precision, recall = precision_recall(truth, score)
        steps = np.diff(recall, prepend=0.0)
        figures["average_precision"] = float((steps * precision).sum())
        reached = np.argmax(recall >= RECALL - 1e-12)
        figures["precision_at_recall_95"] = float(precision[reached])
    return {
        "examples": {"math": math, "other": other},
        **{name: None if value is None else round(value, 6) for name, value in figures.items()},
        "why_not": _why_not(math, other, taken),
    }


def _why_not(math: int, other: int, taken: int) -> str:
    """Why a figure is missing; empty where none is."""
    if not math and not other:
        return "no example was held out"
    if not math:
        return "no mathematical example was held out"
    if not other:
        return "no example of other pages was held out"
    if not taken:
        return "no example reaches the threshold"
    return ""


def auc(truth: np.ndarray, score: np.ndarray) -> float:
    """Chance that a mathematical example scores above another one, ties counted half.

    By ranks (Mann-Whitney), equal scores sharing their mean rank; both classes present.
    """
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[place]
    math = int(truth.sum())
    above = rank[truth].sum() - math * (math + 1) / 2
    return float(above / (math * (len(truth) - math)))


def precision_recall(truth: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall at each distinct score as threshold, highest first.

    Both ``float64``, one entry a distinct score: equal scores are taken together,
    so the order in which they came cannot matter.
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    last_of_ties = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    return hits[last_of_ties] / (last_of_ties + 1), hits[last_of_ties] / hits[-1]
