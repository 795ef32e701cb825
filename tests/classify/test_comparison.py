from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.comparison import COMPARED, _weighted, compare
from pipeline.classify.evaluation import figures
from pipeline.classify.train_notes import Comparison
from pipeline.report.closing_classifier import worse_line


def some(count: int, hosts: int, noise: float, seed: int) -> tuple[list[bool], list[float]]:
    """Labels, and scores that tell them the worse the more noise there is."""
    random = np.random.default_rng(seed)
    labels = [index // hosts % 2 == 0 for index in range(count)]
    scores = np.clip(np.array(labels) * 0.5 + 0.25 + random.normal(0, noise, count), 0, 1)
    return labels, scores.tolist()


def hosts_of(count: int, hosts: int) -> list[str]:
    return [f"h{index % hosts}.org" for index in range(count)]


def test_a_worse_model_is_told_with_figures_of_both() -> None:
    labels, good = some(400, 20, 0.1, seed=1)
    _, bad = some(400, 20, 0.5, seed=2)
    hosts = hosts_of(400, 20)
    fallen = compare(labels, good, bad, hosts, 0.5, seed=1)
    assert set(fallen["worse"]) == set(COMPARED)
    change = fallen["difference"]["auc"]
    assert change["interval"][0] <= change["change"] <= change["interval"][1] < 0
    score = np.array(bad)
    assert fallen["now"] == figures(np.array(labels), score, score >= 0.5)
    line = worse_line(Comparison.model_validate({"by_page": False, **fallen}), 3)[0]
    assert line.startswith(
        "WORSE: round 3's classifier does worse than round 2's on the same 400 pages of hosts"
    )
    for name, told in (("auc", "AUC"), ("precision_at_recall_95", "precision at 95% recall")):
        assert f"{told} {fallen['before'][name]:.3f} → {fallen['now'][name]:.3f}" in line
    risen = compare(labels, bad, good, hosts, 0.5, seed=1)
    assert risen["worse"] == []
    assert worse_line(Comparison.model_validate({"by_page": False, **risen}), 3) == []
    assert json.loads(json.dumps(fallen, allow_nan=False)) == fallen


def test_what_one_host_does_is_no_finding() -> None:
    # One host of twenty is scored the other way round by the second model.
    labels, scores = some(400, 20, 0.1, seed=1)
    hosts = hosts_of(400, 20)
    other = [1 - s if host == "h3.org" else s for s, host in zip(scores, hosts, strict=True)]
    found = compare(labels, scores, other, hosts, 0.5, seed=1)
    assert found["difference"]["auc"]["change"] < -0.01
    assert found["worse"] == []


def test_the_same_scores_are_no_worse_and_the_same_seed_tells_the_same() -> None:
    labels, scores = some(200, 10, 0.3, seed=3)
    one = compare(labels, scores, scores, hosts_of(200, 10), 0.5, seed=4)
    assert one["worse"] == []
    assert all(change["interval"] == [0, 0] for change in one["difference"].values())
    _, others = some(200, 10, 0.3, seed=5)
    told = [compare(labels, scores, others, hosts_of(200, 10), 0.5, seed=4) for _ in range(2)]
    assert told[0] == told[1]


@pytest.mark.parametrize(("lost", "worse"), [(0, False), (1, False), (12, True)])
def test_with_few_hosts_pages_are_drawn_and_one_page_is_no_finding(lost: int, worse: bool) -> None:
    labels = [True] * 30 + [False] * 30
    before = [0.9] * 30 + [0.1] * 30
    now = [0.2] * lost + before[lost:]
    found = compare(labels, before, now, ["a"] * 30 + ["b"] * 30, 0.5, seed=1)
    assert found["difference"]["auc"]["interval"] is None
    assert ("recall" in found["worse"]) is worse
    assert bool(found["worse"]) is worse


@pytest.mark.parametrize("hosts", [2, 7])
def test_one_more_false_positive_beside_14_pages_is_no_alarm(hosts: int) -> None:
    """Of 14 mathematical pages; precision falls from 14/14 to 14/15, and chance allows it."""
    labels = [True] * 14 + [False] * 200
    before = [0.9] * 13 + [0.45] + [0.1] * 200
    now = [0.9] * 14 + [0.6] + [0.1] * 199
    found = compare(labels, before, now, hosts_of(214, hosts), 0.5, seed=1)
    assert found["difference"]["precision"]["change"] < -0.05
    assert found["difference"]["recall"]["change"] > 0.05
    assert found["worse"] == []


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_what_one_page_changes_is_never_worse(seed: int, which: int) -> None:
    random = np.random.default_rng(seed)
    labels = [*(random.random(60) < 0.4), True, False]
    before = np.clip(np.array(labels) * 0.3 + random.random(62) * 0.7, 0, 1)
    now = before.copy()
    at = which % 62
    now[at] = 0.0 if labels[at] else 1.0
    hosts = [f"h{number % 12}.org" for number in range(62)]
    assert compare(labels, before.tolist(), now.tolist(), hosts, 0.5, seed=1)["worse"] == []


@pytest.mark.parametrize("labels", [[], [True, True], [False]])
def test_what_cannot_be_compared_is_none(labels: list[bool]) -> None:
    scores = [0.4] * len(labels)
    found = compare(labels, scores, scores, [f"h{at}" for at in range(len(labels))], 0.5, seed=1)
    assert found["difference"]["auc"] is None
    assert found["worse"] == []


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 0.75]), st.integers(0, 3)),
        min_size=2,
    ).filter(lambda rows: len({label for label, _, times in rows if times}) == 2)
)
def test_weights_are_repetitions(rows: list[tuple[bool, float, int]]) -> None:
    truth, score, times = (np.array(column) for column in zip(*rows, strict=True))
    place = np.unique(score, return_inverse=True)[1]
    found = _weighted(times * truth, times * ~truth, place, score >= 0.5)
    again = np.repeat(truth, times), np.repeat(score, times)
    told = figures(*again, again[1] >= 0.5)
    for name, value in zip(COMPARED, found, strict=True):
        if told[name] is None:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(told[name], abs=1e-6)
