"""What prose draws with elements: raised and lowered text, fractions, roots."""

from __future__ import annotations

import sys

import pytest

from pipeline.text.formulas.sources.scripts import write_scripts
from pipeline.text.marks import SUB_CLOSE, SUB_OPEN, SUP_CLOSE, SUP_OPEN
from tests.text.snippets import between

SCRIPTS = {
    # exponents and indices
    "y<sup>3</sup> + 1": "y^3 + 1",
    "<i>g</i><sup><i>h</i></sup> mod <i>p</i>": "g^h mod p",
    "u<sup>r</sup>v<sup>s</sup>w<sub>t</sub>": "u^rv^sw_t",
    "b<sub>k</sub>z<sup>k</sup>": "b_kz^k",
    "c<sub>i</sub><sup>2</sup>": "c_i^2",
    "3<sup>3<sup>m</sup></sup> and y<sub>i<sub>j</sub></sub>": "3^{3^m} and y_{i_j}",
    "e<sup>&minus;t<sup>2</sup>/2</sup>": "e^{−t^2/2}",
    "(a + b)<sup>n</sup>": "(a + b)^n",
    "[0, 1]<sup>n</sup>, {0, 1}<sup>*</sup>": "[0, 1]^n, {0, 1}^*",
    "&part;<sup>2</sup>f and &nabla;<sup>2</sup>f": "∂^2f and ∇^2f",
    "|v|<sup>2</sup> + &#8214;w&#8214;<sup>2</sup>": "|v|^2 + ‖w‖^2",
    "k!<sup>3</sup>": "k!^3",
    "tan<sup>2</sup>x, log<sub>2</sub> 8, lim<sub>n&rarr;&infin;</sub>":
        "tan^2x, log_2 8, lim_{n→∞}",
    "3xyz<sup>2</sup>": "3xyz^2",
    "y&#772;<sup>2</sup> and &ecirc;<sup>2</sup>": "ȳ^2 and ê^2",
    "&int;<sub>0</sub><sup>1</sup> x dx = &sum;<sub>k=1</sub><sup>n</sup> k":
        "∫_0^1 x dx = ∑_{k=1}^n k",
    "f<sup>(k)</sup>(x), g<sup>&minus;1</sup>, A<sup>T</sup>, B<sup>*</sup>":
        "f^{(k)}(x), g^{−1}, A^T, B^*",
    "10<sup>-</sup><sup>6</sup>": "10^{-6}",
    "10 <sup>9</sup> and z <sup>2</sup>": "10^9 and z^2",
    "R<sup>m&times;n</sup>": "R^{m×n}",
    "<em>x</em><sup>2</sup> + <var>y</var><sup>2</sup>": "x^2 + y^2",
    "<a href='/squares'>q<sup>2</sup></a>": "q^2",
    "z<sup><a href='/wiki/Exponent'>n</a></sup>": "z^n",
    "t<span class='sup'>3</span>, t<span class='sub'>k</span>": "t^3, t_k",
    "t<span style='vertical-align: super'>3</span>": "t^3",
    "<code>O(n<sup>2</sup>)</code>": "O(n^2)",
    "<code>h</code><sub><code>x</code></sub>": "h_x",
    "9 m<sup>2</sup>, 3 cm<sup>3</sup>, kg m<sup>-3</sup>, s<sup>&minus;1</sup>":
        "9 m^2, 3 cm^3, kg m^{-3}, s^{−1}",
    "因此x<sup>2</sup>，面积 3 平方米<sup>2</sup>": "因此x^2，面积 3 平方米^2",
    "45<sup>o</sup> and 20<sup>o</sup>C": "45° and 20°C",
    "<sup>3</sup>&radic;5": "∛5",
    "<sup>235</sup><sub>92</sub>U": "^{235}_{92}U",
    # no scripts
    "the 3<sup>rd</sup>, the n<sup>th</sup>, XV<sup>e</sup>, 1<sup>er</sup>":
        "the 3rd, the nth, XVe, 1er",
    "N<sup>o</sup> 7 and M<sup>me</sup> Curie": "No 7 and Mme Curie",
    "a claim<sup>4</sup>, another.<sup>5</sup> (so it is said)<sup>6</sup>":
        "a claim4, another.5 (so it is said)6",
    "a claim<sup>[4]</sup> and <sup>*</sup> and word<sup>*</sup>": "a claim[4] and * and word*",
    "x<sup><a href='#fn2'>2</a></sup> and <a href='#note-3'><sup>3</sup></a>": "x2 and 3",
    "in 1999<sup><a href='#fn3'>3</a></sup>": "in 1999 3",
    "it<sup>2</sup> and don't<sup>3</sup> and the 1980s<sup>4</sup>":
        "it2 and don't3 and the 1980s4",
    "Company<sup>TM</sup> and Firm<sup>&reg;</sup>": "CompanyTM and Firm®",
    "A. Author<sup>a</sup>, B. Writer<sup>b,c</sup>": "A. Authora, B. Writerb,c",
    "C<sub>2</sub>H<sub>5</sub>OH and Na<sub>2</sub>SO<sub>4</sub>": "C2H5OH and Na2SO4",
    "Mg<sup>2+</sup> and <sup>13</sup>C": "Mg2+ and 13C",
    "<code>unsafe</code><sup>?</sup> <em>Item</em><sup>*</sup> <em>Part</em><sup>+</sup>":
        "unsafe? Item* Part+",
    "L<sup>A</sup>T<sub>E</sub>X": "LaTeX",
    "<sup>small print at the beginning</sup> of it": "small print at the beginning of it",
    "H<sub>2</sub>(X) and P<sub>1</sub>P<sub>2</sub>": "H_2(X) and P_1P_2",
}  # fmt: skip


@pytest.mark.parametrize("snippet", SCRIPTS)
def test_scripts_of_mathematics_are_written_and_others_stay(snippet: str) -> None:
    assert between(f"<p>so {snippet} is</p>") == f"so {SCRIPTS[snippet]} is"


FRACTIONS = {
    "<span class='sfrac'><span class='tion'><span class='num'>3</span><span class='sr-only'>/"
    "</span><span class='den'>8</span></span></span>": "3/8",
    "<span class='sfrac'>&#8288;2<span class='sr-only'>+</span><span class='tion'><span "
    "class='num'>1</span><span class='sr-only'>/</span><span class='den'>3</span></span></span>":
        "2 1/3",
    "<span class='frac'>5<span class='sr-only'>+</span><span class='num'>1</span>&frasl;<span "
    "class='den'>2</span></span>": "5 1⁄2",
    "<span class='sfrac'><span class='tion'><span class='num'>x<sup>2</sup> + 1</span>"
    "<span class='den'>y</span></span></span>": "(x^2 + 1)/y",
    "4<span class='sfrac'><span class='num'>1</span><span class='den'>5</span></span>": "4 1/5",
    "<span class='intbl'><em>2</em><strong>7</strong></span>": "2/7",
    "1<span class='intbl'><em>2</em><strong>7</strong></span>": "1 2/7",
    "<span class='fraction'><span class='top'>a</span><span class='bottom'>b</span></span>": "a/b",
    "<span class='fraction'><span class='fup'>5</span><span class='bar'>/</span><span "
    "class='fdn'>6</span></span>": "5/6",
    "<span class='frac'><sup>2</sup><span>&frasl;</span><sub>5</sub></span>": "2/5",
    "<span style='display:inline-block'><span style='display:block;border-bottom:1px solid'>1"
    "</span><span style='display:block'>9</span></span>": "1/9",
    "<span style='display: inline-block'><span>p</span><span style='border-top: 1px solid'>q"
    "</span></span>": "p/q",
    "6<sup>1</sup>/<sub>4</sub>": "6 1/4",
    "6<sup>3</sup>&frasl;<sub>4</sub>": "6 3⁄4",
    "<sup>k+1</sup>/<sub>2</sub>": "(k+1)/2",
    "7<sup>1</sup>/2": "7 1/2",
    "&radic;<span style='border-top:1px solid'>y + 2</span> &minus; 1": "√(y + 2) − 1",
    "&radic;<span style='text-decoration: overline'>5</span>y": "√5y",
    "<span>&radic;<span style='text-decoration:overline'>&nbsp;ab + c&nbsp;</span></span>":
        "√(ab + c)",
    "0.<span style='text-decoration:overline'>3</span>": "0.3̅",
    "<table style='display:inline-table'><tr><td style='border-bottom:1px solid'>4</td></tr><tr>"
    "<td>9</td></tr></table>": "$\\frac{4}{9}$",
    "<span class='MathJye'><table><tr><td style='border-bottom:1px solid black'>7</td></tr><tr>"
    "<td>10</td></tr></table></span>": "$\\frac{7}{10}$",
    "<span class='MathJye'><div style='border-bottom:1px solid'>7</div><div>x</div></span>":
        "$\\frac{7}{x}$",
}  # fmt: skip


@pytest.mark.parametrize("snippet", FRACTIONS)
def test_fractions_and_roots_keep_what_they_join(snippet: str) -> None:
    found = between(f"<div>so {snippet} is</div>")
    assert found == f"so {FRACTIONS[snippet]} is"


def test_a_cell_with_a_rule_is_a_fraction() -> None:
    assert between("<table><tr><td>x =</td><td>a<hr>b</td></tr></table>") == "x = | a/b"


@pytest.mark.parametrize(
    "snippet",
    [
        "<span class='frac'>no fraction at all</span>",
        "<span class='sub'>a caption of some words</span>",
        "<span style='display:inline-block'><b>one</b> <b>two</b></span>",
        "<span style='border-top: 1px solid'>a line over words</span>",
        "<table><tr><td style='border-bottom:1px solid'>a heading</td></tr><tr><td>text</td></tr>"
        "</table>",
    ],
)
def test_what_is_only_named_or_styled_so_stays(snippet: str) -> None:
    page = between(f"<div>so {snippet} is</div>")
    assert set("/^_$").isdisjoint(page)


@pytest.mark.parametrize("mark", ["<sup>", "<sub>", "x<sub>1", "<sup>2<sub>3</sub>"])
def test_scripts_without_end_are_read_as_deep_as_pages_may_be(mark: str) -> None:
    assert between(f"<p>so {mark * 150} is</p>")


@pytest.mark.parametrize(
    "marks",
    [
        SUP_OPEN, SUB_OPEN, f"{SUP_OPEN}1{SUP_CLOSE}", f"x{SUB_OPEN}", f"C{SUB_OPEN}2{SUB_CLOSE}",
        f"({SUB_OPEN}2{SUB_CLOSE}", f"{SUP_OPEN}1{SUP_CLOSE}/{SUB_OPEN}", f"{SUP_OPEN}a{SUB_OPEN}",
        SUP_CLOSE, f"2{SUP_OPEN}3{SUP_CLOSE}/", "(" + SUP_OPEN,
    ],
)  # fmt: skip
def test_scripts_take_linear_time(marks: str) -> None:
    def steps(count: int) -> int:
        text, found = marks * count, 0

        def count_calls(*_: object) -> None:
            nonlocal found
            found += 1

        sys.setprofile(count_calls)
        try:
            write_scripts(text)
        finally:
            sys.setprofile(None)
        return found

    assert steps(4_000) < 5 * steps(1_000) + 1_000
