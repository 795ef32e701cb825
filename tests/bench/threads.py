"""``make bench BENCH=threads``: what several threads of training do to a classifier.

fastText's threads share one matrix without locks, so that no two models are the same. Pages of
the labelled real crawl, parted by host into those that are learnt and those that models are
tried on; a model a seed with one thread, and with as many as there are cores.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
import xxhash

from pipeline.classify.evaluation import auc
from pipeline.classify.features import features
from pipeline.classify.model import Model
from pipeline.classify.training import train
from pipeline.config.settings import Train
from tests.bench.features import labelled_pages
from tests.bench.interleaved import SHARED, table

#: One host in so many is held out.
_HELD_OUT = 3


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--updates", type=int, default=60_000)
    asked = parser.parse_args(arguments)
    if not (SHARED / "crawl").is_dir():
        sys.exit("this bench needs the labelled crawl in ../shared/crawl")
    base = Train(dim=64, buckets=100_000, small_seed_updates=(asked.updates,), epochs=1)
    sides: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for page in labelled_pages():
        held_out = xxhash.xxh3_64_intdigest(page.host.encode()) % _HELD_OUT == 0
        label = "math" if page.mathematical else "other"
        sides[held_out].append((label, features(page.text, base.max_words)))
    print(f"{len(sides[False]):,} pages are learnt, {len(sides[True]):,} of other hosts tried")
    truth = np.array([label == "math" for label, _ in sides[True]])
    figures: dict[int, list[tuple[float, float]]] = {1: [], asked.threads: []}
    # In turns, so that a machine that slows down slows both.
    for seed in range(1, asked.runs + 1):
        for threads, of_threads in figures.items():
            settings = base.model_copy(update={"threads": threads, "seed": seed})
            of_threads.append(_tried(sides, truth, settings))
    print(
        table(
            [
                ("threads", "AUC, mean", "least", "greatest", "seconds, mean"),
                *(
                    (
                        str(threads),
                        f"{mean(value for value, _ in of_threads):.4f}",
                        f"{min(value for value, _ in of_threads):.4f}",
                        f"{max(value for value, _ in of_threads):.4f}",
                        f"{mean(seconds for _, seconds in of_threads):.1f}",
                    )
                    for threads, of_threads in figures.items()
                ),
            ]
        )
    )
    return 0


def _tried(
    sides: dict[bool, list[tuple[str, str]]], truth: np.ndarray, settings: Train
) -> tuple[float, float]:
    """The area under the curve on hosts held out, and the seconds of training."""
    with tempfile.TemporaryDirectory(prefix="mathmine-threads-") as folder:
        place = Path(folder) / "model" / "model.bin"
        report = train(sides[False], settings, place, scratch=Path(folder), note=lambda _: None)
        scores = Model.load(place).score([line for _, line in sides[True]])
    return float(auc(truth, np.asarray(scores))), report.trials[0].seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
