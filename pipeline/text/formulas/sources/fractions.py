"""Fractions that elements draw: by classes, by a line between two of them, in a table."""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode


class Fraction(NamedTuple):
    """The elements of one fraction."""

    #: What stands before it, in the same element: the whole number of a mixed one.
    whole: list[LexborNode]
    above: LexborNode
    below: LexborNode
    #: As the page writes it: "/" or "⁄".
    slash: str = "/"


#: Children of one element that are looked at.
_MAX_CHILDREN = 12
_MAX_DEPTH = 3
_ABOVE = frozenset("num numerator top upper fup above over fn nom nominator numer up fnum".split())
_BELOW = frozenset("den denominator bottom lower fdn below under denom fd dn denum fden".split())
_SEPARATORS = ("/", "⁄", "∕", "")
_BORDER_BELOW = re.compile(r"border(?:-bottom(?:-(?:width|style))?)?\s*:(?!\s*(?:0|none))")
_BORDER_ABOVE = re.compile(r"border-top(?:-(?:width|style))?\s*:(?!\s*(?:0|none))")
_UNSEEN = frozenset("sr-only visualhide visually-hidden bar fraction-bar frac-line slash".split())
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
#: Characters of one side of what may be a fraction, or two lines of a table.
_LONGEST_SIDE = 60


def classed_fraction(element: LexborNode, depth: int = 0) -> Fraction | None:
    """The fraction that the classes of ``element`` and of what is in it tell."""
    whole: list[LexborNode] = []
    sides: list[LexborNode | None] = [None, None]
    others: list[LexborNode] = []
    slash = ""
    child = element.first_child
    for _ in range(_MAX_CHILDREN):
        if child is None:
            break
        if child.is_text_node:
            text = (child.text_content or "").strip(" \n\u2060\u00a0")
            if text in _SEPARATORS:
                slash = slash or text
            elif sides == [None, None] and not others:
                whole.append(child)
            else:
                return None
        elif child.is_element_node:
            names = (child.attributes.get("class") or "").lower().split()
            if not _ABOVE.isdisjoint(names):
                sides[0] = child
            elif not _BELOW.isdisjoint(names):
                sides[1] = child
            elif not (_is_separator(child) or not _UNSEEN.isdisjoint(names)):
                others.append(child)
        child = child.next
    if child is not None:
        return None
    above, below = sides
    if above is None and below is None and len(others) == 2:
        above, below = others
    elif len(others) == 1 and above is None and below is None and depth < _MAX_DEPTH:
        inner = classed_fraction(others[0], depth + 1)
        return inner and inner._replace(whole=whole + inner.whole)
    if above is None or below is None:
        return None
    return Fraction(whole, above, below, slash or "/")


def _is_separator(element: LexborNode) -> bool:
    return element.tag in ("hr", "br") or (
        element.tag in ("span", "b", "i") and element.text().strip() in ("/", "⁄", "∕", "+", "")
    )


def drawn_fraction(element: LexborNode) -> Fraction | None:
    """Two elements with a line between them, or two texts with a rule, in ``element``."""
    inside: list[LexborNode] = []
    ruled = False
    child = element.first_child
    for _ in range(_MAX_CHILDREN):
        if child is None:
            break
        if child.tag == "hr":
            if len(inside) != 1:
                return None
            ruled = True
        elif child.is_element_node:
            if child.tag != "br":
                inside.append(child)
        elif child.is_text_node and not child.is_empty_text_node:
            inside.append(child)
        child = child.next
    if child is not None or len(inside) != 2:
        return None
    above, below = inside
    if not (ruled or _has_line_between(above, below)):
        return None
    return Fraction([], above, below) if _may_be_sides(above, below) else None


def fraction_table(table: LexborNode) -> Fraction | None:
    """A table of two rows of one cell each with a line between them."""
    cells: list[LexborNode] = []
    body = _only_element(table)
    row = body.first_child if body is not None and body.tag == "tbody" else None
    for _ in range(_MAX_CHILDREN):
        if row is None:
            break
        if row.is_element_node:
            cell = _only_element(row)
            if cell is None or cell.tag not in ("td", "th") or len(cells) == 2:
                return None
            cells.append(cell)
        row = row.next
    if row is not None or len(cells) != 2:
        return None
    above, below = cells
    if not _has_line_between(above, below) or not _may_be_sides(above, below):
        return None
    return Fraction([], above, below)


def _only_element(parent: LexborNode) -> LexborNode | None:
    """The one element in ``parent``, ``None`` where there are more, or text."""
    only: LexborNode | None = None
    child = parent.first_child
    while child is not None:
        if child.is_element_node:
            if only is not None:
                return None
            only = child
        elif child.is_text_node and not child.is_empty_text_node:
            return None
        child = child.next
    return only


def _has_line_between(above: LexborNode, below: LexborNode) -> bool:
    if above.is_text_node or below.is_text_node:
        return False
    style = above.attributes.get("style") or ""
    if "border" in style and _BORDER_BELOW.search(style):
        return True
    style = below.attributes.get("style") or ""
    return "border" in style and bool(_BORDER_ABOVE.search(style))


def _may_be_sides(above: LexborNode, below: LexborNode) -> bool:
    for side in (above, below):
        text = (side.text_content if side.is_text_node else side.text()) or ""
        if not 0 < len(text.strip()) <= _LONGEST_SIDE or _LONG_WORD.search(text):
            return False
    return True
