"""What is within a line of a page: formulas that are elements, code, emphasis, scripts."""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from pipeline.text.code import code_of, code_with_scripts, plain_code
from pipeline.text.formulas.elements import (
    ATTRIBUTE,
    BY_TAG,
    notations_of_tag,
)
from pipeline.text.formulas.sources.attributes import may_hold_tex
from pipeline.text.furniture import CARD_PROPERTIES, Name, is_hidden, name_of
from pipeline.text.marks import CODE_CLOSE, CODE_OPEN, EM_OPEN, SUB_OPEN, SUP_OPEN, VAR_OPEN
from pipeline.text.reading.drawn import (
    is_note_mark,
    write_drawn,
    write_script_type,
    write_styled,
    write_svg,
)
from pipeline.text.reading.formula_pieces import FormulaPieces
from pipeline.text.regions import Kind, Region

UNSEEN = (Name.CLUTTER, Name.LINE_NUMBERS)


class InlineReader(FormulaPieces):
    """Reads what stands within a line; ``Blocks`` has the rest."""

    def _math(self, element: LexborNode, depth: int) -> None:
        if not self.write_formula(element, BY_TAG["math"]):
            self.read(element, depth)

    def _image(self, element: LexborNode, depth: int) -> None:
        self.write_formula(element, BY_TAG["img"])

    def _script(self, element: LexborNode, depth: int) -> None:
        kind = element.attributes.get("type")
        if kind:
            if kind.lower().startswith("math/"):
                self.write_formula(element, BY_TAG["script"])
            elif "text/" in kind:
                write_script_type(self, element, kind)

    def _svg(self, element: LexborNode, depth: int) -> None:
        write_svg(self, element)

    def _object(self, element: LexborNode, depth: int) -> None:
        self.write_formula(element, BY_TAG["object"])

    def _span(self, element: LexborNode, depth: int) -> None:
        attributes = element.attributes
        if classes := attributes.get("class"):
            if named := name_of(classes):
                if named == Name.FORMULA and (
                    self.is_formula(element, classes) or write_drawn(self, element, depth, classes)
                ):
                    return
                if named in UNSEEN:
                    return
                if named == Name.CARD:
                    self._card(element, depth, classes)
                    return
                if named == Name.FURNITURE and not self.bodies:
                    self._inline(element, depth, Kind.WEAK, classes)
                    return
        elif attributes:
            if "data-tex" in attributes and self.write_formula(element, ATTRIBUTE):
                return
            if (property_names := attributes.get("itemprop")) and property_names in CARD_PROPERTIES:
                self._card(element, depth, property_names)
                return
            if style := attributes.get("style"):
                if write_styled(self, element, depth, style):
                    return
                if is_hidden(style):
                    self._inline(element, depth, Kind.HIDDEN, style)
                    return
        start = len(self.pieces)
        self.read(element, depth)
        if attributes and len(self.pieces) == start and may_hold_tex(attributes):
            # Empty; what a program is to draw in it is said in an attribute.
            self.write_formula(element, ATTRIBUTE)

    def _card(self, element: LexborNode, depth: int, property_names: str) -> None:
        """Who or when, within a line."""
        self.cues.append(len(self.pieces))
        if self.posts and not self.bodies:
            self._inline(element, depth, Kind.INLINE_CARD, property_names)
        else:
            self.read(element, depth)

    def _inline(self, element: LexborNode, depth: int, kind: int, property_names: str) -> None:
        start, characters, linked = len(self.pieces), self.characters, self.linked
        prose, formulas = self.prose, self.formulas
        self.read(element, depth)
        characters, linked = self.characters - characters, self.linked - linked
        prose, formulas = self.prose - prose, self.formulas - formulas
        if characters:
            end = len(self.pieces)
            self.regions.append(
                Region(kind, start, end, characters, linked, prose, formulas, 0, 0, property_names)
            )

    def _time(self, element: LexborNode, depth: int) -> None:
        self._card(element, depth, "time")

    def _phrase(self, element: LexborNode, depth: int) -> None:
        """An element within a line, of which nothing but its class can say more."""
        classes = element.attributes.get("class")
        if classes:
            named = name_of(classes)
            if named == Name.FORMULA and (
                self.is_formula(element, classes) or write_drawn(self, element, depth, classes)
            ):
                return
            if named == Name.CARD:
                self._card(element, depth, classes)
                return
        self.read(element, depth)

    def _code(self, element: LexborNode, depth: int) -> None:
        classes = element.attributes.get("class")
        if classes and name_of(classes) == Name.FORMULA and self.is_formula(element, classes):
            return
        child = element.first_child
        code = None
        if child is not None and child.next is None:
            code = child.text_content
            if code is None:
                code = plain_code(child)
        if code is None:
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
            classes = element.attributes.get("class")
            if classes and name_of(classes) == Name.FORMULA and reader.is_formula(element, classes):
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
