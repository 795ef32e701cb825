"""Why parts of a page are not in its text: which rule left each of them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.text.extractors import Marked
from pipeline.text.layout import lay_out
from pipeline.text.regions import Kind

#: What each rule says of what it leaves out.
RULES: dict[int, str] = {
    Kind.FURNITURE: "named furniture",
    Kind.LINKS: "list of links",
    Kind.HEADER: "header of the page",
    Kind.WEAK: "named so, with little prose",
    Kind.HIDDEN: "not shown",
    Kind.CARD: "about a post",
    Kind.INLINE_CARD: "about a post",
    Kind.ASIDE: "aside with little prose",
    Kind.RECURRING: "recurs beside posts",
    Kind.SIGNATURE: "ends several posts",
    Kind.OUTSIDE: "outside of the main content",
    Kind.SECTION_OF_OTHERS: "section of other pages",
    Kind.BARE_HEADING: "heading with nothing below",
}
LINE = "line of site software"


class Dropped(NamedTuple):
    """A part that was left out."""

    rule: str
    #: The page's names for it: classes, id, role or tag; may be empty.
    name: str
    #: Its text, in lines.
    text: str


def dropped_parts(marked: Marked, lines: list[str]) -> Iterator[Dropped]:
    """What was left out of the page, in its order; ``lines`` that their words told last.

    Parts without text are none.
    """
    read = marked.read
    parts = [
        (region.start, RULES[region.kind], region.names, read.pieces[region.start : region.end])
        for region in marked.content.dropped
    ]
    # Never looked into: not even its text was read.
    for start, kind, element in read.unread:
        attributes = element.attributes
        name = attributes.get("class") or attributes.get("id") or element.tag or ""
        parts.append((start, RULES[kind], name, [element.text(separator=" ")]))
    for _, rule, name, pieces in sorted(parts, key=lambda part: part[0]):
        if text := lay_out("".join(pieces)):
            yield Dropped(rule, name, text)
    for line in lines:
        yield Dropped(LINE, "", line)
