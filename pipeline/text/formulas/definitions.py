r"""Definitions of commands in TeX: where they end, and what they define.

``\newcommand``, ``\def``, ``\let``, ``\DeclareMathOperator`` and their kin. Read as text,
never run; every step goes forward, so that the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Characters of one argument, and parameters of a command.
_MAX_BODY, _MAX_PARAMETERS = 2_000, 9
#: What begins a definition; the group is its name without what only varies.
BEGINS = (
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand|[gex]?def|let"
    r"|DeclareMathOperator|DeclareMathSymbol|DeclarePairedDelimiter|definecolor|colorlet"
    r"|providecolor|(?:re)?newenvironment|require|usepackage|newtheorem|theoremstyle|setcounter"
    r"|newcounter|newcolumntype)(?![a-zA-Z])"
)
_BEGINS = re.compile(BEGINS)
_NAME = re.compile(r"\s*(?:\{\s*\\([a-zA-Z]+|.)\s*\}|\\([a-zA-Z]+|.)|\{\s*([a-zA-Z]+)\s*\})")
_OPTION = re.compile(r"\s*\[([^\[\]]{0,200})\]")
_SAME = re.compile(r"\s*=?\s*(\\[a-zA-Z]+|\\.|[^\s\\])")
_PARAMETERS = re.compile(r"\s*((?:#\d)*)")
_SPACE = re.compile(r"(?:\s|%[^\n]*(?:\n|\Z)|[\ufdd0-\ufdef])*")
#: Groups in braces after the names of other definitions.
_GROUPS = {
    "\\definecolor": 3, "\\newenvironment": 3, "\\renewenvironment": 3, "\\require": 1,
    "\\usepackage": 1, "\\newtheorem": 2, "\\theoremstyle": 1, "\\setcounter": 2,
    "\\newcolumntype": 2, "\\newcounter": 1, "\\colorlet": 2, "\\providecolor": 3,
    "\\DeclareMathSymbol": 4,
}  # fmt: skip


class Definition(NamedTuple):
    """One command, and what stands for it."""

    name: str
    body: str
    parameters: int = 0
    #: Of the first parameter, where it is optional.
    default: str | None = None


def definitions_end(tex: str, start: int) -> int:
    """Where the definitions end with which ``tex[start:]`` begins; ``start`` for none."""
    position = start
    while True:
        begin = _skipped(tex, position)
        match = _BEGINS.match(tex, begin)
        if match is None:
            return position if position > start else start
        _, end = _read(tex, match)
        if end < 0:
            return position
        position = end


def is_definitions(tex: str) -> bool:
    r"""Whether ``tex`` defines commands and shows nothing: ``\newcommand{\R}{\mathbb{R}}``."""
    if not tex.startswith("\\") or _BEGINS.match(tex) is None:
        return False
    end = definitions_end(tex, 0)
    return end > 0 and _skipped(tex, end) == len(tex)


def definitions_in(tex: str, most: int) -> Iterator[Definition]:
    """The first ``most`` definitions of ``tex``, wherever they stand."""
    position = 0
    for _ in range(most):
        match = _BEGINS.search(tex, position)
        if match is None:
            return
        definition, end = _read(tex, match)
        if definition is not None:
            yield definition
        position = max(end, match.end())


def _skipped(tex: str, position: int) -> int:
    match = _SPACE.match(tex, position)
    return match.end() if match else position


def _read(tex: str, match: re.Match[str]) -> tuple[Definition | None, int]:
    """The definition at ``match`` and where it ends; -1 where it has no end."""
    kind, position = match[0], match.end()
    if tex.startswith("*", position):
        position += 1
    if kind in _GROUPS:
        return None, _after_groups(tex, position, _GROUPS[kind])
    named = _NAME.match(tex, position)
    if named is None:
        return None, -1
    name, position = named[1] or named[2] or named[3], named.end()
    if kind == "\\let":
        same = _SAME.match(tex, position)
        if same is None:
            return None, -1
        return Definition(name, same[1]), same.end()
    if kind.endswith("def"):
        parameters = _PARAMETERS.match(tex, position)
        count = len(parameters[1]) // 2 if parameters else 0
        body, end = group(tex, parameters.end() if parameters else position)
        return (None if body is None else Definition(name, body, count)), end
    if kind == "\\DeclareMathOperator":
        body, end = group(tex, position)
        star = "*" if tex.startswith("*", match.end()) else ""
        shown = None if body is None else Definition(name, f"\\operatorname{star}{{{body}}}")
        return shown, end
    if kind == "\\DeclarePairedDelimiter":
        left, end = group(tex, position)
        right, end = group(tex, end) if end >= 0 else (None, -1)
        if left is None or right is None:
            return None, end
        return Definition(name, f"\\left{left} #1 \\right{right}", 1), end
    return _command(tex, position, name)


def _command(tex: str, position: int, name: str) -> tuple[Definition | None, int]:
    count, default = 0, None
    if option := _OPTION.match(tex, position):
        position = option.end()
        count = int(option[1]) if option[1].strip().isdecimal() and len(option[1]) < 3 else 0
        if first := _OPTION.match(tex, position):
            position, default = first.end(), first[1]
    body, end = group(tex, position)
    if body is None or count > _MAX_PARAMETERS:
        return None, end
    return Definition(name, body, count, default), end


def _after_groups(tex: str, position: int, count: int) -> int:
    while option := _OPTION.match(tex, position):
        position = option.end()
    for _ in range(count):
        _, position = group(tex, position)
        if position < 0:
            return -1
    while option := _OPTION.match(tex, position):
        position = option.end()
    return position


def group(tex: str, position: int) -> tuple[str | None, int]:
    """The inside of the group in braces at ``position``, or one token, and where it ends.

    (``None``, -1) where there is none, or it is too long.
    """
    begin = _skipped(tex, position)
    if begin >= len(tex):
        return None, -1
    if tex[begin] != "{":
        if tex[begin] == "\\":
            match = _TOKEN.match(tex, begin)
            return (match[0], match.end()) if match else (None, -1)
        return (None, -1) if tex[begin] in "}$" else (tex[begin], begin + 1)
    depth = 0
    for brace in _BRACES.finditer(tex, begin, begin + _MAX_BODY):
        sign = brace[0]
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                return tex[begin + 1 : brace.start()], brace.end()
    return None, -1


_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)", re.DOTALL)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
