"""``make bench BENCH=calibration``: what calibration does to scores of hosts never met.

Pages of the labelled real crawl, parted by host into three: of one part a model learns, one is
held out and calibrates it, and on one it is tried. Mathematical hosts are few, so they are dealt
evenly. Beside Platt scaling stand the model's own scores, and isotonic regression (SciPy's) of the
same held-out pages.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import xxhash

from pipeline.classify.calibration import mixed
from pipeline.classify.evaluation import auc, calibration
from pipeline.classify.features import features
from pipeline.classify.model import Model
from pipeline.classify.training import train
from pipeline.classify.trials import LIKELIER, HeldOutExample
from pipeline.config.settings import Train
from tests.bench.features import labelled_pages
from tests.bench.interleaved import SHARED, table

#: Words of a page that are read: fewer than by default, for a bench of minutes.
_WORDS = 400
#: Share of the mathematical pages among those that are learnt.
_LEARNT = 0.5


@dataclass(frozen=True)
class Example:
    """A page as it is learnt and tried."""

    host: str
    line: str
    mathematical: bool


@dataclass(frozen=True)
class Figures:
    """Of pages tried: AUC, calibration error as the classes were learnt, and F1 at one half, so
    and as the crawl mixes them; ``promised``: the error that training told.
    """

    auc: float
    error: float
    promised: float
    f1: float
    f1_of_crawl: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=6, help="ways to part the hosts")
    parser.add_argument("--updates", type=int, nargs="+", default=[600, 6_000, 20_000])
    asked = parser.parse_args(arguments)
    if not (SHARED / "crawl").is_dir():
        sys.exit("this bench needs the labelled crawl in ../shared/crawl")
    examples = [
        Example(page.host, features(page.text, _WORDS), page.mathematical)
        for page in labelled_pages()
    ]
    mathematical = {one.host for one in examples if one.mathematical}
    hosts = {one.host for one in examples}
    print(
        f"{len(examples):,} pages of {len(hosts)} hosts; {len(mathematical)} of them have"
        f" {sum(one.mathematical for one in examples)} mathematical pages. Means of"
        f" {asked.splits} splits, and the greatest error."
    )
    columns = ("error", "greatest", "promised", "F1", "F1 of crawl", "AUC")
    rows: list[tuple[str, ...]] = [("updates", "scores", *columns)]
    for updates in asked.updates:
        figures: dict[str, list[Figures]] = defaultdict(list)
        for split in range(asked.splits):
            for way, of_split in _tried(_parted(examples, split), updates).items():
                figures[way].append(of_split)
        for way, of_way in figures.items():
            error = [one.error for one in of_way]
            cells = (
                mean(error),
                max(error),
                mean(one.promised for one in of_way),
                mean(one.f1 for one in of_way),
                mean(one.f1_of_crawl for one in of_way),
                mean(one.auc for one in of_way),
            )
            rows.append((f"{updates:,}", way, *map(_cell, cells)))
    print(table(rows))
    return 0


def _parted(examples: list[Example], split: int) -> tuple[list[Example], ...]:
    """Three parts by host, with as many mathematical hosts; the first is half mathematical."""

    def lot(name: str) -> int:
        return xxhash.xxh3_64_intdigest(name.encode(), seed=split)

    turn: dict[str, int] = {}
    for mathematical in (True, False):
        of_class = {one.host for one in examples if one.mathematical is mathematical}
        for number, host in enumerate(sorted(of_class - turn.keys(), key=lot)):
            turn[host] = number % 3
    learnt, held_out, tried = ([one for one in examples if turn[one.host] == n] for n in range(3))
    learnt.sort(key=lambda one: lot(one.line))
    positives = [one for one in learnt if one.mathematical]
    negatives = [one for one in learnt if not one.mathematical][: len(positives)]
    return positives + negatives, held_out, tried


def _tried(parts: tuple[list[Example], ...], updates: int) -> dict[str, Figures]:
    """What a model makes of the pages tried, by its own scores and calibrated two ways."""
    learnt, held_out, tried = parts
    settings = Train(
        dim=16,
        buckets=50_000,
        epochs=max(1, updates // len(learnt)),
        small_seed_updates=(),
        max_words=_WORDS,
    )
    with tempfile.TemporaryDirectory(prefix="mathmine-calibration-") as folder:
        path = Path(folder) / "model" / "model.bin"
        report = train(
            [(_label(one), one.line) for one in learnt],
            settings,
            path,
            scratch=Path(folder),
            note=lambda _: None,
            held_out=[HeldOutExample(_label(one), one.line, one.host) for one in held_out],
        )
        model = Model.load(path)
        fit_on = model.uncalibrated([one.line for one in held_out])
        own = model.uncalibrated([one.line for one in tried])
    [trial] = report.trials
    assert trial.figures
    truth = np.array([one.mathematical for one in tried])
    labels = np.array([one.mathematical for one in held_out])
    weights = mixed(labels, _LEARNT, [one.host for one in held_out])
    scores = {
        "own": (own, trial.figures.uncalibrated_error),
        "Platt": (model.calibrated(own), trial.figures.expected_error),
        "isotonic": (_isotonic(labels, weights, fit_on, own), float("nan")),
    }
    return {way: _figures(truth, score, promised) for way, (score, promised) in scores.items()}


def _figures(truth: np.ndarray, scores: np.ndarray, promised: float | None) -> Figures:
    weights = mixed(truth, _LEARNT)
    return Figures(
        auc=auc(truth, scores),
        error=calibration(truth, scores, weights)["expected_error"],
        promised=float("nan") if promised is None else promised,
        f1=_f1(truth, scores >= LIKELIER, weights),
        f1_of_crawl=_f1(truth, scores >= LIKELIER, np.ones(len(truth))),
    )


def _f1(truth: np.ndarray, called: np.ndarray, weights: np.ndarray) -> float:
    return float(2 * weights[truth & called].sum() / (weights[truth].sum() + weights[called].sum()))


def _isotonic(
    truth: np.ndarray, weights: np.ndarray, fit_on: np.ndarray, scores: np.ndarray
) -> np.ndarray:
    from scipy.optimize import isotonic_regression

    order = np.argsort(fit_on, kind="stable")
    steps = isotonic_regression(truth[order].astype(float), weights=weights[order]).x
    return np.interp(scores, fit_on[order], steps)


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _label(example: Example) -> str:
    return "math" if example.mathematical else "other"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
