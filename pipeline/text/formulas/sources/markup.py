"""Formulas written as HTML, with italics, superscripts and subscripts.

For elements that say that they are one: MediaWiki's ``texhtml``, Pandoc's and Docutils' spans.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from pipeline.text.formulas import symbols
from pipeline.text.formulas.sources.fractions import (
    Fraction,
    classed_fraction,
    drawn_fraction,
    fraction_table,
)

#: Elements and texts of one formula, and elements around one another.
_MAX_PARTS, _MAX_DEPTH = 500, 12
#: Elements that say nothing, and those that put their content between two strings.
_PLAIN = frozenset("i em var a nobr big small bdi cite font u".split())
_AROUND = {"sup": "^", "sub": "_", "b": "\\mathbf", "strong": "\\mathbf"}
_FRACTIONS = frozenset(("sfrac", "frac", "fraction", "intbl"))
#: Words that are none of a formula's: with more of them it is a sentence.
_MAX_WORDS = 4
_ROOTS = frozenset(("sqrt", "radic"))
#: Spoken, or copied, in place of a line of a fraction or a sign of a root.
_UNSEEN = frozenset("sr-only ignored visualhide radical symbol".split())
_STYLED = re.compile(
    r"text-transform|position|display\s*:\s*(?:block|inline-block|none)|margin-\w+:-"
)
_LINE_OVER = re.compile(r"border-top\s*:|overline")
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}(?:[ \u00a0]+[A-Za-z]{3,})*")
_SPOKEN = re.compile(r"\\text\{([^{}]*)\}")
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc log ln lg exp lim max min sup inf det dim ker deg gcd Pr arg arcsin "
    "arccos arctan sinh cosh tanh coth hom".split()
)
_ITALIC = "i, em, var"


class _NoFormula(Exception):
    """Something that is not written so."""


def tex_of_markup(element: LexborNode, *, needs_letters: bool = True) -> str | None:
    """TeX for what ``element`` writes with italics, superscripts and subscripts.

    ``None`` where it holds anything else, or TeX; with ``needs_letters`` also where no
    letter is in italics, as in the formulas of chemistry.
    """
    if needs_letters and element.css_first(_ITALIC) is None:
        return None
    try:
        drawn = drawn_fraction(element)
        reader = _Markup()
        tex = reader.fraction(drawn, 0) if drawn else reader.read(element, 0, upright=True).strip()
    except _NoFormula:
        return None
    if sum(len(words.split()) for words in _SPOKEN.findall(tex)) > _MAX_WORDS:
        return None
    return tex or None


def tex_of_fraction_table(table: LexborNode) -> str | None:
    """TeX for a table that draws a fraction; ``None`` for any other."""
    drawn = fraction_table(table)
    try:
        return _Markup().fraction(drawn, 0) if drawn else None
    except _NoFormula:
        return None


class _Markup:
    """Counts the parts of one formula."""

    def __init__(self) -> None:
        self.left = _MAX_PARTS

    def read(self, parent: LexborNode, depth: int, *, upright: bool) -> str:
        if depth > _MAX_DEPTH:
            raise _NoFormula
        parts: list[str] = []
        child = parent.first_child
        while child is not None:
            self.left -= 1
            if self.left < 0:
                raise _NoFormula
            if child.is_text_node:
                parts.append(_text(child.text_content or "", upright=upright))
            elif child.is_element_node:
                tex = self._element(child, depth + 1, upright=upright)
                if parts and parts[-1].rstrip() == "\\surd" and _is_under_line(child):
                    parts.pop()
                    tex = tex.replace("\\overline", "\\sqrt", 1)
                parts.append(tex)
            child = child.next
        return "".join(parts)

    def _element(self, element: LexborNode, depth: int, *, upright: bool) -> str:
        tag = element.tag or ""
        if tag in _PLAIN:
            return self.read(element, depth, upright=upright and tag not in ("i", "em", "var"))
        if around := _AROUND.get(tag):
            inside = self.read(element, depth, upright=upright).strip()
            short = tag[0] == "s" and len(inside) == 1
            return f"{around}{inside}" if short else f"{around}{{{inside}}}" if inside else ""
        if tag == "br":
            return " "
        if tag == "table":
            return self._table(element, depth)
        if tag not in ("span", "div"):
            raise _NoFormula
        classes = set((element.attributes.get("class") or "").split())
        if not classes.isdisjoint(_UNSEEN):
            return ""
        if not classes.isdisjoint(_FRACTIONS):
            return self.fraction(classed_fraction(element), depth)
        if _is_under_line(element):
            return f"\\overline{{{self.read(element, depth, upright=upright)}}}"
        style = element.attributes.get("style") or ""
        if drawn := drawn_fraction(element):
            return self.fraction(drawn, depth)
        if style and _STYLED.search(style):
            raise _NoFormula
        upright = upright and "italic" not in style
        inside = self.read(element, depth, upright=upright)
        return f"\\sqrt{{{inside}}}" if not classes.isdisjoint(_ROOTS) else inside

    def fraction(self, drawn: Fraction | None, depth: int) -> str:
        """TeX for a fraction; ``_NoFormula`` where it is none."""
        if drawn is None or depth > _MAX_DEPTH:
            raise _NoFormula
        whole, above, below = (
            "".join([self._node(node, depth + 1) for node in nodes]).strip()
            for nodes in (drawn.whole, [drawn.above], [drawn.below])
        )
        if not above or not below:
            raise _NoFormula
        return f"{whole}\\frac{{{above}}}{{{below}}}"

    def _node(self, node: LexborNode, depth: int) -> str:
        if node.is_text_node:
            return _text(node.text_content or "", upright=True)
        return self.read(node, depth, upright=True)

    def _table(self, table: LexborNode, depth: int) -> str:
        """A fraction, or a root: its sign in one cell, and a line over the other."""
        if drawn := fraction_table(table):
            return self.fraction(drawn, depth)
        cells = [cell for cell in table.css("td") if cell.tag == "td"][:3]
        if len(cells) == 2 and cells[0].text().strip() == "√" and _is_under_line(cells[1]):
            return f"\\sqrt{{{self.read(cells[1], depth, upright=True).strip()}}}"
        raise _NoFormula


def _is_under_line(element: LexborNode) -> bool:
    return bool(_LINE_OVER.search(element.attributes.get("style") or ""))


def _text(text: str, *, upright: bool) -> str:
    if "\\" in text or "$" in text or "`" in text:
        raise _NoFormula
    text = symbols.to_latex(" ".join(text.split()) if text.strip() else " ")
    return _WORDS.sub(_word, text) if upright else text


def _word(match: re.Match[str]) -> str:
    word = match[0]
    if word in _FUNCTIONS:
        return f"\\{word} "
    return word if len(word) < 3 else f"\\text{{{word}}}"
