r"""Formulas that KaTeX rendered, without any TeX beside them, and what is read out of them.

``renderings/katex-*.jsonl`` are of the versions in their names: what ``renderToString(tex,
{output: "html"})`` returned (0.5 and 0.8: without ``.katex-mathml``), shortened by what no
reader looks at: heights of struts and rows, digits of lengths, the rest of outlines.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas.katex.katex_element import from_katex
from pipeline.text.formulas.tex import Formula
from tests.bench.notation import characters, normalised

RENDERINGS = Path(__file__).with_name("renderings")
VERSIONS = ("0.5.1", "0.8.3", "0.10.2", "0.16.47")


def goldens(version: str) -> list[dict[str, Any]]:
    lines = (RENDERINGS / f"katex-{version}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES = [(version, case["tex"], case) for version in VERSIONS for case in goldens(version)]
NAMES = [f"{version} {tex}" for version, tex, _ in CASES]


def first(html: str) -> LexborNode:
    body = LexborHTMLParser(html).body
    assert body is not None
    element = body.first_child
    assert element is not None
    return element


def read(html: str) -> Formula | None:
    return from_katex(first(html))


def spans(inside: str) -> str:
    return f'<span class="katex"><span class="katex-html">{inside}</span></span>'


def tex(inside: str) -> str:
    found = read(spans(inside))
    return found.tex if found else ""


def stack(*rows: tuple[float, str]) -> str:
    """As 0.16 writes one: what each row holds, and how far down it is."""
    inside = "".join(
        f'<span style="top:{down - 3}em;">'
        f'<span class="pstrut" style="height:3em;"></span>{row}</span>'
        for down, row in rows
    )
    vlist = f'<span class="vlist">{inside}</span>'
    return f'<span class="vlist-t"><span class="vlist-r">{vlist}</span></span>'


def drawn(*outlines: str) -> str:
    paths = "".join(f'<span><svg><path d="{outline}"/></svg></span>' for outline in outlines)
    return f'<span class="stretchy">{paths}</span>'


def shown(tex: str) -> int:
    """How many letters and digits ``tex`` shows."""
    return sum(sign.isalnum() for sign in characters(tex))


@pytest.mark.parametrize(("version", "_", "case"), CASES, ids=NAMES)
def test_renderings_are_read(version: str, _: str, case: dict[str, Any]) -> None:
    found = read(case["html"])
    assert found is not None
    assert normalised(found.tex) == normalised(case["tex"])
    assert found.display == case["display"]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_doubled_where_a_tag_is_missing(version: str) -> None:
    # An accent that loses its text is one on a letter that counts.
    for case in (case for case in goldens(version) if case["tex"].isascii()):
        html = case["html"]
        count = shown(case["tex"])
        tags = [at for at, sign in enumerate(html) if sign == "<" and html[at + 1] != "/"]
        for at in tags[2:]:
            broken = html[:at] + html[html.index(">", at) + 1 :]
            found = read(broken)
            assert found is None or shown(found.tex) <= count


def test_mathml_beside_the_spans_comes_first() -> None:
    mathml = "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>\\xi</annotation>"
    html = f"<span class='katex-mathml'>{mathml}</semantics></math></span>"
    found = read(f"<span class='katex'>{html}<span class='katex-html'>ξ</span></span>")
    assert found == Formula("\\xi")


def test_errors_are_read_as_the_tex_they_show() -> None:
    assert read('<span class="katex-error" title="no">\\frac{1}</span>') == Formula("\\frac{1}")


def test_words_and_formulas_in_a_text() -> None:
    power = (
        '<span class="mord"><span class="mord mathnormal">x</span><span class="msupsub">'
        + stack((-0.4, '<span class="mord mtight">2</span>'))
        + "</span></span>"
    )
    inside = f'<span class="mord">for </span>{power}<span class="mord textbf"> all</span>'
    assert tex(f'<span class="mord text">{inside}</span>') == "\\text{for }x^2\\textbf{ all}"


def test_accents_of_words() -> None:
    accent = stack((0, '<span class="mord">ı</span>'), (-0.1, '<span class="accent-body">¨</span>'))
    word = f'<span class="mord">na</span><span class="mord accent">{accent}</span>'
    assert tex(f'<span class="mord text">{word}<span class="mord">ve</span></span>') == (
        "\\text{naïve}"
    )


#: How outlines begin, and the accents and arrows that they are.
DRAWINGS = {
    ("M400000 241H110l3-3",): "\\xleftarrow{f}",
    ("M0 241v40h399891c-47",): "\\xrightarrow{f}",
    ("M400000 241H110l3-3", "M0 241v40h399891c-47"): "\\xleftrightarrow{f}",
    ("M262 157\nl10-10",): "\\xLeftarrow{f}",
    ("M399738 392l\n-10 10",): "\\xRightarrow{f}",
    ("M40 281 V448H0V74", "M0 241v40h399891"): "\\xmapsto{f}",
    ("M400000 281 H103s-33", "M0 241v40h399891"): "\\xhookrightarrow{f}",
    ("M400000 241H110", "M399859 241c-764"): "\\xhookleftarrow{f}",
    ("M7 435c-4 4", "M0 241v40h399993c4.7"): "\\xrightleftharpoons{f}",
    ("M0 267c.7 5.3", "M399747 705c0"): "\\xleftrightharpoons{f}",
    ("M400000 167c-68-40",): "\\xtwoheadrightarrow{f}",
    ("M0 0",): "\\xrightarrow{f}",
}


@pytest.mark.parametrize("outlines", DRAWINGS, ids=DRAWINGS.values())
def test_arrows_are_told_by_their_outlines(outlines: tuple[str, ...]) -> None:
    label = '<span class="sizing mtight"><span class="mord mathnormal mtight">f</span></span>'
    arrow = f'<span class="svg-align" style="top:-2.7em;">{drawn(*outlines)}</span>'
    rows = f'<span class="vlist"><span style="top:-3.3em;">{label}</span>{arrow}</span>'
    assert tex(f'<span class="mrel x-arrow">{rows}</span>') == DRAWINGS[outlines]


@pytest.mark.parametrize(
    ("outline", "read_as"),
    [
        ("M403 1759 V84 H666 V0 H319 V1759 v0 v1759 v84 h347", "\\left[\\frac{a}{b}\\right."),
        ("M403 1759 V84 H666 V0 H319 V1759 v0 v602 h84z", "\\left\\lceil\\frac{a}{b}\\right."),
        ("M319 602 V0 H403 V602 v0 v1715 h263 v84", "\\left\\lfloor\\frac{a}{b}\\right."),
        ("M863,9c0,-2", "\\left(\\frac{a}{b}\\right."),
        ("M145 15 v585", "\\left|\\frac{a}{b}\\right."),
        ("M145 15 v585 M367 15", "\\left\\|\\frac{a}{b}\\right."),
    ],
)
def test_brackets_are_told_by_their_outlines(outline: str, read_as: str) -> None:
    opening = f'<span class="mopen"><span class="delimsizing mult">{drawn(outline)}</span></span>'
    rows = stack(
        (0.7, '<span class="mord mathnormal">b</span>'),
        (-0.2, '<span class="frac-line"></span>'),
        (-0.7, '<span class="mord mathnormal">a</span>'),
    )
    closing = '<span class="mclose nulldelimiter"></span>'
    fenced = f'{opening}<span class="mord"><span class="mfrac">{rows}</span></span>{closing}'
    assert tex(f'<span class="minner">{fenced}</span>') == read_as


def test_strokes_through_signs() -> None:
    stroke = '<span class="mrel"><span class="rlap"><span class="inner">\ue020</span></span></span>'
    sign = '<span class="mrel">⊂</span>'
    assert tex(f'{stroke}<span class="mspace nobreak"></span>{sign}') == "\\not\\subset"
    slash = '<span class="mord"><span class="llap"><span class="mord">/</span></span></span>'
    assert tex(f'<span class="mrel"><span class="mrel">∈</span>{slash}</span>') == "\\notin"
    # Nothing to be drawn through: nothing breaks.
    assert tex(slash) == ""


def test_lines_of_one_formula() -> None:
    lines = '<span class="mord mathnormal">a</span><span class="mspace newline"></span>'
    assert tex(f'{lines}<span class="mord mathnormal">b</span>') == "a\\\\b"


# --- What nobody rendered ------------------------------------------------------

CLASSES = (
    "mord mfrac vlist-t vlist msupsub accent text minner mtable op-limits x-arrow mop llap sqrt "
    "overline tag delimsizing mspace"
).split()


DEEP = (
    '<span class="{}">' * 10_000 + "x",
    '<span class="{}"><span class="vlist"><span style="top:1em">x</span>'
    '<span style="top:2em">' * 10_000,
)
LONG = (
    '<span class="{}">x</span>' * 100_000,
    '<span class="{}"><span class="vlist">' + '<span style="top:1em">x</span>' * 100_000,
)
MISSING = (
    '<span class="{}"></span>',
    '<span class="{}"><span class="vlist"><span style="top:-em">',
)


@pytest.mark.parametrize("name", CLASSES)
def test_deep_and_empty_renderings_end_soon(name: str) -> None:
    for inside in DEEP + MISSING:
        hurried(inside.replace("{}", name))


@pytest.mark.parametrize("name", ["mord", "text", "mtable", "delimsizing", "op-limits"])
def test_long_renderings_end_soon(name: str) -> None:
    for inside in LONG:
        hurried(inside.replace("{}", name))


def hurried(inside: str) -> None:
    element = first(spans(inside))
    start = time.process_time()
    found = from_katex(element)
    assert time.process_time() - start < 5
    assert found is None or len(found.tex) <= 10_000


def test_elements_without_a_formula() -> None:
    assert read('<span class="katex"></span>') is None
    assert read(spans("")) is None
    assert read('<span class="katex-display"><span class="katex"></span></span>') is None
