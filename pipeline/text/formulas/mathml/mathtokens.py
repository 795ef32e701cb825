"""Tokens of MathML (identifiers, numbers, operators, text) as pieces of TeX."""

from __future__ import annotations

import re

from pipeline.text.formulas.mathml.mathnode import MathNode
from pipeline.text.formulas.mathml.mathpieces import EMPTY, Kind, Piece
from pipeline.text.formulas.symbols import letter, to_latex

FUNCTIONS = frozenset(
    "sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan log ln lg exp lim limsup "
    "liminf max min sup inf det dim ker deg gcd hom arg Pr".split()
)
_LIMITS = frozenset("lim limsup liminf max min sup inf det gcd Pr".split())
_SUMS = frozenset("∑∏∐⋃⋂⨆⨄⨁⨂⨀⋁⋀")
_INTEGRALS = frozenset("∫∬∭⨌∮∯∰")
_SPELLED = {
    "lim sup": "limsup", "lim inf": "liminf", "<=": "\\leq", ">=": "\\geq", "!=": "\\neq",
    "->": "\\to", "<-": "\\leftarrow", "=>": "\\Rightarrow", "<=>": "\\Leftrightarrow",
    "...": "\\ldots", "||": "\\|", "&&": "\\&\\&", "mod": "\\bmod",
}  # fmt: skip
_VARIANTS = {
    "normal": "mathrm", "bold": "mathbf", "italic": "mathit", "bold-italic": "boldsymbol",
    "double-struck": "mathbb", "script": "mathcal", "bold-script": "mathcal",
    "fraktur": "mathfrak", "bold-fraktur": "mathfrak", "sans-serif": "mathsf",
    "bold-sans-serif": "mathsf", "sans-serif-italic": "mathsf",
    "sans-serif-bold-italic": "mathsf", "monospace": "mathtt",
}  # fmt: skip
_TEXTS = {
    "bold": "textbf", "italic": "textit", "bold-italic": "textbf", "monospace": "texttt",
    "sans-serif": "textsf", "bold-sans-serif": "textsf",
}  # fmt: skip
_VAR_CAPITALS = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")
_IN_TEXT = str.maketrans({
    "\\": "\\textbackslash ", "{": "\\{", "}": "\\}", "$": "\\$", "%": "\\%", "&": "\\&",
    "#": "\\#", "_": "\\_", "^": "\\^{}", "~": "\\~{}", "\u00a0": " ", "\u200b": None,
    "\u2061": None, "\u2062": None, "\u2063": None, "\u2060": None, "\ufeff": None,
})  # fmt: skip
_SPACES = re.compile(r"\s+")
_THIN = "\u2009\u2006\u202f\u2005\u2004\u200a\u2008"
#: What a token spells with letters: sin, arg max, GL, lim-sup.
_WORDS = re.compile(r"[a-zA-Z]+(?:[-\s][a-zA-Z]+){0,3}")


def styled(node: MathNode) -> tuple[str, str]:
    """The alphabet of a token ("mathbf", "" for the usual one) and its TeX in plain letters."""
    text = node.text.strip()
    command = _VARIANTS.get(node.attributes.get("mathvariant", "").strip().lower(), "")
    tex = ""
    if not command and not text.isascii():
        alphabets = {letter(character)[0] for character in text}
        if len(alphabets) == 1:
            command = alphabets.pop()
    if command and command != "mathrm" and not text.isascii():
        tex = "".join([letter(character)[1] for character in text]).strip()
    if command == "mathcal" and "mathscr" in node.attributes.get("class", ""):
        command = "mathscr"
    return _fitting(command, text), tex or to_latex(text).strip()


def _fitting(command: str, text: str) -> str:
    """``command`` where it changes anything about ``text``."""
    if command == "mathrm":
        return command if text.isascii() and text.isalpha() else ""
    if command == "mathit":
        return command if len(text) > 1 or text in _VAR_CAPITALS else ""
    if command == "mathbf" and not text.isascii() and letter(text[:1])[0] != "mathbf":
        return "boldsymbol"
    return command


def identifier(node: MathNode, *, applied: bool = False) -> Piece:
    """An ``<mi>``; ``applied`` where it is an operator that an operand follows."""
    text = node.text.strip()
    if _WORDS.fullmatch(text) and len(text) > 1:
        variant = node.attributes.get("mathvariant", "normal")
        if variant == "normal" or text in FUNCTIONS:
            return word(text, applied=applied)
    command, tex = styled(node)
    if not tex:
        return EMPTY
    if command == "mathit" and text in _VAR_CAPITALS:
        return Piece(f"\\var{tex[1:]}", Kind.ATOM)
    if command:
        return Piece(f"\\{command}{{{tex}}}", Kind.ATOM)
    if text in ("∣", "❘"):
        return Piece("|", Kind.ATOM)
    if text in ("∥", "‖"):
        return Piece("\\|", Kind.ATOM)
    if any(character > "\u024f" and character.isalpha() for character in tex):
        return Piece(f"\\text{{{tex}}}", Kind.ATOM)
    return Piece(tex, Kind.ATOM if _is_one(text, tex) else Kind.ROW)


def word(text: str, *, applied: bool = False) -> Piece:
    """Letters that are one name: a command if there is one, else in upright letters."""
    name = " ".join(_SPACES.split(text))
    name = _SPELLED.get(name, name)
    if name in FUNCTIONS:
        return Piece(f"\\{name}", Kind.LIMITS if name in _LIMITS else Kind.ATOM)
    if name.startswith("\\"):
        return Piece(name, Kind.ATOM)
    inside = name.replace(" ", "\\,")
    command = "\\operatorname" if applied or inside != name else "\\mathrm"
    return Piece(f"{command}{{{inside}}}", Kind.NAME)


def number(node: MathNode) -> Piece:
    """An ``<mn>``."""
    command, tex = styled(node)
    if command != "mathrm":
        tex = tex.replace(" ", "")
    if not tex:
        return EMPTY
    if command and command != "mathrm":
        return Piece(f"\\{command}{{{tex}}}", Kind.ATOM)
    plain_number = tex.replace(".", "").replace(",", "").isalnum()
    return Piece(tex, Kind.ATOM if plain_number else Kind.ROW)


def operator(node: MathNode) -> Piece:
    """An ``<mo>``, without regard to what it stands between."""
    text = node.text.strip()
    if not text:
        return EMPTY
    if len(text) > 1 and _WORDS.fullmatch(text):
        return word(text, applied=True)
    if text in _SPELLED:
        return Piece(_SPELLED[text], Kind.ATOM)
    if text in _SUMS:
        return Piece(to_latex(text).strip(), Kind.LIMITS)
    if text in _INTEGRALS:
        return Piece(to_latex(text).strip(), Kind.INTEGRAL)
    attributes = node.attributes
    if text == "∣" and attributes.get("fence") == "true":
        return Piece("|", Kind.ATOM)
    if text == "∥" and not attributes.keys().isdisjoint(("fence", "stretchy")):
        return Piece("\\|", Kind.ATOM)
    if text == "|" and attributes.get("lspace", "0").lstrip("0.").strip("empx "):
        return Piece("\\mid", Kind.ATOM)
    if text == ":" and _is_punctuation(attributes):
        return Piece("\\colon", Kind.ATOM)
    command, tex = styled(node)
    if command in ("mathbf", "boldsymbol") and tex.startswith("\\"):
        return Piece(f"\\boldsymbol{{{tex}}}", Kind.ATOM)
    return Piece(tex, Kind.ATOM if _is_one(text, tex) else Kind.ROW)


def _is_punctuation(attributes: dict[str, str]) -> bool:
    if attributes.get("data-mjx-texclass") == "PUNCT":
        return True
    return attributes.get("lspace", "") in ("0", "0em", "0px")


def text(content: str, variant: str = "") -> Piece:
    """Text in a formula; spaces at its ends are kept, as one each."""
    if not content.strip():
        return EMPTY if not content or content.strip(_THIN) == "" else Piece("\\ ", Kind.ATOM)
    content = _SPACES.sub(" ", content.translate(_IN_TEXT))
    return Piece(f"\\{_TEXTS.get(variant, 'text')}{{{content}}}", Kind.ATOM)


def _is_one(text: str, tex: str) -> bool:
    """Whether ``tex`` for ``text`` is one thing that scripts may be put on."""
    return len(text) <= 1 and tex[:1] != "^" and not tex.startswith("\\not")
