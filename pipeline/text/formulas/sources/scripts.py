"""``<sup>`` and ``<sub>`` as ``^`` and ``_``, where they are mathematics.

In prose the result is plain text, no formula: ``x<sup>2</sup>`` becomes ``x^2``.
Footnotes, citations, ordinals and trade marks stay as they are. In an element that
says it is a formula (MediaWiki's ``texhtml``, Pandoc's and Docutils' spans) the whole
is one: :func:`tex_of_markup`.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from pipeline.text.formulas import symbols
from pipeline.text.marks import ALL, SUB_CLOSE, SUB_OPEN, SUP_CLOSE, SUP_OPEN, without_marks

_MARKED = re.compile(
    f"{SUP_OPEN}([^{ALL}]{{0,30}}){SUP_CLOSE}|{SUB_OPEN}([^{ALL}]{{0,30}}){SUB_CLOSE}"
)
#: Marks at which a word ends.
_END = re.compile("[\ufdd0-\ufdef]")
#: Characters before a script that decide on it, marks among them.
_BEFORE = 16
_SCRIPT = re.compile(r"[\w+\-−–*/=<>,.()′∞·| ]{1,24}")
#: What a script may stand on: a letter or two, a number, a bracket, a unit.
_BASE = re.compile(
    r"(?:(?<![A-Za-z])[A-Za-z]{1,2}|\d|[)\]}|′']|[\u0370-\u03ff\u2100-\u214f∑∏∫]"
    r"|(?<![A-Za-z])(?:sin|cos|tan|log|lim|max|min|exp|mol))$"
)
_NO_SCRIPT = re.compile(
    r"st|nd|rd|th|er|re|e|o|a|tm|sm|r|c|ème|ers|\s*|[a-zA-Z]{4,}", re.IGNORECASE
)


def write_scripts(text: str) -> str:
    """Marked text with those of its superscripts and subscripts that are mathematics."""
    if SUP_OPEN not in text and SUB_OPEN not in text:
        return text
    return _MARKED.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    superscript = match[1] is not None
    script = (match[1] if superscript else match[2]).strip()
    if not _SCRIPT.fullmatch(script) or (superscript and _NO_SCRIPT.fullmatch(script)):
        return script
    before = match.string[max(0, match.start() - _BEFORE) : match.start()]
    if not _BASE.search(without_marks(_END.sub(" ", before))):
        return script
    sign = "^" if superscript else "_"
    return f"{sign}{script}" if len(script) == 1 else f"{sign}{{{script}}}"


# --- Formulas written as HTML ---------------------------------------------------------

#: Elements and texts of one formula, and elements around one another.
_MAX_PARTS, _MAX_DEPTH = 500, 12
#: Elements that say nothing, and those that put their content between two strings.
_PLAIN = frozenset("i em var a nobr big small bdi cite font u".split())
_AROUND = {"sup": "^", "sub": "_", "b": "\\mathbf", "strong": "\\mathbf"}
_FRACTIONS = frozenset(("sfrac", "frac", "fraction"))
_PARTS = {"num": 0, "numerator": 0, "den": 1, "denominator": 1}
_ROOTS = frozenset(("sqrt", "radic"))
#: Spoken, or copied, in place of a line of a fraction or a sign of a root.
_UNSEEN = frozenset("sr-only ignored visualhide radical symbol".split())
_STYLED = re.compile(
    r"text-transform|position|display\s*:\s*(?:block|inline-block|none)|margin-\w+:-"
)
_LINE_OVER = re.compile(r"border-top\s*:|overline")
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}(?:[ \u00a0]+[A-Za-z]{3,})*")
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
        tex = _Markup().read(element, 0, upright=True).strip()
    except _NoFormula:
        return None
    return tex or None


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
        if tag != "span":
            raise _NoFormula
        classes = set((element.attributes.get("class") or "").split())
        if not classes.isdisjoint(_UNSEEN):
            return ""
        if not classes.isdisjoint(_FRACTIONS):
            return self._fraction(element, depth)
        if _is_under_line(element):
            return f"\\overline{{{self.read(element, depth, upright=upright)}}}"
        style = element.attributes.get("style") or ""
        if style and _STYLED.search(style):
            raise _NoFormula
        upright = upright and "italic" not in style
        inside = self.read(element, depth, upright=upright)
        return f"\\sqrt{{{inside}}}" if not classes.isdisjoint(_ROOTS) else inside

    def _fraction(self, element: LexborNode, depth: int) -> str:
        parts = ["", ""]
        child = element.first_child
        while child is not None:
            self.left -= 1
            classes = (child.attributes.get("class") or "").split() if child.is_element_node else []
            if "tion" in classes:
                # MediaWiki has both parts in one more element.
                return self._fraction(child, depth + 1)
            for name in classes:
                if name in _PARTS:
                    parts[_PARTS[name]] = self.read(child, depth + 1, upright=True).strip()
            child = child.next
        if not all(parts):
            raise _NoFormula
        return f"\\frac{{{parts[0]}}}{{{parts[1]}}}"


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
