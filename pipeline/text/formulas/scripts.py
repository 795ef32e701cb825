"""``<sup>`` and ``<sub>`` as ``^`` and ``_``, where they are mathematics.

Plain text, no formula: ``x<sup>2</sup>`` becomes ``x^2``. Footnotes, citations,
ordinals and trade marks stay as they are.
"""

from __future__ import annotations

import re
from typing import Any

from resiliparse.parse.html import TEXT

#: Of one page; what comes after stays as it is.
MAX_SCRIPTS = 20_000

_SCRIPT = re.compile(r"[\w+\-−–*/=<>,.()′∞·| ]{1,24}")
#: What a script may stand on: a letter or two, a number, a bracket, a unit.
_BASE = re.compile(
    r"(?:(?:^|[^\W_]|.)(?<![A-Za-z])[A-Za-z]{1,2}|\d|[)\]}|′']|[\u0370-\u03ff\u2100-\u214f∑∏∫]"
    r"|(?<![A-Za-z])(?:sin|cos|tan|log|lim|max|min|exp|mol))$"
)
_NO_SCRIPT = re.compile(
    r"st|nd|rd|th|er|re|e|o|a|tm|sm|r|c|ème|ers|\s*|[a-zA-Z]{4,}", re.IGNORECASE
)


def mark_scripts(tree: Any, document: Any) -> None:
    """Rewrite the scripts below ``document``."""
    for element in document.query_selector_all("sup, sub").values()[:MAX_SCRIPTS]:
        script = (element.text or "").strip()
        superscript = element.tag == "sup"
        if not _SCRIPT.fullmatch(script) or (superscript and _NO_SCRIPT.fullmatch(script)):
            continue
        if element.query_selector("a, [id], img") is not None or element.closest("a, pre, code"):
            continue
        if not _BASE.search(_before(element)):
            continue
        sign = "^" if superscript else "_"
        text = f"{sign}{script}" if len(script) == 1 else f"{sign}{{{script}}}"
        element.parent.replace_child(tree.create_text_node(text), element)


def _before(element: Any) -> str:
    """The last few characters before ``element``, on its own level."""
    node = element.previous_sibling
    text = ""
    for _ in range(3):
        if node is None:
            break
        piece = node.value if node.node_type == TEXT else node.text
        text = (piece or "")[-12:] + text
        if len(text) >= 4:
            break
        node = node.previous_sibling
    return text
