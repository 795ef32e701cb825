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
HELD_OUT = examples(40, seed=8)


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


def trial(epochs: int, average_precision: float, f1: float) -> Trial:
    return Trial(epochs, figures=Figures(average_precision, 0.9, f1))


def test_better_is_what_ranks_better_and_then_what_draws_the_line_better() -> None:
    assert trial(9, 0.95, 0.2).better_than(trial(3, 0.90, 0.8))
    assert not trial(9, 0.90, 0.8).better_than(trial(3, 0.95, 0.2))
    assert trial(9, 0.949, 0.8).better_than(trial(3, 0.950, 0.2))
    assert not trial(9, 0.953, 0.803).better_than(trial(3, 0.950, 0.8))
    assert not Trial(9).better_than(Trial(3))


def test_figures_are_those_of_the_definitions() -> None:
    sample = Sample(list("abcd"), np.array([True, False, True, False]))
    # Ranked: a math, b other, c math, d other.
    figures = sample.figures(np.array([0.9, 0.8, 0.4, 0.1], dtype=np.float32))
    assert figures.average_precision == pytest.approx((1 + 2 / 3) / 2, abs=1e-6)
    assert figures.auc == 0.75
    assert figures.f1 == 0.5


def test_a_sample_is_bounded_and_forgets_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.classify.trials.MOST_TRIED", 30)
    rows = examples(50)
    one = Sample.of(iter(rows))
    random.Random(1).shuffle(rows)
    other = Sample.of(iter(rows))
    assert len(one.lines) == 30
    assert one.lines == other.lines
    truth = {line: label == "math" for label, line in rows}
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
    # The model that stays is the one that was chosen.
    sample = Sample.of(HELD_OUT)
    model = Model.load(tmp_path / "out" / "model.bin")
    assert sample.figures(model.score(sample.lines)) == figures[report.epochs]
    assert model.description.model_digest == report.model_digest
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    again, _ = trained(tmp_path / "again", examples()[::-1], TRYING, HELD_OUT[::-1])
    assert again.model_digest == report.model_digest


@pytest.mark.parametrize("held_out", [[], HELD_OUT[:40], HELD_OUT[30:50]])
def test_too_few_held_out_examples_choose_nothing(
    tmp_path: Path, held_out: list[tuple[str, str]]
) -> None:
    report, _ = trained(tmp_path, examples(), TRYING, held_out)
    assert [one.epochs for one in report.trials] == [25]
    assert report.trials[0].figures is None
    assert report.chosen_by == "train.small_seed_updates, for want of held-out examples"


def test_held_out_examples_are_not_read_where_there_is_no_choice(tmp_path: Path) -> None:
    def never() -> Any:
        raise AssertionError("read")
        yield

    settings = SMALL.model_copy(update={"small_seed_updates": ()})
    path = tmp_path / "out" / "model.bin"
    report = training.train(
        iter(examples()), settings, path, scratch=tmp_path, note=lambda _: None, held_out=never()
    )
    assert (report.epochs, report.chosen_by) == (3, "train.epochs")


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
