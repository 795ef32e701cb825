from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.evaluation import (
    CURVE_POINTS,
    MOST_GROUPS,
    auc,
    calibration,
    evaluate,
    precision_recall,
    precision_recall_points,
)


def evaluated(labels: list[bool], scores: list[float], **more: object) -> dict:
    count = len(labels)
    columns = {
        "hosts": [f"h{index}" for index in range(count)],
        "groups": {"language": [("en",)] * count},
        "ids": [f"id{index}" for index in range(count)],
        "urls": [f"https://h{index}/page" for index in range(count)],
        "trained": {},
        "threshold": 0.5,
        "share": 0.5,
        **more,
    }
    return evaluate(labels, scores, **columns)


def test_figures_by_hand() -> None:
    #        score: .9    .8     .7    .6     .4    .2
    labels = [True, False, True, True, True, False]
    found = evaluated(labels, [0.9, 0.8, 0.7, 0.6, 0.4, 0.2])
    assert found["examples"] == {"math": 4, "other": 2}
    assert found["precision"] == 0.75
    assert found["recall"] == 0.75
    assert found["f1"] == 0.75
    # Pairs won: .9 beats both; .7, .6, .4 beat the last alone: 5 of 8.
    assert found["auc"] == 0.625
    # Precision where each mathematical example is reached: 1, 2/3, 3/4, 4/5.
    assert found["average_precision"] == pytest.approx((1 + 2 / 3 + 3 / 4 + 4 / 5) / 4, abs=1e-6)
    assert found["precision_at_recall_95"] == 0.8
    assert found["why_not"] == ""
    assert [item["id"] for item in found["missed"]] == ["id4"]
    assert [item["id"] for item in found["wrongly_called"]] == ["id1"]


SCORED = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), min_size=2
).filter(lambda rows: len({label for label, _ in rows}) == 2)


@given(SCORED)
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, float]]) -> None:
    truth, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    pairs = [(a > b) + (a == b) / 2 for a in score[truth] for b in score[~truth]]
    assert auc(truth, score) == pytest.approx(sum(pairs) / len(pairs))


@given(SCORED)
def test_precision_and_recall_are_those_of_each_threshold(rows: list[tuple[bool, float]]) -> None:
    truth, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    precision, recall = precision_recall(truth, score)
    thresholds = sorted(set(score.tolist()), reverse=True)
    assert len(precision) == len(recall) == len(thresholds)
    for at, threshold in enumerate(thresholds):
        taken = score >= threshold
        assert precision[at] == pytest.approx(truth[taken].mean())
        assert recall[at] == pytest.approx(taken[truth].mean())


@given(SCORED, st.randoms())
def test_the_order_of_the_examples_does_not_matter(rows, random) -> None:
    def of(order: list[int]) -> dict:
        return evaluated(
            [rows[i][0] for i in order],
            [rows[i][1] for i in order],
            hosts=[f"h{i}" for i in order],
            ids=[f"id{i}" for i in order],
            urls=[f"https://h{i}/" for i in order],
        )

    order = list(range(len(rows)))
    straight = of(order)
    random.shuffle(order)
    assert of(order) == straight


@pytest.mark.parametrize(
    ("labels", "scores", "missing", "reason"),
    [
        ([], [], "auc precision recall f1 average_precision", "no example"),
        ([True], [0.9], "auc average_precision precision_at_recall_95", "other pages"),
        ([False], [0.9], "auc recall f1 precision_at_recall_95", "no mathematical"),
        ([True, False], [0.2, 0.1], "precision", "threshold"),
    ],
)
def test_what_cannot_be_said_is_null_with_a_reason(labels, scores, missing, reason) -> None:
    found = evaluated(labels, scores)
    for name in missing.split():
        assert found[name] is None, name
    assert reason in found["why_not"]
    json.dumps(found, allow_nan=False)


def test_each_group_has_its_figures_beside_what_training_had_of_it() -> None:
    found = evaluated(
        [True, False, True, False],
        [0.9, 0.1, 0.1, 0.9],
        groups={
            "language": [("en",), ("en",), ("zh",), ("zh",)],
            "notation": [("dollar", "mathml"), ("no formula",), ("dollar",), ("no formula",)],
        },
        trained={"language": {"en": {"math": 500, "other": 900}, "fr": {"math": 1, "other": 0}}},
    )
    assert found["by_language"]["en"]["auc"] == 1
    assert found["by_language"]["zh"]["auc"] == 0
    assert found["auc"] == 0.5
    assert found["by_language"]["en"]["trained_on"] == {"math": 500, "other": 900}
    assert found["by_language"]["zh"]["trained_on"] == {"math": 0, "other": 0}
    assert "fr" not in found["by_language"]
    # A page in two notations is in both.
    assert found["by_notation"]["dollar"]["examples"] == {"math": 2, "other": 0}
    assert found["by_notation"]["mathml"]["examples"] == {"math": 1, "other": 0}
    rare = [(one["sort"], one["group"]) for one in found["rare_in_training"]]
    assert rare == [("language", "zh"), ("notation", "dollar"), ("notation", "mathml")]
    assert json.loads(json.dumps(found)) == found


def test_groups_told_by_name_are_bounded() -> None:
    names = [(f"tld{index:04}",) for index in range(200)] + [("com",)] * 2
    found = evaluated([True, False] * 101, [0.5] * 202, groups={"domain": names})
    assert len(found["by_domain"]) == MOST_GROUPS
    assert "com" in found["by_domain"]


def test_calibration_by_hand() -> None:
    found = calibration(
        np.array([True, False, True, True]), np.array([0.1, 0.1, 0.95, 1.0]), np.ones(4)
    )
    filled = [one for one in found["bins"] if one["examples"]]
    assert [(one["from"], one["to"], one["examples"]) for one in filled] == [
        (0.1, 0.2, 2),
        (0.9, 1.0, 2),
    ]
    assert [one["mathematical"] for one in filled] == [0.5, 1.0]
    assert [one["mean_score"] for one in filled] == [0.1, 0.975]
    assert found["expected_error"] == pytest.approx((0.4 + 0.025) / 2)
    nothing = np.zeros(0)
    assert calibration(nothing.astype(bool), nothing, nothing)["expected_error"] is None
    # Of the mathematical example at .1 there are two for one of the other.
    found = calibration(np.array([True, False]), np.array([0.1, 0.1]), np.array([2.0, 1.0]))
    assert found["bins"][1]["mathematical"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["expected_error"] == pytest.approx(2 / 3 - 0.1, abs=1e-6)


@given(SCORED)
def test_every_example_is_in_one_bin(rows: list[tuple[bool, float]]) -> None:
    truth, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    found = calibration(truth, score, np.ones(len(truth)))
    assert sum(one["examples"] for one in found["bins"]) == len(rows)
    assert 0 <= found["expected_error"] <= 1


def test_mistaken_hosts_come_with_their_counts_and_texts_without_address_do_not() -> None:
    found = evaluated(
        [True] * 4 + [False] * 3,
        [0.1, 0.2, 0.9, 0.1, 0.8, 0.9, 0.1],
        hosts=["b", "b", "b", "", "a", "a", "b"],
    )
    assert found["hosts_missed"] == [{"host": "b", "mistakes": 2, "examples": 3}]
    assert found["hosts_wrongly_called"] == [{"host": "a", "mistakes": 2, "examples": 2}]


def test_mistakes_are_the_worst_and_bounded() -> None:
    scores = [index / 100 for index in range(50)]
    found = evaluated([True] * 50, scores, mistakes=3)
    assert [item["id"] for item in found["missed"]] == ["id0", "id1", "id2"]
    assert found["missed"][0]["url"] == "https://h0/page"
    assert found["missed"][0]["language"] == "en"
    assert found["hosts"] == {"math": 50, "other": 0}


def test_the_curve_has_a_point_a_threshold_and_not_too_many() -> None:
    truth = np.array([True, False, True, False])
    points = precision_recall_points(truth, np.array([0.9, 0.9, 0.4, 0.1]))
    assert points == [
        {"threshold": 0.9, "precision": 0.5, "recall": 0.5},
        {"threshold": 0.4, "precision": 0.666667, "recall": 1.0},
        {"threshold": 0.1, "precision": 0.5, "recall": 1.0},
    ]
    many = precision_recall_points(np.arange(5_000) % 2 == 0, np.linspace(0, 1, 5_000))
    assert len(many) == CURVE_POINTS
    assert (many[0]["threshold"], many[-1]["threshold"]) == (1.0, 0.0)
    assert precision_recall_points(np.array([True, True]), np.array([0.1, 0.2])) == []
