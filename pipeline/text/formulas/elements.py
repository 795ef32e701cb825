"""Formulas that a page holds as elements: which elements, and how TeX is read out of each.

An element is told by its tag or by one of its classes; the row of ``BY_TAG`` or of
``_BY_KIND`` then names the notation and the function that reads it. What reads nothing
leaves the element as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas.formula_classes import MATHJAX2, is_tag_of_formula, kind_of_class
from pipeline.text.formulas.katex.katex_element import from_katex
from pipeline.text.formulas.mathjax.mathjax_element import from_mathjax2, from_mathjax3
from pipeline.text.formulas.mathml.contentmathml import latex_of_content
from pipeline.text.formulas.mathml.presentation import is_display, latex_of, tex_of
from pipeline.text.formulas.mathml.renderings import classes_of, from_inner_math
from pipeline.text.formulas.sources import asciimath
from pipeline.text.formulas.sources.attributes import (
    displayed_by_class,
    from_attributes,
    says_formula,
)
from pipeline.text.formulas.sources.containers import from_container, from_fence, from_tag
from pipeline.text.formulas.sources.images import from_image
from pipeline.text.formulas.sources.markup import tex_of_fraction_table, tex_of_markup
from pipeline.text.formulas.sources.raw import raw_tex_of
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula, is_certain, is_likely


class Notation(NamedTuple):
    """One way in which pages hold formulas as elements."""

    name: str
    #: ``None``: the element is no formula, and is read like any other.
    read: Callable[[LexborNode], Formula | None]


# --- Readers ------------------------------------------------------------------------


def _tex_of_math(math: LexborNode) -> Formula | None:
    return _placed(tex_of(math) or raw_tex_of(math), math)


def _latex_of_math(math: LexborNode) -> Formula | None:
    return _placed(latex_of_content(math) or latex_of(math), math)


def _placed(converted: Formula | None, math: LexborNode) -> Formula | None:
    """The formula, displayed where the element around ``math`` says so."""
    if converted and not converted.display and (parent := math.parent) is not None:
        return Formula(converted.tex, parent.tag in _JATS_DISPLAYED)
    return converted


def _from_script(script: LexborNode) -> Formula | None:
    """``<script type="math/tex">``, also ``; mode=display``, ``math/mml``, ``math/asciimath``."""
    kind = (script.attributes.get("type") or "").lower()
    source = script.text()
    display = "mode=display" in kind.replace(" ", "")
    if "asciimath" in kind:
        return formula(asciimath.to_latex(source), display=display)
    if "mml" not in kind:
        return formula(source, display=display)
    if len(source) > 20 * MAX_FORMULA:
        return None
    math = LexborHTMLParser(source).css_first("math")
    if math is None:
        return None
    converted = tex_of(math) or latex_of(math)
    return Formula(converted.tex, display or is_display(math)) if converted else None


def _from_wikipedia(element: LexborNode) -> Formula | None:
    """``.mwe-math-element``: MathML with TeX, beside a fallback image with TeX as alt."""
    display = "mwe-math-element-block" in classes_of(element)
    if converted := from_inner_math(element, display=display):
        return converted
    image = element.css_first("img")
    converted = from_image(image) if image is not None else None
    return Formula(converted.tex, display or converted.display) if converted else None


def _from_attribute(element: LexborNode) -> Formula | None:
    """TeX in an attribute: Zhihu's ``data-tex``, and what editors keep."""
    return from_attributes(element, element.attributes, vouched=says_formula(element))


def _from_markup(element: LexborNode) -> Formula | None:
    """``.texhtml`` of MediaWiki, ``.tex-span`` of Codeforces: italics and scripts."""
    return formula(tex_of_markup(element, needs_letters=False))


def _from_mathquill(element: LexborNode) -> Formula | None:
    """A field of MathQuill, which keeps what it draws to be selected, or draws it only now."""
    source = element.css_first(".mq-selectable, .selectable")
    if source is None:
        child = element.first_child
        alone = child is not None and child.next is None and child.is_text_node
        return formula(element.text()) if alone else None
    return formula(source.text())


def _from_fraction_table(table: LexborNode) -> Formula | None:
    return formula(tex_of_fraction_table(table))


def _from_drawing(svg: LexborNode) -> Formula | None:
    """An SVG whose title, description or label is TeX; it may be speech as well."""
    attributes = svg.attributes
    sources = [
        attributes.get("data-latex"),
        attributes.get("data-tex"),
        attributes.get("aria-label"),
    ]
    child = svg.first_child
    for _ in range(_MAX_TITLES):
        if child is None:
            break
        if child.tag in ("title", "desc", "metadata"):
            sources.append(child.text())
        child = child.next
    texts = [text for text in sources if text and len(text) <= MAX_FORMULA]
    if not texts:
        return None
    parent = svg.parent
    around = (parent.attributes.get("class") or "") if parent is not None else ""
    own = attributes.get("class") or ""
    vouched = kind_of_class(around) or kind_of_class(own) or "mjpage" in around
    for text in texts:
        if is_certain(text) or (vouched and is_likely(text)):
            display = displayed_by_class(around) or displayed_by_class(own)
            style = (attributes.get("style") or "").replace(" ", "")
            return formula(text, display=display or "display:block" in style)
    return None


def _from_equations(table: LexborNode) -> Formula | None:
    """LaTeXML's ``ltx_eqn_align`` and its like: rows of equations in cells, with numbers.

    ``None`` where a row holds words, or each row is one formula.
    """
    rows: list[str] = []
    numbered = aligned = False
    for body in table.iter():
        for row in body.iter():
            cells: list[str] = []
            number = ""
            for cell in row.iter():
                classes = classes_of(cell)
                if "ltx_eqn_eqno" in classes:
                    number = cell.text().strip().strip("()")
                elif "ltx_td" in classes:
                    tex = _tex_of_cell(cell)
                    if tex is None or len(cells) == _MAX_CELLS:
                        return None
                    cells.append(tex)
            if not cells:
                return None
            aligned |= len(cells) > 1
            numbered |= bool(number)
            rows.append(_columns(cells) + (f" \\tag{{{number}}}" if number else ""))
    if not aligned:
        return None
    name = "align" if numbered else "align*"
    lines = " \\\\ ".join(rows)
    return formula(f"\\begin{{{name}}} {lines} \\end{{{name}}}", display=True)


def _tex_of_cell(cell: LexborNode) -> str | None:
    """The formula in a cell, "" for none, ``None`` for words or more than one."""
    child = cell.first_child
    if child is None:
        return ""
    if child.tag != "math" or child.next is not None:
        return None
    converted = tex_of(child) or latex_of(child)
    return None if converted is None else converted.tex


def _columns(cells: list[str]) -> str:
    """Cells in pairs: what stands left of a sign, and the rest."""
    pairs = ["&".join(cells[index : index + 2]) for index in range(0, len(cells), 2)]
    return " & ".join(pairs)


_MAX_CELLS = 40
#: First children of a drawing that may be its title.
_MAX_TITLES = 6
_BODY = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_JATS_DISPLAYED = frozenset(("disp-formula", "disp-formula-group"))
_JATS_FORMULAS = _JATS_DISPLAYED | {"inline-formula"}


def _from_jats(element: LexborNode) -> Formula | None:
    """``<tex-math>`` of JATS: often a whole LaTeX document around one formula."""
    source = element.text()
    if len(source) > 10 * MAX_FORMULA:
        return None
    if body := _BODY.search(source):
        source = body[1]
    parent = element.parent
    while parent is not None and parent.tag in ("alternatives", "span"):
        parent = parent.parent
    display = parent is not None and parent.tag in _JATS_DISPLAYED
    converted = formula(source)
    # Documents have two dollar signs around formulas within a line too.
    return Formula(converted.tex, display) if converted else None


def _from_alternatives(element: LexborNode) -> Formula | None:
    """``<alternatives>`` of JATS: one formula as TeX, as MathML and as an image."""
    parent = element.parent
    if parent is None or parent.tag not in _JATS_FORMULAS:
        return None
    if (tex := element.css_first("tex-math")) and (converted := _from_jats(tex)):
        return converted
    for child in element.iter():
        if child.tag in ("math", "m:math", "mml:math") and (
            converted := tex_of(child) or latex_of(child)
        ):
            return Formula(converted.tex, parent.tag in _JATS_DISPLAYED)
    return None


# --- Which elements -----------------------------------------------------------------

_MATHML_TEX = Notation("mathml-tex", _tex_of_math)
_MATHML = Notation("mathml", _latex_of_math)
_SCRIPT = Notation("script", _from_script)
_IMAGE = Notation("image", from_image)
_KATEX = Notation("katex", from_katex)
_MATHJAX = Notation("mathjax", from_mathjax3)
_MATHJAX2 = Notation("mathjax", from_mathjax2)
_WIKIPEDIA = Notation("wikipedia", _from_wikipedia)
_CONTAINER = Notation("container", from_container)
_TAGGED = Notation("container", from_tag)
_FENCE = Notation("container", from_fence)
_DRAWING = Notation("svg", _from_drawing)
_FRACTION = Notation("markup", _from_fraction_table)
_ATTRIBUTE = Notation("attribute", _from_attribute)
_MARKUP = Notation("markup", _from_markup)
_MATHQUILL = Notation("mathquill", _from_mathquill)
_EQUATIONS = Notation("mathml-tex", _from_equations)
_JATS = Notation("jats", _from_jats)
_ALTERNATIVES = Notation("jats", _from_alternatives)

#: Tags of formulas; every notation is tried in order.
BY_TAG: dict[str, tuple[Notation, ...]] = {
    "math": (_MATHML_TEX, _MATHML),
    "m:math": (_MATHML_TEX, _MATHML),
    "mml:math": (_MATHML_TEX, _MATHML),
    "img": (_IMAGE,),
    "script": (_SCRIPT,),
    "mjx-container": (_MATHJAX,),
    "math-renderer": (_CONTAINER,),
    "amp-img": (_IMAGE,),
    "object": (_IMAGE,),
    "tex-math": (_JATS,),
    "alternatives": (_ALTERNATIVES,),
}

#: The same by the kind of holder that an element's classes name.
_BY_KIND: dict[str, tuple[Notation, ...]] = {
    "": (),
    "drawn": (),
    "wikipedia": (_WIKIPEDIA,),
    "katex": (_KATEX,),
    "mathjax2": (_MATHJAX2,),
    "markup": (_MARKUP,),
    "mathquill": (_MATHQUILL,),
    "container": (_CONTAINER,),
    "equations": (_EQUATIONS,),
}


def notations_of_class(classes: str) -> tuple[Notation, ...]:
    """The notations of elements with the attribute ``class``; empty for most."""
    return _BY_KIND[kind_of_class(classes)]


def notations_of_tag(tag: str) -> tuple[Notation, ...]:
    """The notations of elements that HTML does not know; empty for most."""
    return BY_TAG.get(tag) or (TAGGED if is_tag_of_formula(tag) else ())


ATTRIBUTE = (_ATTRIBUTE,)
TAGGED = (_TAGGED,)
FENCE = (_FENCE,)
DRAWING = (_DRAWING,)
FRACTION_TABLE = (_FRACTION,)


def read_formula(
    element: LexborNode, notations: tuple[Notation, ...]
) -> tuple[Formula, str] | None:
    """The formula that ``element`` is, and the name of its notation."""
    for notation in notations:
        if (converted := notation.read(element)) is not None:
            return converted, notation.name
    return None


def is_drawn_twice(element: LexborNode) -> bool:
    """Whether a rendering of MathJax 2 stands right before the script that it draws."""
    following = element.next
    for _ in range(4):
        if following is None:
            return False
        if following.tag == "script":
            return (following.attributes.get("type") or "").startswith("math/")
        if following.is_text_node:
            if not following.is_empty_text_node:
                return False
        elif MATHJAX2.isdisjoint(classes_of(following)):
            return False
        following = following.next
    return False
