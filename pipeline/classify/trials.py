"""How many epochs a small seed takes: several are tried, and held-out examples choose."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import xxhash

from pipeline.classify.evaluation import auc, precision_recall
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


@dataclass(frozen=True)
class Figures:
    """How a model did on held-out examples; ``f1`` at the threshold ``LIKELIER``."""

    average_precision: float
    auc: float
    f1: float


@dataclass(frozen=True)
class Trial:
    """A number of epochs, and what they took."""

    epochs: int
    learning_rate: float = 0.0
    seconds: float = 0.0
    peak_memory: int = 0
    #: None where there was nothing to choose by
    figures: Figures | None = None
    #: why there is no model
    problem: str = ""
    threads: int = 1

    def better_than(self, other: Trial) -> bool:
        """Whether it ranks better or, ranking as well, draws the line between classes better.

        A model that learnt too little may rank well while all its scores lie near one
        half or below it, where a floor takes nothing.
        """
        mine, others = self.figures, other.figures
        if mine is None or others is None:
            return False
        if abs(mine.average_precision - others.average_precision) > MARGIN:
            return mine.average_precision > others.average_precision
        return mine.f1 > others.f1 + MARGIN


@dataclass(frozen=True)
class Sample:
    """Held-out examples: lines of features, and which of them are mathematical."""

    lines: list[str]
    mathematical: np.ndarray

    @classmethod
    def of(cls, held_out: Iterable[tuple[str, str]]) -> Sample:
        """Up to ``MOST_TRIED`` of ``(label, line)``, the same ones in whatever order they come."""

        def lot(example: tuple[str, str]) -> tuple[int, tuple[str, str]]:
            return xxhash.xxh3_64_intdigest(example[1].encode()), example

        drawn = heapq.nsmallest(MOST_TRIED, held_out, key=lot)
        truth = np.array([label == "math" for label, _ in drawn], dtype=bool)
        return cls([line for _, line in drawn], truth)

    @property
    def can_choose(self) -> bool:
        """Whether there are enough examples of both classes."""
        positive = int(self.mathematical.sum())
        return min(positive, len(self.lines) - positive) >= LEAST_OF_A_CLASS

    def figures(self, scores: np.ndarray) -> Figures:
        """Those of a model that scores the lines so; rounded to six places."""
        truth, values = self.mathematical, scores.astype(np.float64)
        precision, recall = precision_recall(truth, values)
        called = values >= LIKELIER
        return Figures(
            average_precision=round(float((np.diff(recall, prepend=0.0) * precision).sum()), 6),
            auc=round(auc(truth, values), 6),
            f1=round(float(2 * (truth & called).sum() / (truth.sum() + called.sum())), 6),
        )


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
