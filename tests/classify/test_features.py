from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.features import CHARACTERS_PER_WORD, features

PIECES = st.sampled_from(
    r"$ $$ \( \) \[ \] \\ \alpha \frac{1}{2} x^2 a_n __label__math </s> 1984 3.14 {}".split()
    + "求圆的面积 ≤ ∑ ² ₙ ℝ ﬁ İ ½ word \\begin{equation}".split()
    + ["\x00", "\x0b", "\x85", "\u2028", "\r\n", "\t", " "]
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=40).map(" ".join),
    st.lists(PIECES).map("".join),
)


@given(TEXTS, st.integers(1, 60))
def test_is_one_bounded_line_of_plain_words(text: str, max_words: int) -> None:
    line = features(text, max_words)
    found = line.split(" ") if line else []
    assert len(found) <= max_words
    assert len(line.split()) == len(found)  # no white space but the single spaces
    assert "\0" not in line
    for word in found:
        assert word
        assert not word.startswith("__label__")
        assert word != "</s>"


@given(TEXTS)
def test_case_does_not_matter(text: str) -> None:
    # Upper-casing changes more than case for a few letters, so from there.
    assert features(text.upper(), 100) == features(text.upper().casefold().upper(), 100)


@given(st.lists(st.sampled_from(["x^2", "a \\leq b", "\\frac{1}{2}", "求", "≤", "12"]), min_size=1))
def test_delimiters_of_formulas_leave_no_trace(formulas: list[str]) -> None:
    bare = features(" and ".join(formulas), 1_000)
    for before, after in (
        ("$", "$"),
        ("$$", "$$"),
        ("\\(", "\\)"),
        ("\\[", "\\]"),
        ("\\begin{equation*}", "\\end{equation*}"),
    ):
        marked = " and ".join(f"{before}{formula}{after}" for formula in formulas)
        assert features(marked, 1_000) == bare


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"Let $X_{n+1}^2 \leqslant y$", r"let x _ { n + # } ^ # \leq y"),
        (
            r"$f(x)\,\left[\{a\}\right]$; \(b\): \[c\] \\[2pt] d?",
            (r"f ( x ) \left [ { a } \right ] ; b : c [ # pt ] d ?"),
        ),
        ("（ｘ，ｙ）。「零」", "( x , y ) 零"),
        ("求圆的面积", "求 圆 的 面 积"),
        ("α ≤ ∑ x² ∈ ℝ", r"\alpha \leq \sum x ^ # \in \mathbb"),
        ("1984 and 3.14, 7 or 1,000,000,000", "and".join(["#### ", " #.# , # or #.#"])),
        ("＝　Ａ", "= a"),
        ("a</s>b __label__math", "a < / s > b _ _ label _ _ math"),
        ("costs $5 or \\$6", "costs # or #"),
        ("", ""),
        (" \n\t", ""),
    ],
)
def test_words(text: str, line: str) -> None:
    assert features(text, 100) == line


@pytest.mark.parametrize(
    ("symbols", "commands"),
    [
        ("a ≥ b ≠ c → ∞ ∅ ∫ √ π", r"a \ge b \ne c \to \infty \varnothing \int \sqrt \pi"),
        ("xⁿ₊₁ − 2", "x^n_+_1 - 2"),
    ],
)
def test_a_symbol_is_the_command_that_it_stands_for(symbols: str, commands: str) -> None:
    assert features(symbols, 100) == features(commands, 100)


def test_a_long_page_is_read_at_its_head() -> None:
    assert features("head " * 300 + "tail " * 5_000, 300).split() == ["head"] * 300


def test_a_page_that_fits_is_read_whole_and_in_order() -> None:
    found = [chr(ord("a") + index // 26) + chr(ord("a") + index % 26) for index in range(600)]
    assert features(" ".join(found), 600).split() == found


def test_reading_a_huge_page_costs_no_more_than_its_head() -> None:
    class Counted(str):
        taken = 0

        def __getitem__(self, key: object) -> str:
            piece = str.__getitem__(self, key)  # type: ignore[index]
            Counted.taken += len(piece)
            return piece

    features(Counted(" " * 3_000_000), 300)
    assert 0 < Counted.taken <= 300 * CHARACTERS_PER_WORD
