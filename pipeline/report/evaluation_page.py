"""``report.html``: a round's evaluation as one page for people.

Made of ``evaluation.json`` alone. No script, no link, nothing that a browser would
fetch: addresses of pages are plain text, and all that comes from pages is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pipeline.report.charts import curves
from pipeline.report.html_page import html_page, table

_FIGURES = ("precision", "recall", "auc", "precision_at_recall_95")
_HEADS = ("precision", "recall", "AUC", "precision at 95% recall")


def report_html(evaluation: Mapping[str, Any], number: int) -> str:
    """The page for round ``number``; ``evaluation`` is that of ``heldout.evaluate_round``."""
    title = f"Round {number}: the classifier on hosts held out"
    parts = [
        _comparison(evaluation["compared"], number),
        table(
            ["held-out examples", "mathematical", "other", *_HEADS],
            [
                ["all", *_row(evaluation)],
                ["of hosts absent from training", *_row(evaluation["absent_hosts"])],
            ],
        ),
        "<h2>Calibration</h2>",
        _calibration(evaluation["calibration"]),
        "<h2>Precision and recall</h2>",
        precision_recall_curve({f"round {number}": evaluation["precision_recall"]}),
    ]
    for sort in ("language", "notation", "domain"):
        parts += [f"<h2>By {sort}</h2>", _groups(evaluation[f"by_{sort}"])]
    parts += ["<h2>Groups absent from training</h2>", _left_out(evaluation["left_out"])]
    for name, heading in (
        ("missed", "Mathematical, scored lowest"),
        ("wrongly_called", "Other, scored highest"),
    ):
        parts += [f"<h2>{heading}</h2>", _mistakes(evaluation[name])]
        parts.append(_mistaken_hosts(evaluation[f"hosts_{name}"]))
    return html_page(title, parts)


def _comparison(compared: Mapping[str, Any] | None, number: int) -> str:
    if compared is None:
        return ""
    worse = compared["worse"]
    verdict = (
        f'<p class="worse">Worse than round {number - 1} in {escape(", ".join(worse))}.</p>'
        if worse
        else ""
    )
    rows = [
        [f"round {number - 1}", *_row(compared["before"])],
        [f"round {number}", *_row(compared["now"])],
    ]
    heads = ["pages that neither was trained on", "mathematical", "other", *_HEADS]
    return verdict + table(heads, rows)


def _groups(groups: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name, figures in sorted(groups.items(), key=lambda item: (-_size(item[1]), item[0])):
        trained = figures["trained_on"]
        rows.append([name, f"{trained['math']:,}", f"{trained['other']:,}", *_row(figures)])
    heads = ["", "trained on, math", "trained on, other", "mathematical", "other", *_HEADS]
    return table(heads, rows)


def _left_out(left_out: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for one in left_out:
        name = f"{one['sort']} {one['group']}"
        rows.append([f"{name}, met in training", *_row(one["met"])])
        if one["never_met"]:
            rows.append([f"{name}, never met", *_row(one["never_met"])])
    if not rows:
        return "<p>No group has examples enough to be left out.</p>"
    heads = ["small models, the group's mathematics among all other pages"]
    return table([*heads, "mathematical", "other", *_HEADS], rows)


def _mistakes(pages: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        [page["url"] or page["id"], page["language"], page["notation"], f"{page['score']:.3f}"]
        for page in pages
    ]
    return table(["page", "language", "notation", "score"], rows) if rows else "<p>None.</p>"


def _mistaken_hosts(hosts: Iterable[Mapping[str, Any]]) -> str:
    rows = [[one["host"], f"{one['mistakes']:,}", f"{one['examples']:,}"] for one in hosts]
    return table(["host", "mistakes", "of examples"], rows) if rows else ""


def _calibration(figures: Mapping[str, Any]) -> str:
    bins = [one for one in figures["bins"] if one["examples"]]
    rows = [
        [
            f"{one['from']:.1f}–{one['to']:.1f}",
            f"{one['examples']:,}",
            f"{one['mean_score']:.3f}",
            f"{one['mathematical']:.1%}",
        ]
        for one in bins
    ]
    return (
        _calibration_error(figures)
        + calibration_curve(bins)
        + table(["score", "examples", "mean score", "mathematical"], rows)
    )


def _calibration_error(figures: Mapping[str, Any]) -> str:
    """The error, and what the scores that it is of were calibrated with."""
    error, own = figures["expected_error"], figures["uncalibrated_error"]
    if error is None:
        return ""
    if not figures["calibrated"]:
        how = (
            "The model's own scores: too few examples are held out to calibrate them, or they are "
            "nearer the truth as they are."
        )
    else:
        others = "pages" if figures["by_page"] else "hosts"
        how = (
            f"Each example's score is calibrated by examples of other {others}; "
            f"the model's own scores have {own:.3f}."
        )
    return f"<p>Expected calibration error: {error:.3f}. {how}</p>"


def calibration_curve(bins: Sequence[Mapping[str, Any]]) -> str:
    """Mean score against the share that is mathematical; the diagonal is perfect."""
    points = [(one["mean_score"], one["mathematical"]) for one in bins if one["examples"]]
    return curves(
        "calibration curve",
        {"held-out examples": points, "perfect": [(0.0, 0.0), (1.0, 1.0)]},
        "mean score",
        "share mathematical",
        dots=("held-out examples",),
    )


def precision_recall_curve(rounds: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Precision by recall of each round that has both classes; empty where none has."""
    series = {
        name: [(point["recall"], point["precision"]) for point in points]
        for name, points in rounds.items()
        if points
    }
    return curves("precision by recall", series, "recall", "precision") if series else ""


def _row(figures: Mapping[str, Any]) -> list[str]:
    examples = figures["examples"]
    return [
        f"{examples['math']:,}",
        f"{examples['other']:,}",
        *("–" if figures[name] is None else f"{figures[name]:.3f}" for name in _FIGURES),
    ]


def _size(figures: Mapping[str, Any]) -> int:
    return sum(figures["examples"].values())
