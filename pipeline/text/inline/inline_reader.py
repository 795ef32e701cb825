"""What is within a line of a page: formulas that are elements, code, emphasis, scripts."""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from pipeline.text.code import code_of, code_with_scripts
from pipeline.text.formulas.elements import (
    ATTRIBUTE,
    BY_TAG,
    is_drawn_twice,
    notations_of_class,
    notations_of_tag,
)
from pipeline.text.formulas.formula_classes import MATHJAX2
from pipeline.text.furniture import Name, name_of
from pipeline.text.html_tags import TEXT
from pipeline.text.inline.drawn import (
    is_note_mark,
    write_drawn,
    write_script_type,
    write_styled,
    write_svg,
)
from pipeline.text.inline.pieces import Pieces
from pipeline.text.marks import CODE_CLOSE, CODE_OPEN, EM_OPEN, SUB_OPEN, SUP_OPEN, VAR_OPEN

UNSEEN = (Name.CLUTTER, Name.LINE_NUMBERS)


class InlineReader(Pieces):
    """Reads what stands within a line; ``Reader`` has the blocks."""

    def _math(self, element: LexborNode, depth: int) -> None:
        if not self.write_formula(element, BY_TAG["math"]):
            self.read(element, depth)

    def _image(self, element: LexborNode, depth: int) -> None:
        self.write_formula(element, BY_TAG["img"])

    def _script(self, element: LexborNode, depth: int) -> None:
        kind = element.attrs.get("type")
        if kind:
            if kind.lower().startswith("math/"):
                self.write_formula(element, BY_TAG["script"])
            elif "text/" in kind:
                write_script_type(self, element, kind)

    def _svg(self, element: LexborNode, depth: int) -> None:
        write_svg(self, element)

    def _object(self, element: LexborNode, depth: int) -> None:
        self.write_formula(element, BY_TAG["object"])

    def _by_class(self, element: LexborNode, classes: str) -> bool:
        """Whether an element of such classes was a formula, or is one that is drawn twice."""
        if not MATHJAX2.isdisjoint(classes.split()) and is_drawn_twice(element):
            return True
        return self.write_formula(element, notations_of_class(classes))

    def _span(self, element: LexborNode, depth: int) -> None:
        attributes = element.attrs
        classes = attributes.get("class")
        if classes and (named := name_of(classes)):
            if named == Name.FORMULA and (
                self._by_class(element, classes) or write_drawn(self, element, depth, classes)
            ):
                return
            if named in UNSEEN:
                return
        elif not classes:
            # Each look at an attribute takes its time: most spans are of code, and have a class.
            if "data-tex" in attributes and self.write_formula(element, ATTRIBUTE):
                return
            style = attributes.get("style")
            if style and write_styled(self, element, depth, style):
                return
        start = len(self.pieces)
        self.read(element, depth)
        if len(self.pieces) == start:
            # Empty; what a program is to draw in it may be said in an attribute.
            self.write_formula(element, ATTRIBUTE)

    def _phrase(self, element: LexborNode, depth: int) -> None:
        """An element within a line, of which nothing but its class can say more."""
        classes = element.attrs.get("class")
        if (
            classes
            and name_of(classes) == Name.FORMULA
            and (self._by_class(element, classes) or write_drawn(self, element, depth, classes))
        ):
            return
        self.read(element, depth)

    def _code(self, element: LexborNode, depth: int) -> None:
        classes = element.attrs.get("class")
        if classes and name_of(classes) == Name.FORMULA and self._by_class(element, classes):
            return
        child = element.first_child
        if child is not None and child.tag_id == TEXT and child.next is None:
            code = child.text_content or ""
        else:
            code = code_with_scripts(element) or code_of(element)
        if code:
            self.characters += len(code)
            self.pieces += (CODE_OPEN, code, CODE_CLOSE)
            self.ended = 0

    def _unknown(self, element: LexborNode, depth: int) -> None:
        """Elements that HTML does not know."""
        if not element.is_element_node:
            return
        notations = notations_of_tag(element.tag or "")
        if notations and self.write_formula(element, notations):
            return
        self.pieces.append(" ")
        self.read(element, depth)
        self.pieces.append(" ")


def between(opening: str, closing: str) -> Callable[[InlineReader, LexborNode, int], None]:
    """Read an element between two marks, unless it is a formula or the mark of a note."""

    vouches = opening in (EM_OPEN, VAR_OPEN)

    def handler(reader: InlineReader, element: LexborNode, depth: int) -> None:
        if vouches:
            classes = element.attrs.get("class")
            if classes and name_of(classes) == Name.FORMULA and reader._by_class(element, classes):
                return
        elif opening in (SUP_OPEN, SUB_OPEN) and is_note_mark(element):
            if reader.pieces[-1][-1:].isdecimal():
                # Without it, a number and its note are another number.
                reader.pieces.append(" ")
            reader.read(element, depth)
            return
        reader.pieces.append(opening)
        reader.read(element, depth)
        reader.pieces.append(closing)

    return handler
