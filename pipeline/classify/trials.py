"""Trials of a model on held-out examples, which calibrate it and, of several, choose one."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xxhash

from pipeline.classify.calibration import PlattScaling, cross_fitted, fitted, mixed
from pipeline.classify.evaluation import auc, calibration, precision_recall
from pipeline.config.settings import Train

#: Held-out examples that models are tried on, at most.
MOST_TRIED = 5_000
#: With fewer of a class they say nothing.
LEAST_OF_A_CLASS = 20
#: A larger difference than this is taken for one.
MARGIN = 0.005
#: Epochs over a seed at most, however small it is.
MOST_EPOCHS = 50
#: Numbers of epochs that are nearer to each other than this are not both tried.
STEP = 1.25
#: From so many examples seen over all epochs on several threads train: some 17 minutes of one
#: at the paper's size, which is three million.
MANY_UPDATES = 500_000
#: More threads step on each other's toes: they share one matrix without locks.
MOST_THREADS = 32
#: The score from which a page counts as mathematical: the likelier label.
LIKELIER = 0.5


#: An area under the curve nearer to one half than so many standard errors is chance.
CHANCE = 2.0


class HeldOutExample(NamedTuple):
    """An example that nothing is learnt from; ``host``: its id where it has none."""

    label: str
    line: str
    host: str


@dataclass(frozen=True)
class Figures:
    """How a model did on held-out examples.

    ``f1``, at the threshold ``LIKELIER``, and ``expected_error``, of calibration, are of scores
    calibrated by examples of other hosts (of other pages, where ``by_page``): what the model
    may promise for hosts that it meets. ``uncalibrated_error`` is that of the model's own scores.
    The errors are None in notes of earlier versions, whose F1 was of the model's own scores.
    """

    average_precision: float
    auc: float
    f1: float
    expected_error: float | None = None
    uncalibrated_error: float | None = None
    by_page: bool = False
    #: why its scores are worth no more than a constant; empty where they are
    blind: str = ""


@dataclass(frozen=True)
class Trial:
    """A number of epochs, and what they took."""

    epochs: int
    learning_rate: float = 0.0
    seconds: float = 0.0
    peak_memory: int = 0
    #: None where there was nothing to choose by
    figures: Figures | None = None
    #: None where there were too few examples to fit it, or scores do not rise with the truth
    calibration: PlattScaling | None = None
    #: why there is no model
    problem: str = ""
    threads: int = 1

    def better_than(self, other: Trial) -> bool:
        """Whether it ranks better or, ranking as well, draws the line between classes better.

        One that tells the classes apart is better than one that does not, whatever else.
        """
        mine, others = self.figures, other.figures
        if mine is None or others is None:
            return False
        if bool(mine.blind) != bool(others.blind):
            return not mine.blind
        if abs(mine.average_precision - others.average_precision) > MARGIN:
            return mine.average_precision > others.average_precision
        return mine.f1 > others.f1 + MARGIN


@dataclass(frozen=True)
class Sample:
    """Held-out examples: lines of features, which of them are mathematical, and their hosts."""

    lines: list[str]
    mathematical: np.ndarray
    hosts: list[str]

    @classmethod
    def of(cls, held_out: Iterable[HeldOutExample]) -> Sample:
        """Up to ``MOST_TRIED``, the same ones in whatever order they come."""

        def lot(example: HeldOutExample) -> tuple[int, HeldOutExample]:
            return xxhash.xxh3_64_intdigest(example.line.encode()), example

        drawn = heapq.nsmallest(MOST_TRIED, held_out, key=lot)
        truth = np.array([example.label == "math" for example in drawn], dtype=bool)
        return cls([example.line for example in drawn], truth, [one.host for one in drawn])

    @property
    def counts(self) -> tuple[int, int]:
        """Mathematical and other examples."""
        positive = int(self.mathematical.sum())
        return positive, len(self.lines) - positive

    @property
    def can_judge(self) -> bool:
        """Whether there are enough examples of both classes."""
        return min(self.counts) >= LEAST_OF_A_CLASS

    def judged(self, scores: np.ndarray, share: float) -> tuple[Figures, PlattScaling | None]:
        """Figures and calibration of a model that scores the lines so, uncalibrated.

        ``share`` of its training examples are mathematical, see ``calibration.mixed``. A curve
        that does no good to hosts that took no part in it is none: the model's own scores are
        better then. Figures are rounded to six places.
        """
        truth, values = self.mathematical, scores.astype(np.float64)
        precision, recall = precision_recall(truth, values)
        curve = fitted(truth, scores, mixed(truth, share, self.hosts))
        other_hosts = cross_fitted(truth, scores, self.hosts, share)
        as_learnt = mixed(truth, share)
        error, own_error = (
            calibration(truth, some, as_learnt)["expected_error"]
            for some in (other_hosts.scores, values)
        )
        rises = curve is not None
        if error >= own_error:
            curve, promised, error = None, scores, own_error
        else:
            promised = other_hosts.scores
        called = promised >= LIKELIER
        area = auc(truth, values)
        figures = Figures(
            average_precision=round(float((np.diff(recall, prepend=0.0) * precision).sum()), 6),
            auc=round(area, 6),
            f1=round(float(2 * (truth & called).sum() / (truth.sum() + called.sum())), 6),
            expected_error=error,
            uncalibrated_error=own_error,
            by_page=other_hosts.by_page,
            blind=self._blind(area, (curve.of(scores) if curve else scores) >= LIKELIER)
            if rises
            else "its scores do not rise with the truth",
        )
        return figures, curve

    def _blind(self, area: float, called: np.ndarray) -> str:
        """Why scores with this AUC, which call these mathematical, are no better than a constant.

        Who calls of both classes the same share mathematical has an F1 no higher than who calls
        all of it so, whatever the classes' sizes.
        """
        positive, negative = self.counts
        # Of the Mann-Whitney statistic where the classes are alike.
        error = math.sqrt((positive + negative + 1) / (12 * positive * negative))
        if area <= 0.5 + CHANCE * error:
            return (
                f"AUC {area:.3f}, where chance gives {0.5 - CHANCE * error:.2f} to "
                f"{0.5 + CHANCE * error:.2f}"
            )
        hits = float(called[self.mathematical].mean())
        wrong = float(called[~self.mathematical].mean())
        if hits - wrong <= MARGIN:
            return f"{hits:.1%} of the mathematics is called so, and {wrong:.1%} of the rest"
        return ""


def usual_updates(settings: Train) -> int:
    """The middle one of ``small_seed_updates``, of two the greater; 0 where there is none."""
    updates = sorted(settings.small_seed_updates)
    return updates[len(updates) // 2] if updates else 0


def usual_epochs(examples: int, settings: Train) -> int:
    """The epochs for so many examples where nothing can choose among several.

    The paper's at its size, more where the seed is small: a model learns by updates, one an
    example and epoch; three epochs over a few thousand pages leave it where it started.
    """
    return _epochs(examples, settings, usual_updates(settings))


def epochs_to_try(examples: int, settings: Train) -> list[int]:
    """Numbers of epochs, ascending; ``epochs`` alone where the seed is not small.

    So what is tried costs the sum of ``small_seed_updates`` at most beside the paper's
    epochs, and at the paper's size nothing.
    """
    choices = [settings.epochs]
    if usual_epochs(examples, settings) == settings.epochs:
        return choices
    for updates in sorted(settings.small_seed_updates):
        epochs = _epochs(examples, settings, updates)
        if epochs >= STEP * choices[-1]:
            choices.append(epochs)
    return choices


def threads_for(updates: int, settings: Train, cores: int) -> int:
    """How many threads train so many ``updates`` (examples times epochs), of ``cores`` at hand.

    One below ``MANY_UPDATES``, where a model costs minutes and is worth having again bit for
    bit; ``settings.threads`` where that says a number.
    """
    if settings.threads:
        return settings.threads
    return min(cores, MOST_THREADS) if updates >= MANY_UPDATES else 1


def _epochs(examples: int, settings: Train, updates: int) -> int:
    return max(settings.epochs, min(math.ceil(updates / examples), MOST_EPOCHS))
