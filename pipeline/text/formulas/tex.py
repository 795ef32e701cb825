"""TeX as text: cleaning it, and telling it from what is none."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.text.marks import (
    DISPLAY_CLOSE,
    DISPLAY_OPEN,
    INLINE_CLOSE,
    INLINE_OPEN,
    without_marks,
)

#: Longer ones are data, not formulas, and stay as they are.
MAX_FORMULA = 10_000

_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_CDATA = re.compile(r"%?\s{0,9}(?:<!\[CDATA\[|\]\]>)")
_LONGEST_STYLE = 15
_STYLE = re.compile(r"\\(?:displaystyle|textstyle)(?![a-zA-Z])\s*")
_DELIMITED = (("$$", "$$", True), ("\\[", "\\]", True), ("\\(", "\\)", False), ("$", "$", False))
#: Environments that say no more than delimiters do.
_ENVIRONMENT = re.compile(r"\\begin\{(displaymath|math)\}")
_DOLLAR = re.compile(r"(?<!\\)\$")
_INNER = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")


class Formula(NamedTuple):
    """Clean TeX without delimiters; never empty, no white space at either end."""

    tex: str
    display: bool = False

    def marked(self) -> str:
        """As it stands in the page while the page is being extracted."""
        if self.display:
            return f" {DISPLAY_OPEN}{self.tex}{DISPLAY_CLOSE} "
        return f"{INLINE_OPEN}{self.tex}{INLINE_CLOSE}"


def formula(source: str | None, *, display: bool = False) -> Formula | None:
    """Clean TeX out of ``source``; ``None`` where nothing, or far too much, is left.

    Comments, CDATA wrappers, outer delimiters (which decide on ``display``, as do the
    environments that mean the same) and outer ``\\displaystyle`` are taken off, white
    space is collapsed, dollar signs within (of a formula inside ``\\text``) become
    ``\\(`` and ``\\)``.
    """
    if not source or len(source) > 2 * MAX_FORMULA:
        return None
    tex = without_marks(source)
    if "%" in tex:
        # On the last line it is as often a percentage as a comment.
        before, newline, last = _CDATA.sub("", tex).rpartition("\n")
        tex = f"{_COMMENT.sub('', before)}{newline}{last}"
    tex = " ".join(tex.split())
    for opening, closing, shown in _DELIMITED if tex[:1] in ("$", "\\") else ():
        if len(tex) > len(opening) + len(closing) and tex.startswith(opening):
            if tex.endswith(closing) and closing not in tex[len(opening) : -len(closing)]:
                tex, display = tex[len(opening) : -len(closing)].strip(), shown
            break
    if tex.startswith("\\begin{") and (match := _ENVIRONMENT.match(tex)):
        end = f"\\end{{{match[1]}}}"
        if tex.find(end) == len(tex) - len(end):
            tex, display = tex[match.end() : -len(end)].strip(), match[1] != "math"
    if "style" in tex[:_LONGEST_STYLE]:
        tex = _without_style(tex)
    if "$" in tex:
        tex = _DOLLAR.sub("", _INNER.sub(r"\\(\1\\)", tex)).strip()
    while tex.endswith("\\") and not tex.endswith("\\\\"):
        tex = tex[:-1].rstrip()
    if not tex or len(tex) > MAX_FORMULA:
        return None
    return Formula(tex, display)


# Braces within braces, three deep.
_GROUP = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\}"
_DEFINITIONS = re.compile(
    r"(?:\s*+(?:\\(?:re|provide)?newcommand\*?\s*+(?:\{\\?\w++\}|\\\w++)(?:\[[^\[\]]*+\])*+\s*+"
    rf"{_GROUP}|\\g?def\s*+\\\w++[#\d]*+\s*+{_GROUP}|\\let\s*+\\\w++\s*+=?\s*+\\?\w++"
    rf"|\\DeclareMathOperator\*?\s*+(?:\{{\\?\w++\}}|\\\w++)\s*+{_GROUP}|\\require\s*+{_GROUP}))+\s*+"
)


def is_definitions(tex: str) -> bool:
    r"""Whether ``tex`` defines commands and shows nothing: ``\newcommand{\R}{\mathbb{R}}``."""
    return tex.startswith("\\") and _DEFINITIONS.fullmatch(tex) is not None


def _without_style(tex: str) -> str:
    if tex.startswith("{\\") and _STYLE.match(tex, 1) and _closes_at_end(tex):
        tex = tex[1:-1]
    if match := _STYLE.match(tex):
        tex = tex[match.end() :]
    return tex.strip()


def _closes_at_end(tex: str) -> bool:
    """Whether the brace that opens ``tex`` is closed by its last character."""
    depth = 0
    escaped = False
    for index, character in enumerate(tex):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return index == len(tex) - 1
    return False


# --- What looks like mathematics ----------------------------------------------

_COMMAND = re.compile(r"\\[a-zA-Z]{2,}|\\[,;:!{}|]")
_SCRIPT = re.compile(r"(?:[^a-zA-Z]|(?<![a-zA-Z])[a-zA-Z]{1,2})[\^_](?=[\w{(*+'\\-])|^[\^_]\{")
# Each begins with a character of its own, so that the engine skips to where one may begin.
_CODE = re.compile(r"=~|->(?!\s)|::|&&|\(\)|=>|;\s*\w+\s*=|\$\{|<\?|\?>|https?:|</")
_TEMPLATE = re.compile(r"\{\{\s*[#/^&>]?\s*[a-zA-Z_][\w.| ]*\}\}|^\{\{|^[^{]*\}\}\s*$")
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_OPERATOR = re.compile(r"[=<>+*/|≤≥≠≈×·÷±−∈⊂→∞^_-]")
_PLACEHOLDER = re.compile(r"[\[{(<]?[a-zA-Z]{2,}[0-9]*(?:[-_.][a-zA-Z0-9]{2,})+[\]})>]?")
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc log ln lg exp lim max min sup inf det dim ker deg gcd lcm mod Pr arg "
    "arcsin arccos arctan sinh cosh tanh rank span tr Re Im Var Cov".split()
)
_REGEX = re.compile(r"\.[*+]|\[\^?[\w-]+\][*+?]|\\[dswb][+*]?")


def is_certain(tex: str) -> bool:
    """TeX beyond doubt: a command, or a script on something that can bear one."""
    if not (("\\" in tex and _COMMAND.search(tex)) or _SCRIPT.search(tex)):
        return False
    return not _is_other(tex)


def is_likely(tex: str) -> bool:
    """Mathematics without a TeX command: letters, numbers, operators, no prose."""
    if len(tex) > 200 or '"' in tex or _is_other(tex):
        return False
    for word in _WORD.findall(tex):
        if len(word) > 2 and word not in _FUNCTIONS and not (word.isupper() and len(word) < 6):
            return False
    return True


def _is_other(tex: str) -> bool:
    """Whether ``tex`` is a piece of code, of a template, or a placeholder."""
    if _CODE.search(tex) or (("{{" in tex or "}}" in tex) and _TEMPLATE.search(tex)):
        return True
    return _PLACEHOLDER.fullmatch(tex) is not None


def is_prose(tex: str) -> bool:
    """Words in brackets (``\\[citation needed\\]``, a regular expression), no formula."""
    if is_certain(tex):
        return bool(_REGEX.fullmatch(tex))
    return bool(_LONG_WORD.search(tex) and not _OPERATOR.search(tex)) or bool(_REGEX.fullmatch(tex))
