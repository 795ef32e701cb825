"""MathJax's formulas drawn as SVG by versions 3 and 4.

``<g data-mml-node="mfrac">`` is an element of MathML; characters are outlines that say
their code (``data-c``), or uses of outlines whose names end in it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml.mathnode import MathNode
from pipeline.text.formulas.mathml.renderings import (
    STRETCHED,
    Reading,
    built,
    character_of,
    limits,
    node,
    number,
    row,
    ruled,
    scripts,
    shift,
    stretches,
    table,
    token,
    words,
)

_TOKENS = frozenset("mi mo mn mtext ms".split())
#: Codes that a font has under another name: those of its letters in other alphabets.
_VARIANTS = {
    "C": "script", "CB": "bold-script", "SC": "script", "B": "bold", "SS": "sans-serif",
    "MI": "italic",
}  # fmt: skip
#: Units of the drawing.
_EM = 1000
#: About as wide as a letter is.
_LETTER = 550
_SAME = 30
#: Of the pieces that signs of any size are put together from.
_SIZES = frozenset({"S4", "LT", "RB", "EM", "EX"})
#: The font of \\mathscr, whose letters say that they are of a script.
_SCRIPT_FONT = "S"


def read(container: LexborNode) -> list[MathNode]:
    """What the drawings in ``container`` show; a formula in several lines is several."""
    drawing = _Drawing()
    # The first <g> is no element of MathML: only what it holds is.
    return drawing.several(drawing.parts(container), 0)


class _Part:
    """An element of MathML within another."""

    __slots__ = ("element", "right", "up")

    def __init__(self, element: LexborNode, right: float, up: float) -> None:
        self.element = element
        #: How far it is moved.
        self.right = right
        self.up = up


class _Drawing(Reading):
    def parts(self, element: LexborNode) -> list[_Part]:
        """The elements of MathML right within ``element``, whatever groups hold them."""
        parts: list[_Part] = []
        todo = [(child, 0.0, 0.0) for child in self.children(element)][::-1]
        while todo:
            child, right, up = todo.pop()
            attributes = child.attributes
            if child.tag not in ("g", "svg", "a") or "data-labels" in attributes:
                continue
            moved = shift(attributes.get("transform"))
            right, up = right + moved[0], up + moved[1]
            if "data-mml-node" in attributes:
                parts.append(_Part(child, right, up))
            else:
                todo.extend([(inner, right, up) for inner in self.children(child)][::-1])
        return parts

    def element(self, element: LexborNode, depth: int) -> list[MathNode]:
        name = (element.attributes.get("data-mml-node") or "").lower()
        if name in _TOKENS:
            return [self.token(name, element)]
        if name == "mspace":
            return [token("mspace", "", width="0em")]
        depth = self.deeper(depth)
        if handler := _HANDLERS.get(name):
            parts = self.parts(element)
            return handler(self, element, parts, depth)
        nodes = self.row(element, depth)
        return [row(nodes)] if name in ("texatom", "mrow") else nodes

    def row(self, element: LexborNode, depth: int) -> list[MathNode]:
        return self.several(self.parts(element), depth)

    def token(self, name: str, element: LexborNode) -> MathNode:
        text, font, built_up = self.text(element)
        if name == "mtext":
            return words(text)
        if name == "mo":
            if not text:
                return token(name, "", fence="true")
            if stretchy := stretches(text, STRETCHED if built_up else font):
                return token(name, text, stretchy=stretchy)
            return token(name, text)
        variant = _VARIANTS.get(font, "") if text.isascii() and text.isalnum() else ""
        if variant:
            return token(name, text, mathvariant=variant)
        if font == _SCRIPT_FONT and text.isalpha():
            return token(name, text, mathvariant="script", **{"class": "mathscr"})
        if name == "mi" and text.isascii() and text.isalpha():
            return token(name, text, mathvariant="normal")
        return token(name, text)

    def text(self, element: LexborNode) -> tuple[str, str, bool]:
        """The text of a token, the font of its last sign, and whether that is built up."""
        text, between, font = "", "", ""
        todo = [(element, False)]
        while todo:
            current, repeated = todo.pop()
            attributes = current.attributes
            character = ""
            if current.tag == "text":
                text += current.text()
            elif current.tag == "use":
                # "#MJX-1-TEX-I-1D465"
                names = (attributes.get("xlink:href") or attributes.get("href") or "").split("-")
                font = names[-2] if len(names) > 2 else ""
                character = character_of(attributes.get("data-c") or names[-1])
            elif current.tag == "path":
                character = character_of(attributes.get("data-c") or "")
            else:
                repeated = repeated or current.tag == "svg"
                todo.extend([(child, repeated) for child in self.children(current)][::-1])
            if repeated:
                between += character
            else:
                text += character
        if between or (len(text) > 1 and font in _SIZES):
            return built(text or between), font, True
        return text, font, False

    def scripted(self, element: LexborNode, parts: list[_Part], depth: int) -> list[MathNode]:
        """Base first, then what is beside it, above or below."""
        if not parts:
            return []
        name = (element.attributes.get("data-mml-node") or "").lower()
        base = self.element(parts[0].element, depth)
        marks = sorted(parts[1:3], key=_height)
        if len(marks) == 2:
            under, over = (self.element(mark.element, depth) for mark in marks)
            return (scripts if name == "msubsup" else limits)(base, under, over)
        only = self.element(marks[0].element, depth) if marks else None
        below = name in ("msub", "munder")
        place = scripts if name.startswith("ms") else limits
        return place(base, only if below else None, None if below else only)

    def fraction(self, element: LexborNode, parts: list[_Part], depth: int) -> list[MathNode]:
        if len(parts) != 2:
            return self.several(parts, depth)
        above, below = (self.element(part.element, depth) for part in parts)
        fraction = node("mfrac", above, below)
        if not any(child.tag == "rect" for child in self.children(element)):
            fraction.attributes["linethickness"] = "0"
        return [fraction]

    def root(self, element: LexborNode, parts: list[_Part], depth: int) -> list[MathNode]:
        """A group without a name holds the radicand; beside it are the sign and the degree."""
        inside: list[MathNode] = []
        degree: list[MathNode] | None = None
        for child in self.children(element):
            if child.tag == "g" and "data-mml-node" not in child.attributes:
                inside.extend(self.row(child, depth))
            elif child.tag == "g" and child.attributes.get("data-mml-node") != "mo":
                degree = self.element(child, depth)
        return [node("msqrt", inside) if degree is None else node("mroot", inside, degree)]

    def several(self, parts: list[_Part], depth: int) -> list[MathNode]:
        nodes: list[MathNode] = []
        for part, following in zip_longest(parts, parts[1:]):
            if part.element.attributes.get("data-mml-node") != "mspace":
                nodes.extend(self.element(part.element, depth))
            elif _begins_line(part.element):
                nodes.append(token("mspace", "", linebreak="newline"))
            elif following is not None:
                width = (following.right - part.right) / _EM
                nodes.append(token("mspace", "", width=f"{width}em"))
        return nodes

    def table(self, element: LexborNode, parts: list[_Part], depth: int) -> list[MathNode]:
        cells = [self.parts(part.element) for part in parts]
        rows = [
            MathNode("mtr", "", [
                MathNode("mtd", "", self.row(cell.element, depth)) for cell in line
            ])
            for line in cells
        ]  # fmt: skip
        aligned = [
            self.alignment([line[column] for line in cells if column < len(line)])
            for column in range(max((len(line) for line in cells), default=0))
        ]
        # MathJax starts a cell after "&" with an empty letter where equations are aligned.
        if any(_continues(cell) for line in rows for cell in line.children[1:2]) or (
            aligned[1:2] == ["left"] and not any(line.children[0].children for line in rows)
        ):
            aligned = [("right", "left")[column % 2] for column in range(len(aligned))]
        if any(aligned):
            for line in rows:
                for cell, align in zip(line.children, aligned, strict=False):
                    cell.attributes["style"] = f"text-align: {align or 'center'}"
        numbers = self.numbers(element)
        for part, line in zip(parts, rows, strict=True):
            if part.element.attributes.get("data-mml-node") == "mlabeledtr" and numbers:
                line.tag = "mlabeledtr"
                line.children.insert(0, numbers.pop(0))
        return self.with_lines(table(rows), element, parts, cells)

    def alignment(self, cells: list[_Part]) -> str:
        """``left`` where ``cells`` of different widths begin at one place, "" for not known."""
        starts: list[float] = []
        widths: list[float] = []
        for cell in cells:
            if inside := self.parts(cell.element):
                last = inside[-1]
                starts.append(cell.right)
                widths.append(last.right + _LETTER * len(last.element.css("use, path")))
        if len(starts) < 2 or _spread(widths) < _LETTER / 2:
            return ""
        return "left" if _spread(starts) < _SAME else ""

    def numbers(self, element: LexborNode) -> list[MathNode]:
        """The numbers of equations, in a drawing beside that of their table."""
        labels = element.css_first("g[data-labels]")
        parts = self.parts(labels) if labels is not None else []
        return [MathNode("mtd", "", self.row(part.element, 0)) for part in parts]

    def with_lines(
        self,
        nodes: list[MathNode],
        element: LexborNode,
        parts: list[_Part],
        cells: list[list[_Part]],
    ) -> list[MathNode]:
        columns = [
            min(cell.right for cell in column if cell is not None) for column in zip_longest(*cells)
        ]
        between, across = [], []
        todo = list(self.children(element))[::-1]
        while todo:
            child = todo.pop()
            attributes = child.attributes
            if child.tag == "line":
                if attributes.get("data-line") == "v":
                    place = number(attributes.get("x1") or "") or 0.0
                    between.append(sum(column < place for column in columns))
                else:
                    across.append(-(number(attributes.get("y1") or "") or 0.0))
            elif child.tag == "rect" and "data-frame" in attributes:
                between += [0, len(columns)]
                across += [float("-inf"), float("inf")]
            elif child.tag in ("g", "svg") and "data-mml-node" not in attributes:
                todo.extend(list(self.children(child))[::-1])
        return ruled(nodes, len(columns), between, across, [-part.up for part in parts])

    def enclosed(self, element: LexborNode, parts: list[_Part], depth: int) -> list[MathNode]:
        notations = []
        for child in self.children(element):
            if child.tag == "rect" and child.attributes.get("fill") == "none":
                notations.append("box")
            elif child.tag == "line":
                notations.append(_stroke(child))
        inside = self.several(parts, depth)
        if not notations:
            return inside
        return [MathNode("menclose", "", inside, {"notation": " ".join(notations)})]


def _begins_line(space: LexborNode) -> bool:
    """Whether a space is the first of a line after another, as version 4 draws them."""
    line = space.parent
    if line is None or "data-mjx-linebox" not in line.attributes:
        return False
    return space.prev is None and line.attributes.get("data-mjx-lineno") != "0"


def _spread(values: list[float]) -> float:
    return max(values) - min(values)


def _height(part: _Part) -> float:
    return part.up


def _continues(cell: MathNode) -> bool:
    first = cell.children[0] if len(cell.children) > 1 else None
    return first is not None and first.tag == "mi" and not first.text


def _stroke(line: LexborNode) -> str:
    x1, y1, x2, y2 = (
        number(line.attributes.get(name) or "") or 0.0 for name in ("x1", "y1", "x2", "y2")
    )
    if y1 == y2:
        return "horizontalstrike"
    if x1 == x2:
        return "verticalstrike"
    return "updiagonalstrike" if (x2 - x1) * (y2 - y1) > 0 else "downdiagonalstrike"


_Handler = Callable[[_Drawing, LexborNode, list[_Part], int], list[MathNode]]
_HANDLERS: dict[str, _Handler] = {
    "msub": _Drawing.scripted,
    "msup": _Drawing.scripted,
    "msubsup": _Drawing.scripted,
    "munder": _Drawing.scripted,
    "mover": _Drawing.scripted,
    "munderover": _Drawing.scripted,
    "mfrac": _Drawing.fraction,
    "msqrt": _Drawing.root,
    "mroot": _Drawing.root,
    "mtable": _Drawing.table,
    "menclose": _Drawing.enclosed,
}
