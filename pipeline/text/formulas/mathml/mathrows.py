"""Rows of pieces: which brackets belong together, and what is written as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.text.formulas.mathml.mathnode import MathNode
from pipeline.text.formulas.mathml.mathpieces import EMPTY, Kind, Piece, join

#: Two angle brackets of East Asian text stand for those of mathematics.
_OPENING = {
    "\u2329": "\\langle",
    "(": "(", "[": "[", "{": "\\{", "⟨": "\\langle", "\u3008": "\\langle",
    "⌊": "\\lfloor", "⌈": "\\lceil", "⟦": "\\llbracket", "⟮": "\\lgroup", "⎰": "\\lmoustache",
}  # fmt: skip
_CLOSING = {
    "\u232a": "\\rangle",
    ")": ")", "]": "]", "}": "\\}", "⟩": "\\rangle", "\u3009": "\\rangle",
    "⌋": "\\rfloor", "⌉": "\\rceil", "⟧": "\\rrbracket", "⟯": "\\rgroup", "⎱": "\\rmoustache",
}  # fmt: skip
_BARS = {"|": "|", "∣": "|", "❘": "|", "‖": "\\|", "∥": "\\|", "||": "\\|"}
_WRAPPERS = ("mrow", "mstyle", "mpadded")
#: Attributes that make more of such an element than its content.
_MEANT = ("displaystyle", "mathvariant", "width", "style")
_SCRIPTED = ("msup", "msub", "msubsup")


class Fence(NamedTuple):
    """A bracket, or a bar that may be one."""

    tex: str
    #: "(" opens, ")" closes, "|" does either, "" is drawn on neither side (\\left.).
    role: str
    #: Whether it grows with what it encloses: None where nothing says.
    grows: bool | None
    #: What \\big it was made with, "" for none.
    size: str


class Item(NamedTuple):
    """A piece of a row, and the bracket that it is, with or without scripts."""

    piece: Piece
    fence: Fence | None = None
    #: Whether the bracket is the whole piece.
    bare: bool = True


def unwrapped(node: MathNode) -> MathNode:
    """What is in rows around one element alone."""
    while node.tag in _WRAPPERS and len(node.children) == 1:
        if not node.attributes.keys().isdisjoint(_MEANT):
            return node
        node = node.children[0]
    return node


def fence_of(node: MathNode) -> Fence | None:
    """The bracket that ``node`` is, if it is one."""
    node = unwrapped(node)
    if node.tag != "mo":
        return None
    attributes = node.attributes
    text = node.text.strip()
    is_named = attributes.get("fence") == "true" or attributes.get("data-mjx-texclass") in (
        "OPEN", "CLOSE"
    )  # fmt: skip
    grows: bool | None = None
    if is_named or "stretchy" in attributes:
        grows = attributes.get("stretchy") != "false"
    size = _size(attributes)
    if size:
        grows = False
    if not text:
        return Fence("", "", grows, "") if is_named else None
    for role, fences in (("(", _OPENING), (")", _CLOSING), ("|", _BARS)):
        if text in fences:
            return Fence(fences[text], role, grows, size)
    return None


def scripted_fence(node: MathNode) -> Fence | None:
    """The bracket that bears the scripts of ``node``."""
    if node.tag in _SCRIPTED and node.children:
        return fence_of(node.children[0])
    return None


def _size(attributes: dict[str, str]) -> str:
    least = attributes.get("minsize", "")
    if not least.endswith("em") or least != attributes.get("maxsize"):
        return ""
    try:
        height = float(least[:-2])
    except ValueError:
        return ""
    for limit, size in ((1.0, ""), (1.4, "\\big"), (1.95, "\\Big"), (2.43, "\\bigg")):
        if height <= limit:
            return size
    return "\\Bigg"


def row_of(items: list[Item]) -> Piece:
    """One piece out of those of a row."""
    items = _congruences(items)
    items, whole = _bracketed(items)
    pieces = [item.piece for item in items if item.piece.tex]
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return EMPTY
    tall = any(piece.tall for piece in pieces)
    return Piece(join(pieces), Kind.ATOM if whole else Kind.ROW, tall)


def _congruences(items: list[Item]) -> list[Item]:
    """``(mod n)`` as ``\\pmod{n}``."""
    for start in range(len(items) - 2):
        if items[start].piece.tex == "(" and items[start + 1].piece.tex == "\\bmod":
            for end in range(start + 2, len(items)):
                if items[end].piece.tex == ")":
                    inside = join([item.piece for item in items[start + 2 : end]])
                    pmod = Item(Piece(f"\\pmod{{{inside}}}", Kind.ATOM))
                    return [*items[:start], pmod, *_congruences(items[end + 1 :])]
            break
    return items


def _bracketed(items: list[Item]) -> tuple[list[Item], bool]:
    """``items`` with ``\\left`` and ``\\right`` where needed; whether one pair holds all."""
    pairs = _pairs(items)
    last = len(items) - 1
    whole = pairs.get(0) == last and items[last].bare
    result = list(items)
    heights = [0]
    for item in items:
        heights.append(heights[-1] + item.piece.tall)
    grown = {
        start
        for start, end in pairs.items()
        if not (_tex(items[start]) and _tex(items[end]))
        or (heights[end] > heights[start + 1] and _grows(items[start]) and _grows(items[end]))
    }
    for start, bars in _bars_within(items, pairs).items():
        for bar in bars:
            fence = items[bar].fence
            if start in grown and fence is not None and fence.grows:
                result[bar] = Item(Piece("\\middle|", Kind.ATOM))
            elif len(bars) == 1 and _tex(items[start]) == "\\{" and _grows(items[bar]):
                result[bar] = Item(Piece("\\mid", Kind.ATOM))
    for start, end in pairs.items():
        left, right = ("\\left", "\\right") if start in grown else ("", "")
        result[start] = _marked(items[start], left)
        result[end] = _marked(items[end], right)
    if last > 0 and 0 not in pairs and last not in pairs.values():
        lone_bars = sum(_tex(item) == "|" for item in items)
        if lone_bars > 1:
            return result, False
        if _has_role(items[last], ")|"):
            dot = Item(Piece("\\left.", Kind.ATOM))
            return [dot, *result[:-1], _marked(items[last], "\\right")], True
        if _has_role(items[0], "(|"):
            dot = Item(Piece("\\right.", Kind.ATOM))
            return [_marked(items[0], "\\left"), *result[1:], dot], True
    return result, whole


def _tex(item: Item) -> str:
    return item.fence.tex if item.fence else ""


def _grows(item: Item) -> bool:
    return item.fence is not None and item.fence.grows is not False


def _has_role(item: Item, roles: str) -> bool:
    """Whether a bracket was marked as one half of a growing pair."""
    fence = item.fence
    return fence is not None and bool(fence.grows) and fence.role != "" and fence.role in roles


def _marked(item: Item, mark: str) -> Item:
    """The bracket ``item`` behind ``\\left`` or ``\\right``; a bar is no longer a relation."""
    tex = item.piece.tex
    fence = _tex(item)
    if item.bare and not (item.fence and item.fence.size):
        tex = fence or "."
    tex = f"{mark}{tex}" if mark or fence else ""
    return item._replace(piece=item.piece._replace(tex=tex))


def _pairs(items: Sequence[Item]) -> dict[int, int]:
    """Which bracket closes which."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for index, item in enumerate(items):
        role = item.fence.role if item.fence else None
        if role == "(":
            opened.append(index)
        elif role == ")" and opened:
            pairs[opened.pop()] = index
    last = len(items) - 1
    if last > 0 and 0 not in pairs and last not in pairs.values():
        first, final = items[0].fence, items[last].fence
        if first and final and first.role != ")" and final.role != "(" and first.tex + final.tex:
            pairs[0] = last
    return pairs


def _bars_within(items: Sequence[Item], pairs: dict[int, int]) -> dict[int, list[int]]:
    """The bars between the two of each pair, by where it opens; those of inner pairs apart."""
    ends = set(pairs.values())
    bars: dict[int, list[int]] = {}
    opened: list[int] = []
    for index, item in enumerate(items):
        if index in pairs:
            opened.append(index)
        elif index in ends:
            opened.pop()
        elif opened and item.fence is not None and item.fence.tex == "|":
            bars.setdefault(opened[-1], []).append(index)
    return bars
