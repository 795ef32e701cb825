"""One walk over a parsed page: its text with marks, and what each part of it is.

The text comes as a list of pieces. Parts that may be no content (navigation, lists of
links) and parts that are the main content are told as regions of that list, for
``content.py`` to decide on: what a part is worth shows only beside the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from selectolax.lexbor import LexborNode

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text.code import MAX_DEPTH, code_of
from pipeline.text.formulas.elements import FENCE
from pipeline.text.furniture import (
    JUMPS,
    LONGEST_JUMP,
    PERSON,
    SOURCES,
    Name,
    leads_to_a_person,
    leads_to_source,
    name_of,
)
from pipeline.text.html_tags import COMMENT, NUMBERS, TEXT
from pipeline.text.marks import (
    CODE_CLOSE,
    CODE_OPEN,
    EM_CLOSE,
    EM_OPEN,
    STRONG_CLOSE,
    STRONG_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
    VAR_CLOSE,
    VAR_OPEN,
)
from pipeline.text.pieces import END_BLOCK, END_LINE
from pipeline.text.reading.blocks import Blocks
from pipeline.text.reading.inline_reader import between
from pipeline.text.regions import Kind, Region

#: Runs of text that are longer are prose: no menu has them.
PROSE = 60
#: The same of scripts that put no spaces between words, of which a character says more.
UNSPACED_PROSE, UNSPACED_WEIGHT = 15, 3
#: Levels of headings by tag.
_LEVELS = {NUMBERS[f"h{level}"]: level for level in range(1, 7)}


class Reader(Blocks):
    """Reads a page's tree into pieces of marked text, and tells the regions among them."""

    def __init__(self, body: LexborNode, *, everything: bool = False) -> None:
        """``everything``: what is plainly furniture too. Raises ``SetAside`` (``TOO_DEEP``)."""
        super().__init__(everything=everything)
        self.read(body, 0)

    def read(self, parent: LexborNode, depth: int) -> None:
        """Everything within ``parent``."""
        if depth > MAX_DEPTH:
            raise SetAside(Outcome.TOO_DEEP, f"elements nested over {MAX_DEPTH} deep")
        child = parent.first_child
        pieces = self.pieces
        depth += 1
        while child is not None:
            # Asked of an element too, that is faster than to ask of each first what it is.
            text: Any = child.text_content
            if text is not None:
                if text.isspace():
                    if not self.ended:
                        pieces.append(" ")
                else:
                    pieces.append(text)
                    self.ended = 0
                    length = len(text)
                    if length > UNSPACED_PROSE:
                        if length > PROSE:
                            # Without the white space that templates leave around it.
                            length = len(text.strip())
                            if length > PROSE:
                                self.prose += length
                        elif not text.isascii() and (
                            "，" in text or "。" in text or "、" in text or "？" in text
                        ):
                            self.prose += UNSPACED_WEIGHT * length
                    self.characters += length
            elif (tag := child.tag_id) >= _KNOWN_TAGS:
                self._unknown(child, depth)
            elif (handler := _HANDLERS[tag]) is not None:
                handler(self, child, depth)
            child = child.next

    def _link(self, element: LexborNode, depth: int) -> None:
        child = element.first_child
        if child is None:
            # A link without text leads nowhere.
            return
        start = len(self.pieces)
        text = child.text_content if child.next is None else None
        if text and not text.isspace():
            # Most hold text and nothing else, of which in a link nothing is prose.
            length = len(text)
            if length <= LONGEST_JUMP:
                folded = text.strip().lower()
                if folded in JUMPS or (
                    folded in SOURCES and leads_to_source(element.attributes.get("class"))
                ):
                    return
            elif length > PROSE:
                length = len(text.strip())
            self.pieces.append(text)
            self.ended = 0
            self.characters += length
        else:
            before, prose, ended = self.characters, self.prose, self.ended
            self.read(element, depth)
            self.prose = prose
            length = self.characters - before
            if (
                length <= LONGEST_JUMP
                and (count := len(self.pieces) - start) <= 1
                and (not count or self.pieces[start].strip().lower() in JUMPS)
            ):
                self.characters = before
                del self.pieces[start:]
                self.ended = ended
                return
        self.linked += length
        self.links += 1
        if self.posts and not self.bodies and length:
            self._link_in_a_post(element, start, length)

    def _link_in_a_post(self, element: LexborNode, start: int, length: int) -> None:
        attributes = element.attributes
        classes = attributes.get("class") or ""
        if not (classes and name_of(classes) == Name.CARD):
            # A mention within the text is part of it.
            if not leads_to_a_person(attributes.get("href")) or self._begins_with_at(start):
                return
            classes = PERSON
        if length:
            self.cues.append(start)
            end = len(self.pieces)
            self.regions.append(
                Region(Kind.INLINE_CARD, start, end, length, length, 0, 0, 1, 0, classes)
            )

    def _begins_with_at(self, start: int) -> bool:
        return self.pieces[start].lstrip().startswith("@")

    def _heading(self, element: LexborNode, depth: int) -> None:
        """Never furniture by itself: what it is called, its sections are."""
        classes = element.attributes.get("class")
        if classes and name_of(classes) == Name.FORMULA and self.is_formula(element, classes):
            return
        start = len(self.pieces)
        self.plain_block(element, depth)
        self.headings.append((start, len(self.pieces), _LEVELS[element.tag_id]))

    def _line(self, element: LexborNode, depth: int) -> None:
        if self.ended < END_LINE:
            self.end(END_LINE)
        self.read(element, depth)
        if self.ended < END_LINE:
            self.end(END_LINE)

    def _end_of_line(self, element: LexborNode, depth: int) -> None:
        self.end(END_LINE)

    def _noscript(self, element: LexborNode, depth: int) -> None:
        self.noscripts.append(element)

    def _preformatted(self, element: LexborNode, depth: int) -> None:
        classes = element.attributes.get("class")
        if classes and name_of(classes) == Name.FORMULA and self.is_formula(element, classes):
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


_Handler = Callable[[Reader, LexborNode, int], None]


#: What is done with elements, by tag; ``None``: nothing in them is text.
_BY_TAG: Mapping[int, _Handler | None] = {
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
        ("table", Reader.table),
        ("div section dl p center figure fieldset", Reader.block),
        ("form", Reader.form),
        ("h1 h2 h3 h4 h5 h6", Reader._heading),
        ("td th", Reader.cell),
        ("ul ol dir", Reader.list_of_items),
        ("li", Reader.item),
        ("nav footer menu search", Reader.navigation),
        ("aside", Reader.aside),
        ("header", Reader.header),
        ("main article", Reader.main),
        ("br", Reader._end_of_line),
        ("noscript", Reader._noscript),
        ("tr dt dd summary legend", Reader._line),
        ("time", Reader._time),
        ("blockquote", Reader.quotation),
        ("address", Reader.form),
        ("figcaption caption thead tbody tfoot details hgroup hr", Reader.plain_block),
        ("em", between(EM_OPEN, EM_CLOSE)),
        ("strong", between(STRONG_OPEN, STRONG_CLOSE)),
        ("sup", between(SUP_OPEN, SUP_CLOSE)),
        ("sub", between(SUB_OPEN, SUB_CLOSE)),
        ("var", between(VAR_OPEN, VAR_CLOSE)),
        ("b i u font small big cite q label nobr dfn", Reader._phrase),
        ("s mark abbr ins del strike bdi bdo ruby rb acronym picture data output slot body "
         "html", Reader.read),
        ("style template iframe select option optgroup datalist head button input "
         "textarea canvas audio video map area dialog meta link title frameset frame "
         "noframes noembed applet colgroup col source track param progress meter rt rp wbr", None),
    )
    for name in names.split()
} | {COMMENT: None, TEXT: None}  # fmt: skip
#: HTML's own tags have the first numbers, and a list is read faster than a table.
_KNOWN_TAGS = max(_BY_TAG) + 1
_HANDLERS: list[_Handler | None] = [_BY_TAG.get(tag, Reader._unknown) for tag in range(_KNOWN_TAGS)]
