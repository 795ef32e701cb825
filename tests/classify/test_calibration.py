from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.calibration import (
    PARTS,
    PlattScaling,
    cross_fitted,
    fitted,
    margins,
    mixed,
)
from pipeline.classify.evaluation import auc, calibration
from pipeline.classify.train_notes import TrainNotes
from pipeline.report.closing_classifier import calibration_line
from tests.workspace.test_notes import TRAINED


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def drawn(
    count: int, slope: float, intercept: float, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Truth and scores of a model whose true curve has this slope and intercept."""
    random = np.random.default_rng(seed)
    margin = random.normal(0, 2, count)
    truth = random.random(count) < sigmoid(slope * margin + intercept)
    return truth, sigmoid(margin).astype(np.float32)


def error(truth: np.ndarray, scores: np.ndarray) -> float:
    found = calibration(truth, scores, np.ones(len(truth)))["expected_error"]
    assert found is not None
    return float(found)


@pytest.mark.parametrize(("slope", "intercept"), [(0.4, -1.0), (1.0, 0.0), (3.0, 0.5)])
def test_the_curve_of_the_truth_is_found(slope: float, intercept: float) -> None:
    truth, scores = drawn(20_000, slope, intercept)
    curve = fitted(truth, scores, np.ones(len(truth)))
    assert curve
    assert curve.slope == pytest.approx(slope, rel=0.08)
    assert curve.intercept == pytest.approx(intercept, abs=0.08)
    assert error(truth, curve.of(scores)) < 0.02
    assert curve.of(scores).dtype == np.float32


def test_the_fit_is_that_of_a_library() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    for slope, seed in ((0.3, 1), (5.0, 2), (60.0, 3)):
        truth, scores = drawn(300, slope, 1.0, seed)
        x, positive = margins(scores), truth.sum()
        aim = np.where(truth, (positive + 1) / (positive + 2), 1 / (300 - positive + 2))

        def loss(at: np.ndarray, x: np.ndarray = x, aim: np.ndarray = aim) -> float:
            z = at[0] * x + at[1]
            return float((np.logaddexp(0, z) - aim * z).sum())

        theirs = optimize.minimize(loss, [1.0, 0.0], method="BFGS").x
        curve = fitted(truth, scores, np.ones(len(truth)))
        assert curve
        np.testing.assert_allclose([curve.slope, curve.intercept], theirs, rtol=1e-3, atol=1e-3)


def test_classes_that_are_parted_altogether_give_a_finite_curve() -> None:
    truth = np.arange(40) >= 20
    scores = np.where(truth, 0.9, 0.1).astype(np.float32)
    curve = fitted(truth, scores, np.ones(40))
    assert curve
    # One example more of each class, of the other's score: 21 of 22.
    assert curve.of(np.array([0.1, 0.9])) == pytest.approx([1 / 22, 21 / 22], abs=1e-4)


@pytest.mark.parametrize(
    ("truth", "scores"),
    [
        ([], []),
        ([True, True], [0.1, 0.2]),
        ([False, False], [0.1, 0.2]),
        ([True, False], [0.5, 0.5]),
        ([True, True, False] * 99, [0.7] * 297),
        ([True, False], [0.1, 0.9]),
    ],
)
def test_where_there_is_no_curve(truth: list[bool], scores: list[float]) -> None:
    of = np.array(truth, dtype=bool)
    assert fitted(of, np.array(scores, dtype=np.float32), np.ones(len(of))) is None


@given(
    st.lists(st.floats(0, 1, width=32), min_size=2, max_size=50),
    st.floats(0.01, 100),
    st.floats(-20, 20),
)
def test_the_curve_never_turns_two_scores_round(
    scores: list[float], slope: float, intercept: float
) -> None:
    ascending = np.sort(np.array(scores, dtype=np.float32))
    found = PlattScaling(slope, intercept).of(ascending)
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_what_the_model_knows_nothing_of_stays_at_zero() -> None:
    assert PlattScaling(1.0, 5.0).of(np.zeros(2, dtype=np.float32)).tolist() == [0, 0]


def test_ranks_stay() -> None:
    truth, scores = drawn(5_000, 0.4, -1.0)
    curve = fitted(truth, scores, np.ones(len(truth)))
    assert curve
    assert auc(truth, curve.of(scores)) == pytest.approx(auc(truth, scores), abs=1e-6)


def test_examples_weigh_as_the_classes_are_mixed_where_they_were_learnt() -> None:
    truth = np.array([True] * 3 + [False] * 6)
    weights = mixed(truth, 0.5)
    assert weights.sum() == pytest.approx(9)
    assert weights[truth].sum() == pytest.approx(weights[~truth].sum())
    assert len(set(weights[truth])) == 1
    # A host of four counts twice as much as one of one, whatever it has of the other class.
    hosts = ["a", "b", "c", "a", "a", "a", "a", "d", "e"]
    weights = mixed(truth, 0.25, hosts)
    assert weights[truth].sum() == pytest.approx(9 / 4)
    assert weights[3:7].sum() == pytest.approx(2 * weights[7])


def test_luck_in_the_classes_that_are_held_out_does_not_move_the_line() -> None:
    truth, scores = drawn(20_000, 2.0, 0.0)
    # Of the mathematics, one in ten has come to be held out.
    kept = ~truth | (np.arange(20_000) % 10 == 0)
    assert truth[kept].mean() < 0.12
    share = float(truth.mean())
    curve = fitted(truth[kept], scores[kept], mixed(truth[kept], share))
    assert curve
    assert curve.slope == pytest.approx(2, rel=0.1)
    assert curve.intercept == pytest.approx(0, abs=0.1)


def test_an_example_is_calibrated_without_its_host() -> None:
    truth, scores = drawn(600, 0.5, -1.0)
    hosts = [f"h{number % 30}" for number in range(600)]
    before = cross_fitted(truth, scores, hosts, truth.mean())
    assert not before.by_page
    mine = np.array([host == "h7" for host in hosts])
    # Whatever h7's examples are, their own scores do not hear of it; others' do.
    lies = truth ^ mine
    after = cross_fitted(lies, scores, hosts, truth.mean())
    unmoved = before.scores == after.scores
    assert unmoved[mine].all()
    assert 0.1 < unmoved.mean() < 0.3
    assert error(truth, before.scores) < error(truth, scores)


def test_pages_are_dealt_where_a_class_has_too_few_hosts() -> None:
    truth, scores = drawn(600, 0.5, -1.0)
    hosts = [f"h{number % 30}" if math else "one" for number, math in enumerate(truth.tolist())]
    found = cross_fitted(truth, scores, hosts, truth.mean())
    assert found.by_page
    assert error(truth, found.scores) < error(truth, scores)


@pytest.mark.parametrize("both", [0, 3, PARTS])
def test_every_part_leaves_both_classes_to_the_others(both: int) -> None:
    """Also where hosts are few, and some have both classes."""
    names = [f"both{n}" for n in range(both)]
    rows = [(name, math) for name in names for math in (True, False)] * 3
    rows += [(f"math{n}", True) for n in range(PARTS - both)] * 3
    rows += [(f"other{n}", False) for n in range(PARTS - both)] * 3
    truth = np.array([math for _, math in rows])
    noise = np.random.default_rng(3).random(len(rows))
    scores = (0.45 + 0.02 * truth + 0.05 * noise).astype(np.float32)
    found = cross_fitted(truth, scores, [name for name, _ in rows], 0.5)
    assert not found.by_page
    assert (found.scores != scores).all()


def test_the_end_of_a_run_tells_the_error_of_each_round() -> None:
    own = {
        "training": TRAINED["training"] | {"calibration": None, "calibrated_by": "nothing: few"},
        "held out": TRAINED["held out"]
        | {"calibration": {"expected_error": 0.2, "uncalibrated_error": 0.2, "calibrated": False}},
    }
    before_there_was_any = {
        "training": {
            name: value
            for name, value in TRAINED["training"].items()
            if not name.startswith("calibrat")
        }
    }
    notes = [TrainNotes.model_validate(TRAINED | of) for of in ({}, own, before_there_was_any)]
    assert calibration_line(dict(enumerate(notes, 1))) == [
        "scores' expected calibration error: round 1 0.010 (0.120 before calibration); "
        "round 2 0.200 (calibrated by nothing: few)"
    ]
    assert calibration_line({1: notes[2]}) == []
