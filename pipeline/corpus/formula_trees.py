"""Text of a page as pieces of text and formulas, formulas as trees of MathML.

Only elements and attributes that are listed here reach the browser, where they are
made one by one: no markup of a page is ever parsed there. A formula that cannot be
read, holds a command that is not known or is too large stays the TeX that it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

#: A tree: element, its attributes, its children; or text.
Tree: TypeAlias = "str | list[Any]"

_MAX_TEX = 2_000
_MAX_NODES = 3_000
_MAX_DEPTH = 60
#: Formulas in a text that are typeset; later ones stay TeX.
_MAX_FORMULAS = 300
# As Pandoc tells formulas from money: no space within the dollar signs' ends, and no
# digit after the closing one.
_FORMULA = re.compile(
    rf"(?<!\\)\$\$(?P<display>(?:[^$\\]|\\.){{1,{_MAX_TEX}}}?)\$\$"
    rf"|(?<![\\$])\$(?![\s$])(?P<inline>(?:[^$\\\n]|\\[^\n]){{1,{_MAX_TEX}}}?)(?<!\s)\$(?![\d$])",
    re.DOTALL,
)
_ELEMENTS = frozenset(
    "math mrow mi mn mo ms mtext mspace msup msub msubsup mover munder munderover mfrac msqrt"
    " mroot mtable mtr mtd mstyle mpadded mphantom mmultiscripts mprescripts none mfenced"
    " menclose merror".split()
)
_ATTRIBUTES = frozenset(
    "display displaystyle scriptlevel stretchy fence form separator accent accentunder"
    " largeop movablelimits symmetric minsize maxsize lspace rspace mathvariant linethickness"
    " columnalign rowspacing columnspacing columnlines rowlines width height depth voffset"
    " notation open close".split()
)
_VALUE = re.compile(r"[\w .%+-]{1,40}")
# latex2mathml lets a command that it does not know stand as an identifier.
_COMMAND = re.compile(r"\\[A-Za-z]+")


def pieces(text: str) -> list[dict[str, Any]]:
    """``text`` cut into ``{"text": …}`` and ``{"tex": …, "display": …, "tree": …}``.

    ``tree`` is None where the formula is to be shown as TeX. All pieces' texts, with
    their dollar signs, make up ``text`` again.
    """
    return list(_pieces(text))


def _pieces(text: str) -> Iterator[dict[str, Any]]:
    end = 0
    for count, match in enumerate(_FORMULA.finditer(text)):
        if match.start() > end:
            yield {"text": text[end : match.start()]}
        display = match["display"] is not None
        tex = match["display"] if display else match["inline"]
        tree = mathml_tree(tex, display) if count < _MAX_FORMULAS else None
        yield {"tex": tex, "display": display, "tree": tree}
        end = match.end()
    if end < len(text):
        yield {"text": text[end:]}


@lru_cache(maxsize=2_000)
def mathml_tree(tex: str, display: bool) -> Tree | None:
    """The formula as a tree of MathML; None where it is better shown as TeX."""
    if len(tex) > _MAX_TEX:
        return None
    try:
        element = convert_to_element(tex, display="block" if display else "inline")
        return _tree(element, [_MAX_NODES], _MAX_DEPTH)
    # A parser of hostile input: whatever it raises, the page shows TeX.
    except Exception:
        return None


class _NotShown(Exception):
    """Too large, or something in it is not known."""


def _tree(element: Element, room: list[int], depth: int) -> list[Any]:
    name = element.tag.rpartition("}")[2]
    room[0] -= 1
    if name not in _ELEMENTS or room[0] < 0 or depth <= 0:
        raise _NotShown
    attributes = {
        key: value
        for key, value in element.attrib.items()
        if key in _ATTRIBUTES and _VALUE.fullmatch(value)
    }
    children: list[Tree] = []
    if text := unescape(element.text or "").strip("\n"):
        if name != "mtext" and _COMMAND.search(text):
            raise _NotShown
        children.append(text)
    children += (_tree(child, room, depth - 1) for child in element)
    return [name, attributes, children]
