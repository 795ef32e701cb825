"""What each round's evaluation says, after three rounds over the sample web."""

import json

import pytest
from selectolax.lexbor import LexborHTMLParser


@pytest.fixture(scope="module")
def evaluations(finished):
    models = [finished.run.workspace.model(n + 1).parts() for n in range(finished.rounds)]
    return [
        json.loads((finished.workspace / folder / "evaluation.json").read_text())
        for [folder] in models
    ]


def test_each_round_is_tried_by_language_notation_and_domain(evaluations):
    for found in evaluations:
        # Outside texts, and pages of the crawl.
        assert {"und", "zh"} <= found["by_language"].keys()
        assert "no formula" in found["by_notation"]
        assert found["by_domain"]
        of_languages = [of["examples"] for of in found["by_language"].values()]
        for side in ("math", "other"):
            assert sum(of[side] for of in of_languages) == found["examples"][side]
        trained = sum(sum(of["trained_on"].values()) for of in found["by_language"].values())
        assert trained > sum(found["examples"].values())
        binned = sum(one["examples"] for one in found["calibration"]["bins"])
        assert binned == sum(found["examples"].values())


def test_scores_are_the_chances_that_they_claim_to_be(evaluations):
    figures = [found["calibration"] for found in evaluations]
    errors = [(of["expected_error"], of["uncalibrated_error"]) for of in figures]
    assert all(of["calibrated"] for of in figures)
    # Of hosts that did not take part in the fit.
    assert max(error for error, _ in errors) <= 0.05, errors


def test_each_round_but_the_first_is_compared_with_the_one_before(evaluations):
    assert evaluations[0]["compared"] is None
    for found in evaluations[1:]:
        compared = found["compared"]
        assert compared["now"]["examples"] == compared["before"]["examples"]
        assert compared["now"]["examples"]["other"] > 0
        assert compared["now"]["auc"] is not None


def test_each_round_has_a_report_that_loads_nothing(finished):
    for number in range(1, finished.rounds + 1):
        page = (finished.workspace / "rounds" / str(number) / "report.html").read_text()
        tree = LexborHTMLParser(page)
        assert not tree.css("script, a, img, link, iframe")
        assert len(tree.css("table")) >= 6
        assert f"Round {number}" in tree.css_first("h1").text()
