"""Bare MathML to LaTeX: tokens, scripts, what stands above and below; hostile markup."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.text.formulas.mathml.mathnode import MAX_NESTING, MAX_NODES, MathNode, from_element
from pipeline.text.formulas.mathml.presentation import is_display, latex_of, latex_of_tree, tex_of
from pipeline.text.formulas.symbols import COMMANDS, to_latex

# Markup, an arrow, what a person would have typed. Lines that are indented go on.
TOKENS = r"""
<mi>x</mi> ==> x
<mi>α</mi> ==> \alpha
<mi>Γ</mi> ==> \Gamma
<mi mathvariant="normal">Γ</mi> ==> \Gamma
<mi mathvariant="italic">Γ</mi> ==> \varGamma
<mi>ϕ</mi><mi>φ</mi><mi>ϵ</mi><mi>ε</mi> ==> \phi\varphi\epsilon\varepsilon
<mi>Α</mi><mi>Β</mi> ==> AB
<mi mathvariant="normal">d</mi><mi>x</mi> ==> \mathrm{d}x
<mi>∞</mi> ==> \infty
<mi mathvariant="normal">∞</mi> ==> \infty
<mi>ℓ</mi> ==> \ell
<mi>ℏ</mi> ==> \hbar
<mi mathvariant="bold">v</mi> ==> \mathbf{v}
<mi mathvariant="bold">α</mi> ==> \boldsymbol{\alpha}
<mi mathvariant="bold-italic">x</mi> ==> \boldsymbol{x}
<mi mathvariant="double-struck">R</mi> ==> \mathbb{R}
<mi mathvariant="script">L</mi> ==> \mathcal{L}
<mi mathvariant="fraktur">g</mi> ==> \mathfrak{g}
<mi mathvariant="sans-serif">A</mi> ==> \mathsf{A}
<mi mathvariant="monospace">t</mi> ==> \mathtt{t}
<mn mathvariant="bold">0</mn> ==> \mathbf{0}
<mi>ℝ</mi> ==> \mathbb{R}
<mi>ℋ</mi> ==> \mathcal{H}
<mi>𝔤</mi> ==> \mathfrak{g}
<mi>𝐀</mi> ==> \mathbf{A}
<mi>𝛂</mi> ==> \boldsymbol{\alpha}
<mi>𝑥</mi> ==> x
<mi>𝒜</mi> ==> \mathcal{A}
<mi>𝔸</mi> ==> \mathbb{A}
<mi>𝖠</mi> ==> \mathsf{A}
<mi>𝚊</mi> ==> \mathtt{a}
<mn>𝟏</mn> ==> \mathbf{1}
<mi>𝜙</mi><mi>𝜑</mi> ==> \phi\varphi
<mi class="mathscr">ℒ</mi> ==> \mathscr{L}
<mrow><mi mathvariant="bold">A</mi><mi mathvariant="bold">B</mi></mrow> ==> \mathbf{AB}
<mrow><mi mathvariant="normal">l</mi><mi mathvariant="normal">c</mi><mi mathvariant="normal">m
  </mi></mrow> ==> \mathrm{lcm}
<mi>𝐀𝐁</mi> ==> \mathbf{AB}
<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi> ==> \sin x
<mi>sin</mi><mo>(</mo><mi>x</mi><mo>)</mo> ==> \sin(x)
<mi>log</mi><mn>2</mn> ==> \log 2
<mi>rank</mi><mo>&#x2061;</mo><mi>a</mi> ==> \operatorname{rank}a
<mi>kg</mi> ==> \mathrm{kg}
<mo>lim sup</mo> ==> \limsup
<mo>gcd</mo><mo>(</mo><mi>a</mi><mo>)</mo> ==> \gcd(a)
<mrow><mi>arg</mi><mspace width="0.167em"/><mi>max</mi></mrow><mo>&#x2061;</mo><mi>x</mi>
  ==> \operatorname{arg\,max}x
<mi>arg max</mi><mo>&#x2061;</mo><mi>x</mi> ==> \operatorname{arg\,max}x
<mn>1.5</mn> ==> 1.5
<mn>1,000</mn> ==> 1,000
<mn> 12 </mn> ==> 12
<mi>x</mi><mo>−</mo><mn>1</mn> ==> x-1
<mi>x</mi><mo>≤</mo><mn>2</mn> ==> x\leq 2
<mi>x</mi><mo>≤</mo><mi>y</mi> ==> x\leq y
<mi>x</mi><mo>∈</mo><mi>a</mi> ==> x\in a
<mi>x</mi><mo>&lt;</mo><mi>y</mi> ==> x<y
<mi>f</mi><mo lspace="0em" rspace="0.17em">:</mo><mi>a</mi><mo>→</mo><mi>b</mi> ==> f\colon a\to b
<mi>x</mi><mo>:=</mo><mi>y</mi> ==> x:=y
<mi>x</mi><mo>≔</mo><mi>y</mi> ==> x:=y
<mi>x</mi><mo>&lt;=</mo><mi>y</mi> ==> x\leq y
<mi>x</mi><mo>!=</mo><mi>y</mi> ==> x\neq y
<mi>a</mi><mo>∣</mo><mi>b</mi> ==> a\mid b
<mi>a</mi><mo>∤</mo><mi>b</mi> ==> a\nmid b
<mi>a</mi><mo>∥</mo><mi>b</mi> ==> a\parallel b
<mo>¬</mo><mi>a</mi> ==> \neg a
<mi>x</mi><mo>=&#x338;</mo><mi>y</mi> ==> x\neq y
<mi>x</mi><mo>≁</mo><mi>y</mi> ==> x\nsim y
<mi>a</mi><mo>⊄</mo><mi>b</mi> ==> a\not\subset b
<mi>a</mi><mo>≡&#x338;</mo><mi>b</mi> ==> a\not\equiv b
<mi>x</mi><mo>,</mo><mo>…</mo><mo>,</mo><mi>y</mi> ==> x,\ldots,y
<mi>x</mi><mo>+</mo><mo>⋯</mo><mo>+</mo><mi>y</mi> ==> x+\cdots+y
<mi mathvariant="normal">⋮</mi> ==> \vdots
<mn>2</mn><mo>&#x2062;</mo><mi>x</mi> ==> 2x
<mi>x</mi><mo>∗</mo><mi>y</mi> ==> x*y
<mn>50</mn><mo>%</mo> ==> 50\%
<mi mathvariant="normal">$</mi><mn>5</mn> ==> \$5
<mn>5</mn><mi>€</mi> ==> 5€
<mn>90</mn><mo>°</mo> ==> 90^\circ
<msup><mn>90</mn><mo>∘</mo></msup> ==> 90^\circ
<mi>f</mi><mo>′</mo><mo>(</mo><mi>x</mi><mo>)</mo> ==> f'(x)
<mtext>if </mtext><mi>x</mi> ==> \text{if }x
<mi>x</mi><mtext> and&nbsp;</mtext><mi>y</mi> ==> x\text{ and }y
<mtext>50% of $5 & a_b</mtext> ==> \text{50\% of \$5 \& a\_b}
<mtext mathvariant="bold">Note</mtext> ==> \textbf{Note}
<mtext>a</mtext><mtext>b</mtext> ==> \text{ab}
<mtext>&thinsp;</mtext><mi>x</mi> ==> x
<mi>x</mi><mtext>&nbsp;</mtext><mi>y</mi> ==> x\ y
<mtext>速度</mtext> ==> \text{速度}
<mi>速度</mi> ==> \text{速度}
<mi>д</mi> ==> \text{д}
<ms>abc</ms> ==> \text{abc}
<mtext>for <math><mi>x</mi></math> real</mtext> ==> \text{for }x\text{ real}
<mi>a</mi><mspace width="1em"/><mi>b</mi> ==> a\quad b
<mi>a</mi><mspace width="2em"/><mi>b</mi> ==> a\qquad b
<mi>a</mi><mspace width="0.1667em"/><mi>b</mi> ==> ab
<mi>a</mi><mspace linebreak="newline"/><mi>b</mi> ==> a\\b
<mi><mglyph alt="q"/></mi> ==> q
<mi>x</mi><!-- note --><mi>y</mi> ==> xy
<mi>a<b>c</b></mi> ==> \mathrm{ac}
"""
SCRIPTS = r"""
<msup><mi>x</mi><mn>2</mn></msup> ==> x^2
<msup><mi>x</mi><mrow><mn>2</mn><mi>n</mi></mrow></msup> ==> x^{2n}
<msup><mi>x</mi><mi>α</mi></msup><mi>y</mi> ==> x^{\alpha}y
<msub><mi>x</mi><mn>12</mn></msub> ==> x_{12}
<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup> ==> x_i^2
<msup><msub><mi>x</mi><mi>i</mi></msub><mn>2</mn></msup> ==> x_i^2
<msub><msup><mi>x</mi><mn>2</mn></msup><mi>i</mi></msub> ==> x^2_i
<msup><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></msup> ==> {x^2}^3
<msub><msub><mi>x</mi><mi>i</mi></msub><mi>j</mi></msub> ==> {x_i}_j
<msup><mrow><mo>(</mo><mi>x</mi><mo>+</mo><mn>1</mn><mo>)</mo></mrow><mn>2</mn></msup> ==> (x+1)^2
<mrow><mo>(</mo><mi>x</mi><mo>+</mo><mn>1</mn><msup><mo>)</mo><mn>2</mn></msup></mrow> ==> (x+1)^2
<msup><mrow><mi>x</mi><mo>+</mo><mi>y</mi></mrow><mn>2</mn></msup> ==> {x+y}^2
<msup><mrow><mo stretchy="false">|</mo><mi>x</mi><mo stretchy="false">|</mo></mrow><mn>2</mn>
  </msup> ==> |x|^2
<msup><mrow><mfrac><mi>a</mi><mi>b</mi></mfrac></mrow><mn>2</mn></msup> ==> \frac{a}{b}^2
<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo><mo>(</mo><mi>b</mi><mo>)</mo></mrow><mn>2</mn></msup>
  ==> {(a)(b)}^2
<msup><mi>f</mi><mo>′</mo></msup> ==> f'
<msup><mi>f</mi><mo>″</mo></msup> ==> f''
<msup><mi>f</mi><mrow><mo>′</mo><mo>′</mo></mrow></msup> ==> f''
<msup><mi>f</mi><mrow><mo>′</mo><mn>2</mn></mrow></msup> ==> f'^2
<msubsup><mi>f</mi><mi>i</mi><mo>′</mo></msubsup> ==> f_i'
<msup><mi>x</mi><mn>2</mn></msup><mo>′</mo> ==> {x^2}'
<msup><mi>x</mi><mo>*</mo></msup> ==> x^*
<msup><mi>x</mi><mo>†</mo></msup> ==> x^\dagger
<msup><mi>x</mi><mrow><mo>−</mo><mn>1</mn></mrow></msup> ==> x^{-1}
<msup><mi>A</mi><mi mathvariant="normal">T</mi></msup> ==> A^{\mathrm{T}}
<msup><mi>e</mi><mrow><mi>i</mi><mi>π</mi></mrow></msup> ==> e^{i\pi}
<msub><mi mathvariant="bold">v</mi><mn>1</mn></msub> ==> \mathbf{v}_1
<msub><mi>x</mi><mtext>max</mtext></msub> ==> x_{\text{max}}
<msub><mi>x</mi><mi>max</mi></msub> ==> x_{\max}
<msup><mi>sin</mi><mn>2</mn></msup><mo>&#x2061;</mo><mi>x</mi> ==> \sin^2x
<msub><mi>log</mi><mn>2</mn></msub><mi>x</mi> ==> \log_2x
<msup><mn>2</mn></msup> ==> 2
<msub><mrow></mrow><mi>i</mi></msub> ==> {}_i
<mmultiscripts><mi>x</mi><mn>1</mn><mn>2</mn><mprescripts/><mn>3</mn><none/></mmultiscripts>
  ==> {}_3x_1^2
<mmultiscripts><mi>C</mi><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts> ==> {}_6^{14}C
<mmultiscripts><mi>R</mi><mi>i</mi><none/><none/><mi>j</mi></mmultiscripts> ==> R_i^j
<mmultiscripts><mi>x</mi><mi>i</mi></mmultiscripts> ==> x_i
<msup><mn>10</mn><mn>2</mn></msup> ==> 10^2
<msup><mover><mi>x</mi><mo>^</mo></mover><mn>2</mn></msup> ==> \hat{x}^2
<msup><msqrt><mi>x</mi></msqrt><mn>2</mn></msup> ==> \sqrt{x}^2
<msub><mrow><mo fence="true"></mo><mi>x</mi><mo fence="true">|</mo></mrow><mn>0</mn></msub>
  ==> \left.x\right|_0
<msub><mrow><mfrac><mi>a</mi><mi>b</mi></mfrac><mo fence="true">∣</mo></mrow><mn>0</mn></msub>
  ==> \left.\frac{a}{b}\right|_0
"""
STACKED = r"""
<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>
  ==> \sum_{i=1}^n
<msubsup><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></msubsup><mi>i</mi>
  ==> \sum_{i=1}^ni
<munder><mo>lim</mo><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder><mi>f</mi>
  ==> \lim_{x\to 0}f
<munder><mrow><mi>lim</mi><mo>&#x2061;</mo></mrow><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow>
  </munder> ==> \lim_{x\to 0}
<munder><mi>max</mi><mi>x</mi></munder> ==> \max_x
<munder><mo>lim sup</mo><mi>n</mi></munder> ==> \limsup_n
<munder><mrow><mi>argmax</mi><mo>&#x2061;</mo></mrow><mi>x</mi></munder>
  ==> \operatorname*{argmax}_x
<munder><mrow><mi>arg</mi><mspace width="0.167em"/><mi>min</mi></mrow><mi>x</mi></munder>
  ==> \operatorname*{arg\,min}_x
<munderover><mo>∫</mo><mi>a</mi><mi>b</mi></munderover> ==> \int\limits_a^b
<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup><mi>x</mi><mi>d</mi><mi>x</mi> ==> \int_0^1xdx
<munder><mo>⋃</mo><mi>i</mi></munder> ==> \bigcup_i
<munder><mo>∑</mo><mtable><mtr><mtd><mi>i</mi></mtd></mtr><mtr><mtd><mi>j</mi></mtd></mtr>
  </mtable></munder> ==> \sum_{\substack{i \\ j}}
<mover><mi>x</mi><mo>^</mo></mover> ==> \hat{x}
<mover><mrow><mi>x</mi><mi>y</mi></mrow><mo>^</mo></mover> ==> \widehat{xy}
<mover><mi>x</mi><mo stretchy="true">^</mo></mover> ==> \widehat{x}
<mover><mi>x</mi><mo>~</mo></mover> ==> \tilde{x}
<mover><mrow><mi>x</mi><mi>y</mi><mi>z</mi></mrow><mo>~</mo></mover> ==> \widetilde{xyz}
<mover><mi>x</mi><mo>¯</mo></mover> ==> \bar{x}
<mover><mrow><mi>a</mi><mi>b</mi></mrow><mo>¯</mo></mover> ==> \overline{ab}
<mover><mi>x</mi><mo stretchy="true">‾</mo></mover> ==> \overline{x}
<mover><mi>x</mi><mo>→</mo></mover> ==> \vec{x}
<mover><mrow><mi>a</mi><mi>b</mi></mrow><mo>→</mo></mover> ==> \overrightarrow{ab}
<mover><mi>v</mi><mo>⃗</mo></mover> ==> \vec{v}
<mover><mi>x</mi><mo>˙</mo></mover> ==> \dot{x}
<mover><mi>x</mi><mo>¨</mo></mover> ==> \ddot{x}
<mover><mi>x</mi><mo>ˇ</mo></mover> ==> \check{x}
<mover><mi>x</mi><mo>˘</mo></mover> ==> \breve{x}
<mover><mi>x</mi><mo>´</mo></mover> ==> \acute{x}
<mover><mi>x</mi><mo>`</mo></mover> ==> \grave{x}
<mover><mrow><mi>a</mi><mi>b</mi></mrow><mo>←</mo></mover> ==> \overleftarrow{ab}
<mover><mrow><mi>a</mi><mi>b</mi></mrow><mo>↔</mo></mover> ==> \overleftrightarrow{ab}
<munder><mi>x</mi><mo>_</mo></munder> ==> \underline{x}
<mover><mi mathvariant="bold">r</mi><mo>^</mo></mover> ==> \hat{\mathbf{r}}
<mover><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo>⏞</mo></mover> ==> \overbrace{a+b}
<mover><mover><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo>⏞</mo></mover><mi>n</mi></mover>
  ==> \overbrace{a+b}^n
<munder><munder><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo>⏟</mo></munder><mrow><mi>n</mi>
  </mrow></munder> ==> \underbrace{a+b}_n
<mover><mo>=</mo><mtext>def</mtext></mover> ==> \overset{\text{def}}{=}
<mover><mo>=</mo><mo>?</mo></mover> ==> \overset{?}{=}
<munder><mi>x</mi><mi>y</mi></munder> ==> \underset{y}{x}
<munderover><mi>x</mi><mi>a</mi><mi>b</mi></munderover> ==> \overset{b}{\underset{a}{x}}
<mover><mo>→</mo><mi>f</mi></mover> ==> \xrightarrow{f}
<mover><mo stretchy="true">→</mo><mpadded width="+0.6em"><mi>f</mi></mpadded></mover>
  ==> \xrightarrow{f}
<munderover><mo>→</mo><mi>a</mi><mi>b</mi></munderover> ==> \xrightarrow[a]{b}
<mover><mo stretchy="false">→</mo><mi>f</mi></mover> ==> \overset{f}{\to}
<mover><mo>⇒</mo><mi>a</mi></mover> ==> \xRightarrow{a}
<mo><mover><mo><mo>=</mo></mo><mi>a</mi></mover></mo> ==> \overset{a}{=}
"""


def cases(block: str) -> list[tuple[str, str]]:
    """``markup ==> LaTeX`` of each case; a case may take several lines."""
    markup, found = "", []
    for line in block.strip().splitlines():
        before, arrow, latex = line.partition(" ==> ")
        markup += before if before.startswith("<") or not markup else before[2:]
        if arrow:
            found.append((markup.rstrip(), latex))
            markup = ""
    return found


def latex_in(inside: str, attributes: str = "") -> str | None:
    math = LexborHTMLParser(f"<body><math {attributes}>{inside}</math></body>").css_first("math")
    found = latex_of(math)
    return found.tex if found else None


@pytest.mark.parametrize(("markup", "expected"), cases(TOKENS + SCRIPTS + STACKED))
def test_markup_becomes_what_a_person_types(markup: str, expected: str) -> None:
    assert latex_in(markup) == expected


@pytest.mark.parametrize("prefix", ["m", "mml"])
def test_namespace_prefix_is_understood(prefix: str) -> None:
    markup = "<m:math><m:msup><m:mi>x</m:mi><m:mn>2</m:mn></m:msup></m:math>"
    body = LexborHTMLParser(markup.replace("m:", f"{prefix}:")).body
    assert body is not None
    assert body.first_child is not None
    assert latex_of_tree(from_element(body.first_child)) == "x^2"


def test_empty_elements_of_html_do_not_swallow_what_follows() -> None:
    markup = (
        "<m:math><m:mmultiscripts><m:mi>C</m:mi><m:mprescripts/><m:none/><m:mn>14</m:mn>"
        "</m:mmultiscripts><m:mspace width='1em'/><m:mi>x</m:mi></m:math>"
    )
    body = LexborHTMLParser(markup).body
    assert body is not None
    assert body.first_child is not None
    assert latex_of_tree(from_element(body.first_child)) == r"{}^{14}C\quad x"


def math(markup: str):
    return LexborHTMLParser(markup).css_first("math")


@pytest.mark.parametrize(
    "encoding",
    ["application/x-tex", "TeX", "LaTeX", "application/x-latex", "text/x-tex", "application/tex"],
)
def test_annotation_wins_over_alttext(encoding: str) -> None:
    found = tex_of(math(
        f'<math alttext="\\beta"><semantics><mi>a</mi>'
        f'<annotation encoding="{encoding}">\\alpha</annotation></semantics></math>'
    ))  # fmt: skip
    assert found is not None
    assert found.tex == r"\alpha"


@pytest.mark.parametrize("encoding", ["text/plain", "MathType-MTEF", "StarMath 5.0", ""])
def test_other_annotations_are_not_tex(encoding: str) -> None:
    markup = f'<math><mi>a</mi><annotation encoding="{encoding}">b</annotation></math>'
    assert tex_of(math(markup)) is None
    assert latex_of_tree(from_element(math(markup))) == "a"


def test_annotation_broken_by_an_unescaped_sign_is_left() -> None:
    broken = '<math alttext="\\frac{a&lt;b}{c}"><annotation encoding="TeX">\\frac{a<b}{c}</math>'
    found = tex_of(math(broken))
    assert found is not None
    assert found.tex == r"\frac{a<b}{c}"


@pytest.mark.parametrize("markup", [r'alttext="\alpha"', r'data-latex="\alpha"'])
def test_attributes_that_hold_tex(markup: str) -> None:
    found = tex_of(math(f"<math {markup}><mi>a</mi></math>"))
    assert found is not None
    assert found.tex == r"\alpha"


def test_spoken_alttext_is_no_tex() -> None:
    assert tex_of(math('<math alttext="x squared"><mi>x</mi></math>')) is None


def test_display() -> None:
    assert is_display(math('<math display="block"></math>'))
    assert is_display(math('<math mode="display"></math>'))
    assert not is_display(math('<math display="inline"></math>'))


@pytest.mark.parametrize(
    "tag",
    "mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts mtable mfenced "
    "menclose mphantom mstyle semantics maction mrow mi mn mo mtext ms mspace".split(),
)
def test_missing_and_superfluous_children_are_survived(tag: str) -> None:
    for count in range(6):
        inside = "".join(f"<mi>{letter}</mi>" for letter in "abcde"[:count])
        assert latex_in(f"<mi>z</mi><{tag}>{inside}</{tag}>").startswith("z")
    assert latex_in(f"<{tag}></{tag}>") != ""


def test_enormous_formula_is_bounded() -> None:
    started = time.process_time()
    assert latex_in("<mi>x</mi>" * 100_000) == "x" * MAX_NODES
    assert latex_in("<mrow><mo>(</mo>" * 50_000) is not None
    assert latex_in("<mo>|</mo>" * 100_000) is not None
    assert time.process_time() - started < 5


@pytest.mark.parametrize("tag", ["mrow", "msqrt", "mfrac", "msup", "mover", "mtable", "mfenced"])
def test_deep_formula_is_bounded(tag: str) -> None:
    opened = "".join(f"<{tag}><mi>a</mi>" for _ in range(5_000))
    found = latex_in(f"<mi>z</mi>{opened}<mi>x</mi>")
    assert found is None or found.startswith("z")


def test_text_below_the_deepest_level_is_kept() -> None:
    assert latex_in("<mrow>" * 400 + "<mi>x</mi>" + "</mrow>" * 400) == "x"


def test_trees_of_others_are_bounded() -> None:
    node = MathNode("mi", "x")
    for _ in range(10 * MAX_NESTING):
        node = MathNode("mrow", "", [node, MathNode("mo", "+")])
    assert "x" not in latex_of_tree(node)


def test_a_long_token_is_bounded() -> None:
    assert len(latex_in(f"<mi>{'π' * 100_000}</mi>") or "") < 10_000


@pytest.mark.parametrize("character", sorted(COMMANDS))
def test_every_symbol_is_a_command_closed_by_space(character: str) -> None:
    assert to_latex(f"a{character}b") == f"a\\{COMMANDS[character]} b"
