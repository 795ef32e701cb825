"""Elements that say, by a class or by their tag, that they hold one formula as text.

Pandoc, Quarto, PreTeXt, Sphinx, MkDocs, Discourse, jsMath, GitHub, Stack Exchange; elements
of scripts that typeset them, such as ``<math-field>`` and ``<embed-katex>``. Where more than
a formula stands in one, it is left to be read as text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.formula_classes import is_tag_of_formula
from pipeline.text.formulas.sources.attributes import (
    displayed_by_class,
    from_attributes,
    from_tag_attributes,
    is_displayed,
)
from pipeline.text.formulas.sources.images import from_image
from pipeline.text.formulas.sources.markup import tex_of_markup
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula, is_certain, is_likely

#: Characters of a container's text: it holds one formula and its delimiters.
_MAX_TEXT = MAX_FORMULA + 100
#: Elements of a container that are looked at for copies of one formula, and around one.
_MAX_COPIES, _MAX_WRAPPERS = 12, 4


def from_container(element: LexborNode) -> Formula | None:
    """The formula that an element holds of which a class says so."""
    attributes = element.attributes
    if converted := from_attributes(element, attributes, vouched=True):
        return converted
    says = _saying(attributes.get("class") or "")
    tag = element.tag or ""
    if tag in _CODE and not says.code:
        return None
    holder = _holder(element)
    if holder is None:
        if tag in _CODE:
            return None
        return formula(tex_of_markup(element)) or _from_copies(element)
    text = (holder.text_content or "").strip()
    if not _is_formula(text, weakly=says.weakly):
        return None
    displayed = (
        says.displayed
        or tag in _DISPLAYED_TAGS
        or attributes.get("data-math-style") == "display"
        or "block" in attributes
    )
    return formula(text, display=displayed)


def from_tag(element: LexborNode) -> Formula | None:
    """The formula that an element holds of which its tag says so."""
    attributes = element.attributes
    tag = (element.tag or "").replace("_", "-")
    display = not _DISPLAYED_WORDS.isdisjoint(tag.split("-")) or is_displayed(element, attributes)
    converted = from_attributes(element, attributes, vouched=True)
    if converted := converted or from_tag_attributes(attributes, display=display):
        return converted._replace(display=converted.display or display)
    if rows := _rows(element):
        lines = " \\\\ ".join(rows)
        return formula(f"\\begin{{aligned}} {lines} \\end{{aligned}}", display=True)
    holder = _holder(element)
    if holder is None:
        return None
    text = (holder.text_content or "").strip()
    if not _is_formula(text, weakly=False):
        return None
    display = display or "block" in attributes or _is_displayed_inside(element)
    return formula(text, display=display)


def from_fence(element: LexborNode) -> Formula | None:
    """Code of which the language is mathematics, as Markdown's fences say it."""
    if not _is_fence(element):
        return None
    text = element.text().strip()
    if not text or len(text) > _MAX_TEXT:
        return None
    return formula(text, display=True) if is_certain(text) or is_likely(text) else None


def _is_fence(element: LexborNode) -> bool:
    node: LexborNode | None = element
    inner = element.first_child
    if inner is not None and inner.tag == "code" and _says_math(inner):
        return True
    for _ in range(_MAX_WRAPPERS):
        if node is None or node.tag in ("body", "article", "main"):
            return False
        if _says_math(node):
            return True
        node = node.parent
    return False


def _says_math(element: LexborNode) -> bool:
    attributes = element.attributes
    for name in ("lang", "data-lang", "data-language", "data-canonical-lang"):
        if (attributes.get(name) or "").lower() in ("math", "katex", "mathjax"):
            return True
    classes = attributes.get("class")
    return bool(classes) and bool(_FENCE.search(classes or ""))


_FENCE = re.compile(
    r"(?:^|\s)(?:(?:language|lang|highlight(?:-source)?|brush:?|code|sourceCode)[\s-]+)"
    r"(?:math|katex|mathjax)(?=$|\s)"
)


def _is_formula(text: str, *, weakly: bool) -> bool:
    if not text or len(text) > _MAX_TEXT or _NUMBER.fullmatch(text):
        return False
    if opening := _OPENING.match(text):
        return text.endswith(_CLOSINGS[opening[0]])
    if not is_certain(text) and (weakly or not is_likely(text)):
        return False
    return not _AMID.search(text) and not _is_sentence(text)


def _is_sentence(text: str) -> bool:
    """Runs of words, beside which a formula may stand, but that are none."""
    return "\\" not in text and len(_WORDS.findall(text)) > _MAX_WORDS


class _Saying(NamedTuple):
    """What the classes of a container say."""

    displayed: bool
    #: That code is typeset, not shown.
    code: bool
    #: That it is a formula, but they may mean another thing by that.
    weakly: bool


@lru_cache(maxsize=16_384)
def _saying(classes: str) -> _Saying:
    return _Saying(
        displayed_by_class(classes),
        bool(_VOUCHING_FOR_CODE.search(classes)),
        bool(_WEAK.search(classes)),
    )


def _holder(element: LexborNode) -> LexborNode | None:
    """The text that is all there is in ``element``, or in an element that is."""
    for _ in range(_MAX_WRAPPERS):
        child = element.first_child
        if child is None or child.next is not None:
            return None
        if child.is_text_node:
            return child
        tag = child.tag or ""
        plain = tag in ("span", "p", "nobr") or (element.tag, tag) == ("pre", "code")
        if not (plain or is_tag_of_formula(tag)):
            return None
        element = child
    return None


def _is_displayed_inside(element: LexborNode) -> bool:
    """Whether an element around the same text, within this one, says that it is displayed."""
    for _ in range(_MAX_WRAPPERS):
        child = element.first_child
        if child is None or child.is_text_node:
            return False
        if is_displayed(child, child.attributes):
            return True
        element = child
    return False


def _rows(element: LexborNode) -> list[str]:
    """The lines of a formula that PreTeXt writes as ``<md><mrow>…``."""
    rows: list[str] = []
    child = element.first_child
    while child is not None and len(rows) < _MAX_ROWS:
        if child.tag == "mrow" and (text := child.text().strip()):
            rows.append(text.removesuffix("\\\\").strip())
        elif child.is_element_node or not child.is_empty_text_node:
            return []
        child = child.next
    return rows


def _from_copies(element: LexborNode) -> Formula | None:
    """One formula as an image and, unseen, as text: what a reader sees once."""
    image: Formula | None = None
    source: Formula | None = None
    todo = [element.first_child]
    left = _MAX_COPIES
    while todo:
        child = todo.pop()
        if child is None:
            continue
        left -= 1
        if left < 0:
            return None
        todo.append(child.next)
        if child.tag == "img" or child.tag == "amp-img":
            if image is not None:
                return None
            image = from_image(child, vouched=True)
        elif child.is_text_node:
            if not child.is_empty_text_node:
                return None
        elif child.is_element_node and child.tag not in ("script", "style", "noscript"):
            if _is_unseen(child):
                text = _bare(child.text().strip())
                source = source or (formula(text) if is_certain(text) or is_likely(text) else None)
            else:
                todo.append(child.first_child)
    if image is None and (source is None or not _is_empty_of_text(element)):
        return None
    converted = source or image
    display = displayed_by_class(element.attributes.get("class") or "")
    return converted and Formula(converted.tex, display or bool(image and image.display))


def _is_empty_of_text(element: LexborNode) -> bool:
    return element.css_first("img, svg, canvas, object") is not None


def _is_unseen(element: LexborNode) -> bool:
    attributes = element.attributes
    if "hidden" in attributes or not _UNSEEN.isdisjoint((attributes.get("class") or "").split()):
        return True
    return "display:none" in (attributes.get("style") or "").replace(" ", "").lower()


def _bare(text: str) -> str:
    """``text`` without delimiters that a site has of its own."""
    match = _OWN_DELIMITERS.fullmatch(text)
    return match[2].strip() if match else text


_OPENING = re.compile(r"\\\(|\\\[|\$\$|\$")
_CLOSINGS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
_OWN_DELIMITERS = re.compile(r"(~|`|##?|@@?|\$\$\$)(?s:(.+))\1")
#: Formulas within a text that is none as a whole.
_AMID = re.compile(r"\\\(|\\\[|(?<!\\)\$")
#: Of an equation, not one itself.
_NUMBER = re.compile(r"\(?\s*\d+(?:[.-]\d+)*[a-z]?\s*\)|\d+\.\d+(?:\.\d+)+")
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}(?= )")
_MAX_WORDS, _MAX_ROWS = 4, 100
_DISPLAYED_TAGS = frozenset(("div", "p", "pre", "section", "figure"))
_DISPLAYED_WORDS = frozenset(
    "display block div eqn me men md mdn equation displaymath dmath blockmath".split()
)
_CODE = frozenset(("code", "pre", "tt", "kbd", "samp"))
_UNSEEN = frozenset(
    "tex-text hidden d-none sr-only visually-hidden hide source tex-source latex-source".split()
)
#: Classes of code that is typeset, not shown.
_VOUCHING_FOR_CODE = re.compile(
    r"(?:^|[\s_-])(?:math|arithmatex|katex|mathjax|asciimath|reqn|eqn)(?=$|[\s_-])", re.IGNORECASE
)
#: Classes that chemistry and spreadsheets use too, and those of logos.
_WEAK = re.compile(r"(?:^|[\s_-])(?:formula|equation|tex|latex)(?=$|[\s_-])", re.IGNORECASE)
