"""TeX that elements keep in attributes, beside what they draw or in place of it."""

from __future__ import annotations

import json
from typing import Any

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.formula_classes import kind_of_class
from pipeline.text.formulas.mathml.renderings import classes_of, from_markup
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula, is_certain, is_likely

#: Names that say what they hold.
TEX_ATTRIBUTES = (
    "data-tex", "data-latex", "data-formula", "data-expr", "data-math", "data-equation",
    "data-katex", "data-expression", "data-mathtex", "data-math-tex", "data-latex-code",
    "data-original-tex", "data-original-latex", "data-tex-source", "data-latex-source",
    "data-math-expression", "data-latexcode", "data-eq", "data-mathjax", "data-equation-content",
)  # fmt: skip
_TEX = frozenset(TEX_ATTRIBUTES)
#: And those that hold anything: TeX beyond doubt, or in an element that says it is a formula.
_ANYTHING = ("data-value", "data-content", "data-source", "data-code", "data-text", "data-raw")
#: JSON with TeX in it: Substack's, and what MediaWiki's Parsoid makes of a tag.
_JSON = ("data-attrs", "data-mw", "data-props", "data-node")
_KEYS = (
    "persistentExpression", "extsrc", "latex", "tex", "formula", "equation", "expression", "katex"
)  # fmt: skip
_INNER_KEYS = ("body", "attrs", "data", "props", "parts")
#: Objects within objects.
_MAX_DEPTH = 3
#: Those of elements whose tag says that they are a formula.
_OF_TAGS = ("tex", "latex", "value", "formula", "expression", "expr", "code", "equation", "math")
_DISPLAYED_NAMES = frozenset(
    "display block displaymath equation math-display mathdisplay displayed displayedmath".split()
)
_ALL = _TEX | {*_ANYTHING, *_JSON, "role"}
_LOOKED_AT = _ALL | {"data-mathml"}
_TRUE = ("true", "block", "display", "1", "")


def displayed_by_class(classes: str) -> bool:
    """Whether one of the names, or a word of one, says that a formula is on its own line."""
    names = classes.replace("__", "-").replace("_", "-").split()
    parts = {part for name in names for part in (name, *name.split("-"))}
    return "inline" not in parts and not _DISPLAYED_NAMES.isdisjoint(parts)


def has_tex(attributes: dict[str, str | None]) -> bool:
    """Whether one of the names says that it holds TeX."""
    return not _TEX.isdisjoint(attributes)


def may_hold_tex(attributes: dict[str, str | None]) -> bool:
    """Whether one of the names is of those that are looked at for TeX."""
    return not _LOOKED_AT.isdisjoint(attributes)


def from_attributes(
    element: LexborNode, attributes: dict[str, str | None], *, vouched: bool = False
) -> Formula | None:
    """The formula in the attributes of ``element``.

    ``vouched``: the element says that it is one, so that a letter alone is one too.
    """
    if len(attributes) == 0:
        return None
    tex = _tex_in(attributes, vouched=vouched)
    if tex is None:
        if (markup := attributes.get("data-mathml")) and "<math" in markup:
            return from_markup(markup, display=is_displayed(element, attributes))
        return None
    # Zhihu displays what ends in the end of a line.
    tex, ends = tex.rstrip(), tex.endswith("\\\\")
    display = is_displayed(element, attributes) or ends
    return formula(tex.removesuffix("\\\\"), display=display)


def from_tag_attributes(attributes: dict[str, str | None], *, display: bool) -> Formula | None:
    """Likewise of an element whose tag says that it is a formula."""
    for name in _OF_TAGS:
        if (tex := attributes.get(name)) and (is_certain(tex) or is_likely(tex)):
            return formula(tex, display=display)
    return None


def _tex_in(attributes: dict[str, str | None], *, vouched: bool) -> str | None:
    if _ALL.isdisjoint(attributes):
        return None
    for name in TEX_ATTRIBUTES:
        if (tex := attributes.get(name)) and (is_certain(tex) or is_likely(tex)):
            return tex
    for name in _ANYTHING:
        tex = attributes.get(name)
        if tex and len(tex) <= MAX_FORMULA and is_certain(tex) and (vouched or "\\" in tex):
            return tex
        if tex and vouched and is_likely(tex):
            return tex
    for name in _JSON:
        if (source := attributes.get(name)) and (tex := _tex_of_json(source)):
            return tex
    if attributes.get("role") == "math":
        label = attributes.get("aria-label") or ""
        # Without a sign of TeX it is speech.
        if is_certain(label):
            return label
    return None


def _tex_of_json(source: str) -> str | None:
    if len(source) > 4 * MAX_FORMULA or not source.lstrip().startswith("{"):
        return None
    try:
        value: Any = json.loads(source)
    except (ValueError, RecursionError):
        return None
    return _tex_of_object(value, 0)


def _tex_of_object(value: Any, depth: int) -> str | None:
    if not isinstance(value, dict) or depth > _MAX_DEPTH:
        return None
    for key in _KEYS:
        tex = value.get(key)
        # "extsrc" is the inside of any extension of a wiki.
        of_math = key != "extsrc" or depth
        if isinstance(tex, str) and of_math and (is_certain(tex) or is_likely(tex)):
            return tex
    if value.get("name") not in (None, "math", "chem", "ce"):
        return None
    for key in _INNER_KEYS:
        if (tex := _tex_of_object(value.get(key), depth + 1)) is not None:
            return tex
    return None


def is_displayed(element: LexborNode, attributes: dict[str, str | None]) -> bool:
    """Whether a formula that ``element`` holds stands on a line of its own."""
    if "inline" in attributes:
        return False
    if displayed_by_class(" ".join(classes_of(element))):
        return True
    kind = attributes.get("data-type") or ""
    if "block" in kind or "display" in kind:
        return True
    for name in ("data-display", "display", "display-mode", "data-display-mode", "displaymode"):
        if name in attributes and (attributes[name] or "").lower() in _TRUE:
            return True
    return element.tag == "div" and "inline" not in kind and not _is_inline(element)


def _is_inline(element: LexborNode) -> bool:
    return any("inline" in name for name in classes_of(element))


def says_formula(element: LexborNode) -> bool:
    """Whether the classes of ``element`` say that it holds one formula."""
    return kind_of_class(element.attributes.get("class") or "") in ("container", "mathquill")
