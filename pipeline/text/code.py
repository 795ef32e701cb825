"""The text of code: its lines and its white space count, the numbers beside them do not."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text.furniture import Name, name_of
from pipeline.text.html_tags import holds_any, numbered
from pipeline.text.marks import KEPT_NEWLINE, KEPT_SPACE

#: Elements within elements, as in ``reader.py``.
MAX_DEPTH = 400
#: What ends lines of code that has no other ends of lines, and what numbers them.
_LINE_TAGS = "br, div, p, li, tr"
_LINE_ELEMENTS = numbered(_LINE_TAGS.replace(",", ""))
_NUMBER_ELEMENTS = (
    ".lineno, .linenos, .linenumber, .line-number, .line-numbers, .gutter, [style*='user-select']"
)
#: Characters of code on one line that may be several without an end of line between them.
_LONG_LINE = 30
#: Parts of code with scripts that are looked at.
_MAX_SCRIPTED = 40
_SCRIPTS = numbered("sup sub")
#: With these code begins that may be numbers of lines.
_MAY_BE_LINES = frozenset(" 0123456789")
_LINES = frozenset(("div", "p", "li", "tr"))
_UNSEEN = frozenset(("button", "script", "style", "textarea", "svg"))


def code_of(element: LexborNode) -> str:
    """Marked text of ``element``, empty where it holds numbers of lines alone.

    Raises ``SetAside`` (``TOO_DEEP``).
    """
    text = element.text_lexbor()
    # Looking for elements takes longer than reading: only where the text gives cause.
    shown = text.strip()
    unbroken = "\n" not in shown
    numbered = shown[:1].isdigit()
    if numbered or (unbroken and len(text) > _LONG_LINE):
        looked_for = f"{_LINE_TAGS if unbroken else 'button'}, {_NUMBER_ELEMENTS}"
        if (
            element.css_first(looked_for) is not None
            if numbered
            else holds_any(element, _LINE_ELEMENTS)
        ):
            parts: list[str] = []
            _read(element, parts, 0)
            text = "".join(parts)
    if text[:6].lstrip()[:1].isdigit() and _are_line_numbers(text.split()):
        return ""
    if "\t" in text or "\r" in text:
        text = text.replace("\r", "").expandtabs(4)
    return text.strip("\n").replace("\n", KEPT_NEWLINE).replace(" ", KEPT_SPACE)


def plain_code(element: LexborNode) -> str | None:
    """Marked text of code that is nothing but ``element``, where that is a word or a few.

    ``None`` where it has to be looked into: it holds elements, or may have several lines.
    """
    child = element.first_child
    if child is None or child.next is not None or element.tag_id in _SCRIPTS:
        return None
    text = child.text_content
    if not text or len(text) > _LONG_LINE or text[0] in _MAY_BE_LINES or not text.isprintable():
        return None
    return text.replace(" ", KEPT_SPACE)


def code_with_scripts(element: LexborNode) -> str:
    """Code of one line with raised and lowered text, as ``^`` and ``_``; "" for any other."""
    child = element.first_child
    for _ in range(_MAX_SCRIPTED):
        if child is None:
            return ""
        if child.tag_id in _SCRIPTS:
            break
        child = child.next
    else:
        return ""
    parts: list[str] = []
    child = element.first_child
    while child is not None and len(parts) < _MAX_SCRIPTED:
        text = (child.text_content if child.is_text_node else child.text()) or ""
        if child.tag_id in _SCRIPTS:
            sign = "^" if child.tag == "sup" else "_"
            text = text.strip()
            text = f"{sign}{text}" if len(text) == 1 else f"{sign}{{{text}}}"
        parts.append(text)
        child = child.next
    if child is not None:
        return ""
    return " ".join("".join(parts).split()).replace(" ", KEPT_SPACE)


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
