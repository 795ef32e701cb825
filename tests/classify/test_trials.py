from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.base.errors import TrainingFailed
from pipeline.classify import training
from pipeline.classify.fit import FitFailed, Fitted, fit
from pipeline.classify.model import Model
from pipeline.classify.trials import (
    MANY_UPDATES,
    MOST_THREADS,
    Figures,
    HeldOutExample,
    Sample,
    Trial,
    epochs_to_try,
    threads_for,
    usual_epochs,
)
from pipeline.config.settings import Train
from tests.classify.test_training import SMALL, examples, trained

pytestmark = pytest.mark.process

PAPER = Train()
TRYING = SMALL.model_copy(update={"small_seed_updates": (1_500, 3_000)})
HELD_OUT = [
    HeldOutExample(label, line, f"{label}{number % 8}.org")
    for number, (label, line) in enumerate(examples(40, seed=8))
]


def test_many_updates_are_trained_on_all_cores_and_few_on_one() -> None:
    assert threads_for(MANY_UPDATES - 1, PAPER, 64) == 1
    assert threads_for(MANY_UPDATES, PAPER, 8) == 8
    assert threads_for(MANY_UPDATES, PAPER, 640) == MOST_THREADS
    for updates in (1, 10 * MANY_UPDATES):
        assert threads_for(updates, Train(threads=3), 8) == 3
    # The paper's examples are many, and whatever a small seed is trained for is few.
    assert 2 * PAPER.positives * PAPER.epochs >= MANY_UPDATES > max(PAPER.small_seed_updates)


@pytest.mark.parametrize(
    ("count", "epochs"), [(1_000_000, 3), (43_334, 3), (43_333, 4), (5_000, 26), (100, 50)]
)
def test_small_seeds_get_more_epochs(count: int, epochs: int) -> None:
    assert usual_epochs(count, PAPER) == epochs


@pytest.mark.parametrize(
    ("count", "choices"),
    [
        (1_000_000, [3]),
        (43_334, [3]),  # the paper's three give enough updates
        (43_333, [3, 4, 7]),  # half of four is less than three
        (5_000, [3, 13, 26, 50]),
        (2_955, [3, 22, 44]),  # 50, the most that is allowed, is too near
        (100, [3, 50]),
    ],
)
def test_what_is_tried(count: int, choices: list[int]) -> None:
    assert epochs_to_try(count, PAPER) == choices
    assert epochs_to_try(count, Train(small_seed_updates=())) == [3]
    assert epochs_to_try(count, Train(small_seed_updates=(260_000, 65_000, 130_000))) == choices


@pytest.mark.parametrize(
    ("updates", "epochs"), [((), 3), ((900,), 9), ((500, 900), 9), ((2_000, 500, 900), 9)]
)
def test_where_nothing_can_choose_it_is_the_middle_one(
    updates: tuple[int, ...], epochs: int
) -> None:
    assert usual_epochs(100, Train(small_seed_updates=updates)) == epochs


def test_trials_cost_no_more_than_they_say() -> None:
    for count in (50, 1_000, 2_600, 10_000, 43_333, 500_000):
        tried = epochs_to_try(count, PAPER)
        if len(tried) > 1:
            limit = 3 * count + sum(PAPER.small_seed_updates)
            # Each number of epochs is rounded up.
            assert count * sum(tried) <= limit + count * len(tried)


def trial(epochs: int, average_precision: float, f1: float, blind: str = "") -> Trial:
    return Trial(epochs, figures=Figures(average_precision, 0.9, f1, blind=blind))


def test_better_is_what_ranks_better_and_then_what_draws_the_line_better() -> None:
    assert trial(9, 0.95, 0.2).better_than(trial(3, 0.90, 0.8))
    assert not trial(9, 0.90, 0.8).better_than(trial(3, 0.95, 0.2))
    assert trial(9, 0.949, 0.8).better_than(trial(3, 0.950, 0.2))
    assert not trial(9, 0.953, 0.803).better_than(trial(3, 0.950, 0.8))
    assert not Trial(9).better_than(Trial(3))


def test_a_blind_model_is_never_chosen_over_one_that_sees() -> None:
    blind = trial(9, 0.99, 0.99, "AUC 0.500")
    assert trial(3, 0.60, 0.50).better_than(blind)
    assert not blind.better_than(trial(3, 0.60, 0.50))
    # Of two of them, the better one.
    assert blind.better_than(trial(3, 0.60, 0.50, "AUC 0.501"))


def test_figures_are_those_of_the_definitions() -> None:
    sample = Sample(list("abcd"), np.array([True, False, True, False]), list("abcd"))
    # Ranked: a math, b other, c math, d other.
    figures, _ = sample.judged(np.array([0.95, 0.85, 0.45, 0.15], dtype=np.float32), 0.5)
    assert figures.average_precision == pytest.approx((1 + 2 / 3) / 2, abs=1e-6)
    assert figures.auc == 0.75
    # Each is alone in its tenth of the scale.
    assert figures.uncalibrated_error == pytest.approx((0.05 + 0.85 + 0.55 + 0.15) / 4)


def sample_of_hosts() -> Sample:
    """200 examples of 20 hosts, every other host mathematical."""
    host = np.arange(200) % 20
    return Sample(["line"] * 200, host % 2 == 1, [f"h{number}.org" for number in host])


def judged(scores: np.ndarray) -> Figures:
    return sample_of_hosts().judged(scores.astype(np.float32), 0.5)[0]


TRUTH = np.arange(200) % 2 == 1
NOISE = np.random.default_rng(1).random(200)


def test_narrow_scores_that_rank_well_are_of_use_once_calibrated() -> None:
    """A model that had learnt too little gave every page 0.493 to 0.506."""
    figures = judged(0.493 + 0.005 * TRUTH + 0.008 * NOISE)
    assert figures.blind == ""
    assert figures.f1 > 0.8
    assert figures.expected_error < 0.1 < 0.3 < figures.uncalibrated_error


def test_scores_that_are_right_stay_as_they_are() -> None:
    figures, curve = sample_of_hosts().judged(TRUTH.astype(np.float32), 0.5)
    assert curve is None
    assert figures.expected_error == figures.uncalibrated_error == 0
    assert figures.f1 == 1


@pytest.mark.parametrize(
    "scores",
    [
        np.full(200, 0.5),
        0.493 + 0.013 * NOISE,
        1 - (0.3 * TRUTH + 0.6 * NOISE),
    ],
)
def test_scores_that_tell_nothing_are_told_as_blind(scores: np.ndarray) -> None:
    assert judged(scores).blind


def test_a_line_that_calls_all_alike_is_blind_though_ranks_are_not_chance() -> None:
    # One example in ten is mathematical, and so faintly told that none is likelier so than not.
    truth = np.arange(1_000) % 10 == 0
    scores = 0.4 + 0.05 * truth + 0.3 * np.random.default_rng(2).random(1_000)
    hosts = [f"h{number % 100}" for number in range(1_000)]
    figures, curve = Sample(["line"] * 1_000, truth, hosts).judged(scores.astype(np.float32), 0.1)
    assert curve
    assert figures.auc > 0.6
    assert figures.blind == "0.0% of the mathematics is called so, and 0.0% of the rest"


def test_a_sample_is_bounded_and_forgets_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.classify.trials.MOST_TRIED", 30)
    rows = [HeldOutExample(label, line, "a.org") for label, line in examples(50)]
    one = Sample.of(iter(rows))
    random.Random(1).shuffle(rows)
    other = Sample.of(iter(rows))
    assert len(one.lines) == 30
    assert one.lines == other.lines
    truth = {line: label == "math" for label, line, _ in rows}
    assert [truth[line] for line in one.lines] == one.mathematical.tolist()


def test_held_out_examples_choose_the_epochs(tmp_path: Path) -> None:
    report, notes = trained(tmp_path, examples(), TRYING, HELD_OUT)
    assert [trial.epochs for trial in report.trials] == [3, 13, 25]
    assert report.chosen_by == "80 held-out examples"
    figures = {one.epochs: one.figures for one in report.trials}
    assert all(figures.values())
    # Three epochs over 120 short lines learn less.
    assert report.epochs > 3
    assert figures[report.epochs].f1 > figures[3].f1
    assert sum("on held-out examples: average precision" in note for note in notes) == 3
    # The model that stays is the one that was chosen, with its calibration.
    sample = Sample.of(HELD_OUT)
    model = Model.load(tmp_path / "out" / "model.bin")
    own = model.uncalibrated(sample.lines)
    assert sample.judged(own, 0.5) == (figures[report.epochs], model.description.calibration)
    assert model.description.calibration == report.calibration is not None
    assert model.score(sample.lines).tolist() == report.calibration.of(own).tolist()
    assert model.description.digest == report.model_digest != model.description.model_digest
    assert report.calibrated_by == "80 held-out examples of 16 hosts"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    again, _ = trained(tmp_path / "again", examples()[::-1], TRYING, HELD_OUT[::-1])
    assert again.model_digest == report.model_digest


@pytest.mark.parametrize("held_out", [[], HELD_OUT[:40], HELD_OUT[30:50]])
def test_too_few_held_out_examples_choose_nothing(
    tmp_path: Path, held_out: list[HeldOutExample]
) -> None:
    report, _ = trained(tmp_path, examples(), TRYING, held_out)
    assert [one.epochs for one in report.trials] == [25]
    assert report.trials[0].figures is None
    assert report.chosen_by == "train.small_seed_updates, for want of held-out examples"
    # Nor do they calibrate: the model's own scores stand, and go by its own name.
    assert report.calibration is None
    assert report.calibrated_by.endswith("examples are held out, and 20 of each are needed")
    model = Model.load(tmp_path / "out" / "model.bin")
    lines = [line for _, line, _ in HELD_OUT]
    assert model.score(lines).tolist() == model.uncalibrated(lines).tolist()
    assert report.model_digest == model.description.model_digest


def test_where_there_is_no_choice_held_out_examples_still_calibrate(tmp_path: Path) -> None:
    settings = SMALL.model_copy(update={"small_seed_updates": ()})
    report, _ = trained(tmp_path, examples(), settings, HELD_OUT)
    assert (report.epochs, report.chosen_by) == (3, "train.epochs")
    [only] = report.trials
    # Three epochs rank well, but leave all scores near one half.
    assert only.figures.auc > 0.9
    assert only.figures.expected_error < only.figures.uncalibrated_error
    assert report.calibration == only.calibration
    assert report.calibration.slope > 2


def test_where_no_model_tells_anything_training_stops_with_advice(tmp_path: Path) -> None:
    shuffled = [
        HeldOutExample(("math", "other")[number % 2], line, host)
        for number, (_, line, host) in enumerate(HELD_OUT)
    ]
    with pytest.raises(TrainingFailed) as caught:
        trained(tmp_path, examples(), TRYING, shuffled)
    assert caught.value.problem.startswith(
        "no model tells 40 held-out mathematical examples from 40 others: after 3 epochs AUC "
    )
    assert "after 25 epochs" in caught.value.problem
    assert "[seed]" in caught.value.remedy


def test_a_trial_that_fails_is_told_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_at_length(arguments: dict[str, Any], model: Path, note: Any) -> Fitted:
        if arguments["epoch"] == 25:
            raise FitFailed("Encountered NaN.")
        return fit(arguments, model, note)

    monkeypatch.setattr(training, "fit", fails_at_length)
    report, _ = trained(tmp_path, examples(), TRYING, HELD_OUT)
    assert report.epochs == 13
    assert [bool(one.problem) for one in report.trials] == [False, False, True]
    assert "NaN at every learning rate" in report.trials[2].problem


def test_where_all_trials_fail_training_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Fitted:
        raise FitFailed("Encountered NaN.")

    monkeypatch.setattr(training, "fit", fails)
    with pytest.raises(TrainingFailed, match="NaN at every learning rate"):
        trained(tmp_path, examples(), TRYING, HELD_OUT)
