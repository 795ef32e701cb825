"""One walk over a parsed page: its text with marks, and what each part of it is.

The text comes as a list of pieces. Parts that may be no content (navigation, lists of
links) and parts that are the main content are told as regions of that list, for
``content.py`` to decide on: what a part is worth shows only beside the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selectolax.lexbor import LexborNode

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text.code import MAX_DEPTH, code_of
from pipeline.text.formulas.elements import ATTRIBUTE, FENCE
from pipeline.text.formulas.sources.attributes import has_tex
from pipeline.text.furniture import (
    FURNITURE_ROLES,
    JUMPS,
    LONGEST_JUMP,
    MAIN_ROLES,
    Name,
    is_hidden,
    name_of,
    named_by,
)
from pipeline.text.html_tags import COMMENT, NUMBERS, TEXT, numbered
from pipeline.text.inline.drawn import write_fraction_cell, write_fraction_table, write_styled
from pipeline.text.inline.inline_reader import InlineReader, between
from pipeline.text.inline.pieces import END_BLOCK, END_BULLET, END_CELL, END_LINE
from pipeline.text.marks import (
    BLOCK,
    CODE_CLOSE,
    CODE_OPEN,
    EM_CLOSE,
    EM_OPEN,
    GLUE,
    KEPT_SPACE,
    LINE,
    STRONG_CLOSE,
    STRONG_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
    VAR_CLOSE,
    VAR_OPEN,
)
from pipeline.text.regions import MIN_LINKS, Kind, Region

#: Runs of text that are longer are prose: no menu has them.
PROSE = 60
#: Of a block's text, the share in links that makes a list of links of ``MIN_LINKS``.
LINK_SHARE = 0.75
#: Characters of a table's cell that may hold paragraphs and lines.
_LONG_CELL = 120
#: Spaces by which an item of a list in a list is moved.
_INDENT = 2
_MAX_LEVELS = 8
#: What furniture never has: where it is or holds some of these, it has to be looked into.
_CONTENT = numbered("p h1 td pre dd article")


class Reader(InlineReader):
    """Reads a page's tree into pieces of marked text, and tells the regions among them."""

    def __init__(self, body: LexborNode, *, everything: bool = False) -> None:
        """``everything``: what is plainly furniture too. Raises ``SetAside`` (``TOO_DEEP``)."""
        super().__init__()
        self.everything = everything
        #: Whether something was not looked into.
        self.skipped = False
        #: Of open lists, the next number; ``None`` for those with bullets.
        self.lists: list[int | None] = []
        #: Elements of main content that are open.
        self.mains = 0
        self.read(body, 0)

    def read(self, parent: LexborNode, depth: int) -> None:
        """Everything within ``parent``."""
        if depth > MAX_DEPTH:
            raise SetAside(Outcome.TOO_DEEP, f"elements nested over {MAX_DEPTH} deep")
        child = parent.first_child
        pieces = self.pieces
        depth += 1
        while child is not None:
            tag = child.tag_id
            if tag == TEXT:
                text: Any = child.text_content
                if text.isspace():
                    if not self.ended:
                        pieces.append(" ")
                else:
                    pieces.append(text)
                    self.ended = 0
                    length = len(text)
                    if length > PROSE:
                        # Without the white space that templates leave around it.
                        length = len(text.strip())
                        if length > PROSE:
                            self.prose += length
                    self.characters += length
            elif (handler := _HANDLERS[tag]) is not None:
                handler(self, child, depth)
            child = child.next

    def _link(self, element: LexborNode, depth: int) -> None:
        start, before, prose, ended = len(self.pieces), self.characters, self.prose, self.ended
        self.read(element, depth)
        self.prose = prose
        length = self.characters - before
        if length <= LONGEST_JUMP and len(self.pieces) - start <= 1:
            shown = self.pieces[start] if len(self.pieces) > start else ""
            if shown.strip().lower() in JUMPS:
                self.characters = before
                del self.pieces[start:]
                self.ended = ended
                return
        self.linked += length
        self.links += 1

    def _heading(self, element: LexborNode, depth: int) -> None:
        """Never furniture by itself: what it is called, its sections are."""
        classes = element.attrs.get("class")
        if classes and name_of(classes) == Name.FORMULA and self._by_class(element, classes):
            return
        self._plain_block(element, depth)

    def _title(self, element: LexborNode, depth: int) -> None:
        start = len(self.pieces)
        self._heading(element, depth)
        self.titles.append((start, len(self.pieces)))

    def _cell(self, element: LexborNode, depth: int) -> None:
        start, before = len(self.pieces), self.characters
        first = element.first_child
        if (
            first is not None
            and (second := first.next) is not None
            and second.tag_id == _RULE
            and write_fraction_cell(self, element, depth)
        ):
            self.end(END_CELL)
            return
        self._block(element, depth, END_CELL)
        # A short cell is a line of its table, whatever blocks it holds.
        if self.characters - before <= _LONG_CELL:
            end = len(self.pieces)
            for at in range(start + 1, end - 1):
                if self.pieces[at] == BLOCK or self.pieces[at] == LINE:
                    self.pieces[at] = " "

    def _table(self, element: LexborNode, depth: int) -> None:
        if not write_fraction_table(self, element):
            self._block(element, depth)

    def _block(
        self, element: LexborNode, depth: int, strength: int = END_BLOCK, kind: int | None = None
    ) -> None:
        """A block, of which its attributes and its links may say what it is."""
        attributes = element.attributes
        if attributes:
            named = named_by(attributes, slugged=element.tag_id in _SLUGGED)
            if named:
                if named == Name.FORMULA:
                    ended = self.ended
                    if self._by_class(element, attributes.get("class") or ""):
                        self.set_apart(ended, strength)
                        return
                elif named == Name.LINE_NUMBERS and strength == END_CELL:
                    return
                elif named == Name.FURNITURE and kind != Kind.MAIN:
                    kind = Kind.FURNITURE
                elif kind is None and named in (Name.WEAK, Name.CLUTTER):
                    kind = Kind.WEAK
                elif kind is None and named == Name.CONTENT:
                    kind = Kind.CONTENT
            if "hidden" in attributes:
                return
            if kind is None and "style" in attributes:
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
        if (
            (kind == Kind.FURNITURE or (kind == Kind.HEADER and not self.mains))
            and not self.everything
            and not any(inner.tag_id in _CONTENT for inner in element.traverse())
        ):
            self.skipped = True
            self.end(strength)
            return
        start, characters, linked = len(self.pieces), self.characters, self.linked
        formulas, links, prose = self.formulas, self.links, self.prose
        self.end(strength)
        self.read(element, depth)
        if self.characters == characters and attributes and has_tex(attributes):
            # Nothing is shown before a program draws what its attributes say.
            self.write_formula(element, ATTRIBUTE)
        self.end(strength)
        characters, linked = self.characters - characters, self.linked - linked
        if (
            (kind is None or kind == Kind.WEAK)
            and self.links - links >= MIN_LINKS
            and linked > LINK_SHARE * characters
        ):
            kind = Kind.LINKS
        if kind is not None:
            self.regions.append(
                Region(
                    kind,
                    start,
                    len(self.pieces),
                    characters,
                    linked,
                    self.prose - prose,
                    self.formulas - formulas,
                    self.links - links,
                )
            )

    def _navigation(self, element: LexborNode, depth: int) -> None:
        """Never content by its tag, outside of the main content."""
        if self.everything or self.mains:
            self._block(element, depth, END_BLOCK, Kind.FURNITURE)
        else:
            self.skipped = True
            self.end(END_BLOCK)

    def _furniture(self, element: LexborNode, depth: int) -> None:
        self._block(element, depth, END_BLOCK, Kind.FURNITURE)

    def _form(self, element: LexborNode, depth: int) -> None:
        self._block(element, depth, END_BLOCK, Kind.WEAK)

    def _header(self, element: LexborNode, depth: int) -> None:
        self._block(element, depth, END_BLOCK, Kind.HEADER)

    def _main(self, element: LexborNode, depth: int) -> None:
        self.mains += 1
        self._block(element, depth, END_BLOCK, Kind.MAIN)
        self.mains -= 1

    def _list(self, element: LexborNode, depth: int) -> None:
        start = element.attributes.get("start") or "1"
        first = int(start) if start.isdecimal() and len(start) < 7 else 1
        self.lists.append(first if element.tag_id == NUMBERS["ol"] else None)
        self._block(element, depth, END_LINE if len(self.lists) > 1 else END_BLOCK)
        self.lists.pop()

    def _line(self, element: LexborNode, depth: int) -> None:
        self.end(END_LINE)
        self.read(element, depth)
        self.end(END_LINE)

    def _end_of_line(self, element: LexborNode, depth: int) -> None:
        self.end(END_LINE)

    def _plain_block(self, element: LexborNode, depth: int) -> None:
        self.end(END_BLOCK)
        self.read(element, depth)
        self.end(END_BLOCK)

    def _item(self, element: LexborNode, depth: int) -> None:
        self.end(END_LINE)
        start = len(self.pieces)
        bullet = "-"
        if self.lists and (number := self.lists[-1]) is not None:
            self.lists[-1] = number + 1
            bullet = f"{number}."
        indent = KEPT_SPACE * (_INDENT * min(len(self.lists) - 1, _MAX_LEVELS))
        self.pieces += (f"{indent}{bullet}", GLUE)
        self.ended = END_BULLET
        self.read(element, depth)
        if self.ended == END_BULLET:
            del self.pieces[start:]
            self.ended = END_LINE
        self.end(END_LINE)

    def _preformatted(self, element: LexborNode, depth: int) -> None:
        classes = element.attrs.get("class")
        if classes and name_of(classes) == Name.FORMULA and self._by_class(element, classes):
            return
        code = code_of(element)
        if ("\\" in code or "^" in code) and self.write_formula(element, FENCE):
            return
        self.end(END_BLOCK)
        if code:
            self.characters += len(code)
            self.pieces += (CODE_OPEN, code, CODE_CLOSE)
            self.ended = 0
            self.end(END_BLOCK)


_RULE = NUMBERS["hr"]
_SLUGGED = numbered("section article h1 h2 h3 h4 h5 h6 dl")

_Handler = Callable[[Reader, LexborNode, int], None]


class _Handlers(dict[int, _Handler | None]):
    """What is done with elements, by tag; ``None``: nothing in them is text."""

    def __missing__(self, _: int) -> _Handler:
        return InlineReader._unknown


_HANDLERS = _Handlers({
    NUMBERS[name]: handler
    for names, handler in (
        ("math", Reader._math),
        ("img", Reader._image),
        ("object embed", Reader._object),
        ("svg", Reader._svg),
        ("script", Reader._script),
        ("span", Reader._span),
        ("a", Reader._link),
        ("code tt samp kbd", Reader._code),
        ("pre listing xmp plaintext", Reader._preformatted),
        ("table", Reader._table),
        ("div section dl p center figure fieldset", Reader._block),
        ("form", Reader._form),
        ("h1", Reader._title),
        ("h2 h3 h4 h5 h6", Reader._heading),
        ("td th", Reader._cell),
        ("ul ol dir", Reader._list),
        ("li", Reader._item),
        ("nav footer menu search", Reader._navigation),
        ("aside", Reader._furniture),
        ("header", Reader._header),
        ("main article", Reader._main),
        ("br", Reader._end_of_line),
        ("tr dt dd summary legend", Reader._line),
        ("blockquote figcaption caption thead tbody tfoot details hgroup address hr",
         Reader._plain_block),
        ("em", between(EM_OPEN, EM_CLOSE)),
        ("strong", between(STRONG_OPEN, STRONG_CLOSE)),
        ("sup", between(SUP_OPEN, SUP_CLOSE)),
        ("sub", between(SUB_OPEN, SUB_CLOSE)),
        ("var", between(VAR_OPEN, VAR_CLOSE)),
        ("b i u font small big cite q label nobr dfn", Reader._phrase),
        ("s mark abbr time ins del strike bdi bdo ruby rb acronym picture data output slot body "
         "html", Reader.read),
        ("style noscript template iframe select option optgroup datalist head button input "
         "textarea canvas audio video map area dialog meta link title frameset frame "
         "noframes noembed applet colgroup col source track param progress meter rt rp wbr", None),
    )
    for name in names.split()
} | {COMMENT: None})  # fmt: skip
