"""The documents that people read: README, CONTRIBUTING and docs/, and what stands in them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.places import PROJECT

DOCUMENTS = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted((PROJECT / "docs").glob("*.md")),
]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_SPAN = re.compile(r"`([^`\n]+)`")


def read(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """All code blocks of a language, of all documents."""
    return [text for document in DOCUMENTS for text in blocks_of(document, language)]


def blocks_of(document: Path, language: str) -> list[str]:
    return [text for name, text in _FENCE.findall(read(document)) if name == language]


def prose(document: Path) -> str:
    """A document without its code blocks."""
    return _FENCE.sub("", read(document))


def spans(document: Path) -> list[str]:
    """What stands between backticks in a document's prose, never over the end of a line."""
    text = prose(document)
    for line in text.splitlines():
        assert line.count("`") % 2 == 0, f"{document.name}: {line}"
    return _SPAN.findall(text)


def commands(document: Path) -> str:
    """What a document says to type, or what it names of that."""
    return "\n".join([*blocks_of(document, "sh"), *spans(document)])


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(document), re.M):
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        assert anchor not in found, f"{document.name} has two headings {heading}"
        found.add(anchor)
    return found
