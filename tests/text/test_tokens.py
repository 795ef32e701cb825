from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import count_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("word", 1),
        ("two words", 2),
        ("internationalisation", 3),
        ("12", 1),
        ("1234567", 3),
        ("求圆的面积", 5),
        (r"\frac{a}{b}", 6),
        ("...", 1),
        ("a\n\nb", 3),
        ("Привет", 2),
    ],
)
def test_known_counts(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


def test_english_prose_comes_to_about_four_characters_a_token() -> None:
    prose = "The quick brown fox jumps over the lazy dog, and nobody is surprised by that. " * 20
    assert 3.5 < len(prose) / count_tokens(prose) < 5.5


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_never_has_fewer_tokens(first: str, second: str) -> None:
    assert count_tokens(first + "\n" + second) >= max(count_tokens(first), count_tokens(second))


@given(st.text(max_size=300))
def test_never_more_tokens_than_characters(text: str) -> None:
    assert 0 <= count_tokens(text) <= len(text)
