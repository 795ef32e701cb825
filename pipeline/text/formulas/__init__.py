"""Formulas of a page, whatever notation they are written in, as marked TeX.

A notation of elements is one row of ``NOTATIONS``: which elements, and a small
function from the element to TeX. Rows run in order, outer elements before what
they contain. Formulas between delimiters in
the text come last, when nothing rendered is left to be mistaken for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.text.formulas import rendered
from pipeline.text.formulas.delimiters import OPENINGS, mark_delimited
from pipeline.text.formulas.images import from_image
from pipeline.text.formulas.scripts import mark_scripts
from pipeline.text.formulas.tex import Formula, finish, without_formulas, without_marks

__all__ = ["NOTATIONS", "finish", "mark_formulas", "without_formulas", "without_marks"]


@dataclass(frozen=True, slots=True)
class Notation:
    """How to find one notation of elements and read TeX out of it."""

    name: str
    #: CSS selector of its elements.
    selector: str
    #: ``None``: the element is no formula and stays.
    read: Callable[[Any], Formula | None]


NOTATIONS = (
    Notation("wikipedia", ".mwe-math-element", rendered.from_wikipedia),
    Notation("mathjax", "mjx-container", rendered.from_mathjax3),
    Notation("katex", ".katex-display", rendered.from_katex),
    Notation("katex", ".katex", rendered.from_katex),
    Notation("katex", ".katex-error", rendered.from_katex_error),
    Notation("script", 'script[type^="math/"]', rendered.from_script),
    Notation("mathjax", rendered.MATHJAX2_RENDERINGS, rendered.from_mathjax2),
    Notation("data-tex", "span[data-tex]", rendered.from_data_tex),
    Notation("mathml-tex", "math", rendered.with_tex),
    Notation("mathml", "math, m\\:math", rendered.from_math),
    Notation("image", "img", from_image),
)
#: One look for all of them; most pages have none, or images alone.
_ANY = ", ".join(notation.selector for notation in NOTATIONS if notation.name != "image")

#: Of one notation, in one page; what comes after stays as it is.
MAX_ELEMENTS = 20_000
#: Programs that typeset TeX in the reader's browser.
_TYPESETTERS = ("MathJax", "mathjax", "katex", "KaTeX", "jsMath", "asciimath", "texme")


def mark_formulas(tree: Any, html: str) -> Counter[str]:
    """Put every formula of ``tree`` in place as marked text; how many of each notation.

    ``html`` is the source that ``tree`` was parsed from. The tree is changed.
    """
    document = tree.document
    found: Counter[str] = Counter()
    any_rendered = document.query_selector(_ANY) is not None
    for notation in NOTATIONS:
        if any_rendered or notation.name == "image":
            if notation.name == "script":
                _drop_mathjax2_renderings(document)
            if count := _mark_elements(tree, document, notation):
                found[notation.name] += count
    found += mark_delimited(
        document,
        [opening for opening in OPENINGS if opening in html],
        lambda: bool(found) or any(name in html for name in _TYPESETTERS),
    )
    if "<sup" in html or "<sub" in html:
        mark_scripts(tree, document)
    return found


def _mark_elements(tree: Any, document: Any, notation: Notation) -> int:
    found = 0
    replaced: Any = None
    for element in document.query_selector_all(notation.selector).values()[:MAX_ELEMENTS]:
        parent = element.parent
        if parent is None or (replaced is not None and replaced.contains(element)):
            continue
        formula = notation.read(element)
        if formula is not None:
            parent.replace_child(tree.create_text_node(formula.marked()), element)
            replaced = element
            found += 1
    return found


def _drop_mathjax2_renderings(document: Any) -> None:
    """MathJax 2 draws a formula right before its script: only the script is read."""
    for element in document.query_selector_all(rendered.MATHJAX2_RENDERINGS).values():
        parent = element.parent
        if parent is None:
            continue
        following = element.next_element
        for _ in range(2):
            if following is None:
                break
            if following.tag == "script" and (following.getattr("type") or "").startswith("math/"):
                parent.remove_child(element)
                break
            following = following.next_element
