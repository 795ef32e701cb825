"""The text of code: its lines and its white space count, the numbers beside them do not."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.ledger import Outcome, SetAside
from pipeline.text.furniture import Name, name_of
from pipeline.text.marks import KEPT_NEWLINE, KEPT_SPACE
from pipeline.text.tags import TEXT

#: Elements within elements, as in ``reader.py``.
MAX_DEPTH = 400
#: What is more than text in code; without it, code is read in one call.
_MORE_THAN_TEXT = (
    "br, div, p, li, tr, button, script, style, .lineno, .linenos, .linenumber, .line-number, "
    ".line-numbers, .gutter, [style*='user-select']"
)
_LINES = frozenset(("div", "p", "li", "tr"))
_UNSEEN = frozenset(("button", "script", "style", "textarea", "svg"))


def code_of(element: LexborNode) -> str:
    """Marked text of ``element``, empty where it holds numbers of lines alone.

    Raises ``SetAside`` (``TOO_DEEP``).
    """
    child = element.first_child
    if child is None:
        return ""
    if child.tag_id == TEXT and child.next is None:
        text = child.text_content or ""
    elif element.css_first(_MORE_THAN_TEXT) is None:
        text = element.text()
    else:
        parts: list[str] = []
        _read(element, parts, 0)
        text = "".join(parts)
    if text[:6].lstrip()[:1].isdigit() and _are_line_numbers(text.split()):
        return ""
    if "\t" in text or "\r" in text:
        text = text.replace("\r", "").expandtabs(4)
    return text.strip("\n").replace("\n", KEPT_NEWLINE).replace(" ", KEPT_SPACE)


def _read(parent: LexborNode, parts: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise SetAside(Outcome.TOO_DEEP, f"elements nested over {MAX_DEPTH} deep")
    child = parent.first_child
    while child is not None:
        tag = child.tag
        if tag == "-text":
            parts.append(child.text_content or "")
        elif tag == "br":
            parts.append("\n")
        elif child.is_element_node and tag not in _UNSEEN and not _is_number(child):
            _read(child, parts, depth + 1)
            if tag in _LINES and parts and not parts[-1].endswith("\n"):
                parts.append("\n")
        child = child.next


def _is_number(element: LexborNode) -> bool:
    """Whether an element is the number of a line, or is hidden."""
    attributes = element.attributes
    classes, style = attributes.get("class"), attributes.get("style") or ""
    if classes and name_of(classes) in (Name.CLUTTER, Name.LINE_NUMBERS):
        return True
    return "user-select" in style and element.text().strip().isdigit()


def _are_line_numbers(words: list[str]) -> bool:
    if len(words) < 2 or not all(word.isdigit() and len(word) < 7 for word in words):
        return False
    first = int(words[0])
    return words == [str(number) for number in range(first, first + len(words))]
