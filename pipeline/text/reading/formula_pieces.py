"""A page's text as it is being read, with those of its formulas that are elements."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.elements import (
    Notation,
    is_drawn_twice,
    notations_of_class,
    read_formula,
)
from pipeline.text.formulas.formula_classes import MATHJAX2
from pipeline.text.pieces import Pieces

#: Elements of one page that are read as formulas: a bound on its time. Of those after them
#: the text that they show stays, in which ``a²`` may be ``a 2`` and a drawn formula stand
#: twice; images and scripts show none. Formulas between delimiters are text and have no bound.
MAX_FORMULAS = 20_000


class FormulaPieces(Pieces):
    """Pieces to which formulas are written."""

    def read(self, parent: LexborNode, depth: int) -> None:
        """Everything within ``parent``, which stands ``depth`` elements deep."""
        raise NotImplementedError

    def write_formula(self, element: LexborNode, notations: tuple[Notation, ...]) -> bool:
        """Whether ``element`` was a formula, and is written now."""
        if self.formulas >= MAX_FORMULAS:
            return False
        reading = read_formula(element, notations)
        if reading is None:
            return False
        formula, notation = reading
        self.pieces.append(formula.marked())
        self.ended = 0
        self.characters += len(formula.tex)
        self.formulas += 1
        self.notations[notation] += 1
        return True

    def is_formula(self, element: LexborNode, classes: str) -> bool:
        """Whether an element of such classes was a formula, or is one that is drawn twice."""
        if not MATHJAX2.isdisjoint(classes.split()) and is_drawn_twice(element):
            return True
        return self.write_formula(element, notations_of_class(classes))
