"""Blocks of a page as they are read: what each is, by its names, its links and its text."""

from __future__ import annotations

from bisect import bisect_left

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.elements import ATTRIBUTE
from pipeline.text.formulas.sources.attributes import has_tex
from pipeline.text.furniture import (
    FURNITURE_ROLES,
    MAIN_ROLES,
    NOTE_ROLES,
    Name,
    is_hidden,
    name_of,
    named_by,
)
from pipeline.text.html_tags import NUMBERS, holds_any, numbered
from pipeline.text.marks import BLOCK, GLUE, KEPT_SPACE, LINE
from pipeline.text.pieces import END_BLOCK, END_BULLET, END_CELL, END_LINE, MARKS
from pipeline.text.reading.drawn import write_fraction_cell, write_fraction_table, write_styled
from pipeline.text.reading.inline_reader import InlineReader
from pipeline.text.regions import LONGEST_SECTION, MIN_LINKS, Kind, Region, made

#: Of a block's text, the share in links that makes a list of links of ``MIN_LINKS``.
LINK_SHARE = 0.75
#: Characters of a table's cell that may hold paragraphs and lines.
_LONG_CELL = 120
#: Spaces by which an item of a list in a list is moved.
_INDENT = 2
_MAX_LEVELS = 8
#: What furniture never has: where it is or holds some of these, it has to be looked into.
_CONTENT = numbered("p h1 td pre dd article")
_SLUGGED = numbered("section article h1 h2 h3 h4 h5 h6 dl")
_LI, _TH, _HR = NUMBERS["li"], NUMBERS["th"], NUMBERS["hr"]
#: Kinds that a name gives, where the element is not said to be something else.
_BY_NAME = {
    Name.WEAK: Kind.WEAK,
    Name.CLUTTER: Kind.WEAK,
    Name.CONTENT: Kind.CONTENT,
    Name.BODY: Kind.CONTENT,
    Name.QUOTE: Kind.CONTENT,
}
#: Names of what is told while it is open, or of who is named in it.
_OPENING = frozenset((Name.POST, Name.BODY, Name.QUOTE, Name.CARD))
_OF_TEXT = (Name.CONTENT, Name.BODY, Name.QUOTE)
#: What may be a list of links: no name says that it is text.
_MAY_BE_LINKS = (0, Kind.WEAK, Kind.CARD)


class Blocks(InlineReader):
    """Reads blocks, and tells the regions among them."""

    def __init__(self, *, everything: bool = False) -> None:
        """``everything``: what is plainly furniture too."""
        super().__init__()
        self.everything = everything
        #: Of open lists, the next number; ``None`` for those with bullets.
        self.lists: list[int | None] = []

    def block(
        self, element: LexborNode, depth: int, strength: int = END_BLOCK, kind: int = 0
    ) -> None:
        """A block, of which its attributes and its links may say what it is."""
        attributes = element.attributes
        if not (attributes or kind):
            # Nothing but its links may say what it is.
            start, characters, linked = len(self.pieces), self.characters, self.linked
            formulas, links, prose = self.formulas, self.links, self.prose
            if self.ended < strength:
                self.end(strength)
            self.read(element, depth)
            # As ``end`` does it, which is called too often.
            if not self.ended:
                self.pieces.append(MARKS[strength])
                self.ended = strength
            elif self.ended < strength:
                self.end(strength)
            if self.links - links >= MIN_LINKS:
                self._list_of_links(element, start, characters, linked, prose, formulas, links)
            return
        named = 0
        classes: str | None = None
        if attributes:
            classes = attributes.get("class")
            tag = element.tag_id
            # Most have a class and nothing else, of which each look would have its cost.
            plain = classes is not None and len(attributes) == 1
            named = (
                name_of(classes or "")
                if plain
                else named_by(attributes, classes, slugged=tag in _SLUGGED)
            )
            if named:
                if named == Name.FORMULA:
                    ended = self.ended
                    if self.is_formula(element, classes or ""):
                        self.set_apart(ended, strength)
                        return
                elif named == Name.TITLE:
                    self._title(element, depth)
                    return
                elif named == Name.LINE_NUMBERS and strength == END_CELL:
                    return
                kind = self._kind(kind, named, tag)
            if not plain:
                if "hidden" in attributes:
                    return
                if not kind and "style" in attributes:
                    style = attributes["style"] or ""
                    if "inline-" in style and write_styled(self, element, depth, style):
                        return
                    if is_hidden(style):
                        kind = Kind.HIDDEN
                if role := attributes.get("role"):
                    if role in FURNITURE_ROLES:
                        kind = Kind.FURNITURE
                    elif role in MAIN_ROLES:
                        kind = Kind.MAIN
                    elif role in NOTE_ROLES:
                        kind = Kind.CONTENT
        if kind and (
            (kind == Kind.FURNITURE or (kind == Kind.HEADER and not (self.mains or self.posts)))
            and not self.everything
            and not holds_any(element, _CONTENT)
        ):
            self._leave_unread(element, strength, kind)
            return
        start, characters, linked = len(self.pieces), self.characters, self.linked
        formulas, links, prose = self.formulas, self.links, self.prose
        headings = len(self.headings)
        if self.ended < strength:
            self.end(strength)
        cues = 0
        if classes:
            cues = len(self.cues)
            outer, paths = self.path, self.paths
            self.path = paths.setdefault((outer, classes), len(paths) + 1)
        if named in _OPENING or kind == Kind.MAIN:
            self._read_within(element, depth, kind, named, start)
        else:
            self.read(element, depth)
        if self.characters == characters and attributes and not plain and has_tex(attributes):
            # Nothing is shown before a program draws what its attributes say.
            self.write_formula(element, ATTRIBUTE)
        if not self.ended:
            self.pieces.append(MARKS[strength])
            self.ended = strength
        elif self.ended < strength:
            self.end(strength)
        links = self.links - links
        characters, linked = self.characters - characters, self.linked - linked
        if (
            links >= MIN_LINKS
            and kind in _MAY_BE_LINKS
            and linked > LINK_SHARE * characters
            and element.tag_id != _LI
        ):
            kind = Kind.LINKS
            self.link_lists[start, len(self.pieces)] = element
        # Of a page on which nobody is named, no posts are looked for.
        classed = classes and (
            self.posts
            or kind == Kind.POST
            or len(self.cues) > cues
            or (links and self.cues and characters <= LONGEST_SECTION and self.prose == prose)
        )
        if kind or classed:
            region = made(
                Region,
                (
                    kind,
                    start,
                    len(self.pieces),
                    characters,
                    linked,
                    self.prose - prose,
                    self.formulas - formulas,
                    links,
                    len(self.headings) - headings,
                    classes or attributes.get("id") or attributes.get("role") or element.tag or "",
                    self.path if classed else 0,
                ),
            )
            if kind:
                self.regions.append(region)
            if classed and not self.bodies:
                self.blocks.append(region)
        if classes:
            self.path = outer

    def _list_of_links(
        self,
        element: LexborNode,
        start: int,
        characters: int,
        linked: int,
        prose: int,
        formulas: int,
        links: int,
    ) -> None:
        """A block without attributes, if it is a list of links; counts are those before it."""
        characters, linked = self.characters - characters, self.linked - linked
        if linked <= LINK_SHARE * characters or element.tag_id == _LI:
            return
        end = len(self.pieces)
        self.link_lists[start, end] = element
        self.regions.append(
            made(
                Region,
                (
                    Kind.LINKS,
                    start,
                    end,
                    characters,
                    linked,
                    self.prose - prose,
                    self.formulas - formulas,
                    self.links - links,
                    self._headings_from(start),
                    element.tag or "",
                    0,
                ),
            )
        )

    def _headings_from(self, start: int) -> int:
        """How many headings were read since the pieces at ``start``."""
        return len(self.headings) - bisect_left(self.headings, (start, 0, 0))

    def _read_within(
        self, element: LexborNode, depth: int, kind: int, named: int, start: int
    ) -> None:
        """Read what is in main content, a post, its text or a quotation, or names somebody."""
        cues, characters = len(self.cues), self.characters
        if named == Name.CARD:
            self.cues.append(start)
        post, main = kind == Kind.POST, kind == Kind.MAIN
        body = named == Name.BODY or named == Name.QUOTE
        self.posts += post
        self.mains += main
        self.bodies += body
        self.read(element, depth)
        self.posts -= post
        self.mains -= main
        self.bodies -= body
        if (
            named == Name.CARD
            and self.characters == characters
            and element.css_first("a[href]") is None
        ):
            # A picture that leads nowhere names nobody.
            del self.cues[cues:]
        if named == Name.QUOTE:
            self.quotations.append((start, len(self.pieces)))

    def _leave_unread(self, element: LexborNode, strength: int, kind: int) -> None:
        self.unread.append((len(self.pieces), kind, element))
        # What stands beside the text of a post is about it.
        if self.posts:
            self.cues.append(len(self.pieces))
        self.end(strength)

    def _title(self, element: LexborNode, depth: int) -> None:
        start = len(self.pieces)
        self.plain_block(element, depth)
        self.titles.append((start, len(self.pieces), 0))

    def _kind(self, kind: int, named: int, tag: int) -> int:
        """What a block is by its name, where its tag says ``kind``."""
        if named == Name.FURNITURE:
            return kind if kind == Kind.MAIN else Kind.FURNITURE
        if named == Name.AUTHORED:
            return kind if kind in (Kind.MAIN, Kind.HEADER) else Kind.CONTENT
        if named == Name.POST and kind in (0, Kind.MAIN):
            return Kind.POST
        if named == Name.CARD and kind in (0, Kind.HEADER, Kind.ASIDE, Kind.FURNITURE):
            return kind if self.bodies else Kind.CARD
        if kind == Kind.ASIDE and named in _OF_TEXT:
            return Kind.CONTENT
        if kind or (named == Name.WEAK and tag == _TH):
            return kind
        return _BY_NAME.get(named, 0)

    def navigation(self, element: LexborNode, depth: int) -> None:
        """Never content by its tag, outside of the main content."""
        if self.everything or self.mains:
            self.block(element, depth, END_BLOCK, Kind.FURNITURE)
        else:
            self._leave_unread(element, END_BLOCK, Kind.FURNITURE)

    def aside(self, element: LexborNode, depth: int) -> None:
        """Beside the content; within it, perhaps a part of it."""
        kind = Kind.ASIDE if self.mains or self.posts else Kind.FURNITURE
        self.block(element, depth, END_BLOCK, kind)

    def form(self, element: LexborNode, depth: int) -> None:
        """Furniture, but that some pages are one form."""
        self.block(element, depth, END_BLOCK, Kind.WEAK)

    def header(self, element: LexborNode, depth: int) -> None:
        """The head of the page, or of an article."""
        self.block(element, depth, END_BLOCK, Kind.HEADER)

    def main(self, element: LexborNode, depth: int) -> None:
        """Said to be the main content."""
        self.block(element, depth, END_BLOCK, Kind.MAIN)

    def cell(self, element: LexborNode, depth: int) -> None:
        """A cell of a table: a short one is a line of it, whatever blocks it holds."""
        start, before = len(self.pieces), self.characters
        first = element.first_child
        if (
            first is not None
            and (second := first.next) is not None
            and second.tag_id == _HR
            and write_fraction_cell(self, element, depth)
        ):
            self.end(END_CELL)
            return
        self.block(element, depth, END_CELL)
        if self.characters - before <= _LONG_CELL and not self.posts:
            pieces = self.pieces
            for at in range(start + 1, len(pieces) - 1):
                if pieces[at] == BLOCK or pieces[at] == LINE:
                    pieces[at] = " "

    def table(self, element: LexborNode, depth: int) -> None:
        """A table, or a fraction that is laid out as one."""
        if not write_fraction_table(self, element):
            self.block(element, depth)

    def list_of_items(self, element: LexborNode, depth: int) -> None:
        """A list; one within another begins on a new line."""
        start = element.attributes.get("start") or "1"
        first = int(start) if start.isdecimal() and len(start) < 7 else 1
        self.lists.append(first if element.tag_id == NUMBERS["ol"] else None)
        self.block(element, depth, END_LINE if len(self.lists) > 1 else END_BLOCK)
        self.lists.pop()

    def item(self, element: LexborNode, depth: int) -> None:
        """An item, after its bullet or number."""
        if self.ended < END_LINE:
            self.end(END_LINE)
        start = len(self.pieces)
        bullet = "-"
        if self.lists and (number := self.lists[-1]) is not None:
            self.lists[-1] = number + 1
            bullet = f"{number}."
        classes = element.attributes.get("class")
        if classes and name_of(classes) == Name.POST:
            self.block(element, depth)
            return
        if (level := len(self.lists)) > 1:
            bullet = KEPT_SPACE * (_INDENT * min(level - 1, _MAX_LEVELS)) + bullet
        self.pieces += (bullet, GLUE)
        self.ended = END_BULLET
        if classes:
            self.block(element, depth, END_LINE)
        else:
            self.read(element, depth)
        if self.ended == END_BULLET:
            self.take_back(start)
            self.ended = END_LINE
        elif self.ended < END_LINE:
            self.end(END_LINE)

    def plain_block(self, element: LexborNode, depth: int) -> None:
        """A block whatever its attributes say."""
        if self.ended < END_BLOCK:
            self.end(END_BLOCK)
        self.read(element, depth)
        if self.ended < END_BLOCK:
            self.end(END_BLOCK)

    def quotation(self, element: LexborNode, depth: int) -> None:
        """A quotation, in which nobody's name is furniture."""
        self.bodies += 1
        start = len(self.pieces)
        self.end(END_BLOCK)
        self.read(element, depth)
        self.end(END_BLOCK)
        self.quotations.append((start, len(self.pieces)))
        self.bodies -= 1
