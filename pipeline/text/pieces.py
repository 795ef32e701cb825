"""A page's text as it is being read: pieces of marked text, and counts of what is in them."""

from __future__ import annotations

from collections import Counter

from selectolax.lexbor import LexborNode

from pipeline.text.marks import BLOCK, CELL, DISPLAY_OPEN, GLUE, LINE
from pipeline.text.regions import Region

#: Marks at which what stands before ends, by strength; nothing is stronger than a bullet.
END_CELL, END_LINE, END_BLOCK, END_BULLET = 1, 2, 3, 4
MARKS = ("", CELL, LINE, BLOCK, GLUE)


class Pieces:
    """What was read so far."""

    def __init__(self) -> None:
        self.pieces: list[str] = [BLOCK]
        #: Strength of the mark that the pieces end with, 0 where they end with text.
        self.ended = END_BLOCK
        #: Characters of text, of these in long runs outside of links, and in links.
        self.characters = self.prose = self.linked = 0
        self.links = self.formulas = 0
        #: How many formulas that are elements, by notation.
        self.notations: Counter[str] = Counter()
        #: Elements that are open: of main content, posts, texts of posts and quotations.
        self.mains = self.posts = self.bodies = 0
        #: Parts that may be no content, or that are the main content; inner ones first.
        self.regions: list[Region] = []
        #: Where the pieces of headings begin and end, and their level.
        self.headings: list[tuple[int, int, int]] = []
        #: The same of titles that are no headings, their level 0.
        self.titles: list[tuple[int, int, int]] = []
        #: Elements in or around posts, inner ones first.
        self.blocks: list[Region] = []
        #: Of the block that is open its class path, by number, and the numbers by the path of what
        #: the block stands in and its classes: those of outer ones come first.
        self.path = 0
        self.paths: dict[tuple[int, str], int] = {}
        #: What is shown where no script runs, which is not read.
        self.noscripts: list[LexborNode] = []
        #: Lists of links, by where their pieces begin and end.
        self.link_lists: dict[tuple[int, int], LexborNode] = {}
        #: Where a person or a date is named, in order.
        self.cues: list[int] = []
        #: Where quotations begin and end.
        self.quotations: list[tuple[int, int]] = []
        #: What was not looked into: where it would stand, its kind, and the element.
        self.unread: list[tuple[int, int, LexborNode]] = []

    def end(self, strength: int) -> None:
        """End what stands before, unless it has ended already; a bullet takes what follows."""
        if not self.ended:
            self.pieces.append(MARKS[strength])
            self.ended = strength
        elif self.ended < strength:
            self.pieces[-1] = MARKS[strength]
            self.ended = strength

    def set_apart(self, ended: int, strength: int) -> None:
        """End what stands before a displayed formula that was written last, and the formula.

        ``ended``: as it was before the formula was written.
        """
        formula = self.pieces[-1]
        if formula.startswith(f" {DISPLAY_OPEN}"):
            self.pieces.pop()
            self.ended = ended
            self.end(strength)
            self.pieces.append(formula)
            self.ended = 0
            self.end(strength)

    def take_back(self, start: int) -> None:
        """Undo pieces from ``start`` on, and what was told of them."""
        del self.pieces[start:]
        while self.regions and self.regions[-1].start >= start:
            self.regions.pop()
        while self.blocks and self.blocks[-1].start >= start:
            self.blocks.pop()
        while self.cues and self.cues[-1] >= start:
            self.cues.pop()
