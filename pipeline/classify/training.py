"""Training the fastText classifier.

fastText reads its examples in the order of the file and lowers the learning rate
as it goes, so the classes must lie well mixed. The examples are shuffled on disk
by a hash of what they say: memory stays bounded whatever the size of the seed,
and the file is the same in whatever order they arrive.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import xxhash

from pipeline.classify.fit import FitFailed, fit
from pipeline.classify.model import LABELS, Description, Model
from pipeline.config import Train
from pipeline.errors import TrainingFailed

#: With fewer examples of a class there is nothing to learn from.
MIN_EXAMPLES = 20
#: How often the learning rate is halved after fastText met NaN.
MAX_HALVINGS = 3
#: Files that the shuffle spreads the examples over; one at a time is in memory:
#: about 100 MB of a million examples of 6 KB.
BUCKETS = 64


@dataclass(frozen=True)
class TrainingReport:
    """How a model was trained, for its manifest. Sizes in bytes, times in seconds."""

    examples: dict[str, int]
    without_words: int
    epochs: int
    learning_rate: float
    seconds: float
    vocabulary: int
    model_bytes: int
    model_digest: str


def train(
    lines: Iterable[tuple[str, str]],
    settings: Train,
    model_path: Path,
    *,
    scratch: Path,
    note: Callable[[str], None],
) -> TrainingReport:
    """Train on ``(label, line of features)`` and write ``model_path`` with its description.

    ``scratch`` is a local folder with room for twice the examples; what is written
    there is removed. With ``settings.threads`` = 1 the same examples in any order
    give the same model, bit for bit.

    Raises ``TrainingFailed`` where a class has too few examples, no word is
    frequent enough, or the numbers overflow at every learning rate tried.
    """
    started = time.monotonic()
    examples_file = scratch / "examples.txt"
    try:
        examples, without_words = write_shuffled(lines, examples_file, seed=settings.seed)
        _require_both_classes(examples)
        epochs = epochs_for(examples.total(), settings)
        note(
            f"training on {examples['math']:,} mathematical and {examples['other']:,} other"
            f" examples, {epochs} epochs, dimension {settings.dim}"
        )
        model_path.parent.mkdir(parents=True, exist_ok=True)
        rate = _fit(examples_file, settings, epochs, model_path, note)
    finally:
        examples_file.unlink(missing_ok=True)
    description = Description.of(model_path, settings.max_words)
    description.write(model_path)
    vocabulary = Model.load(model_path).vocabulary
    if not vocabulary:
        raise TrainingFailed(
            f"no word occurs {settings.min_count} times in the examples",
            remedy="lower train.min_count or give more examples",
        )
    return TrainingReport(
        examples={label: examples[label] for label in LABELS},
        without_words=without_words,
        epochs=epochs,
        learning_rate=rate,
        seconds=round(time.monotonic() - started, 3),
        vocabulary=vocabulary,
        model_bytes=description.model_bytes,
        model_digest=description.model_digest,
    )


def epochs_for(examples: int, settings: Train) -> int:
    """The paper's epochs at its size, more where the seed is small.

    A model learns by updates, one an example and epoch; three epochs over a few
    thousand pages leave it where it started.
    """
    needed = math.ceil(settings.min_updates / examples)
    return max(settings.epochs, min(needed, settings.max_epochs))


def write_shuffled(
    lines: Iterable[tuple[str, str]], path: Path, *, seed: int
) -> tuple[Counter[str], int]:
    """Write fastText's training file, in an order that depends on nothing but its lines.

    Returns the examples of each label, and how many were left out for want of words.
    """

    def order(row: bytes) -> tuple[int, bytes]:
        return _hash(row, seed), row

    examples: Counter[str] = Counter()
    without_words = 0
    buckets = [path.with_name(f"{path.name}.{number:02}") for number in range(BUCKETS)]
    try:
        with ExitStack() as stack:
            files = [stack.enter_context(bucket.open("wb")) for bucket in buckets]
            for label, line in lines:
                assert label in LABELS, label
                if not line.strip():
                    without_words += 1
                    continue
                examples[label] += 1
                row = f"__label__{label} {line}\n".encode()
                # The top bits choose the bucket, so that buckets in order are rows in order.
                files[_hash(row, seed) * BUCKETS >> 64].write(row)
        with path.open("wb") as out:
            for bucket in buckets:
                rows = bucket.read_bytes().splitlines(keepends=True)
                rows.sort(key=order)
                out.writelines(rows)
                bucket.unlink()
    finally:
        for bucket in buckets:
            bucket.unlink(missing_ok=True)
    return examples, without_words


def _hash(row: bytes, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(row, seed=seed)


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


def _fit(
    examples_file: Path,
    settings: Train,
    epochs: int,
    model_path: Path,
    note: Callable[[str], None],
) -> float:
    """Write the model; return the learning rate that it took."""
    rate = settings.learning_rate
    for _ in range(MAX_HALVINGS + 1):
        arguments = {
            "input": str(examples_file),
            "dim": settings.dim,
            "lr": rate,
            "wordNgrams": settings.word_ngrams,
            "minCount": settings.min_count,
            "epoch": epochs,
            "bucket": settings.buckets,
            "loss": "softmax",
            "thread": settings.threads,
            "seed": settings.seed,
            "verbose": 2,
        }
        try:
            fit(arguments, model_path, note)
        except FitFailed as failure:
            if "NaN" not in str(failure):
                raise _explained(failure, settings) from None
        else:
            return rate
        note(f"fastText met NaN at learning rate {rate:g}, so the rate is halved")
        rate /= 2
    raise TrainingFailed(
        f"fastText met NaN at every learning rate from {settings.learning_rate:g} to {rate * 2:g}",
        expected="a rate at which training stays finite",
        remedy="lower train.learning_rate, train.max_epochs or train.min_updates",
    )


def _explained(failure: FitFailed, settings: Train) -> TrainingFailed:
    matrix = settings.buckets * settings.dim * 4
    return TrainingFailed(
        f"fastText gave up: {failure}",
        expected=f"room for its matrix ({matrix / 1e9:.1f} GB and the words) in memory and on disk",
        remedy="lower train.buckets or train.dim, or use a larger machine",
    )
