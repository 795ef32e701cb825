"""TeX that stands in a ``<math>`` as it was typed, where elements should."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml.presentation import is_display
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula

_COMMAND = re.compile(r"\\[a-zA-Z]+|[\^_]\s*\{")
#: Elements that say nothing of how their text is typeset.
_PLAIN = frozenset("mrow mstyle mtext mi mo mn semantics span p code br em".split())
#: Elements of one ``<math>`` that are looked at.
_MAX_ELEMENTS = 20


def raw_tex_of(math: LexborNode) -> Formula | None:
    """The formula of a ``<math>`` that holds text alone, or text with commands of TeX."""
    first = math.first_child
    if first is None:
        return None
    if first.is_text_node and first.next is None:
        return formula((first.text_content or "")[: 2 * MAX_FORMULA], display=is_display(math))
    if "\\" not in (text := math.text()) or not _COMMAND.search(text[:MAX_FORMULA]):
        return None
    left = _MAX_ELEMENTS
    has_command = False
    for inner in math.traverse():
        left -= 1
        if left < 0 or (inner.tag not in _PLAIN and inner.tag != math.tag):
            return None
        has_command = has_command or bool(_COMMAND.search(inner.text(deep=False)))
    if not has_command:
        return None
    return formula(text, display=is_display(math))
