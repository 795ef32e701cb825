"""One spelling of a formula: what is alike, and what stays different."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.words import word_spans, words

ALIKE = [
    # Fractions.
    (r"$\frac{1}{2}$", r"$\frac12$"),
    (r"$\frac{1}{2}$", r"$\tfrac 12$"),
    (r"$\frac{1}{2}$", "1/2"),
    (r"$\frac{1}{2}$", "½"),
    (r"$3\frac{1}{2}$", "3½"),
    (r"$\frac{x}{y}$", r"$\frac xy$"),
    (r"$\frac{2x}{3}+1$", r"${2x \over 3} + 1$"),
    (r"$\dbinom{n}{2}$", r"$\binom n2$"),
    # Signs and commands.
    (r"$7 \times 8 \div 2 \cdot 3$", "7 × 8 ÷ 2 · 3"),
    (r"$2\pi r$", "2πr"),
    (r"$2\pi r$", "2 pi r"),
    (r"$\varepsilon > 0$", "ε > 0"),
    (r"$\mu\sigma$", "μσ"),
    (r"$\alpha + \beta$", "𝛼 + 𝛽"),
    (r"$\sqrt{75} - \sqrt 3$", "√75 − √3"),
    (r"$x \in A \cup B$", "x∈A∪B"),
    (r"$a \leqslant b$", "a ≤ b"),
    (r"$a \neq b$", r"$a \not= b$"),
    (r"$x \to \infty$", "x → ∞"),
    (r"$\angle ABC = 90^{\circ}$", "∠ABC = 90°"),
    (r"$\log_2 x + \sin x$", "log₂ x + sin x"),
    (r"$\log_264 + \cos^210^\circ$", "log₂64 + cos²10°"),
    (r"$\mathbb{R}^n$", "ℝⁿ"),
    (r"$\Delta$", "Δ"),
    # Exponents and primes.
    ("$x^{10}$", "x¹⁰"),
    ("$e^{-x}$", "e⁻ˣ"),
    ("$f'(x)$", r"$f^{\prime}(x)$"),
    ("$f''(x)$", "f″(x)"),
    ("$f'(x)$", "f\u2019(x)"),
    ("$A'B'C'$", r"$A^\prime B^\prime C^\prime$"),
    # What only a typesetter reads.
    (r"$\left( x \right) \, \big[ y \big]$", "(x) [y]"),
    (r"$\text{if } x$", "if x"),
    (r"$\operatorname{lcm}(a, b)$", "lcm(a,b)"),
    (r"$\mathrm{P}(\mathbf{X})$", "P(X)"),
    (r"\begin{align*} x &= 1 \\ y &= 2 \end{align*}", "x = 1, y = 2"),
    (
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\left(\begin{array}{cc}1&2\\3&4\end{array}\right)",
    ),
    (r"$\boxed{5}$", "5"),
    ("$1 - (-1)^{11}$", r"$1 - \left(\,-1\,\right)^{11}$"),
    (r"1, 2, $\ldots$, n", "1, 2, …, n"),
    # Thousands.
    (r"$48{,}731{,}250$", "48,731,250"),
    (r"$12\,000$", "12000"),
    (r"$12,\!000$", "12000"),
    ("$12 000$", "12,000"),
    # Variables side by side.
    (r"$\triangle A B C$", "△ABC"),
    (r"$\int x \, \mathrm{d} x$", r"$\int x\,d x$"),
    (r"\[4 a c\]", "4ac"),
    # Dashes and quotation marks of prose.
    ("don't", "don\u2019t"),
    ("well-known", "well\u2010known"),
    ("so \u2013 he said \u2013 it is", "so - he said - it is"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_spelling_makes_no_difference(one, other):
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x + 1", "x - 1"),
        ("x + 1", "x = 1"),
        ("-1", "1"),
        ("1 - (-1)", "1 (-1)"),
        (r"\pm 1", "+ 1"),
        ("x^2", "x_2"),
        ("x_1", "x_2"),
        ("n!", "n"),
        ("f'(x)", "f(x)"),
        ("a = b", r"a \neq b"),
        ("a < b", "a > b"),
        ("a < b", r"a \leq b"),
        ("1/2", "12"),
        ("1,5", "1,500"),
        ("100, 200", "100200"),
        ("turn left", "turn right"),
        # The series of the sine and of the arctangent.
        ("x - x^3/3! + x^5/5! - x^7/7!", "x - x^3/3 + x^5/5 - x^7/7"),
    ],
)
def test_what_differs_in_meaning_differs(one, other):
    assert words(one) != words(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Wow! That is a well-known fact: 'quoted' words",
            "wow that is a well known fact quoted words",
        ),
        ("in 1999 000 is no number", "in 1999 000 is no number"),
        ("plan a b or c d", "plan a b or c d"),
        ("και έτσι λοιπόν", "και έτσι λοιπόν"),
        ("the left side, a big one, over here", "the left side a big one over here"),
        ("| --- | --- |\n=====", "="),
        (r"\unheardof{x}", "unheardof x"),
    ],
)
def test_prose_is_left_alone(text, expected):
    assert words(text) == expected.split()


@pytest.mark.parametrize("text", [text for pair in ALIKE for text in pair])
def test_spans_are_those_of_the_same_words(text):
    spans = word_spans(f"{text} end")
    assert [word for word, _, _ in spans] == words(f"{text} end")
    starts = [start for _, start, _ in spans]
    assert starts == sorted(starts)
    assert spans[-1] == ("end", len(text) + 1, len(text) + 4)


@given(st.text(alphabet="ab1 0,{}\\frac'!^-−²½π°$\n≤", max_size=60))
def test_spans_cover_each_word_once(text):
    spans = word_spans(text)
    assert [word for word, _, _ in spans] == words(text)
    assert all(0 <= start < end <= len(text) for _, start, end in spans)


def test_a_hostile_text_takes_time_that_grows_with_its_length_alone():
    # Quadratic, each of these would take minutes.
    for part in ("$1 000", r"\begin{", "1,", "'", "-(", r"\frac", "αβγ", "^{", "²½"):
        assert isinstance(words(part * 40_000), list)
