"""Words in folded text: what a word is, and the fast way to find them all.

``WORD`` says what a word is, ``NAMES`` what a command is called. ``find_words`` finds them:
where C is compiled, by going over the characters, which asks the expression only about the
rarer signs; else by the expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pipeline.text.characters import KINDS, UNSPACED, kind_at
from pipeline.text.formula_spelling import NAMES

try:
    from pipeline.text.scanner_native import find_words as _find_words
except ImportError:  # not compiled
    _find_words = None  # type: ignore[assignment]

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


def word_name(word: str) -> str:
    """What a match of ``WORD`` is called: a command by its name, empty where it is silent."""
    return NAMES.get(word, word[1:]) if word[0] == "\\" else word


def _matched(text: str) -> list[str]:
    scanned: list[str] = WORD.findall(text)
    return list(filter(None, map(word_name, scanned))) if "\\" in text else scanned


def _scanned(text: str) -> list[str]:
    """The same, character by character."""
    scanned: list[str] = _find_words(text, KINDS, kind_at, NAMES, WORD.match)
    return scanned


#: All words of a folded text, in order.
find_words: Final[Callable[[str], list[str]]] = _matched if _find_words is None else _scanned
