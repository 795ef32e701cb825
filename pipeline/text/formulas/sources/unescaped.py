r"""TeX of which Markdown took the backslashes of its delimiters: ``( \pi r^2 )``, ``[ \pi ]``.

A browser shows it as it is. Brackets stand in prose too: what is between them has a command
that everybody knows and no words, and square brackets are alone in their block.
"""

from __future__ import annotations

import re

from pipeline.text.formulas.tex import COMMANDS, is_certain
from pipeline.text.marks import ALL, BLOCK, CELL, DISPLAY_OPEN, INLINE_OPEN, LINE

#: The alternative of a pattern that finds them; brackets may have brackets in them, once.
_INSIDE = f"[^()\\[\\]${ALL}]"
UNESCAPED = (
    rf"|(?P<unescaped>\((?:{_INSIDE}|\({_INSIDE}{{0,80}}\)){{1,200}}+\)"
    rf"|\[(?:[^\[\]${ALL}]|\[[^\[\]${ALL}]{{0,80}}\]){{1,600}}+\])"
)
_NAMES = re.compile(r"\\([a-zA-Z]{2,})")
#: Words that are no names of commands, and how many of them a formula may have.
_WORDS, _MOST_WORDS = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{3,}"), 1
#: Characters after a formula in which its block may end.
_NEAR = 100


def may_be_unescaped(text: str) -> bool:
    """Whether a page has TeX, and neither other formulas nor delimiters."""
    if "\\" not in text or "$" in text or INLINE_OPEN in text or DISPLAY_OPEN in text:
        return False
    if "\\(" in text or "\\[" in text:
        return False
    return any(name in COMMANDS for name in _NAMES.findall(text))


def unescaped(text: str, match: re.Match[str]) -> tuple[str, bool] | None:
    """The TeX at a match of ``UNESCAPED``, and whether it is displayed; ``None`` for prose."""
    start, end = match.span()
    inside = text[start + 1 : end - 1]
    display = text[start] == "["
    alone = _is_border(text[:start].rstrip(" \n")[-1:]) and _is_border(
        text[end : end + _NEAR].lstrip(" \n")[:1]
    )
    if alone != display or not is_certain(inside) or len(_WORDS.findall(inside)) > _MOST_WORDS:
        return None
    if not any(name in COMMANDS for name in _NAMES.findall(inside)):
        return None
    return inside, display


def _is_border(character: str) -> bool:
    return character in ("", BLOCK, LINE, CELL)
