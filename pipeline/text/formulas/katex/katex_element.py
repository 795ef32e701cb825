"""TeX out of what KaTeX rendered into a page: its annotation, its MathML, or its spans."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.katex import katex_spans
from pipeline.text.formulas.mathml.renderings import (
    NotReadable,
    classes_of,
    finished,
    from_inner_math,
)
from pipeline.text.formulas.tex import Formula, formula


def from_katex(element: LexborNode) -> Formula | None:
    """``.katex``, alone or within ``.katex-display``, or ``.katex-error``.

    ``None`` where nothing can be read: the text of the element then stays.
    """
    classes = classes_of(element)
    if "katex-error" in classes:
        return formula(element.text())
    display = "katex-display" in classes
    if converted := from_inner_math(element, display=display):
        return converted
    html = element if "katex-html" in classes else element.css_first(".katex-html")
    if html is None:
        error = element.css_first(".katex-error")
        return None if error is None else formula(error.text(), display=display)
    try:
        nodes, tag = katex_spans.read(html)
    except NotReadable:
        return None
    converted = finished(nodes, display=display)
    if converted is not None and tag:
        return formula(f"{converted.tex} \\tag{{{tag}}}", display=display)
    return converted
