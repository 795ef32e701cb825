r"""Formulas that MathJax rendered, without any TeX beside them, and what is read out of them.

``renderings/mathjax-*.jsonl`` are of the versions in their names: what ``tex2chtml`` and
``tex2svg`` of 3.2.2 and 4.1.3 (with mathtools and cancel) and mathjax-node 2 (MathJax 2.7.9,
CommonHTML) returned, shortened by what no reader looks at: ``data-latex``, outlines, padding,
attributes of ``<svg>``. Of HTML-CSS, which needs a browser, the samples are written by hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas.mathjax.mathjax_element import from_mathjax2, from_mathjax3
from pipeline.text.formulas.tex import Formula
from tests.bench.notation import characters, normalised

RENDERINGS = Path(__file__).with_name("renderings")
Reader = Callable[[LexborNode], Formula | None]
READERS: dict[str, Reader] = {
    "2.7.9-commonhtml": from_mathjax2,
    "3.2.2-chtml": from_mathjax3,
    "3.2.2-svg": from_mathjax3,
    "4.1.3-chtml": from_mathjax3,
    "4.1.3-svg": from_mathjax3,
}


def goldens(version: str) -> list[dict[str, Any]]:
    lines = (RENDERINGS / f"mathjax-{version}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES = [(version, case["tex"], case) for version in READERS for case in goldens(version)]
NAMES = [f"{version} {tex}" for version, tex, _ in CASES]


def first(html: str) -> LexborNode:
    body = LexborHTMLParser(html).body
    assert body is not None
    element = body.first_child
    assert element is not None
    return element


def boxes(inside: str) -> str:
    return f'<mjx-container><mjx-math class="MJX-TEX">{inside}</mjx-math></mjx-container>'


def drawing(inside: str) -> str:
    return f'<mjx-container><svg><g><g data-mml-node="math">{inside}</g></g></svg></mjx-container>'


def shown(tex: str) -> int:
    """How many letters and digits ``tex`` shows."""
    return sum(sign.isalnum() for sign in characters(tex))


@pytest.mark.parametrize(("version", "_", "case"), CASES, ids=NAMES)
def test_renderings_are_read(version: str, _: str, case: dict[str, Any]) -> None:
    found = READERS[version](first(case["html"]))
    assert found is not None
    assert normalised(found.tex) == normalised(case["tex"])
    assert found.display == case["display"]


@pytest.mark.parametrize("version", READERS)
def test_nothing_is_doubled_where_a_tag_is_missing(version: str) -> None:
    for case in goldens(version):
        html = case["html"]
        count = shown(case["tex"])
        tags = [at for at, sign in enumerate(html) if sign == "<" and html[at + 1] != "/"]
        for at in tags[2:]:
            broken = html[:at] + html[html.index(">", at) + 1 :]
            found = READERS[version](first(broken))
            assert found is None or shown(found.tex) <= count


def test_what_a_rendering_says_about_itself_comes_first() -> None:
    letter = '<mjx-mi><mjx-c class="mjx-c1D465 TEX-I"></mjx-c></mjx-mi>'
    assert from_mathjax3(first(boxes(letter))) == Formula("x")
    said = boxes(letter).replace("<mjx-math", '<mjx-math data-latex="\\xi"')
    assert from_mathjax3(first(said)) == Formula("\\xi")
    mathml = "<mjx-assistive-mml><math><mi>y</mi></math></mjx-assistive-mml>"
    assert from_mathjax3(first(boxes(letter + mathml))) == Formula("y")


def test_mathml_of_version_2_comes_first() -> None:
    markup = "&lt;math&gt;&lt;mi&gt;y&lt;/mi&gt;&lt;/math&gt;"
    html = f'<span class="MathJax" data-mathml="{markup}"><span class="math">z</span></span>'
    assert from_mathjax2(first(html)) == Formula("y")


def test_bars_are_told_by_the_space_around_them() -> None:
    def letter(code: str, space: str = "") -> str:
        return f'<mjx-mi{space}><mjx-c class="mjx-c{code}"></mjx-c></mjx-mi>'

    bar = '<mjx-mo{}><mjx-c class="mjx-c2225"></mjx-c></mjx-mo>'
    related = letter("1D44E") + bar.format(' space="4"') + letter("1D44F", ' space="4"')
    assert from_mathjax3(first(boxes(related))) == Formula("a\\parallel b")
    norm = bar.format(' space="3"') + letter("1D44E") + bar.format("")
    assert from_mathjax3(first(boxes(norm))) == Formula("\\|a\\|")


def test_spaces_of_a_drawing_are_what_is_left_between_its_parts() -> None:
    letter = '<g data-mml-node="mi" transform="translate({},0)"><use data-c="1D44E"></use></g>'
    space = '<g data-mml-node="mspace" transform="translate(529,0)"></g>'
    wide = letter.format(0) + space + letter.format(1529)
    assert from_mathjax3(first(drawing(wide))) == Formula("a\\quad a")
    narrow = letter.format(0) + space + letter.format(696)
    assert from_mathjax3(first(drawing(narrow))) == Formula("aa")


def test_drawings_of_version_2_are_no_more_than_outlines() -> None:
    use = '<use xlink:href="#E1-MJMATHI-78" x="0" y="0"></use>'
    assert from_mathjax2(first(f'<span class="MathJax_SVG"><svg><g>{use}</g></svg></span>')) is None


# --- HTML-CSS of version 2 -----------------------------------------------------


def math(inside: str) -> str:
    line = "display: inline-block; position: relative; width: 2em; height: 0px; font-size: 120%;"
    return (
        f'<span class="MathJax" id="MathJax-Element-1-Frame"><nobr><span class="math">'
        f'<span style="{line}">{placed(-2.2, f"""<span class="mrow">{inside}</span>""", 2.2)}'
        f"</span></span></nobr></span>"
    )


def placed(top: float, inside: str, strut: float = 4.0) -> str:
    return (
        f'<span style="position: absolute; clip: rect(1em, 1em, 4em, -1em); top: {top}em; '
        f'left: 0em;">{inside}<span style="display: inline-block; width: 0px; '
        f'height: {strut}em;"></span></span>'
    )


def parts(name: str, *inside: str) -> str:
    line = "display: inline-block; position: relative; width: 1em; height: 0px;"
    return f'<span class="{name}"><span style="{line}">{"".join(inside)}</span></span>'


def letter(sign: str, font: str = "MathJax_Math-italic", name: str = "mi") -> str:
    return f'<span class="{name}" style="font-family: {font};">{sign}</span>'


def digit(sign: str) -> str:
    return letter(sign, "MathJax_Main", "mn")


RULE = '<span style="display: inline-block; border-top: 1.3px solid; width: 1em;"></span>'
PLACED = {
    "x": letter("x"),
    "x^2": parts("msubsup", placed(-4, letter("x")), placed(-4.4, digit("2"))),
    "x_2": parts("msubsup", placed(-4, letter("x")), placed(-3.8, digit("2"))),
    "x_1^2": parts(
        "msubsup", placed(-4, letter("x")), placed(-4.4, digit("2")), placed(-3.7, digit("1"))
    ),
    "\\frac{a}{b}": parts(
        "mfrac", placed(-4.7, letter("a")), placed(-3.3, letter("b")), placed(-1.3, RULE, 1.0)
    ),
    "\\sqrt{x}": parts(
        "msqrt",
        placed(-4, letter("x")),
        placed(-4.5, RULE, 3.9),
        placed(-4, '<span style="font-family: MathJax_Main;">√</span>'),
    ),
    "\\sum_{i}^n": parts(
        "munderover",
        placed(-4, letter("∑", "MathJax_Size2", "mo")),
        placed(-2.9, letter("i")),
        placed(-5.1, letter("n")),
    ),
    "\\mathbb{R}": letter("R", "MathJax_AMS"),
    "\\mathbf{v}": letter("v", "MathJax_Main-bold"),
    "\\begin{matrix} a & b \\\\ c & d \\end{matrix}": parts(
        "mtable",
        *(
            placed(
                -2.4,
                parts(
                    "",
                    placed(-4.7, f'<span class="mtd">{letter(above)}</span>'),
                    placed(-3.3, f'<span class="mtd">{letter(below)}</span>'),
                ),
                2.2,
            )
            for above, below in ("ac", "bd")
        ),
    ),
}


@pytest.mark.parametrize("tex", PLACED)
def test_spans_of_absolute_position_are_read(tex: str) -> None:
    found = from_mathjax2(first(math(PLACED[tex])))
    assert found is not None
    assert normalised(found.tex) == normalised(tex)


# --- What nobody rendered ------------------------------------------------------

NODES = "mrow msup msubsup mfrac msqrt mroot munderover mtable mtr mi mo mtext mspace menclose"
SHAPES: dict[str, tuple[Reader, Callable[[str], str], str]] = {
    "boxes": (from_mathjax3, boxes, "<mjx-{0}>"),
    "texatoms": (from_mathjax3, boxes, "<mjx-{0}><mjx-texatom>x"),
    "drawn": (from_mathjax3, drawing, '<g data-mml-node="{0}"><use data-c="41"></use>'),
    "classes": (
        from_mathjax2,
        lambda inside: f'<span class="mjx-chtml"><span class="mjx-math">{inside}</span></span>',
        '<span class="mjx-{0}">x',
    ),
    "placed": (
        from_mathjax2,
        lambda inside: f'<span class="MathJax"><span class="math">{inside}</span></span>',
        '<span class="{0}"><span style="position: absolute; top: -1em">x</span>'
        '<span style="position: absolute; top: 2em">',
    ),
}


@pytest.mark.parametrize("name", NODES.split())
@pytest.mark.parametrize("shape", SHAPES)
def test_deep_and_empty_renderings_end_soon(name: str, shape: str) -> None:
    reader, around, opening = SHAPES[shape]
    for times in (1, 70, 10_000):
        hurried(reader, around(opening.format(name) * times + "x"))


@pytest.mark.parametrize("name", ["mrow", "mtable", "mo", "mspace"])
@pytest.mark.parametrize("shape", ["boxes", "drawn", "classes"])
def test_long_renderings_end_soon(name: str, shape: str) -> None:
    reader, around, opening = SHAPES[shape]
    tag = opening.partition(" ")[0].lstrip("<").rstrip(">").format(name)
    hurried(reader, around(f"{opening.format(name)}x</{tag}>" * 100_000))


def hurried(reader: Reader, html: str) -> None:
    element = first(html)
    start = time.process_time()
    found = reader(element)
    assert time.process_time() - start < 5
    assert found is None or len(found.tex) <= 10_000


def test_containers_without_a_formula() -> None:
    assert from_mathjax3(first("<mjx-container></mjx-container>")) is None
    assert from_mathjax3(first(boxes(""))) is None
    assert from_mathjax3(first(drawing(""))) is None
    assert from_mathjax2(first('<span class="MathJax"></span>')) is None
