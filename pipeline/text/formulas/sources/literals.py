"""Literals of JavaScript and JSON in a page's scripts, read as text and never run."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

#: Characters of one literal.
MAX_LITERAL = 4_000
#: Characters of one object of many literals, and its members.
_MAX_OBJECT, _MAX_MEMBERS = 40_000, 500

_TOKEN = re.compile(
    r"\s+|//[^\n]*|/\*(?s:.)*?(?:\*/|\Z)"
    r"|String\.raw`(?P<raw>[^`]*+)`"
    r'|"(?P<double>(?:[^"\\\n]|\\(?s:.))*+)"'
    r"|'(?P<single>(?:[^'\\\n]|\\(?s:.))*+)'"
    r"|`(?P<template>(?:[^`\\]|\\(?s:.))*+)`"
    r"|(?P<mark>[()\[\]{}:,;])"
    r"|(?P<word>[\w.$!+-]+)"
    # A string without an end, and anything else.
    r"|[\"'][^\n]*|`(?s:.)*|(?s:.)"
)
STRINGS = frozenset(("raw", "double", "single", "template"))
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|((?s:.)))")
_BACKSLASHES = re.compile(r"\\{2,}")
_CONCATENATED = re.compile(r"([\"'])\s{0,80}\+\s{0,80}\1")


def literal(text: str, start: int, length: int = MAX_LITERAL) -> str:
    """What stands from ``start`` on, as if it were neither within HTML nor a string."""
    literal = text[start : start + length]
    if "&" in literal:
        literal = html.unescape(literal)
    if "+" in literal:
        literal = _CONCATENATED.sub("", literal)
    quote = re.search(r"[\"']", literal)
    if quote and literal[: quote.start()].endswith("\\"):
        # A level of escapes; the string that the script is in ends with the literal.
        literal = re.sub(r"\\(.)", lambda match: " " if match[1] == "n" else match[1], literal)
    return literal


def tokens(source: str) -> Iterator[tuple[str, str]]:
    """Strings, marks and words of ``source``; strings as what they stand for."""
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup
        if kind is None:
            continue
        value = match[kind]
        if kind in STRINGS:
            value = value if kind == "raw" else _ESCAPE.sub(_unescaped, value)
            # Scripts within scripts, and mistakes: never are two of them meant.
            value = _BACKSLASHES.sub(r"\\", value)
        yield kind, value


def _unescaped(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(int(code, 16))
    # One backslash too few is a mistake: no bare bracket is meant.
    return match[0] if match[3] in "()[]" else match[3]


def object_literal(text: str, start: int) -> Iterator[tuple[str, list[str]]]:
    """The members of the object at ``text[start]``: names, and the strings and numbers of each.

    A string alone or an array of them; members of other kinds have none.
    """
    name, named = "", False
    values: list[str] = []
    depth = members = 0
    for kind, value in tokens(literal(text, start, _MAX_OBJECT)):
        if kind != "mark":
            if named:
                values.append(value)
            elif depth == 1:
                name = value
        elif value in "{[(":
            depth += 1
        elif value in "}])":
            depth -= 1
            if depth <= 0:
                break
        elif value == ":" and depth == 1:
            named, values = True, []
        elif value == "," and depth == 1:
            if named:
                yield name, values
            members += 1
            named, values = False, []
            if members == _MAX_MEMBERS:
                return
    if named:
        yield name, values
