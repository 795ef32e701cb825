"""What a superscript or subscript stands on: a letter, a word, a number, a bracket, nothing."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple


class Kind:
    """Of bases; plain numbers, as in ``regions.py``."""

    #: A sign of punctuation, the beginning of a line.
    NOTHING: Final = 0
    #: One or two letters that are no word.
    LETTERS: Final = 1
    #: The name of a function, or a product such as ``2abc``.
    FUNCTION: Final = 2
    UNIT: Final = 3
    WORD: Final = 4
    NUMBER: Final = 5
    #: Closed, with no prose in it.
    BRACKET: Final = 6
    #: A sign of mathematics, a prime, a formula.
    SIGN: Final = 7
    #: Another script.
    SCRIPT: Final = 8


class Base(NamedTuple):
    """What stands before a script."""

    kind: int
    #: Its letters or digits.
    text: str = ""
    #: Whether there is a space between.
    spaced: bool = False


FUNCTIONS = frozenset(
    "sin cos tan cot sec csc log ln lg exp lim max min sup inf det dim ker deg gcd lcm arg arcsin "
    "arccos arctan sinh cosh tanh coth sech csch rank span ess limsup liminf argmax argmin hom Hom "
    "Ext Tor Sym Aut End Gal Spec Proj Pic Mat Var Cov tg ctg arctg sen cosec Res Div mod erf erfc "
    "arcsinh arccosh arctanh artanh arsinh arcosh".split()
)
_UNITS = frozenset(
    "mol rad bar min sec feet foot inch inches mile miles yard yards meter meters metre metres "
    "acre acres lbs psi amu kcal MeV GeV keV kWh ppm".split()
)
#: Words of two letters and initials, after which a number is a note.
_WORDS = frozenset(
    "of to is it as at by we he me my us so no or on if an be do go up am de la le du et un il se "
    "es el al lo da di si ne ce je tu ou au der die das UK US EU AI TV PC IT UN OK ID".split()
)
_EAST_ASIAN_UNITS = ("米", "里", "秒")
#: The names of people that begin so are more than these.
_TITLED = frozenset(
    "Re Im Pr Tr Li Si Ci Ei Ai Bi Sp Id Na Mg Ca Fe Cu Zn Al Cl Br Mn Cr Co Ni Ba Sr Ag Au Pb Hz "
    "Pa Gr Fl Ob Ad".split()
)
_CLOSING = {")": "(", "]": "[", "}": "{", "）": "（", "⟩": "⟨", "⌋": "⌊", "⌉": "⌈", "〉": "〈"}
_NO_BASE = frozenset("+-−–=<>±×÷·/~∼≈≤≥≠⋅")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_ORDINAL = frozenset(("st", "nd", "rd", "th", "s"))


def base_of(before: str, *, scripted: bool = False) -> Base:
    """What ``before`` ends with; ``scripted``: with a script that was written."""
    if scripted:
        return Base(Kind.SCRIPT, spaced=bool(before))
    text = before.rstrip(" \u00a0\u2009\u200a\u2060\n\t")
    spaced = len(text) < len(before.rstrip("\u2060"))
    if not text:
        return Base(Kind.NOTHING)
    last = text[-1]
    if last.isalpha() or unicodedata.combining(last):
        return _letters(text, spaced)
    if last.isdecimal():
        start = len(text)
        while start and (text[start - 1].isdecimal() or text[start - 1] in ".,"):
            start -= 1
        return Base(Kind.NUMBER, text[start:].lstrip(".,"), spaced)
    if last in _CLOSING:
        return Base(_bracket(text, last), last, spaced)
    return Base(_sign(text, last), last, spaced)


def _letters(text: str, spaced: bool) -> Base:
    start = len(text)
    while start and (text[start - 1].isalpha() or unicodedata.combining(text[start - 1])):
        start -= 1
    run = text[start:]
    letters = unicodedata.normalize("NFC", run)
    letters = "".join(char for char in letters if not unicodedata.combining(char))
    last, before = letters[-1:], text[start - 1 : start] if start else ""
    if "\u2e80" <= last <= "\u9fff" or "\uac00" <= last <= "\ud7a3" or "\u3040" <= last <= "\u30ff":
        kind = Kind.UNIT if last in _EAST_ASIAN_UNITS else Kind.WORD
        # Letters of a formula in the midst of such a text.
        latin = re.search(r"[A-Za-z\u0370-\u03ff]{1,2}$", letters)
        return Base(Kind.LETTERS, latin[0], spaced) if latin else Base(kind, letters[-1:], spaced)
    if last.isascii() and (
        latin := re.search(r"[\u3040-\u9fff\uac00-\ud7a3]([A-Za-z]+)$", letters)
    ):
        letters, before = latin[1], ""
    if before in ("'", "’") and start > 1 and text[start - 2].isalpha():
        return Base(Kind.WORD, letters, spaced)
    return Base(_kind_of_letters(letters, before), letters, spaced)


def _kind_of_letters(letters: str, before: str) -> int:
    digits = before.isdecimal()
    if len(letters) > 2:
        if letters in FUNCTIONS or letters.lower() in FUNCTIONS:
            return Kind.FUNCTION
        if letters in _UNITS:
            return Kind.UNIT
        return Kind.FUNCTION if digits and len(letters) < 5 else Kind.WORD
    if digits and letters in _ORDINAL:
        return Kind.WORD
    if letters in _WORDS or (letters == "in" and not before.isspace() and not digits):
        return Kind.WORD
    if len(letters) == 2:
        if letters[0].isupper() and letters[1].islower() and letters not in _TITLED:
            return Kind.WORD
        if "\u0400" <= letters[0] <= "\u04ff" and letters not in ("мм", "см", "км", "кг", "дм"):
            return Kind.WORD
    return Kind.LETTERS


def _bracket(text: str, last: str) -> int:
    """Whether what a bracket closes is mathematics."""
    start = text.rfind(_CLOSING[last], 0, len(text) - 1)
    if start < 0:
        return Kind.BRACKET
    inside = text[start + 1 : -1]
    words = [word for word in _LONG_WORD.findall(inside) if word not in FUNCTIONS]
    # A reference to something, and a remark.
    return Kind.NOTHING if words else Kind.BRACKET


def _sign(text: str, last: str) -> int:
    before = text[-2:-1]
    if last in "'′’″":
        single = before and not text[-3:-2].isalpha()
        return Kind.SIGN if single and (before.isalpha() or before in ")]′'") else Kind.NOTHING
    if last == "!":
        single = before.isdecimal() or before in tuple(")]!") or not text[-3:-2].isalpha()
        return Kind.SIGN if before and before != " " and single else Kind.NOTHING
    if last in "|‖∥\ua875\ua877}":
        return Kind.SIGN
    if last in _NO_BASE:
        return Kind.NOTHING
    return Kind.SIGN if unicodedata.category(last) == "Sm" else Kind.NOTHING
