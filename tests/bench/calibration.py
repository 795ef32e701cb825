"""``make bench BENCH=calibration``: what calibration does to scores of hosts never met.

Pages of the labelled real crawl, parted by host: some are learnt, some held out of that calibrate
the model, and the third part is tried on. Twice: learnt with all labels known, and as round 1
learns, of a few hosts and random pages that hold mathematics not found yet. Beside Platt scaling
stands isotonic regression (SciPy's), fitted on the same held-out pages.
"""

from __future__ import annotations

import argparse
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

#: Share of the hosts that are tried on, and of the others' that are held out.
_TRIED, _HELD_OUT = 1 / 3, 0.15
#: Hosts that a round 1 is seeded with.
_SEED_HOSTS = 25
#: Examples of a class at most.
_EACH = 2_000
#: Words of a page that are read: fewer than by default, for a bench of minutes.
_WORDS = 400


@dataclass(frozen=True)
class Example:
    """A page as it is learnt or tried: its label may be wrong, as a round's are."""

    host: str
    line: str
    mathematical: bool


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=4, help="ways to part the hosts")
    parser.add_argument("--updates", type=int, nargs="+", default=[9_000, 40_000, 120_000])
    asked = parser.parse_args(arguments)
    if not (SHARED / "crawl").is_dir():
        sys.exit("this bench needs the labelled crawl in ../shared/crawl")
    pages = labelled_pages()
    examples = [
        Example(page.host, features(page.text, _WORDS), page.mathematical) for page in pages
    ]
    print(f"{len(pages):,} pages of {len({page.host for page in pages}):,} hosts")
    rows: list[tuple[str, ...]] = [
        ("labels", "updates", "way", "error", "greatest", "told", "F1", "least", "AUC")
    ]
    for kind, parted in (("all known", _known), ("of 25 hosts", _seeded)):
        for updates in asked.updates:
            found: dict[str, list[Figures]] = defaultdict(list)
            for split in range(asked.splits):
                for way, figures in _tried(*parted(examples, split), updates).items():
                    found[way].append(figures)
            for way, of_way in found.items():
                errors, f1 = [one.error for one in of_way], [one.f1 for one in of_way]
                told = [one.told for one in of_way if one.told is not None]
                rows.append(
                    (
                        kind,
                        f"{updates:,}",
                        way,
                        f"{mean(errors):.3f}",
                        f"{max(errors):.3f}",
                        f"{mean(told):.3f}" if told else "",
                        f"{mean(f1):.3f}",
                        f"{min(f1):.3f}",
                        f"{mean(one.auc for one in of_way):.4f}",
                    )
                )
            print(".", end="", flush=True)
    print("\n" + table(rows))
    return 0


@dataclass(frozen=True)
class Figures:
    """Of the pages tried: calibration error, what training told of it, F1 at one half, AUC."""

    error: float
    told: float | None
    f1: float
    auc: float


def _known(pages: list[Example], split: int) -> tuple[list[Example], list[Example], list[Example]]:
    """Learnt, held out and tried, with the labels as they are."""
    tried, rest = _dealt(pages, _TRIED, f"tried {split}")
    chosen = [
        page
        for side in (True, False)
        for page in _sample([one for one in rest if one.mathematical is side], split)
    ]
    held_out, learnt = _dealt(chosen, _HELD_OUT, f"held out {split}")
    return learnt, held_out, tried


def _seeded(pages: list[Example], split: int) -> tuple[list[Example], list[Example], list[Example]]:
    """Learnt, held out and tried, where only ``_SEED_HOSTS`` are known to be mathematical."""
    tried, rest = _dealt(pages, _TRIED, f"tried {split}")
    hosts = {page.host for page in rest if page.mathematical}
    seeds = set(sorted(hosts, key=lambda host: _place(f"seed {split}", host))[:_SEED_HOSTS])
    positives = _sample([one for one in rest if one.mathematical and one.host in seeds], split)
    others = _sample([one for one in rest if one.host not in seeds], split)
    negatives = [Example(one.host, one.line, False) for one in others[: len(positives)]]
    held_out, learnt = _dealt(positives + negatives, _HELD_OUT, f"held out {split}")
    return learnt, held_out, tried


def _tried(
    learnt: list[Example], held_out: list[Example], tried: list[Example], updates: int
) -> dict[str, Figures]:
    """What a model makes of the pages tried, by its own scores and calibrated two ways."""
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
    weights = mixed(labels, 0.5, [one.host for one in held_out])
    told = {"own": trial.figures.uncalibrated_error, "Platt": trial.figures.expected_error}
    scores = {
        "own": own,
        "Platt": model.calibrated(own),
        "isotonic": _isotonic(labels, weights, fit_on, own),
    }
    return {way: _figures(truth, score, told.get(way)) for way, score in scores.items()}


def _figures(truth: np.ndarray, scores: np.ndarray, told: float | None) -> Figures:
    called = scores >= LIKELIER
    f1 = 2 * (truth & called).sum() / (truth.sum() + called.sum())
    error = calibration(truth, scores, mixed(truth, 0.5))["expected_error"]
    return Figures(error, told, float(f1), auc(truth, scores))


def _isotonic(
    truth: np.ndarray, weights: np.ndarray, fit_on: np.ndarray, scores: np.ndarray
) -> np.ndarray:
    from scipy.optimize import isotonic_regression

    order = np.argsort(fit_on, kind="stable")
    steps = isotonic_regression(truth[order].astype(float), weights=weights[order]).x
    return np.interp(scores, fit_on[order], steps)


def _dealt(pages: list[Example], share: float, lot: str) -> tuple[list[Example], list[Example]]:
    """Pages of this share of the hosts, and the others."""
    sides: tuple[list[Example], list[Example]] = ([], [])
    for page in pages:
        sides[_place(lot, page.host) >= share].append(page)
    return sides


def _sample(pages: list[Example], split: int) -> list[Example]:
    return sorted(pages, key=lambda page: _place(f"sample {split}", page.line))[:_EACH]


def _place(lot: str, name: str) -> float:
    return xxhash.xxh3_64_intdigest(f"{lot}:{name}".encode()) / 2**64


def _label(example: Example) -> str:
    return "math" if example.mathematical else "other"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
