"""Scores made probabilities, by held-out examples.

fastText's scores rank pages, but are no chances: a model that learnt a seed by heart says 0.99
of what is right three times in four, and one that learnt little gives every page about one half.
Platt scaling (Platt 1999) puts a logistic curve through the scores of examples that the model
never saw: two numbers, kept with the model. The curve always rises, so ranks stay.

Which hosts are held out is a matter of luck, and so is how much of either class they have. Examples
are therefore weighed so that the classes are mixed as in the training examples: a probability is
one of pages so mixed. And pages of one host are alike: a host of a hundred counts ten times as much
as a host of one, not a hundred times.

NumPy only: the fit has two unknowns, and SciPy, which could do it, is three times as large as
NumPy. A test compares the two.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xxhash

#: Parts that held-out hosts are dealt into. With fewer hosts of a class, pages are dealt.
PARTS = 5
#: fastText: added to a label's probability before it takes its logarithm.
_ADDED = 1e-5
#: Steps of Newton's method at most; some ten are taken.
_MOST_STEPS = 100
#: Halvings of one such step at most.
_MOST_HALVINGS = 30
#: Where the slope of what is minimised, an example, is lower than this, it is the least.
_FLAT = 1e-10
#: Sums of weights are not divided by less.
_LEAST_WEIGHT = 1e-9
#: Digits that are kept: what machines may differ in makes no other model.
_DIGITS = 6


@dataclass(frozen=True)
class PlattScaling:
    """The rising curve: logistic of ``slope`` times the margin of a score, plus ``intercept``."""

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for a curve that does not rise."""
        if not (0 < self.slope < math.inf and math.isfinite(self.intercept)):
            raise ValueError(f"no rising curve: {self.slope!r}, {self.intercept!r}")

    def of(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities for a model's own scores: ``float32``, in their order.

        0 stays 0: such a line holds nothing that the model knows.
        """
        calibrated = _logistic(self.slope * margins(scores) + self.intercept)
        return np.where(scores > 0, calibrated, 0).astype(np.float32)


def margins(scores: np.ndarray) -> np.ndarray:
    """How much likelier a model holds one label than the other: ``float64``, some -11.5 to 11.5.

    The difference of the logarithms that fastText takes for the two labels, which stays finite.
    """
    score = np.maximum(scores.astype(np.float64), _ADDED)
    return np.log(score) - np.log(1 + 2 * _ADDED - score)


def mixed(truth: np.ndarray, share: float, hosts: Sequence[str] | None = None) -> np.ndarray:
    """``float64`` weights, 1 in the mean, that give mathematical examples this ``share``.

    Within a class all are equal or, with ``hosts``, a host counts by the root of its examples.
    """
    weights = np.ones(len(truth))
    if hosts is not None:
        sizes = Counter(zip(hosts, truth.tolist(), strict=True))
        weights = np.array(
            [sizes[one] ** -0.5 for one in zip(hosts, truth.tolist(), strict=True)],
            dtype=np.float64,
        )
    for side, part in ((truth, share), (~truth, 1 - share)):
        weights[side] *= part * len(truth) / max(weights[side].sum(), _LEAST_WEIGHT)
    return weights


def fitted(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> PlattScaling | None:
    """The curve that makes ``truth`` (``bool``) likeliest, given a model's own ``scores``.

    None where a class is missing, or scores do not rise with the truth. The classes count as
    one more example of each (Platt 1999), so that the curve stays finite where scores part them
    altogether. Newton's method with halved steps (Lin, Lin and Weng 2007).
    """
    positive = int(truth.sum())
    negative = len(truth) - positive
    margin = margins(scores)
    # Not by the deviation: that of equal numbers may come out as a rounding error.
    if not positive or not negative or not np.ptp(margin):
        return None
    width = float(margin.std())
    # The same whatever the scale of the margins.
    middle = float(margin.mean())
    x = (margin - middle) / width
    aim = np.where(truth, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(slope: float, intercept: float) -> float:
        z = slope * x + intercept
        # log(1 + exp(z)) without overflow.
        return float((weights * (np.logaddexp(0, z) - aim * z)).sum())

    slope, intercept = 0.0, 0.0
    now = loss(slope, intercept)
    for _ in range(_MOST_STEPS):
        chance = _logistic(slope * x + intercept)
        off, weight = weights * (chance - aim), weights * chance * (1 - chance)
        down = np.array([(off * x).sum(), off.sum()])
        if np.abs(down).max() < _FLAT * len(truth):
            break
        bend = np.array(
            [[(weight * x * x).sum(), (weight * x).sum()], [(weight * x).sum(), weight.sum()]]
        )
        # A touch of the unit matrix, so that it can always be divided by.
        step = np.linalg.solve(bend + 1e-12 * np.eye(2), down)
        for _ in range(_MOST_HALVINGS):
            tried = loss(slope - step[0], intercept - step[1])
            if tried <= now:
                break
            step /= 2
        else:
            break
        slope, intercept, now = slope - float(step[0]), intercept - float(step[1]), tried
    slope, intercept = slope / width, intercept - slope * middle / width
    slope, intercept = round(slope, _DIGITS), round(intercept, _DIGITS)
    return PlattScaling(slope, intercept) if slope > 0 else None


@dataclass(frozen=True)
class CrossFitted:
    """``scores``: ``float32``, each calibrated by examples of other hosts; of other pages alone
    where ``by_page``.
    """

    scores: np.ndarray
    by_page: bool


def cross_fitted(
    truth: np.ndarray, scores: np.ndarray, hosts: Sequence[str], share: float
) -> CrossFitted:
    """What calibration does to hosts that did not take part in it.

    Hosts are dealt into ``PARTS`` parts, and a part's ``scores`` calibrated by the curve of the
    others; pages are dealt where a class has fewer hosts than parts. A part whose others give
    no curve keeps its scores. ``share``: as for ``mixed``.
    """
    by_page = any(
        len({hosts[at] for at in np.flatnonzero(side).tolist()}) < PARTS for side in (truth, ~truth)
    )
    part = _dealt(truth, [str(at) for at in range(len(hosts))] if by_page else hosts)
    calibrated = scores.astype(np.float32)
    for number in range(PARTS):
        of_part = part == number
        others = [hosts[at] for at in np.flatnonzero(~of_part).tolist()]
        weights = mixed(truth[~of_part], share, others)
        curve = fitted(truth[~of_part], scores[~of_part], weights)
        if curve:
            calibrated[of_part] = curve.of(scores[of_part])
    return CrossFitted(calibrated, by_page)


def _dealt(truth: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The part of each example. Those of one name share it, and each part has both classes."""
    classes: dict[str, set[bool]] = {}
    for name, mathematical in zip(names, truth.tolist(), strict=True):
        classes.setdefault(name, set()).add(mathematical)

    def place(name: str) -> tuple[int, int, str]:
        # Hosts of both classes between those of one: hosts of either lie side by side.
        side = 1 if len(classes[name]) == 2 else 2 * (True in classes[name])
        return side, xxhash.xxh3_64_intdigest(name.encode()), name

    turn = {name: at % PARTS for at, name in enumerate(sorted(classes, key=place))}
    return np.array([turn[name] for name in names], dtype=np.int64)


def _logistic(values: np.ndarray) -> np.ndarray:
    # Without overflow: the exponent is never positive.
    tail = np.exp(-np.abs(values))
    chances: np.ndarray = np.where(values >= 0, 1, tail) / (1 + tail)
    return chances
