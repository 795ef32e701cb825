"""Letters, signs and words as KaTeX's spans hold them, as tokens of MathML.

A span's classes say what role a sign has and which alphabet it is of; newer versions put
neighbours that look alike into one span.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.text.formulas.mathml.mathaccents import name_of
from pipeline.text.formulas.mathml.mathnode import MAX_TOKEN, MathNode
from pipeline.text.formulas.mathml.renderings import token

#: Of the alphabets that somebody asked for, as MathML calls them.
ALPHABETS = {
    "mathbf": "bold", "mathbb": "double-struck", "mathcal": "script", "mathscr": "script",
    "mathfrak": "fraktur", "mathboldfrak": "bold-fraktur", "mathsf": "sans-serif",
    "mathboldsf": "bold-sans-serif", "mathsfit": "sans-serif-italic",
    "mathitsf": "sans-serif-italic", "mathtt": "monospace", "mathrm": "normal",
    "boldsymbol": "bold-italic",
}  # fmt: skip
#: The italic of formulas, by version: "mathit" up to 0.9, "mathdefault" up to 0.11.
ITALICS = frozenset({"mathit", "mathdefault", "mathnormal"})
#: Of signs, not letters.
ROLES = frozenset({"mbin", "mrel", "mopen", "mclose", "mpunct", "minner"})
_TEXTS = {
    "textbf": "bold", "mathbf": "bold", "boldsymbol": "bold", "textit": "italic",
    "textsf": "sans-serif", "mathsf": "sans-serif", "texttt": "monospace", "mathtt": "monospace",
}  # fmt: skip
_TOKENS = re.compile(r"\d+(?:\.\d+)*|[A-Za-z]+|\s+|.", re.DOTALL)
_SIGNS = re.compile(r"\d+(?:\.\d+)*|\s+|.", re.DOTALL)
_SLANTED_CAPITALS = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")
_ALEPHS = frozenset("ℵℶℷℸ")
#: KaTeX's strokes through a sign: of its own font, and of Unicode.
_STROKES = frozenset("\ue020\u0338")
_THROUGH = "\u0338"
#: With a class that says so, or the spaces of a relation around them, they are one.
_BARS = frozenset("∣∥|‖")
#: Letters of KaTeX's own font.
_DOTLESS = str.maketrans({"\ue131": "ı", "\ue237": "ȷ", "\u200b": None})
_COMBINING = {
    "ˊ": "\u0301", "´": "\u0301", "ˋ": "\u0300", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302",
    "^": "\u0302", "˜": "\u0303", "~": "\u0303", "ˉ": "\u0304", "˘": "\u0306", "˙": "\u0307",
    "˚": "\u030a", "ˇ": "\u030c", "˝": "\u030b", "¸": "\u0327", "c": "\u0327",
}  # fmt: skip
_APPLY = "\u2061"


def letters(content: str, classes: list[str]) -> list[MathNode]:
    """The tokens that a span of ``classes`` shows with the text ``content``."""
    variant, attributes = _variant(classes)
    relation = "mrel" in classes
    nodes: list[MathNode] = []
    tokens = _TOKENS if variant != "italic" or "mathit" in classes else _SIGNS
    for text in tokens.findall(content.translate(_DOTLESS)):
        if text.isspace():
            nodes.append(token("mtext", " "))
        elif text[0].isdigit():
            variants = {} if variant in ("normal", "italic") else attributes
            nodes.append(token("mn", text, **variants))
        elif text in _BARS and not relation:
            nodes.append(token("mo", text, fence="true", stretchy="false"))
        elif not text.isalpha() or text in _ALEPHS or not ROLES.isdisjoint(classes):
            variants = attributes if variant == "bold-italic" else {}
            nodes.append(token("mo", text, **variants))
        elif variant == "italic" and text not in _SLANTED_CAPITALS and len(text) == 1:
            nodes.append(token("mi", text))
        elif variant or not text.isascii():
            nodes.append(token("mi", text, **attributes))
        else:
            nodes.append(token("mi", text, mathvariant="normal"))
    return nodes


def _variant(classes: list[str]) -> tuple[str, dict[str, str]]:
    """The alphabet that ``classes`` name, and the attributes of a token in it."""
    for name in classes:
        if variant := ALPHABETS.get(name):
            if name == "mathscr":
                return variant, {"mathvariant": variant, "class": name}
            return variant, {"mathvariant": variant}
    if not ITALICS.isdisjoint(classes):
        return "italic", {"mathvariant": "italic"}
    return "", {}


def text_variant(classes: list[str]) -> str:
    """The style of words in a span, "" for the usual one."""
    for name in classes:
        if variant := _TEXTS.get(name):
            return variant
    return ""


class Words:
    """Text in a formula, with what else is in it."""

    def __init__(self) -> None:
        self.nodes: list[MathNode] = []

    def add(self, text: str, variant: str) -> None:
        text = text.translate(_DOTLESS)
        last = self.nodes[-1] if self.nodes else None
        if last and last.tag == "mtext" and last.attributes.get("mathvariant", "") == variant:
            last.text = (last.text + text)[:MAX_TOKEN]
        elif variant:
            self.nodes.append(token("mtext", text, mathvariant=variant))
        else:
            self.nodes.append(token("mtext", text))


def accented(nodes: list[MathNode]) -> str:
    """The letter of a text that is set as an accent on another letter."""
    if len(nodes) != 1:
        return "".join(node.text for node in nodes)
    node = nodes[0]
    if node.tag not in ("mover", "munder") or len(node.children) != 2:
        return node.text or accented(node.children)
    mark = _COMBINING.get(node.children[1].text, "")
    # "ı" is for what has an accent in place of its dot.
    letter = accented(node.children[:1]).replace("ı", "i").replace("ȷ", "j")
    return unicodedata.normalize("NFC", letter + mark)


def applied(nodes: list[MathNode]) -> list[MathNode]:
    """What ``.mop`` holds: words are the name of one function, which is applied."""
    name = name_of(nodes)
    if not name:
        return nodes
    return [token("mi", name, mathvariant="normal"), token("mo", _APPLY)]


def stroke_before() -> MathNode:
    """A stroke through the sign before it."""
    return token("mo", _THROUGH, place="after")


def negated(nodes: list[MathNode]) -> list[MathNode]:
    """``nodes`` with strokes put into the signs that they are drawn through."""
    if not any(_is_stroke(node) for node in nodes):
        return nodes
    struck: list[MathNode] = []
    waiting: list[MathNode] = []
    for node in nodes:
        if _is_stroke(node) and "place" not in node.attributes:
            waiting.append(node)
        elif _is_stroke(node) and struck:
            struck[-1] = _struck(struck[-1])
        elif waiting and node.tag != "mspace":
            waiting.clear()
            struck.append(_struck(node))
        elif not waiting:
            struck.append(node)
    # What a stroke goes through may stand outside of the row.
    return struck + waiting


def _is_stroke(node: MathNode) -> bool:
    return node.tag == "mo" and node.text in _STROKES


def _struck(node: MathNode) -> MathNode:
    if node.tag in ("mo", "mi"):
        return MathNode(node.tag, node.text + _THROUGH, [], node.attributes)
    if node.tag in ("mrow", "msup", "msub", "msubsup", "mover", "munder") and node.children:
        return MathNode(
            node.tag, "", [_struck(node.children[0]), *node.children[1:]], node.attributes
        )
    return node
