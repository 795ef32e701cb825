"""What training at the paper's parameters takes: ``python -m tests.bench.training --each 100000``.

The examples are made up, of about the length of web pages and with words as frequent as
Zipf's law has them, and go to the trainer as a round's do: streamed, shuffled on disk.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.classify.training import train
from pipeline.config.settings import BUCKETS, PAPER_DIM, Train

#: Different words of a class, and the share of a line's that are the class's own.
_WORDS, _OWN = 1_000_000, 0.1
#: Words of a line: the logarithm's mean and deviation; a few lines reach ``max_words``.
_LENGTH = (6.2, 0.8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=100_000, help="examples of each class")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    settings = Train(
        threads=arguments.threads, dim=PAPER_DIM, buckets=BUCKETS, small_seed_updates=()
    )
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mathmine-train-") as folder:
        place = Path(folder)
        report = train(
            examples(arguments.each, settings),
            settings,
            place / "model" / "model.bin",
            scratch=place,
            note=lambda said: print(
                f"{time.monotonic() - started:6.0f} s  {said}", file=sys.stderr
            ),
        )
    own = resource.getrusage(resource.RUSAGE_SELF)
    trainer = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{sum(report.examples.values()):,} examples, {report.words:,} words, "
        f"{report.epochs} epochs, {settings.threads} threads\n"
        f"trainer: {report.trials[0].seconds:,.0f} s, {trainer.ru_utime + trainer.ru_stime:,.0f} s "
        f"of CPU, {report.peak_memory / 1e9:.2f} GB at its largest\n"
        f"all: {report.seconds:,.0f} s, {own.ru_utime + own.ru_stime:,.0f} s of CPU beside the "
        f"trainer's, {own.ru_maxrss * 1024 / 1e9:.2f} GB at its largest, mapped files included\n"
        f"model: {report.model_bytes / 1e9:.2f} GB, {report.vocabulary:,} words"
    )


def examples(each: int, settings: Train) -> Iterator[tuple[str, str]]:
    """``each`` lines of either class, made as they are asked for."""
    rng = np.random.default_rng(settings.seed)
    names = {"math": [], "other": []}  # type: dict[str, list[str]]
    common = [f"w{number}" for number in range(_WORDS)]
    for label, own in names.items():
        own.extend(f"{label}{number}" for number in range(_WORDS // 10))
    for _ in range(each):
        for label, own in names.items():
            length = int(min(rng.lognormal(*_LENGTH) + 1, settings.max_words))
            # The logarithm of a word's rank is spread evenly: Zipf's law.
            ranks = (np.exp(rng.random(length) * np.log(_WORDS)) - 1).astype(int).tolist()
            mine = (rng.random(length) < _OWN).tolist()
            words = [
                own[rank // 10] if is_mine else common[rank]
                for rank, is_mine in zip(ranks, mine, strict=True)
            ]
            yield label, " ".join(words)


if __name__ == "__main__":
    main()
