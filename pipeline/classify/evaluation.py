"""How well a classifier does on hosts that it has not seen.

NumPy only. What cannot be said (no mathematical page held out, say) is ``None``,
with the reason beside it, so that a small run still ends with a report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.classify.calibration import mixed

#: Recall at which precision is told: what a corpus can afford to lose.
RECALL = 0.95


#: A group with fewer mathematical training examples is one that training hardly knew.
RARE = 100
#: Groups of one sort that are told by name; the largest.
MOST_GROUPS = 40
#: Scores are counted in so many equal steps from 0 to 1.
BINS = 10
#: Sums of weights are not divided by less.
_LEAST_WEIGHT = 1e-9
#: Points of a curve that are kept.
CURVE_POINTS = 101
#: Hosts that a list of mistaken hosts names.
MOST_HOSTS = 20

#: Training examples by class, ``math`` and ``other``.
Trained = Mapping[str, int]


def evaluate(
    labels: Sequence[bool],
    scores: Sequence[float] | np.ndarray,
    hosts: Sequence[str],
    groups: Mapping[str, Sequence[Sequence[str]]],
    threshold: float,
    *,
    ids: Sequence[str],
    urls: Sequence[str],
    trained: Mapping[str, Mapping[str, Trained]],
    share: float,
    of_other_hosts: np.ndarray | None = None,
    mistakes: int = 20,
) -> dict[str, Any]:
    """What ``evaluation.json`` holds, of held-out examples given column by column.

    ``labels`` says which are mathematical; a score of at least ``threshold`` calls
    an example so. ``groups`` gives for each way to sort, such as ``language``, the
    groups that each example is in; ``trained`` how many training examples are in
    each, and ``share`` how much of them is mathematical. ``of_other_hosts`` are the scores that
    ``calibration`` is told of, where examples fitted the scores themselves. ``mistakes`` bounds
    each of the two lists of worst mistakes. All figures are rounded to six places.
    """
    truth = np.asarray(labels, dtype=bool)
    score = np.asarray(scores, dtype=np.float64)
    assert len(truth) == len(score) == len(hosts) == len(ids) == len(urls)
    called = score >= threshold

    def worst(wrong: np.ndarray, sign: int) -> list[dict[str, Any]]:
        order = sorted(np.flatnonzero(wrong).tolist(), key=lambda i: (sign * score[i], ids[i]))
        return [
            {
                "id": ids[i],
                "url": urls[i],
                "host": hosts[i],
                **{sort: " ".join(members[i]) for sort, members in groups.items()},
                "score": round(float(score[i]), 6),
            }
            for i in order[:mistakes]
        ]

    by = {
        f"by_{sort}": _by_group(members, truth, score, called, trained.get(sort, {}))
        for sort, members in groups.items()
    }
    return {
        "threshold": threshold,
        **figures(truth, score, called),
        "hosts": {
            "math": len({hosts[i] for i in np.flatnonzero(truth).tolist()}),
            "other": len({hosts[i] for i in np.flatnonzero(~truth).tolist()}),
        },
        **by,
        "rare_in_training": [
            {"sort": sort.removeprefix("by_"), "group": name, **group}
            for sort, groups_of in by.items()
            for name, group in groups_of.items()
            if group["trained_on"]["math"] < RARE and group["examples"]["math"]
        ],
        "calibration": calibration(
            truth, score if of_other_hosts is None else of_other_hosts, mixed(truth, share)
        ),
        "precision_recall": precision_recall_points(truth, score),
        "missed": worst(truth & ~called, 1),
        "wrongly_called": worst(~truth & called, -1),
        "hosts_missed": _mistaken_hosts(hosts, truth, called),
        "hosts_wrongly_called": _mistaken_hosts(hosts, ~truth, ~called),
    }


def _by_group(
    members: Sequence[Sequence[str]],
    truth: np.ndarray,
    score: np.ndarray,
    called: np.ndarray,
    trained: Mapping[str, Trained],
) -> dict[str, Any]:
    """Figures of each group, those of most held-out examples; names in order."""
    assert len(members) == len(truth)
    rows: dict[str, list[int]] = {}
    for at, names in enumerate(members):
        for name in names:
            rows.setdefault(name, []).append(at)
    largest = sorted(rows, key=lambda name: (-len(rows[name]), name))[:MOST_GROUPS]
    return {
        name: {
            "trained_on": {"math": 0, "other": 0, **trained.get(name, {})},
            **figures(truth[rows[name]], score[rows[name]], called[rows[name]]),
        }
        for name in sorted(largest)
    }


def calibration(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """Whether a score is the chance that it claims to be.

    ``bins``: in each tenth of the scale the examples, their mean score and the share
    of them that is mathematical (both None in an empty one). ``expected_error``: the
    mean distance of the two, weighted by examples (Guo et al. 2017, section 2). It holds for
    the classes as ``weights`` mix them, not for a crawl.
    """
    place = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    weight = np.bincount(place, weights=weights, minlength=BINS)
    most = np.maximum(weight, _LEAST_WEIGHT)
    means = np.bincount(place, weights=weights * score, minlength=BINS) / most
    shares = np.bincount(place, weights=weights * truth, minlength=BINS) / most
    distance = float((weight * np.abs(means - shares)).sum())
    return {
        "expected_error": round(distance / weight.sum(), 6) if weight.any() else None,
        "bins": [
            {
                "from": at / BINS,
                "to": (at + 1) / BINS,
                "examples": int(count[at]),
                "mean_score": round(float(means[at]), 6) if count[at] else None,
                "mathematical": round(float(shares[at]), 6) if count[at] else None,
            }
            for at in range(BINS)
        ],
    }


def _mistaken_hosts(
    hosts: Sequence[str], of_class: np.ndarray, right: np.ndarray
) -> list[dict[str, Any]]:
    """Hosts with most mistakes among their examples of one class, most first."""
    host_sizes = Counter(hosts[at] for at in np.flatnonzero(of_class).tolist())
    wrong = Counter(hosts[at] for at in np.flatnonzero(of_class & ~right).tolist())
    # Texts without an address are no host.
    ranked = sorted((-count, host) for host, count in wrong.items() if host)
    return [
        {"host": host, "mistakes": -count, "examples": host_sizes[host]}
        for count, host in ranked[:MOST_HOSTS]
    ]


def figures(truth: np.ndarray, score: np.ndarray, called: np.ndarray) -> dict[str, Any]:
    """Examples of each class, precision, recall, F1, AUC and more; None with ``why_not``."""
    math, other = int(truth.sum()), int((~truth).sum())
    hits, taken = int((truth & called).sum()), int(called.sum())
    values: dict[str, float | None] = {
        "precision": hits / taken if taken else None,
        "recall": hits / math if math else None,
        "f1": 2 * hits / (math + taken) if math else None,
        "auc": None,
        "average_precision": None,
        "precision_at_recall_95": None,
    }
    if math and other:
        values["auc"] = auc(truth, score)
        precision, recall = precision_recall(truth, score)
        steps = np.diff(recall, prepend=0.0)
        values["average_precision"] = float((steps * precision).sum())
        reached = np.argmax(recall >= RECALL - 1e-12)
        values["precision_at_recall_95"] = float(precision[reached])
    return {
        "examples": {"math": math, "other": other},
        **{name: None if value is None else round(value, 6) for name, value in values.items()},
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


def precision_recall_points(truth: np.ndarray, score: np.ndarray) -> list[dict[str, float]]:
    """``CURVE_POINTS`` points of the curve at most, evenly among its thresholds, highest first.

    Each has its ``threshold``, ``precision`` and ``recall``. None without both classes.
    """
    if truth.all() or not truth.any():
        return []
    precision, recall = precision_recall(truth, score)
    thresholds = np.unique(score)[::-1]
    places = np.unique(np.linspace(0, len(thresholds) - 1, CURVE_POINTS).round().astype(int))
    columns = {"threshold": thresholds, "precision": precision, "recall": recall}
    return [
        {name: round(float(values[at]), 6) for name, values in columns.items()} for at in places
    ]


def precision_recall(truth: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall at each distinct score as threshold, highest first.

    Both ``float64``, one entry a distinct score: equal scores are taken together,
    so the order in which they came cannot matter.
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    last_of_ties = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    return hits[last_of_ties] / (last_of_ties + 1), hits[last_of_ties] / hits[-1]
