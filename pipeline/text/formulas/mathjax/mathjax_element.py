"""TeX out of what MathJax rendered into a page that was saved afterwards.

What the rendering says about itself (``data-latex``, MathML) is taken first; then the
formula is read from the elements that draw it.
"""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathjax import mathjax_boxes, mathjax_positions, mathjax_svg
from pipeline.text.formulas.mathml.renderings import (
    NotReadable,
    classes_of,
    finished,
    from_inner_math,
    from_markup,
)
from pipeline.text.formulas.tex import Formula, formula, is_certain, is_likely

#: Characters that only TeX has, not the speech that the same attribute may hold.
_TEX_ONLY = frozenset("\\^_{")


def from_mathjax3(container: LexborNode) -> Formula | None:
    """``<mjx-container>`` of MathJax 3 and 4, CommonHTML or SVG."""
    display = container.attributes.get("display") in ("true", "block")
    whole = container.css_first("mjx-math, [data-mml-node=math]")
    latex = whole.attributes.get("data-latex") if whole is not None else None
    if converted := formula(latex, display=display):
        return converted
    assistive = container.css_first("mjx-assistive-mml")
    if assistive is not None and (converted := from_inner_math(assistive, display=display)):
        return converted
    try:
        if whole is not None and whole.tag == "mjx-math":
            return finished(mathjax_boxes.read(whole), display=display)
        if whole is None and container.css_first("svg") is None:
            # Not typeset yet: forums put the TeX itself in one.
            tex = container.text()
            return formula(tex, display=display) if is_certain(tex) or is_likely(tex) else None
        return finished(mathjax_svg.read(container), display=display)
    except NotReadable:
        return None


def from_mathjax2(element: LexborNode) -> Formula | None:
    """A rendering of MathJax 2, or a display around one, whose script is gone.

    ``None`` for its SVG unless it carries MathML: that one is outlines alone.
    """
    display = any("isplay" in name for name in classes_of(element))
    holder = element if "data-mathml" in element.attributes else element.css_first("[data-mathml]")
    markup = holder.attributes.get("data-mathml") if holder is not None else None
    if converted := from_markup(markup, display=display):
        return converted
    if converted := from_inner_math(element, display=display):
        return converted
    math = element.css_first(".mjx-math, span.math")
    if math is None:
        return None
    try:
        if "math" in classes_of(math):
            return finished(mathjax_positions.read(math), display=display)
        label = math.attributes.get("aria-label") or ""
        if not _TEX_ONLY.isdisjoint(label) and (converted := formula(label, display=display)):
            return converted
        return finished(mathjax_boxes.read(math), display=display)
    except NotReadable:
        return None
