"""Whether what stands in a superscript or subscript is mathematics, by what it stands on."""

from __future__ import annotations

import re

from pipeline.text.formulas.sources.script_bases import FUNCTIONS, Base, Kind

_ORDINAL = re.compile(r"st|nd|rd|ths?|ers?|ère|ere|[èe]me|i[èe]me|nde|os|as|[ºª]|ste|de", re.I)
_ROMAN = re.compile(r"[IVXLC]+")
_TRADE = re.compile(r"tm|sm|mc|md|®|©|™|\(r\)|\(c\)|\(tm\)", re.I)
_NOTE = re.compile(r"\[.*\]|[*†‡§¶#⁎∗]+|\(\d+\)|\([a-z]\)|\d+[a-z]|note ?\d*|n\. ?\d+", re.I)
_SUPERSCRIPTED_NOTE = re.compile(r"\[[nkijlmpqrt]\]")
_LIST = re.compile(r"\d{1,3}(?: ?[,;–-] ?\d{1,3})+|[a-h](?: ?, ?[a-h])+")
_NUMBER = re.compile(r"\d{1,3}")
_SIGNED = re.compile(r"[-−–+±] ?\d+(?:[./]\d+)?")
_ALPHABETIC = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[^\W\d_]{3,}")
_PRIMES = re.compile(r"['′’″‴]+|°")
_OPERATOR = re.compile(r"[+\-−–*/=<>^_|∞±×·≤≥→∘√!]|\d[A-Za-z]|[A-Za-z]\d|[\u0370-\u03ff]")
#: Of what may be left out or repeated.
_OF_GRAMMARS = ("?", "!", ".", ",", ":", ";", "*?", "+?")
_CIRCLES = ("o", "O", "0", "∘", "º", "ο", "◦")
#: Letters that words have before a small "e" or "o" that is none of mathematics.
_ABBREVIATED = {
    "M": ("me", "lle", "gr", "mes", "lles", "r"),
    "N": ("o", "os"),
    "n": ("o", "os"),
    "D": ("r", "ra"),
    "S": ("te",),
    "V": ("e",),
    "X": ("e",),
    "I": ("e",),
    "U": ("d",),
}
#: Kinds on which a number is an exponent.
_BEARING = (Kind.LETTERS, Kind.FUNCTION, Kind.UNIT, Kind.BRACKET, Kind.SIGN, Kind.SCRIPT)
#: On which nearly everything is.
_CERTAIN = (Kind.LETTERS, Kind.BRACKET, Kind.SIGN, Kind.SCRIPT, Kind.FUNCTION)


def superscript_of(script: str, base: Base, after: str) -> str:
    """What ``script`` above ``base`` is: "^", an exponent; "°", degrees; "" for neither.

    ``after``: the text that follows it at once.
    """
    kind = base.kind
    if kind == Kind.NOTHING or _TRADE.fullmatch(script) or _PRIMES.fullmatch(script):
        return ""
    if _is_ordinal(script, base, after) or script in _OF_GRAMMARS:
        return ""
    if kind == Kind.WORD and not any(map(str.isalnum, script)):
        return ""
    if kind == Kind.NUMBER and script in _CIRCLES and script != "0":
        return _degree(script, base, after)
    if base.spaced and not _bears_apart(script, base, after):
        return ""
    if _NOTE.fullmatch(script):
        return "^" if _is_starred(script, base) else ""
    if _LIST.fullmatch(script):
        return "^" if kind in (Kind.LETTERS, Kind.SIGN, Kind.SCRIPT) else ""
    if _SIGNED.fullmatch(script):
        return "^"
    if _NUMBER.fullmatch(script):
        return "^" if kind in _BEARING or kind == Kind.NUMBER else ""
    if _ALPHABETIC.fullmatch(script):
        return "^" if _is_power(script, base) else ""
    return "^" if _is_formula(script) and (kind != Kind.WORD or _OPERATOR.search(script)) else ""


def subscript_belongs(script: str, base: Base) -> bool:
    """Whether ``script`` below ``base`` is an index."""
    if base.kind == Kind.NOTHING or script.startswith("["):
        return False
    words = _WORDS.findall(script)
    if base.kind == Kind.WORD:
        return not base.spaced and " " not in script and len(script) < 20
    if base.spaced and (len(base.text) > 1 or base.text in ("a", "I", "A")):
        return base.kind == Kind.FUNCTION
    return len(words) < 4 and len(script) < 60


def _is_ordinal(script: str, base: Base, after: str) -> bool:
    if base.kind == Kind.LETTERS and script in _ABBREVIATED.get(base.text, ()):
        return True
    if script in ("st", "nd", "rd", "th", "ths"):
        return True
    if base.kind == Kind.NUMBER and script == "e":
        return not _goes_on(after)
    if base.kind == Kind.NUMBER and script == "a":
        return base.text == "1"
    if not _ORDINAL.fullmatch(script):
        return script == "e" and len(base.text) > 1 and bool(_ROMAN.fullmatch(base.text))
    return base.kind in (Kind.NUMBER, Kind.WORD) or bool(_ROMAN.fullmatch(base.text))


def _goes_on(after: str) -> bool:
    """Whether mathematics follows."""
    following = after.lstrip()[:1]
    return bool(following) and (following in "+-−–*/=·×<>)≤≥" or after[:1].isalnum())


def _degree(script: str, base: Base, after: str) -> str:
    digits = base.text.partition(".")[0]
    if script in ("o", "O") and len(digits) < 2 and after.lstrip()[:1] not in ("C", "F", "K"):
        return ""
    return "°"


def _bears_apart(script: str, base: Base, after: str) -> bool:
    """Whether a script belongs to what stands before the space before it."""
    if _NOTE.fullmatch(script) or _LIST.fullmatch(script) or after[:1].isalpha():
        return False
    if base.kind == Kind.NUMBER:
        return base.text == "10" or bool(_OPERATOR.search(script) or script == "n")
    if base.kind == Kind.LETTERS:
        return len(base.text) == 1 and base.text not in ("a", "A", "I")
    return base.kind in (Kind.BRACKET, Kind.FUNCTION, Kind.UNIT, Kind.SCRIPT)


def _is_starred(script: str, base: Base) -> bool:
    """Whether what looks like a mark of a note is one of an operator or of a derivative."""
    single = len(base.text) <= 1 and base.kind in _CERTAIN
    if script[0] == "(":
        return base.kind in (Kind.LETTERS, Kind.SIGN, Kind.SCRIPT)
    if script[0] == "[":
        return single and bool(_SUPERSCRIPTED_NOTE.fullmatch(script))
    if script[0].isalnum():
        return base.kind in _CERTAIN and not script.lower().startswith("n")
    return single and script in ("*", "**", "∗", "†", "#", "‡")


def _is_power(script: str, base: Base) -> bool:
    if len(script) < 4:
        if base.kind == Kind.NUMBER:
            # In a table's cell: a remark on the value.
            return not ("." in base.text and "a" <= script <= "h")
        return base.kind in _CERTAIN or (base.kind == Kind.UNIT and script == "n")
    return base.kind in (Kind.SCRIPT, Kind.SIGN) or (
        base.kind == Kind.LETTERS and len(base.text) == 1
    )


def _is_formula(script: str) -> bool:
    words = [word for word in _WORDS.findall(script) if word not in FUNCTIONS]
    return len(words) < 2
