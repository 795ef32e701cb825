"""Two rounds' models on the same held-out examples.

NumPy only. How far a difference is to be trusted is told by drawing hosts anew, the same
ones for both models (the paired bootstrap; Efron and Tibshirani 1993, chapter 13): pages of
one host are much alike, so drawing pages would make chance look like a finding. Where hosts
are too few to be drawn, pages are. And what a single page can do is never a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.classify.evaluation import figures

#: What is compared, as ``evaluation.figures`` calls it.
COMPARED = ("auc", "precision", "recall", "f1")
#: Times that hosts are drawn, and the middle share of the differences that is told.
DRAWS = 200
INTERVAL = 0.95
#: With fewer hosts of a class drawing them tells nothing.
FEWEST_HOSTS = 5
#: Figures are rounded to six places.
_ROUNDED = 1e-6


def compare(
    labels: Sequence[bool],
    before: Sequence[float],
    now: Sequence[float],
    hosts: Sequence[str],
    threshold: float,
    *,
    seed: int,
) -> dict[str, Any]:
    """How the model of ``now``'s scores does beside the one of ``before``'s.

    The result has ``before`` and ``now`` (see ``evaluation.figures``), ``difference``
    with the interval of each figure's difference, None where it cannot be told of hosts, and
    ``worse``: the figures that fell beyond chance and by more than one page makes out.
    """
    truth = np.asarray(labels, dtype=bool)
    scores = [np.asarray(column, dtype=np.float64) for column in (before, now)]
    figures_of = [figures(truth, score, score >= threshold) for score in scores]
    _, host = np.unique(np.asarray(hosts, dtype=object).astype(str), return_inverse=True)
    few = min((len(np.unique(host[side])) for side in (truth, ~truth)), default=0) < FEWEST_HOSTS
    both = truth.any() and not truth.all()
    unit = np.arange(len(truth)) if few else host
    drawn = _drawn_differences(truth, scores, unit, threshold, seed) if both else None
    called = [score >= threshold for score in scores]
    difference: dict[str, Any] = {}
    worse = []
    for at, name in enumerate(COMPARED):
        old, new = figures_of[0][name], figures_of[1][name]
        if old is None or new is None:
            difference[name] = None
            continue
        interval = None
        if drawn is not None:
            tail = (1 - INTERVAL) / 2
            ends = np.nanquantile(drawn[:, at], (tail, 1 - tail))
            interval = [round(float(end), 6) for end in ends]
            if interval[1] < 0 and old - new > _of_one_page(name, truth, called[1], new) + _ROUNDED:
                worse.append(name)
        change = {"change": round(new - old, 6), "interval": None if few else interval}
        difference[name] = change
    return {"before": figures_of[0], "now": figures_of[1], "difference": difference, "worse": worse}


def _of_one_page(name: str, truth: np.ndarray, called: np.ndarray, figure: float) -> float:
    """By how much the figure would be higher at most if a single page were scored otherwise."""
    positives = int(truth.sum())
    if name == "auc":
        # From below all pages of the other class to above them.
        return max(1 / positives, 1 / (len(truth) - positives))
    hits, taken = int((called & truth).sum()), int(called.sum())
    kinder = 0.0
    # One more page that is found, and one less that is taken by mistake.
    for recalled, all_taken in ((hits + 1, taken + 1), (hits, taken - 1)):
        if recalled > positives or all_taken < max(recalled, 1):
            continue
        of = {"precision": all_taken, "recall": positives, "f1": (positives + all_taken) / 2}
        kinder = max(kinder, recalled / of[name])
    return max(0.0, kinder - figure)


def _drawn_differences(
    truth: np.ndarray, scores: list[np.ndarray], host: np.ndarray, threshold: float, seed: int
) -> np.ndarray:
    """``float64[DRAWS, len(COMPARED)]``: now less before, each draw of the same hosts for both.

    ``host`` is the number of each example's host, or its own where examples are drawn.
    """
    random = np.random.default_rng(seed)
    count = int(host.max()) + 1
    models = [(np.unique(score, return_inverse=True)[1], score >= threshold) for score in scores]
    differences = np.full((DRAWS, len(COMPARED)), np.nan)
    for draw in range(DRAWS):
        times = np.bincount(random.integers(count, size=count), minlength=count)[host]
        math, other = times * truth, times * ~truth
        if not math.sum() or not other.sum():
            continue
        old, new = (_weighted(math, other, place, called) for place, called in models)
        differences[draw] = new - old
    return differences


def _weighted(
    math: np.ndarray, other: np.ndarray, place: np.ndarray, called: np.ndarray
) -> np.ndarray:
    """The figures of ``COMPARED`` where examples count so many times.

    ``place`` is where an example's score stands among the distinct ones, lowest first.
    """
    won = np.bincount(place, weights=math)
    lost = np.bincount(place, weights=other)
    below = np.cumsum(lost) - lost
    hits, wrong, positives = math[called].sum(), other[called].sum(), math.sum()
    taken = hits + wrong
    return np.array(
        [
            (won * (below + lost / 2)).sum() / (positives * other.sum()),
            hits / taken if taken else np.nan,
            hits / positives,
            2 * hits / (positives + taken),
        ]
    )
