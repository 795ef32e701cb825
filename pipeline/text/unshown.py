"""Text that a page holds where no browser shows it: data of a site drawn by scripts, templates.

Looked for only where a page shows next to nothing itself: what is read so is rough, for
nobody says which of it is the content. Strings of JSON that hold formulas count, and
sentences beside them; Markdown of slides in ``<script type="text/…">``, ``<template>`` and
``<textarea>`` does. Programs are not run.
"""

from __future__ import annotations

import json
import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.marks import BLOCK, KEPT_NEWLINE, without_marks

#: Characters of one script, and of all text that is taken.
_MAX_SCRIPT, _MAX_TEXT = 2_000_000, 200_000
#: Scripts that are looked into; objects in objects, and strings that are looked at.
_MAX_SCRIPTS, _MAX_DEPTH, _MAX_STRINGS = 20, 40, 20_000
_LEAST_LENGTH = 20
#: Characters of a string that tell what it is.
_MAX_HEAD = 20_000
#: Addresses, colours, code, names of classes.
_NO_PROSE = re.compile(r"https?://\S*$|^[\w./:#%?=&;,+-]*$|^\s*[{\[(<]\s*$|function\s*\(|=>|;\s*$")
_WORDS = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{1,}\s+[^\W\d_]{1,}|[\u3040-\u9fff]{6,}")
_FORMULA = re.compile(r"\$[^$]+\$|\\\(|\\\[|\\begin\{")
_TAG = re.compile(r"<(?:p|div|br|span|li|ul|ol|h\d|b|i|em|strong|sub|sup|table)\b", re.IGNORECASE)
_TEMPLATES = ("text/template", "text/markdown", "text/x-markdown", "text/x-template", "text/plain")


def unshown_text(document: LexborHTMLParser) -> str:
    """Marked text out of a page's data and templates; "" where there is none."""
    parts: list[str] = []
    for script in document.css("script, template, textarea")[: 10 * _MAX_SCRIPTS]:
        if len(parts) >= _MAX_SCRIPTS:
            break
        if text := _text_of(script):
            parts.append(text)
    return BLOCK.join(parts)[:_MAX_TEXT]


def _text_of(element: LexborNode) -> str:
    kind = (element.attributes.get("type") or "").lower()
    if element.tag == "script":
        if "json" in kind:
            return _text_of_json(element.text())
        if not kind.startswith(_TEMPLATES):
            return ""
    elif element.tag == "textarea" and not _is_slides(element):
        return ""
    if element.tag == "template":
        # What is in one is not in the tree.
        source = (element.html or "").partition(">")[2].removesuffix("</template>")
    else:
        source = element.text()
    return _blocks(source)


def _is_slides(element: LexborNode) -> bool:
    attributes = element.attributes
    return "data-template" in attributes or attributes.get("id") == "source"


def _text_of_json(source: str) -> str:
    if len(source) > _MAX_SCRIPT or "ld+json" in source[:40]:
        return ""
    try:
        value: Any = json.loads(source)
    except (ValueError, RecursionError):
        return ""
    strings: list[str] = []
    _collect(value, strings, 0)
    return BLOCK.join([_blocks(string) for string in dict.fromkeys(strings)])


def _collect(value: Any, strings: list[str], depth: int) -> None:
    """Sentences that stand beside one with a formula: others name buttons, or are messages."""
    if depth > _MAX_DEPTH or len(strings) >= _MAX_STRINGS:
        return
    if isinstance(value, dict):
        values = list(value.values())
    elif isinstance(value, list):
        values = value
    else:
        return
    own = [value for value in values if isinstance(value, str) and _is_prose(value)]
    if any(_FORMULA.search(value[:_MAX_HEAD]) for value in own):
        strings += own
    for value in values:
        _collect(value, strings, depth + 1)


def _is_prose(text: str) -> bool:
    if len(text) < _LEAST_LENGTH or _NO_PROSE.search(text[:2_000]):
        return False
    head = text[:_MAX_HEAD]
    return bool(_WORDS.search(head) or _FORMULA.search(head))


def _blocks(source: str) -> str:
    """``source`` in blocks; of HTML its text."""
    source = without_marks(source[:_MAX_SCRIPT])
    if _TAG.search(source):
        body = LexborHTMLParser(source).body
        source = body.text(separator="\n") if body is not None else ""
    paragraphs = re.split(r"\n\s*\n", source.strip())
    lines = ([line.strip() for line in paragraph.split("\n")] for paragraph in paragraphs)
    return BLOCK.join([KEPT_NEWLINE.join(filter(None, one)) for one in lines])
