"""Pieces of TeX, and how they are put together: spaces, braces, scripts, fences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a piece is to the scripts that are put on it."""

    #: One thing: it bears scripts as it is.
    ATOM = "atom"
    #: Several: it needs braces.
    ROW = "row"
    #: A brace with room for a label, a sum, a limit: scripts go above and below.
    LIMITS = "limits"
    #: An integral: scripts go above and below if told so.
    INTEGRAL = "integral"
    #: A word in upright letters that may be an operator.
    NAME = "name"
    SUB = "sub"
    SUP = "sup"
    BOTH = "both"


class Piece(NamedTuple):
    """TeX without white space at its ends."""

    tex: str
    kind: Kind = Kind.ROW
    #: Taller than a line: brackets around it grow.
    tall: bool = False


EMPTY = Piece("", Kind.ATOM)

_ENDS_IN_COMMAND = re.compile(r"\\[a-zA-Z]+\Z")
#: Signs that nobody puts braces around.
_BARE_SCRIPTS = frozenset("\\circ \\dagger \\infty \\top \\perp \\star \\times \\pm".split())
_PRIMES = re.compile(r"(?:\\prime(?![a-zA-Z]) ?|')+")
#: Characters of the end of a text that may be one command.
_LONGEST_COMMAND = 32


def join(pieces: Sequence[Piece]) -> str:
    """One after another, with spaces only where a command would swallow a letter."""
    parts: list[str] = []
    last = EMPTY
    for piece in pieces:
        tex = piece.tex
        if not tex:
            continue
        if tex[0] in "'^" and last.kind in (Kind.SUP, Kind.BOTH):
            parts[-1] = f"{{{parts[-1].strip()}}}"
        elif tex[0].isalnum() and _ENDS_IN_COMMAND.search(last.tex[-_LONGEST_COMMAND:]):
            parts.append(" ")
        parts.append(tex)
        last = piece
    return "".join(parts)


def group(tex: str) -> str:
    """As an argument of ``^`` and ``_``: in braces unless it is one character or a usual sign."""
    if len(tex) == 1 or tex in _BARE_SCRIPTS:
        return tex
    return f"{{{tex}}}"


def base(piece: Piece) -> str:
    """As what scripts are put on."""
    return f"{{{piece.tex}}}" if piece.kind is Kind.ROW or not piece.tex else piece.tex


def scripted(piece: Piece, sub: str, sup: str) -> Piece:
    """``piece`` with scripts, either of which may be empty."""
    if not sub and not sup:
        return piece
    had_sub = piece.kind in (Kind.SUB, Kind.BOTH)
    had_sup = piece.kind in (Kind.SUP, Kind.BOTH)
    tex = f"{{{piece.tex}}}" if (had_sub and sub) or (had_sup and sup) else base(piece)
    if tex is not piece.tex:
        had_sub = had_sup = False
    if sub:
        tex += f"_{group(sub)}"
    if sup:
        tex += _superscript(sup)
    with_sub, with_sup = had_sub or bool(sub), had_sup or bool(sup)
    kind = Kind.BOTH if with_sub and with_sup else Kind.SUB if with_sub else Kind.SUP
    return Piece(tex, kind, piece.tall or piece.kind in (Kind.LIMITS, Kind.INTEGRAL))


def _superscript(sup: str) -> str:
    if primes := _PRIMES.match(sup):
        marks = "'" * (primes[0].count("'") + primes[0].count("\\prime"))
        rest = sup[primes.end() :]
        return marks + (f"^{group(rest)}" if rest else "")
    # A degree sign by itself is a superscript already.
    return f"^{group(sup.removeprefix('^'))}"
