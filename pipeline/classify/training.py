"""Training the fastText classifier."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.base.errors import TrainingFailed
from pipeline.classify.examples import write_shuffled
from pipeline.classify.fit import FitFailed, Fitted, fit
from pipeline.classify.folded import Folded
from pipeline.classify.model import FOLDED, LABELS, MODEL, Description, Model, complete
from pipeline.classify.sizes import sized
from pipeline.classify.trials import Sample, Trial, epochs_to_try, threads_for, usual_epochs
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
    model_digest: str
    #: that trained it: with several, the same examples give another model each time
    threads: int = 1
    #: 0 in notes of before they were noted
    dim: int = 0
    buckets: int = 0


def train(
    lines: Iterable[tuple[str, str]],
    settings: Train,
    model_path: Path,
    *,
    scratch: Path,
    note: Callable[[str], None],
    held_out: Iterable[tuple[str, str]] = (),
    cores: int = 1,
) -> TrainingReport:
    """Train on ``(label, line of features)`` and write ``model_path`` with what goes with it.

    Where the examples are few, several numbers of epochs are tried, and ``held_out``,
    examples like ``lines`` but of other hosts, choose. They are read for that alone.
    ``scratch`` is a local folder with room for twice the examples and a model; what is
    written there is removed. Where ``settings`` name no size of the model, ``sized`` has it.
    Many examples are trained on all ``cores``, see ``threads_for``; with one thread the same
    examples in any order give the same model, bit for bit.

    Raises ``TrainingFailed`` where a class has too few examples, no word is
    frequent enough, or the numbers overflow at every learning rate tried.
    """
    started = time.monotonic()
    examples_file, trial_folder = scratch / "examples.txt", scratch / "trial"
    try:
        examples = write_shuffled(lines, examples_file, seed=settings.seed)
        _require_both_classes(examples.of)
        settings, given = sized(settings, examples.total), settings
        choices = epochs_to_try(examples.total, settings)
        sample = Sample.of(held_out if len(choices) > 1 else ())
        chosen_by = "train.epochs"
        if len(choices) > 1 and sample.can_choose:
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
        maker = _Maker(examples_file, examples.total, settings, sample, note, cores)
        best, trials = maker.best_of(choices, trial_folder / MODEL, model_path)
    finally:
        examples_file.unlink(missing_ok=True)
        shutil.rmtree(trial_folder, ignore_errors=True)
    vocabulary = Folded(model_path.parent / FOLDED).vocabulary
    if not vocabulary:
        raise TrainingFailed(
            f"no word occurs {settings.min_count} times in the examples",
            remedy="lower train.min_count or give more examples",
        )
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
        model_digest=description.model_digest,
        threads=best.threads,
    )


@dataclass(frozen=True)
class _Maker:
    """Makes models of one training file."""

    examples_file: Path
    examples: int
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
        threads = threads_for(self.examples * epochs, self.settings, self.cores)
        rate, fitted = self._fit(epochs, threads, model_path)
        complete(model_path, self.settings.max_words)
        figures = None
        if self.sample.can_choose:
            figures = self.sample.figures(Model.load(model_path).score(self.sample.lines))
            self.note(
                f"{epochs} epochs, on held-out examples: average precision "
                f"{figures.average_precision:.3f}, AUC {figures.auc:.3f}, F1 {figures.f1:.3f}"
            )
        return Trial(epochs, rate, fitted.seconds, fitted.peak_memory, figures, threads=threads)

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


def _explained(failure: FitFailed, settings: Train) -> TrainingFailed:
    matrix = settings.buckets * settings.dim * 4
    return TrainingFailed(
        f"fastText gave up: {failure}",
        expected=f"room for its matrix ({matrix / 1e9:.1f} GB and the words) in memory and on disk",
        remedy="lower train.buckets or train.dim, or use a larger machine",
    )
