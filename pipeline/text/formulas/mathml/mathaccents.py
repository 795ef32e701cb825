"""What stands above and below: accents, braces, arrows with labels, limits."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text.formulas.mathml.mathnode import MathNode
from pipeline.text.formulas.mathml.mathpieces import EMPTY, Kind, Piece, scripted
from pipeline.text.formulas.mathml.mathrows import unwrapped

#: Accent, and what it is over more than one letter: "" for the same.
_OVER = {
    "^": ("hat", "widehat"), "ˆ": ("hat", "widehat"), "\u0302": ("hat", "widehat"),
    "~": ("tilde", "widetilde"), "˜": ("tilde", "widetilde"), "∼": ("tilde", "widetilde"),
    "\u0303": ("tilde", "widetilde"), "¯": ("bar", "overline"), "ˉ": ("bar", "overline"),
    "\u0304": ("bar", "overline"), "‾": ("bar", "overline"), "―": ("overline", "overline"),
    "_": ("bar", "overline"), "\u0305": ("bar", "overline"), "—": ("overline", "overline"),
    "–": ("bar", "overline"), "─": ("overline", "overline"), "−": ("bar", "overline"),
    "-": ("bar", "overline"), "→": ("vec", "overrightarrow"), "⃗": ("vec", "overrightarrow"),
    "⇀": ("vec", "overrightharpoon"), "⟶": ("overrightarrow", "overrightarrow"),
    "←": ("overleftarrow", "overleftarrow"), "\u20d6": ("overleftarrow", "overleftarrow"),
    "↔": ("overleftrightarrow", "overleftrightarrow"), "˙": ("dot", "dot"),
    "\u0307": ("dot", "dot"),
    ".": ("dot", "dot"), "¨": ("ddot", "ddot"), "\u0308": ("ddot", "ddot"), "..": ("ddot", "ddot"),
    "\u20db": ("dddot", "dddot"), "...": ("dddot", "dddot"), "\u20dc": ("ddddot", "ddddot"),
    "ˇ": ("check", "widecheck"), "\u030c": ("check", "widecheck"), "˘": ("breve", "breve"),
    "\u0306": ("breve", "breve"), "´": ("acute", "acute"), "ˊ": ("acute", "acute"),
    "\u0301": ("acute", "acute"), "`": ("grave", "grave"), "ˋ": ("grave", "grave"),
    "\u0300": ("grave", "grave"), "˚": ("mathring", "mathring"), "\u030a": ("mathring", "mathring"),
    "⏞": ("overbrace", "overbrace"), "︷": ("overbrace", "overbrace"),
    "⏜": ("overparen", "overparen"), "⌢": ("overparen", "overparen"),
    "︵": ("overparen", "overparen"),
    "⎴": ("overbracket", "overbracket"),
}  # fmt: skip
_UNDER = {
    "_": "underline", "\u0332": "underline", "―": "underline", "‾": "underline", "¯": "underline",
    "—": "underline", "─": "underline", "-": "underline", "−": "underline", "⏟": "underbrace",
    "︸": "underbrace", "⏝": "underparen", "→": "underrightarrow", "←": "underleftarrow",
    "↔": "underleftrightarrow", "~": "utilde", "˜": "utilde", "\u0330": "utilde",
    "⎵": "underbracket", "\u0331": "underline", "ˍ": "underline",
}  # fmt: skip
_BRACES = frozenset({"overbrace", "underbrace", "overbracket", "underbracket", "overparen"})
_ARROWS = {
    "→": "xrightarrow", "←": "xleftarrow", "↔": "xleftrightarrow", "⇒": "xRightarrow",
    "⇐": "xLeftarrow", "⇔": "xLeftrightarrow", "↦": "xmapsto", "↪": "xhookrightarrow",
    "↩": "xhookleftarrow", "⇌": "xrightleftharpoons", "⇋": "xleftrightharpoons",
    "⟶": "xrightarrow", "⟵": "xleftarrow", "⟹": "xRightarrow", "⟸": "xLeftarrow",
    "↠": "xtwoheadrightarrow", "⇀": "xrightharpoonup", "⇁": "xrightharpoondown",
}  # fmt: skip
_TOKENS = ("mo", "mi", "mtext", "mn")
_WORDS = ("mi", "mo", "mtext")


def accent_of(node: MathNode, index: int, piece: Piece) -> str:
    """The accent that the child ``index`` of ``node`` is on ``piece``, its base; "" for none."""
    if index >= len(node.children):
        return ""
    mark = unwrapped(node.children[index])
    sign = mark.text.strip()
    if mark.tag not in _TOKENS or not sign:
        return ""
    if index == 1 and node.tag != "mover":
        accent = _UNDER.get(sign, "")
    else:
        plain, wide = _OVER.get(sign, ("", ""))
        stretchy = mark.attributes.get("stretchy")
        if stretchy == "true" or (stretchy is None and not _is_letter(piece)):
            accent = wide
        else:
            accent = plain
    # A dash over a relation or an operator is a label, and so is a star or a letter.
    lone = unwrapped(node.children[0])
    if accent and lone.tag == "mo" and accent not in _BRACES and not lone.text.strip().isalpha():
        return "" if sign in _ARROWS or sign in "-−–.~∼" else accent
    return accent


def _is_letter(piece: Piece) -> bool:
    tex = piece.tex
    if len(tex) <= 1 or (tex.startswith("\\") and tex[1:].isalpha()):
        return True
    _, brace, inside = tex.partition("{")
    return bool(brace) and (len(inside) == 2 or (inside[0] == "\\" and inside[1:-1].isalpha()))


def stacked(
    bottom: MathNode, piece: Piece, scripts: tuple[str, str], accents: Sequence[str]
) -> Piece:
    """``piece``, of the node ``bottom``, with what is below and above it."""
    below, above = scripts
    for accent in accents:
        if accent:
            kind = Kind.LIMITS if accent in _BRACES else Kind.ATOM
            piece = Piece(f"\\{accent}{{{piece.tex}}}", kind, piece.tall or accent in _BRACES)
    if not below and not above:
        return piece
    if piece.kind is Kind.LIMITS:
        return scripted(piece, below, above)._replace(tall=True)
    if piece.kind is Kind.INTEGRAL:
        limits = Piece(f"{piece.tex}\\limits", Kind.LIMITS)
        return scripted(limits, below, above)._replace(tall=True)
    if piece.kind is Kind.NAME:
        name = piece.tex.partition("{")[2]
        return scripted(Piece(f"\\operatorname*{{{name}", Kind.LIMITS), below, above)
    arrow = _ARROWS.get(bottom.text.strip()) if bottom.tag == "mo" else None
    if arrow and bottom.attributes.get("stretchy") != "false":
        label = f"[{below}]" if below else ""
        return Piece(f"\\{arrow}{label}{{{above}}}", Kind.ATOM)
    if below:
        piece = Piece(f"\\underset{{{below}}}{{{piece.tex}}}", Kind.ATOM, tall=True)
    if above:
        piece = Piece(f"\\overset{{{above}}}{{{piece.tex}}}", Kind.ATOM, tall=True)
    return piece


def name_of(nodes: Sequence[MathNode]) -> str:
    """The words of an operator that is written in several elements, such as ``arg max``."""
    words: list[str] = []
    for node in nodes:
        if node.tag == "mspace":
            words.append(" ")
        elif node.tag in _WORDS and node.text.isascii() and node.text.strip().isalpha():
            if len(node.text.strip()) == 1 and node.attributes.get("mathvariant") != "normal":
                return ""
            words.append(node.text)
        else:
            return ""
    return " ".join("".join(words).split())


def space(node: MathNode) -> Piece:
    """An ``mspace``: the wide ones are written, the others are the typesetter's business."""
    width = node.attributes.get("width", "").strip()
    try:
        ems = float(width.removesuffix("em")) if width.endswith("em") else 0.0
    except ValueError:
        return EMPTY
    if ems < 0.9 or ems > 100:
        return EMPTY
    return Piece("\\qquad" if ems >= 1.5 else "\\quad", Kind.ATOM)
