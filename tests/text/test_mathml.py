"""Bare MathML to LaTeX, element by element."""

from __future__ import annotations

import pytest
from resiliparse.parse.html import HTMLTree

from pipeline.text.formulas.mathml import MAX_NODES, latex_of, tex_of
from pipeline.text.formulas.symbols import COMMANDS, to_latex


def latex(inside: str, attributes: str = "") -> str | None:
    tree = HTMLTree.parse(f"<body><math {attributes}>{inside}</math></body>")
    found = latex_of(tree.document.query_selector("math"))
    return found.tex if found else None


X, Y, N = "<mi>x</mi>", "<mi>y</mi>", "<mn>2</mn>"
CASES = [
    (f"<mfrac>{X}{Y}</mfrac>", r"\frac{x}{y}"),
    (f"<mfrac><mrow>{X}<mo>+</mo>{N}</mrow>{Y}</mfrac>", r"\frac{x+2}{y}"),
    (f'<mrow><mo>(</mo><mfrac linethickness="0">{X}{Y}</mfrac><mo>)</mo></mrow>', r"({x \atop y})"),
    (f"<msqrt>{X}<mo>+</mo>{Y}</msqrt>", r"\sqrt{x+y}"),
    (f"<mroot>{X}<mn>3</mn></mroot>", r"\sqrt[3]{x}"),
    (f"<msup>{X}{N}</msup>", "x^2"),
    (f"<msup>{X}<mrow>{N}<mi>n</mi></mrow></msup>", "x^{2n}"),
    (f"<msup><mrow><mo>(</mo>{X}<mo>)</mo></mrow>{N}</msup>", "{(x)}^2"),
    (f"<msub>{X}<mi>i</mi></msub>", "x_i"),
    (f"<msub>{X}<mi>α</mi></msub>", r"x_{\alpha}"),
    (f"<msubsup>{X}<mi>i</mi>{N}</msubsup>", "x_i^2"),
    (f"<msup>{X}<mo>′</mo></msup>", "x'"),
    (f"<msup><msub>{X}<mi>i</mi></msub>{N}</msup>", "{x_i}^2"),
    (
        "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
        r"\sum_{i=1}^n",
    ),
    (f"<munder><mo>lim</mo><mrow>{X}<mo>→</mo><mn>0</mn></mrow></munder>", r"\lim_{x\to 0}"),
    (f"<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup>{X}<mi>d</mi>{X}", r"\int_0^1xdx"),
    (f"<mover>{X}<mo>^</mo></mover>", r"\hat{x}"),
    (f"<mover>{X}<mo>→</mo></mover>", r"\vec{x}"),
    (f"<mover><mrow>{X}{Y}{Y}</mrow><mo>~</mo></mover>", r"\widetilde{xyy}"),
    (f"<mover>{X}<mo>¯</mo></mover>", r"\bar{x}"),
    (f"<munder>{X}<mo>_</mo></munder>", r"\underline{x}"),
    ("<mover><mo>=</mo><mtext>def</mtext></mover>", r"\overset{\text{def}}{=}"),
    (
        f"<mrow><mo>(</mo><mtable><mtr><mtd>{X}</mtd><mtd>{Y}</mtd></mtr>"
        f"<mtr><mtd>{N}</mtd><mtd>{X}</mtd></mtr></mtable><mo>)</mo></mrow>",
        r"\begin{pmatrix}x & y \\ 2 & x\end{pmatrix}",
    ),
    (
        f"<mo>{{</mo><mtable><mtr><mtd>{X}</mtd></mtr><mtr><mtd>{Y}</mtd></mtr></mtable>",
        r"\begin{cases}x \\ y\end{cases}",
    ),
    (f"<mfenced>{X}{Y}</mfenced>", r"\left(x,y\right)"),
    (f'<mfenced open="{{" close="">{X}</mfenced>', r"\left\{x\right."),
    ("<mi>sin</mi><mo>⁡</mo><mi>x</mi>", r"\sin x"),
    ("<mi>rank</mi><mi>A</mi>", r"\operatorname{rank}A"),
    ('<mi mathvariant="double-struck">R</mi>', r"\mathbb{R}"),
    ("<mi>ℝ</mi>", r"\mathbb{R}"),
    ("<mi>𝔤</mi>", r"\mathfrak{g}"),
    ("<mi>𝑥</mi>", "x"),
    (f"{X}<mo>≤</mo><mn>10</mn>", r"x\leq 10"),
    (f"{X}<mo>∈</mo><mi>A</mi>", r"x\in A"),
    (f"{X}<mo>−</mo><mn>1.5</mn>", "x-1.5"),
    (f"{X}<mtext> if </mtext>{Y}", r"x\text{if}y"),
    (f"<mmultiscripts>{X}<mn>1</mn>{N}<mprescripts/><mn>3</mn><none/></mmultiscripts>",
     "{}_3x_1^2"),
    (f"<mrow>{X}<mphantom>{Y}</mphantom></mrow>", "x"),
    (f"<mstyle><mpadded>{X}</mpadded></mstyle>", "x"),
    (f"<semantics><mrow>{X}</mrow><annotation-xml><ci>q</ci></annotation-xml></semantics>", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("inside", "expected"), CASES, ids=[case[1] for case in CASES])
def test_element_becomes_latex(inside: str, expected: str) -> None:
    assert latex(inside) == expected


def test_namespace_prefix_is_understood() -> None:
    tree = HTMLTree.parse("<m:math><m:msup><m:mi>x</m:mi><m:mn>2</m:mn></m:msup></m:math>")
    found = latex_of(tree.document.query_selector(r"m\:math"))
    assert found is not None
    assert found.tex == "x^2"


def test_annotation_wins_over_alttext() -> None:
    tree = HTMLTree.parse(
        '<math alttext="\\beta"><semantics><mi>a</mi>'
        '<annotation encoding="application/x-tex">\\alpha</annotation></semantics></math>'
    )
    found = tex_of(tree.document.query_selector("math"))
    assert found is not None
    assert found.tex == r"\alpha"


def test_missing_children_are_survived() -> None:
    assert latex("<mfrac><mi>x</mi></mfrac>") == r"\frac{x}{}"
    assert latex("<msubsup></msubsup><mi>a</mi>") == "{}a" or latex("<msubsup></msubsup>") is None


def test_enormous_formula_is_bounded() -> None:
    found = latex("<mi>x</mi>" * (MAX_NODES * 2))
    assert found is None or len(found) <= 10_000


def test_deep_formula_is_bounded() -> None:
    assert latex("<mrow>" * 400 + "<mi>x</mi>" + "</mrow>" * 400) == "x"


@pytest.mark.parametrize("character", sorted(COMMANDS))
def test_every_symbol_is_a_command_closed_by_space(character: str) -> None:
    tex = to_latex(f"a{character}b")
    assert tex == f"a\\{COMMANDS[character]} b"
