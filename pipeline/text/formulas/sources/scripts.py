"""``<sup>`` and ``<sub>`` as ``^`` and ``_``, where they are mathematics.

In prose the result is plain text, no formula: ``x<sup>2</sup>`` becomes ``x^2``.
Footnotes, citations, ordinals, trade marks and the formulas of chemistry stay as they are:
what decides is what a script holds (``script_kinds.py``) and what it stands on
(``script_bases.py``). An exponent that is lost makes another number, and a note that became
an exponent is one too many: where both may be meant, the exponent is written.
"""

from __future__ import annotations

import re

from pipeline.text.formulas.sources.chemistry import without_chemistry
from pipeline.text.formulas.sources.script_bases import Base, Kind, base_of
from pipeline.text.formulas.sources.script_kinds import subscript_belongs, superscript_of
from pipeline.text.marks import (
    ALL,
    CODE_CLOSE,
    CODE_OPEN,
    EM_CLOSE,
    EM_OPEN,
    STRONG_CLOSE,
    STRONG_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
    VAR_CLOSE,
    VAR_OPEN,
)

#: Scripts within scripts that are looked at; characters before one, marks among them.
_MAX_DEPTH, _BEFORE = 6, 240
#: Characters of a script; longer ones are small print.
_MAX_SCRIPT = 120
_SPLIT = re.compile(f"([{SUP_OPEN}{SUP_CLOSE}{SUB_OPEN}{SUB_CLOSE}])")
_OPENS = {SUP_OPEN: SUP_CLOSE, SUB_OPEN: SUB_CLOSE}
_EMPHASIS = re.compile(f"[{EM_OPEN}{EM_CLOSE}{STRONG_OPEN}{STRONG_CLOSE}{VAR_OPEN}{VAR_CLOSE}]")
#: Variables as code, which manuals made by programs have.
_TYPED = re.compile(f"{CODE_OPEN}([^{ALL} ]{{1,12}}){CODE_CLOSE}")
_NO_SCRIPT = re.compile("[\ua874-\ua877\ua9de\ua9df\ufdd0-\ufdef]")

_ANY = f"[^{ALL}]"
_EM = f"{_EMPHASIS.pattern}?"
_SUP = f"{SUP_OPEN}{_EM}({_ANY}{{1,40}}){_EM}{SUP_CLOSE}"
_SUB = f"{SUB_OPEN}{_EM}({_ANY}{{1,40}}){_EM}{SUB_CLOSE}"
#: One above, one below a slash; the number before them is another one.
_FRACTION = re.compile(rf"([\w)\]]?)( ?){_SUP}\s?([/⁄∕])\s?{_SUB}")
_MIXED = re.compile(rf"(?<=\d){SUP_OPEN}(\d{{1,3}}){SUP_CLOSE}(?:(⁄)|/)(?=\d)")
#: Both before a letter: an isotope with its charge, a tensor.
_BEFORE_LETTER = re.compile(rf"(?<![\w)\]}}|′'{SUB_CLOSE}{SUP_CLOSE}]){_SUP}{_SUB}(?=[A-Za-z])")
#: A slash after a superscript, which begins with one sign and is found fast.
_SLASH = re.compile(rf"{SUP_CLOSE}\s?[/⁄∕]")
_ROOT = re.compile(rf"(?<![\w)\]}}|′']){SUP_OPEN}\s?(\w)\s?{SUP_CLOSE}\s?√")
_ROOTS = {"3": "∛", "4": "∜"}
_LOGO = re.compile(
    f"(?:([LK])([{SUP_OPEN}{SUB_OPEN}])[Aa][{SUP_CLOSE}{SUB_CLOSE}])?T{SUB_OPEN}[Ee]{SUB_CLOSE}X"
)
_SUM = re.compile(r"[\w)\]}!][+\-−–±*·×/ ]|^[+−–-]|=")


def write_scripts(text: str) -> str:
    """Marked text with those of its superscripts and subscripts that are mathematics."""
    if SUP_OPEN not in text and SUB_OPEN not in text:
        return text
    text = without_chemistry(text)
    if f"T{SUB_OPEN}" in text:
        text = _LOGO.sub(lambda match: {"L": "LaTeX", "K": "KaTeX"}.get(match[1], "TeX"), text)
    if SUP_CLOSE + SUB_OPEN in text:
        text = _BEFORE_LETTER.sub(r"^{\1}_{\2}", text)
    if _SLASH.search(text):
        text = _FRACTION.sub(_fraction, text)
        text = _MIXED.sub(_mixed, text)
    if "√" in text:
        text = _ROOT.sub(lambda match: _ROOTS.get(match[1], f"^{match[1]}√"), text)
    return _Scripts().write(text)


def _fraction(match: re.Match[str]) -> str:
    before, space, above, slash, below = match.groups()
    above, below = (_operand(part.strip()) for part in (above, below))
    if not above or not below:
        return match[0]
    if before.isalpha() or before in (")", "]"):
        if space:
            return f"{before} {above}{slash}{below}"
        # An exponent, unless there is a script to either side of a fraction's line.
        if above.isdecimal() and below.isdecimal():
            return f"{before}{SUP_OPEN}{above}{slash}{below}{SUP_CLOSE}"
        return match[0]
    return f"{before}{space or (before and ' ')}{above}{slash}{below}"


def _operand(part: str) -> str:
    return f"({part})" if _SUM.search(part) and not _is_bracketed(part) else part


def _is_bracketed(part: str) -> bool:
    return part.startswith("(") and part.find(")") == len(part) - 1


def _mixed(match: re.Match[str]) -> str:
    # Of a power, nobody writes the exponent 1.
    if match[2] or match[1] == "1":
        return f" {match[1]}{match[2] or '/'}"
    return match[0]


class _Scripts:
    """The text that is written so far, and the scripts that are open."""

    def __init__(self) -> None:
        self.done: list[str] = []
        #: Of each piece, the sign of the script that it is: "^", "_", "" for text.
        self.signs: list[str] = []
        #: Opening marks and where in ``done`` they are.
        self.open: list[tuple[str, int]] = []

    def write(self, text: str) -> str:
        pieces = _SPLIT.split(text)
        for index in range(0, len(pieces), 2):
            if pieces[index]:
                self._add(pieces[index], "")
            if index + 1 == len(pieces):
                break
            mark = pieces[index + 1]
            if mark in _OPENS:
                if len(self.open) < _MAX_DEPTH:
                    self.open.append((mark, len(self.done)))
            elif self.open and _OPENS[self.open[-1][0]] == mark:
                opening, start = self.open.pop()
                self._close(superscript=opening == SUP_OPEN, start=start, after=pieces[index + 2])
        return "".join(self.done)

    def _add(self, piece: str, sign: str) -> None:
        self.done.append(piece)
        self.signs.append(sign)

    def _close(self, *, superscript: bool, start: int, after: str) -> None:
        content = "".join(self.done[start:])
        del self.done[start:], self.signs[start:]
        script = " ".join(_EMPHASIS.sub("", content).split())
        typed = _TYPED.fullmatch(script)
        if typed is not None:
            script = typed[1]
        sign = "^" if superscript else "_"
        if not script or len(script) > _MAX_SCRIPT or _NO_SCRIPT.search(script):
            self._add(content, "")
        else:
            base = self._base(typed=typed is not None or not script.isdecimal())
            chosen = sign if superscript or subscript_belongs(script, base) else ""
            if superscript:
                chosen = superscript_of(script, base, after)
            self._write_script(chosen, script, content)

    def _write_script(self, chosen: str, script: str, content: str) -> None:
        if chosen in ("^", "_"):
            self._write(chosen, script)
        else:
            self._add(chosen or content, "")

    def _base(self, *, typed: bool) -> Base:
        """What stands before the end of what is written; ``typed``: it may be code."""
        begin = self.open[-1][1] if self.open else 0
        at = len(self.done)
        if at > begin and self.signs[at - 1]:
            return base_of("", scripted=True)
        parts: list[str] = []
        length = 0
        while at > begin and length < _BEFORE and not self.signs[at - 1]:
            at -= 1
            parts.append(self.done[at][-_BEFORE:])
            length += len(parts[-1])
        scripted = at > begin and bool(self.signs[at - 1])
        text = _EMPHASIS.sub("", "".join(reversed(parts)))[-_BEFORE:]
        if typed and text.endswith(CODE_CLOSE):
            return Base(Kind.LETTERS, text[-2:-1])
        return base_of(text, scripted=scripted and not text.strip())

    def _write(self, sign: str, script: str) -> None:
        # A space that an editor left between them.
        while self.done and not self.signs[-1] and self.done[-1] and self.done[-1].isspace():
            self.done.pop()
            self.signs.pop()
        if self.done and not self.signs[-1]:
            self.done[-1] = self.done[-1].rstrip(" \u00a0\u2009\u200a\u2060")
        if self.done and self.signs[-1] == sign:
            # One script in two elements.
            script = self.done[-1][1:].removeprefix("{").removesuffix("}") + script
            self.done.pop()
            self.signs.pop()
        self._add(f"{sign}{script}" if len(script) == 1 else f"{sign}{{{script}}}", sign)
