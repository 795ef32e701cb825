"""Formulas that a page holds as elements: what MathJax, KaTeX and MediaWiki made
of TeX, the scripts that MathJax 2 reads, and MathML.
"""

from __future__ import annotations

from typing import Any

from resiliparse.parse.html import HTMLTree

from pipeline.text.formulas.mathml import is_display, latex_of, tex_of
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula

#: What MathJax 2 draws beside its scripts.
MATHJAX2_RENDERINGS = (
    ".MathJax_Preview, .MathJax_Display, .MathJax_SVG_Display, .MathJax_CHTML_Display, "
    ".MJXc-display, span.MathJax, .MathJax_SVG, .MathJax_CHTML, .mjx-chtml, .MathJax_MathML, "
    ".MathJax_Error"
)


def from_math(math: Any) -> Formula | None:
    """``<math>``: its TeX where it carries it, else its elements."""
    return tex_of(math) or latex_of(math)


def with_tex(math: Any) -> Formula | None:
    """``<math>`` that carries its TeX; ``None`` for bare ones."""
    return tex_of(math)


def from_script(script: Any) -> Formula | None:
    """``<script type="math/tex">``, also ``; mode=display``, and ``math/mml``."""
    kind = (script.getattr("type") or "").lower()
    display = "mode=display" in kind.replace(" ", "")
    if "mml" in kind:
        return _from_markup(script.text, display)
    return formula(script.text, display=display)


def from_mathjax2(element: Any) -> Formula | None:
    """A MathJax 2 rendering whose script is gone: it may carry its MathML."""
    holder = element if element.hasattr("data-mathml") else None
    if holder is None:
        holder = element.query_selector("[data-mathml]")
    display = "isplay" in (element.class_name or "")
    if holder is not None:
        return _from_markup(holder.getattr("data-mathml"), display)
    return _from_inner_math(element, display)


def from_mathjax3(container: Any) -> Formula | None:
    """``<mjx-container>`` of MathJax 3 and 4, through assistive MathML or ``data-latex``."""
    display = container.getattr("display") in ("true", "block")
    whole = container.query_selector("mjx-math[data-latex], [data-mml-node=math][data-latex]")
    if whole is not None and (found := formula(whole.getattr("data-latex"), display=display)):
        return found
    return _from_inner_math(container, display)


def from_katex(element: Any) -> Formula | None:
    """``.katex``, alone or within ``.katex-display``, through its MathML."""
    display = "katex-display" in (element.class_name or "")
    return _from_inner_math(element, display)


def from_katex_error(element: Any) -> Formula | None:
    """``.katex-error``: TeX that KaTeX could not read, left as its text."""
    return formula(element.text)


def from_wikipedia(element: Any) -> Formula | None:
    """``.mwe-math-element``: MathML with TeX, beside a fallback image with TeX as alt."""
    display = "mwe-math-element-block" in (element.class_name or "")
    if found := _from_inner_math(element, display):
        return found
    image = element.query_selector("img[alt]")
    if image is None:
        return None
    display = display or "image-display" in (image.class_name or "")
    return formula(image.getattr("alt"), display=display)


def from_data_tex(element: Any) -> Formula | None:
    """Elements whose ``data-tex`` is the TeX behind them (Zhihu and others)."""
    return formula(element.getattr("data-tex"))


def _from_inner_math(element: Any, display: bool) -> Formula | None:
    math = element.query_selector("math")
    if math is None:
        return None
    found = from_math(math)
    return Formula(found.tex, display or found.display) if found else None


def _from_markup(markup: str | None, display: bool) -> Formula | None:
    if not markup or len(markup) > 20 * MAX_FORMULA:
        return None
    body = HTMLTree.parse(markup).body
    math = body.query_selector("math") if body is not None else None
    if math is None:
        return None
    found = from_math(math)
    return Formula(found.tex, display or is_display(math)) if found else None
