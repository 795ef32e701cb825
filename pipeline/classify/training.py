"""Training the fastText classifier."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.base.errors import TrainingFailed
from pipeline.classify.calibration import PlattScaling
from pipeline.classify.examples import write_shuffled
from pipeline.classify.fit import FitFailed, Fitted, fit
from pipeline.classify.folded import Folded
from pipeline.classify.model import (
    FOLDED,
    LABELS,
    MODEL,
    Description,
    Model,
    calibrate,
    complete,
)
from pipeline.classify.sizes import sized
from pipeline.classify.trials import (
    LEAST_OF_A_CLASS,
    HeldOutExample,
    Sample,
    Trial,
    epochs_to_try,
    threads_for,
    usual_epochs,
)
from pipeline.config.settings import Train

#: With fewer examples of a class there is nothing to learn from.
MIN_EXAMPLES = 20
#: How often the learning rate is halved after fastText met NaN.
MAX_HALVINGS = 3


@dataclass(frozen=True)
class TrainingReport:
    """How a model was trained, for its manifest. Sizes in bytes, times in seconds."""

    examples: dict[str, int]
    without_words: int
    words: int
    epochs: int
    #: what chose the number of epochs
    chosen_by: str
    #: each number of epochs that was tried
    trials: tuple[Trial, ...]
    learning_rate: float
    seconds: float
    #: of the process that trained, at its largest
    peak_memory: int
    vocabulary: int
    model_bytes: int
    #: of the model with its calibration
    model_digest: str
    #: that trained it: with several, the same examples give another model each time
    threads: int = 1
    #: 0 in notes of before they were noted
    dim: int = 0
    buckets: int = 0
    #: what makes its scores probabilities, and what that was fitted on or why there is none;
    #: empty in notes of before it was noted
    calibration: PlattScaling | None = None
    calibrated_by: str = ""


def train(
    lines: Iterable[tuple[str, str]],
    settings: Train,
    model_path: Path,
    *,
    scratch: Path,
    note: Callable[[str], None],
    held_out: Iterable[HeldOutExample] = (),
    cores: int = 1,
) -> TrainingReport:
    """Train on ``(label, line of features)`` and write ``model_path`` with what goes with it.

    ``held_out`` are examples like ``lines`` but of other hosts. They calibrate the model, and
    where ``lines`` are few they choose among several numbers of epochs.
    ``scratch`` is a local folder with room for twice the examples and a model; what is
    written there is removed. Where ``settings`` name no size of the model, ``sized`` has it.
    Many examples are trained on all ``cores``, see ``threads_for``; with one thread the same
    examples in any order give the same model, bit for bit.

    Raises ``TrainingFailed`` where a class has too few examples, no word is
    frequent enough, the numbers overflow at every learning rate tried, or no model tells
    held-out examples apart better than a constant.
    """
    started = time.monotonic()
    examples_file, trial_folder = scratch / "examples.txt", scratch / "trial"
    try:
        examples = write_shuffled(lines, examples_file, seed=settings.seed)
        _require_both_classes(examples.of)
        settings, given = sized(settings, examples.total), settings
        choices = epochs_to_try(examples.total, settings)
        sample = Sample.of(held_out)
        chosen_by = "train.epochs"
        if len(choices) > 1 and sample.can_judge:
            chosen_by = f"{len(sample.lines):,} held-out examples"
        elif len(choices) > 1:
            choices = [usual_epochs(examples.total, settings)]
            chosen_by = "train.small_seed_updates, for want of held-out examples"
        note(
            f"training on {examples.of['math']:,} mathematical and {examples.of['other']:,} other"
            f" examples, {' or '.join(map(str, choices))} epochs, {_size(settings, given)}"
        )
        model_path.parent.mkdir(parents=True, exist_ok=True)
        trial_folder.mkdir()
        maker = _Maker(examples_file, examples.of, settings, sample, note, cores)
        best, trials = maker.best_of(choices, trial_folder / MODEL, model_path)
        _require_sight(trials, sample)
    finally:
        examples_file.unlink(missing_ok=True)
        shutil.rmtree(trial_folder, ignore_errors=True)
    vocabulary = Folded(model_path.parent / FOLDED).vocabulary
    if not vocabulary:
        raise TrainingFailed(
            f"no word occurs {settings.min_count} times in the examples",
            remedy="lower train.min_count or give more examples",
        )
    calibrated_by = _calibrated_by(best, sample)
    note(f"scores are calibrated by {calibrated_by}")
    description = Description.of_model(model_path)
    return TrainingReport(
        examples={label: examples.of[label] for label in LABELS},
        without_words=examples.without_words,
        words=examples.words,
        epochs=best.epochs,
        chosen_by=chosen_by,
        trials=tuple(trials),
        learning_rate=best.learning_rate,
        seconds=round(time.monotonic() - started, 3),
        peak_memory=max(trial.peak_memory for trial in trials),
        vocabulary=vocabulary,
        dim=settings.dim,
        buckets=settings.buckets,
        model_bytes=description.model_bytes,
        model_digest=description.digest,
        threads=best.threads,
        calibration=best.calibration,
        calibrated_by=calibrated_by,
    )


@dataclass(frozen=True)
class _Maker:
    """Makes models of one training file."""

    examples_file: Path
    examples: Counter[str]
    settings: Train
    sample: Sample
    note: Callable[[str], None]
    cores: int

    def best_of(
        self, choices: list[int], trial_path: Path, model_path: Path
    ) -> tuple[Trial, list[Trial]]:
        """Train with each number of epochs at ``trial_path``; the best model comes to stay.

        The fewest come first, and more of them must do better. Raises ``TrainingFailed``
        where none gives a model.
        """
        best: Trial | None = None
        trials: list[Trial] = []
        for epochs in choices:
            try:
                trial = self._trial(epochs, trial_path)
            except TrainingFailed as failure:
                if best is None and epochs == choices[-1]:
                    raise
                trials.append(Trial(epochs, problem=failure.problem))
                continue
            trials.append(trial)
            if best is None or trial.better_than(best):
                best = trial
                for file in trial_path.parent.iterdir():
                    shutil.move(file, model_path.parent / file.name)
        assert best is not None
        return best, trials

    def _trial(self, epochs: int, model_path: Path) -> Trial:
        threads = threads_for(self.examples.total() * epochs, self.settings, self.cores)
        rate, fitted = self._fit(epochs, threads, model_path)
        complete(model_path, self.settings.max_words)
        figures = calibration = None
        if self.sample.can_judge:
            own = Model.load(model_path).uncalibrated(self.sample.lines)
            share = self.examples["math"] / self.examples.total()
            figures, calibration = self.sample.judged(own, share)
            calibrate(model_path, calibration)
            self.note(
                f"{epochs} epochs, on held-out examples: average precision "
                f"{figures.average_precision:.3f}, AUC {figures.auc:.3f}, F1 {figures.f1:.3f}, "
                f"calibration error {figures.expected_error:.3f}"
                + (f"; no better than a constant: {figures.blind}" if figures.blind else "")
            )
        return Trial(
            epochs,
            rate,
            fitted.seconds,
            fitted.peak_memory,
            figures,
            calibration,
            threads=threads,
        )

    def _fit(self, epochs: int, threads: int, model_path: Path) -> tuple[float, Fitted]:
        """Write the model; return the learning rate that it took, too."""
        rate = self.settings.learning_rate
        for _ in range(MAX_HALVINGS + 1):
            arguments = {
                "input": str(self.examples_file),
                "dim": self.settings.dim,
                "lr": rate,
                "wordNgrams": self.settings.word_ngrams,
                "minCount": self.settings.min_count,
                "epoch": epochs,
                "bucket": self.settings.buckets,
                "loss": "softmax",
                "thread": threads,
                "seed": self.settings.seed,
                "verbose": 2,
            }
            try:
                return rate, fit(arguments, model_path, self.note)
            except FitFailed as failure:
                if "NaN" not in str(failure):
                    raise _explained(failure, self.settings) from None
            self.note(f"fastText met NaN at learning rate {rate:g}, so the rate is halved")
            rate /= 2
        raise TrainingFailed(
            f"fastText met NaN at every learning rate from {self.settings.learning_rate:g}"
            f" to {rate * 2:g}",
            expected="a rate at which training stays finite",
            remedy="lower train.learning_rate or train.small_seed_updates",
        )


def _size(settings: Train, given: Train) -> str:
    """What the model's size is, and why."""
    size = f"dimension {settings.dim}, {settings.buckets:,} buckets"
    return size if settings == given else f"{size} for so many examples"


def _require_both_classes(examples: Counter[str]) -> None:
    short = [label for label in LABELS if examples[label] < MIN_EXAMPLES]
    if not short:
        return
    remedies = {
        "math": "give more seed texts or tag more URL patterns as mathematical ([seed], [tags])",
        "other": "give more pages: hosts with a mathematical pattern give no counterexamples",
    }
    raise TrainingFailed(
        "too few examples to train on: "
        + ", ".join(f"{examples[label]} of {label}" for label in LABELS),
        expected=f"at least {MIN_EXAMPLES} of each, hosts held out for the evaluation not counted",
        remedy="; ".join(remedies[label] for label in short),
    )


def _require_sight(trials: list[Trial], sample: Sample) -> None:
    """``TrainingFailed`` where held-out examples say of all models that they are blind."""
    judged = [(trial, trial.figures) for trial in trials if trial.figures]
    if not judged or not all(figures.blind for _, figures in judged):
        return
    positive, negative = sample.counts
    raise TrainingFailed(
        f"no model tells {positive:,} held-out mathematical examples from {negative:,} others: "
        + "; ".join(f"after {trial.epochs} epochs {figures.blind}" for trial, figures in judged),
        expected="scores that are worth more than a constant",
        remedy="look at rounds/N/seed: are both classes what they are called, and of several "
        "hosts? Give more seed texts or tag more URL patterns ([seed], [tags]); where the seed "
        "is large, raise train.epochs",
    )


def _calibrated_by(best: Trial, sample: Sample) -> str:
    """What the calibration was fitted on, or why there is none."""
    positive, negative = sample.counts
    if best.calibration:
        hosts = len(set(sample.hosts))
        return f"{positive + negative:,} held-out examples of {hosts:,} hosts"
    if sample.can_judge:
        return "nothing: on held-out hosts the model's own scores are nearer the truth"
    return (
        f"nothing: {positive:,} mathematical and {negative:,} other examples are held out, and "
        f"{LEAST_OF_A_CLASS} of each are needed"
    )


def _explained(failure: FitFailed, settings: Train) -> TrainingFailed:
    matrix = settings.buckets * settings.dim * 4
    return TrainingFailed(
        f"fastText gave up: {failure}",
        expected=f"room for its matrix ({matrix / 1e9:.1f} GB and the words) in memory and on disk",
        remedy="lower train.buckets or train.dim, or use a larger machine",
    )
