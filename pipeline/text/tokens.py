"""How many tokens a language model would make of a text, roughly."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pipeline.text.characters import KINDS, UNSPACED, kind_at

try:
    from pipeline.text.scanner_native import count_tokens as _count_tokens
except ImportError:  # not compiled
    _count_tokens = None  # type: ignore[assignment]

# One alternative is one token. The shape is that of the pre-tokenisation which
# byte-pair vocabularies of about 100,000 entries share (GPT-4, DeepSeek, Llama 3):
# a space goes with the word after it, digits come in groups of up to three,
# punctuation in short runs. What such a vocabulary would split further is cut by
# length: Latin words after eight letters, other alphabets after three.
_LATIN: Final = 8
_OTHERS: Final = 3
_DIGITS: Final = 3
_SIGNS: Final = 3
_TOKEN: Final = re.compile(
    rf"[{UNSPACED}]"
    rf"| ?\\?[A-Za-z]{{1,{_LATIN}}}"
    rf"|\d{{1,{_DIGITS}}}"
    rf"| ?[^\W\d_A-Za-z{UNSPACED}]{{1,{_OTHERS}}}"
    r"|\n\s*"
    rf"| ?[^\w\s]{{1,{_SIGNS}}}"
    r"|_+"
)


def count_tokens(text: str) -> int:
    """Estimated tokens of a language model with a vocabulary of about 100,000.

    An estimate for budgets, the same everywhere and needing no vocabulary: English
    prose comes to 4 to 5 characters a token, Chinese to about one, LaTeX to 2 to 3.

    >>> count_tokens("the area of a circle is $\\\\pi r^2$")
    13
    """
    return _count(text)


def _matched(text: str) -> int:
    # Counted without making a string of each.
    return _TOKEN.subn("", text)[1]


def _scanned(text: str) -> int:
    """The same, character by character."""
    count: int = _count_tokens(text, KINDS, kind_at)
    return count


_count: Final[Callable[[str], int]] = _matched if _count_tokens is None else _scanned
