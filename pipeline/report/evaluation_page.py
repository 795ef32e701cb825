"""``report.html``: a round's evaluation as one page for people.

Made of ``evaluation.json`` alone. No script, no link, nothing that a browser would
fetch: addresses of pages are plain text, and all that comes from pages is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; display: block; overflow-x: auto }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere }
.worse { border-left: 4px solid #b00020; padding: .3rem .8rem; background: #fdecee }
svg { max-width: 26rem; width: 100% }
"""
_FIGURES = ("precision", "recall", "auc", "precision_at_recall_95")
_HEADS = ("precision", "recall", "AUC", "precision at 95% recall")
_SIDE, _MARGIN = 300, 40


def report_html(evaluation: Mapping[str, Any], number: int) -> str:
    """The page for round ``number``; ``evaluation`` is that of ``heldout.evaluate_round``."""
    title = f"Round {number}: the classifier on hosts held out"
    parts = [
        f"<h1>{title}</h1>",
        _comparison(evaluation["compared"], number),
        _table(
            ["held-out examples", "mathematical", "other", *_HEADS],
            [
                ["all", *_row(evaluation)],
                ["of hosts absent from training", *_row(evaluation["absent_hosts"])],
            ],
        ),
        "<h2>Calibration</h2>",
        _calibration(evaluation["calibration"]),
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
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


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
    return verdict + _table(heads, rows)


def _groups(groups: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name, figures in sorted(groups.items(), key=lambda item: (-_size(item[1]), item[0])):
        trained = figures["trained_on"]
        rows.append([name, f"{trained['math']:,}", f"{trained['other']:,}", *_row(figures)])
    heads = ["", "trained on, math", "trained on, other", "mathematical", "other", *_HEADS]
    return _table(heads, rows)


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
    return _table([*heads, "mathematical", "other", *_HEADS], rows)


def _mistakes(pages: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        [page["url"] or page["id"], page["language"], page["notation"], f"{page['score']:.3f}"]
        for page in pages
    ]
    return _table(["page", "language", "notation", "score"], rows) if rows else "<p>None.</p>"


def _mistaken_hosts(hosts: Iterable[Mapping[str, Any]]) -> str:
    rows = [[one["host"], f"{one['mistakes']:,}", f"{one['examples']:,}"] for one in hosts]
    return _table(["host", "mistakes", "of examples"], rows) if rows else ""


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
    error = figures["expected_error"]
    error_line = "" if error is None else f"<p>Expected calibration error: {error:.3f}.</p>"
    return (
        error_line
        + _curve(bins)
        + _table(["score", "examples", "mean score", "mathematical"], rows)
    )


def _curve(bins: Sequence[Mapping[str, Any]]) -> str:
    """Mean score against the share that is mathematical; the diagonal is perfect."""

    def at(x: float, y: float) -> tuple[float, float]:
        return _MARGIN + x * _SIDE, 10 + (1 - y) * _SIDE

    points = [at(one["mean_score"], one["mathematical"]) for one in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0b57a4"/>' for x, y in points)
    (left, low), (right, high) = at(0, 0), at(1, 1)
    return (
        f'<svg viewBox="0 0 {_SIDE + _MARGIN + 20} {_SIDE + _MARGIN + 10}" role="img" '
        'aria-label="calibration curve">'
        f'<rect x="{left}" y="{high}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>'
        f'<line x1="{left}" y1="{low}" x2="{right}" y2="{high}" stroke="#999" '
        'stroke-dasharray="4 4"/>'
        f'<polyline points="{line}" fill="none" stroke="#0b57a4" stroke-width="2"/>{dots}'
        f'<text x="{left + _SIDE / 2}" y="{low + 30}" text-anchor="middle" font-size="13">'
        "mean score</text>"
        f'<text x="14" y="{high + _SIDE / 2}" text-anchor="middle" font-size="13" '
        f'transform="rotate(-90 14 {high + _SIDE / 2})">share mathematical</text></svg>'
    )


def _row(figures: Mapping[str, Any]) -> list[str]:
    examples = figures["examples"]
    return [
        f"{examples['math']:,}",
        f"{examples['other']:,}",
        *("–" if figures[name] is None else f"{figures[name]:.3f}" for name in _FIGURES),
    ]


def _size(figures: Mapping[str, Any]) -> int:
    return sum(figures["examples"].values())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"
