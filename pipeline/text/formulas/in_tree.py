"""Formulas and inline marks written into a parsed page, for extractors that read it themselves."""

from __future__ import annotations

from collections import Counter

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.elements import (
    ATTRIBUTE,
    BY_TAG,
    Notation,
    is_drawn_twice,
    notations_of_class,
    read_formula,
)
from pipeline.text.formulas.formula_classes import MATHJAX2
from pipeline.text.formulas.sources.delimiters import mark_delimited
from pipeline.text.formulas.sources.page_delimiters import may_have_delimited
from pipeline.text.formulas.sources.typesetters import Delimiters
from pipeline.text.marks import (
    CODE_CLOSE,
    CODE_OPEN,
    EM_CLOSE,
    EM_OPEN,
    STRONG_CLOSE,
    STRONG_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
)

_MARKS = {
    "em": (EM_OPEN, EM_CLOSE),
    "strong": (STRONG_OPEN, STRONG_CLOSE),
    "sup": (SUP_OPEN, SUP_CLOSE),
    "sub": (SUB_OPEN, SUB_CLOSE),
    "code": (CODE_OPEN, CODE_CLOSE),
    "pre": (CODE_OPEN, CODE_CLOSE),
    "kbd": (CODE_OPEN, CODE_CLOSE),
    "samp": (CODE_OPEN, CODE_CLOSE),
    "tt": (CODE_OPEN, CODE_CLOSE),
}
_CODE = frozenset("code pre kbd samp tt textarea script style".split())


def write_into_tree(body: LexborNode, page: Delimiters) -> Counter[str]:
    """Put formulas in place as marked text; how many of each notation.

    Formulas between delimiters too, where they are certain and within one text: white
    space counts in them. Emphasis, scripts and code get their marks inside, for those
    that run over elements.
    """
    notations: Counter[str] = Counter()
    todo = [(body, False)]
    while todo:
        parent, in_code = todo.pop()
        child = parent.first_child
        while child is not None:
            following = child.next
            if child.is_text_node:
                if not in_code:
                    _write_text(child, page, notations)
            elif child.is_element_node:
                written = _write(child, notations)
                if not written and child.first_child is not None:
                    _mark(child, in_code)
                    todo.append((child, in_code or child.tag in _CODE))
            child = following
    return notations


def _write(element: LexborNode, notations: Counter[str]) -> bool:
    """Whether ``element`` was a formula, or one that is drawn twice, and is text now."""
    candidates, twice = _candidates(element)
    if twice:
        element.decompose()
        return True
    reading = read_formula(element, candidates) if candidates else None
    if reading is None:
        return False
    formula, notation = reading
    element.replace_with(formula.marked())
    notations[notation] += 1
    return True


def _write_text(node: LexborNode, page: Delimiters, notations: Counter[str]) -> None:
    text = node.text_content or ""
    if may_have_delimited(text):
        marked, counts = mark_delimited(text, page, has_formulas=False)
        if counts:
            node.replace_with(marked)
            notations += counts


def _candidates(element: LexborNode) -> tuple[tuple[Notation, ...], bool]:
    tag, attributes = element.tag or "", element.attributes
    if tag == "script" and not (attributes.get("type") or "").lower().startswith("math/"):
        return (), False
    if tag in BY_TAG:
        return BY_TAG[tag], False
    if classes := attributes.get("class"):
        if not MATHJAX2.isdisjoint(classes.split()) and is_drawn_twice(element):
            return (), True
        return notations_of_class(classes), False
    return (ATTRIBUTE if "data-tex" in attributes else ()), False


def _mark(element: LexborNode, in_code: bool) -> None:
    marks = _MARKS.get(element.tag or "")
    first, last = element.first_child, element.last_child
    if marks is None or in_code or first is None or last is None:
        return
    first.insert_before(marks[0])
    last.insert_after(marks[1])
