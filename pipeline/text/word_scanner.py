"""Words in folded text: what a word is, and the fast way to find them all.

``WORD`` says what a word is, ``NAMES`` what a command is called. ``find_words`` finds them:
where this is compiled, by going over the characters, which asks the expression only about the
rarer signs; else by the expression, as an interpreter takes longer for a character than the
expression for a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Final

from pipeline.text.characters import (
    DIGIT,
    LETTER,
    SIGN,
    UNSPACED,
    UNSPACED_DIGIT,
    UNSPACED_LETTER,
    commands_end,
    digits_end,
    kind_at,
    letters_end,
)
from pipeline.text.formula_spelling import NAMES

if TYPE_CHECKING:
    from mypy_extensions import i64

#: Functions that begin with more than one letter, and may follow a minus.
_FUNCTIONS: Final = ("arc", "sin", "cos", "tan", "cot", "log", "ln", "sqrt", "pi")

#: A word of folded text, or a sign that two different formulas may differ by. Letters come
#: first because most words are made of them; none looks over the end of a line but the minus.
WORD: Final = re.compile(
    # Most letters are ASCII, which is found out faster.
    r"[a-z]++(?![^\0-\x7f])"
    rf"|[^\W\d_{UNSPACED}]+"
    r"|\d+(?:\.\d+)?"
    rf"|[{UNSPACED}]"
    r"|\\[a-z]+"
    r"|=(?!=)|\+(?!\+)|[<>](?![<>])"
    # A minus, not a hyphen: before a number, a variable, a command, a function.
    r"|-(?!-)(?=[\s$]{0,8}(?:[({\[|][\s$({\[|-]{0,8})?"
    rf"(?:[\d.\\]|[a-z](?![^\W\d_])|{'|'.join(_FUNCTIONS)}))"
    # An exponent; what stands there for a degree or a prime is that without it, too.
    r"|\^(?![ \t{]*(?:\\(?:circ|degree|prime)|'))"
    # A factorial, and no exclamation; a prime, and no apostrophe or quotation mark.
    r"|!(?<=[\d)\]}]!|(?<![^\W\d_])[a-z]!)"
    r"|'(?:(?<=[)\]}]'|(?<![^\W\d_])[a-z]')|(?<=[)\]}]''|(?<![^\W\d_])[a-z]''))"
    r"(?![^\W\d_](?!'))"
)

_QUOTE: Final = 0x27
_PLUS: Final = 0x2B
_HYPHEN: Final = 0x2D
_POINT: Final = 0x2E
_LESS: Final = 0x3C
_EQUAL: Final = 0x3D
_GREATER: Final = 0x3E
_BACKSLASH: Final = 0x5C


def word_name(word: str) -> str:
    """What a match of ``WORD`` is called: a command by its name, empty where it is silent."""
    return NAMES.get(word, word[1:]) if word[0] == "\\" else word


def _matched(text: str) -> list[str]:
    scanned: list[str] = WORD.findall(text)
    return list(filter(None, map(word_name, scanned))) if "\\" in text else scanned


def _scanned(text: str) -> list[str]:
    """The same, character by character."""
    scanned: list[str] = []
    end: i64 = len(text)
    at: i64 = 0
    while at < end:
        code: i64 = ord(text[at])
        if code == 0x20:
            at += 1
            continue
        begin = at
        kind = LETTER if 97 <= code <= 122 else kind_at(text, at)
        at += 1
        if kind == LETTER:
            at = letters_end(text, at, end)
        elif kind in (DIGIT, UNSPACED_DIGIT):
            at = digits_end(text, at, end)
            if at + 1 < end and ord(text[at]) == _POINT:
                after = digits_end(text, at + 1, end)
                if after > at + 1:
                    at = after
        elif kind == SIGN:
            if code > 0x7E or not _is_word(text, begin, end):
                continue
            if code == _BACKSLASH:
                at = commands_end(text, at, end)
                name = word_name(text[begin:at])
                if name:
                    scanned.append(name)
                continue
        elif kind < UNSPACED_LETTER:
            continue
        scanned.append(text[begin:at])
    return scanned


def _is_word(text: str, at: i64, end: i64) -> bool:
    """Whether a word begins at an ASCII sign."""
    code: i64 = ord(text[at])
    after: i64 = ord(text[at + 1]) if at + 1 < end else 0
    if code == _BACKSLASH:
        return 97 <= after <= 122
    if code in (_EQUAL, _PLUS):
        return after != code
    if code in (_LESS, _GREATER):
        return after != _LESS and after != _GREATER
    if code == _HYPHEN:
        # Most hyphens stand between words.
        next_to: i64 = at + 2 if after == 0x20 else at + 1
        if _letters(text, next_to, end) and not text.startswith(_FUNCTIONS, next_to):
            return False
    elif code == _QUOTE:
        # Most are apostrophes.
        if at > 1 and _letters(text, at - 2, end):
            return False
    elif code != 0x21 and code != 0x5E:  # ! and ^
        return False
    return WORD.match(text, at) is not None


def _letters(text: str, at: i64, end: i64) -> bool:
    """Whether two letters stand there."""
    return at + 1 < end and kind_at(text, at) == LETTER and kind_at(text, at + 1) == LETTER


#: All words of a folded text, in order.
find_words: Final[Callable[[str], list[str]]] = (
    _matched if isinstance(_scanned, FunctionType) else _scanned
)
