"""How many tokens a language model would make of a text, roughly."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Final

from pipeline.text.characters import (
    DIGIT,
    LETTER,
    SIGN,
    SPACE,
    UNDERSCORE,
    UNSPACED,
    UNSPACED_MARK,
    digits_end,
    kind_at,
)

if TYPE_CHECKING:
    from mypy_extensions import i64

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
    count = 0
    end: i64 = len(text)
    at: i64 = 0
    while at < end:
        spaced = ord(text[at]) == 0x20
        if spaced:
            at += 1
            if at == end:
                break
        code: i64 = ord(text[at])
        kind = LETTER if 97 <= code <= 122 else kind_at(text, at)
        if kind == LETTER:
            at = _word_end(text, at, end)
        elif kind == SIGN or (spaced and kind == UNSPACED_MARK):
            if code == 0x5C and at + 1 < end and _is_latin(ord(text[at + 1])):
                at = _word_end(text, at + 1, end)
            else:
                at = _signs_end(text, at, end)
        elif spaced:  # the space is no token, and what follows it is looked at again
            continue
        elif kind == DIGIT:
            at = digits_end(text, at, min(at + _DIGITS, end))
        elif kind == UNDERSCORE:
            while at < end and ord(text[at]) == 0x5F:
                at += 1
        else:
            at += 1
            if kind == SPACE:
                if code != 0x0A:
                    continue
                while at < end and kind_at(text, at) == SPACE:
                    at += 1
        count += 1
    return count


def _is_latin(code: i64) -> bool:
    return 97 <= code <= 122 or 65 <= code <= 90


def _word_end(text: str, at: i64, end: i64) -> i64:
    """The end of the letters of one token, Latin or of another alphabet."""
    latin = _is_latin(ord(text[at]))
    last: i64 = min(at + (_LATIN if latin else _OTHERS), end)
    while at < last and _is_latin(ord(text[at])) == latin:
        if not latin and kind_at(text, at) != LETTER:
            break
        at += 1
    return at


def _signs_end(text: str, at: i64, end: i64) -> i64:
    last: i64 = min(at + _SIGNS, end)
    while at < last:
        kind = kind_at(text, at)
        if kind not in (SIGN, UNSPACED_MARK):
            break
        at += 1
    return at


_count: Final[Callable[[str], int]] = _matched if isinstance(_scanned, FunctionType) else _scanned
