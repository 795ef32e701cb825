"""A page's text as it is being read: pieces of marked text, and counts of what is in them."""

from __future__ import annotations

from collections import Counter

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.elements import Notation, read_formula
from pipeline.text.marks import BLOCK, CELL, DISPLAY_OPEN, GLUE, LINE
from pipeline.text.regions import Region

#: Elements of one page that are read as formulas: a bound on its time. Of those after them
#: the text that they show stays, in which ``a²`` may be ``a 2`` and a drawn formula stand
#: twice; images and scripts show none. Formulas between delimiters are text and have no bound.
MAX_FORMULAS = 20_000
#: Marks at which what stands before ends, by strength; nothing is stronger than a bullet.
END_CELL, END_LINE, END_BLOCK, END_BULLET = 1, 2, 3, 4
_MARKS = ("", CELL, LINE, BLOCK, GLUE)


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
        #: Parts that may be no content, or that are the main content; inner ones first.
        self.regions: list[Region] = []
        #: Where the pieces of first headings begin and end.
        self.titles: list[tuple[int, int]] = []

    def end(self, strength: int) -> None:
        """End what stands before, unless it has ended already; a bullet takes what follows."""
        if not self.ended:
            self.pieces.append(_MARKS[strength])
            self.ended = strength
        elif self.ended < strength:
            self.pieces[-1] = _MARKS[strength]
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

    def read(self, parent: LexborNode, depth: int) -> None:
        """Everything within ``parent``, which stands ``depth`` elements deep."""
        raise NotImplementedError

    def write_formula(self, element: LexborNode, notations: tuple[Notation, ...]) -> bool:
        """Whether ``element`` was a formula, and is written now."""
        if self.formulas >= MAX_FORMULAS:
            return False
        found = read_formula(element, notations)
        if found is None:
            return False
        formula, notation = found
        self.pieces.append(formula.marked())
        self.ended = 0
        self.characters += len(formula.tex)
        self.formulas += 1
        self.notations[notation] += 1
        return True
