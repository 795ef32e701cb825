"""Formulas of chemistry in prose, of which the numbers stay on the line: ``H2O``, ``Ca2+``."""

from __future__ import annotations

import re

from pipeline.text.marks import SUB_CLOSE, SUB_OPEN, SUP_CLOSE, SUP_OPEN

_ELEMENTS = (
    "He Li Be Ne Na Mg Al Si Cl Ar Ca Sc Ti Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Zr Nb Mo "
    "Tc Ru Rh Pd Ag Cd In Sn Sb Te Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta Re "
    "Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa Np Pu Am Cm H B C N O F P S K V I Y W U"
).split()
#: Two letters are tried before one.
_ELEMENT = "(?:" + "|".join(_ELEMENTS) + ")"
_NUMBER = f"(?:{SUB_OPEN}\\s?\\d{{1,3}}\\s?{SUB_CLOSE})"
#: At most so many parts of one molecule, so that the time is linear.
_MOLECULE = re.compile(
    rf"(?<![A-Za-z])((?:{_ELEMENT}{_NUMBER}?|[(\[](?=[A-Z])|[)\]]{_NUMBER}){{2,30}}+)"
    rf"(?:{SUP_OPEN}(\d?[+−–-])\s?{SUP_CLOSE})?(?![a-z{SUB_OPEN}])"
)
#: One element: a number of mathematics too, but on a page with molecules.
_PURE = re.compile(
    rf"(?<![A-Za-z\d])((?:H|N|O|F|Cl|Br|I){SUB_OPEN}2{SUB_CLOSE}|O{SUB_OPEN}3{SUB_CLOSE}"
    rf"|P{SUB_OPEN}4{SUB_CLOSE}|S{SUB_OPEN}8{SUB_CLOSE})(?![A-Za-z{SUP_OPEN}])"
)
_ION = re.compile(rf"(?<![A-Za-z])({_ELEMENT}|OH|CN){SUP_OPEN}(\d?[+−–-]){SUP_CLOSE}(?![a-z])")
#: What every molecule and every ion has; each begins with one sign, which is found fast.
_HAS_NUMBER = re.compile(rf"{SUB_OPEN}(?<=[A-Za-z)\]].)\s?(?:[2-9]|\d\d)")
_HAS_CHARGE = re.compile(rf"{SUP_OPEN}(?<=[A-Za-z].)\d?[+−–-]{SUP_CLOSE}")
_SYMBOL = re.compile("[A-Z][a-z]?")
_NUMBERS = re.compile(r"\d+")
#: Groups, spaces and surfaces that are written with the signs of two elements.
_OF_MATHEMATICS = frozenset("SO SU KO PU KU BU BO SP CH PV HP OP UN SV BV".split())
_MARKS = re.compile(f"[{SUB_OPEN}{SUB_CLOSE}]")


def without_chemistry(text: str) -> str:
    """Marked text in which no script of a molecule or an ion is marked any more."""
    has_molecule = _HAS_NUMBER.search(text) is not None and any(
        _is_molecule(match[1]) for match in _MOLECULE.finditer(text)
    )
    if has_molecule:
        text = _PURE.sub(lambda match: _MARKS.sub("", match[1]), text)
        text = _MOLECULE.sub(_plain, text)
    if _HAS_CHARGE.search(text) is None:
        return text
    # Of one letter it may be the positive part of something.
    return _ION.sub(
        lambda match: match[1] + match[2] if has_molecule or len(match[1]) > 1 else match[0], text
    )


def _plain(match: re.Match[str]) -> str:
    if not _is_molecule(match[1], surely=False):
        return match[0]
    charge = match[2] or ""
    if len(charge) > 1 and match[1].endswith(SUB_CLOSE):
        charge = f"^{{{charge}}}"
    return _MARKS.sub("", match[1]) + charge


def _is_molecule(formula: str, *, surely: bool = True) -> bool:
    """``surely``: that no mathematics is written so."""
    symbols = _SYMBOL.findall(formula)
    numbers = _NUMBERS.findall(formula)
    # In mathematics a number is counted from 1, and a letter comes twice.
    return (
        len(set(symbols)) > 1
        and bool(numbers)
        and not any(number in ("0", "1") for number in numbers)
        and not (surely and "".join(symbols) in _OF_MATHEMATICS)
    )
