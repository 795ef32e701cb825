"""MathJax 2's HTML-CSS output: spans named for elements of MathML, placed by their styles.

The parts of an element stand in spans of absolute position. How far down one is comes
from its ``top`` and from the strut at its end, which the base line goes through.
"""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml.mathnode import MathNode
from pipeline.text.formulas.mathml.renderings import (
    MAX_WRAPPERS,
    Placed,
    Reading,
    built,
    classes_of,
    length,
    limits,
    lines_of,
    node,
    row,
    scripts,
    style_of,
    table,
    token,
)

_TOKENS = frozenset("mi mo mn mtext ms".split())
_ELEMENTS = _TOKENS | frozenset(
    "mrow texatom mstyle msub msup msubsup mfrac msqrt mroot munder mover munderover mtable mtd "
    "mspace mphantom menclose mpadded semantics".split()
)
#: What fonts are called, and what alphabet they are; the first that fits counts.
_FONTS = (
    ("_Math-bold-italic", "bold-italic"), ("_Math-bolditalic", "bold-italic"), ("_Math", "italic"),
    ("Main-bold", "bold"), ("Main-italic", ""), ("Main", "normal"), ("AMS", "double-struck"),
    ("Caligraphic", "script"), ("Fraktur", "fraktur"), ("Script", "script"),
    ("SansSerif", "sans-serif"), ("Typewriter", "monospace"), ("BoldItalic", "bold-italic"),
    ("Bold", "bold"), ("Italic", "italic"), ("General", "normal"), ("Regular", "normal"),
)  # fmt: skip


def read(math: LexborNode) -> list[MathNode]:
    """What ``<span class="math">`` shows."""
    return _Positions().row(math, 0)


def _name(element: LexborNode) -> str:
    for name in classes_of(element):
        if name in _ELEMENTS:
            return name
    return ""


class _Positions(Reading):
    def row(self, element: LexborNode, depth: int) -> list[MathNode]:
        depth = self.deeper(depth)
        nodes: list[MathNode] = []
        for child in self.children(element):
            nodes.extend(self.element(child, depth))
        return nodes

    def element(self, element: LexborNode, depth: int) -> list[MathNode]:
        name = _name(element)
        if name in _TOKENS:
            return [self.token(name, element)]
        if handler := _HANDLERS.get(name):
            return handler(self, element, depth)
        if element.tag == "-text":
            return []
        nodes = self.row(element, depth)
        return [row(nodes)] if name in ("mrow", "texatom") and nodes else nodes

    def token(self, name: str, element: LexborNode) -> MathNode:
        text, fonts, pieces = "", style_of(element), False
        todo = [element]
        while todo:
            current = todo.pop()
            if current.tag == "-text":
                text += current.text_content or ""
                continue
            style = style_of(current)
            fonts = style if "font-family" in style else fonts
            pieces = pieces or "position: absolute" in style
            todo.extend(list(self.children(current))[::-1])
        if pieces:
            text = built(text)
        if name in ("mi", "mn", "mo") and text.isascii() and text.isalnum():
            variant = _variant(fonts)
            if variant not in ("", "italic") and not (text.isdigit() and variant == "normal"):
                return token(name, text, mathvariant=variant)
        return token(name, text)

    def placed(self, element: LexborNode) -> list[Placed]:
        """The spans of absolute position right within ``element``."""
        spans: list[Placed] = []
        todo = list(self.children(element))[::-1]
        for _ in range(MAX_WRAPPERS):
            if not todo:
                break
            child = todo.pop()
            if child.tag == "-text":
                continue
            style = style_of(child)
            top = length(style, "top")
            if "absolute" in style and top is not None:
                last = child.last_child
                strut = length(style_of(last), "height") if last is not None else None
                spans.append(Placed(child, top + (strut or 0.0)))
            elif not _name(child):
                todo.extend(list(self.children(child))[::-1])
        return spans

    def parts(self, element: LexborNode, depth: int) -> list[tuple[float, list[MathNode]]]:
        """What is placed within ``element`` and shows something."""
        parts = [(part.down, self.row(part.element, depth)) for part in self.placed(element)]
        return [(down, nodes) for down, nodes in parts if nodes]

    def scripted(self, element: LexborNode, depth: int) -> list[MathNode]:
        parts = self.parts(element, depth)
        if not parts:
            return self.row(element, depth)
        (line, base), marks = parts[0], parts[1:]
        above = [nodes for down, nodes in marks if down < line]
        below = [nodes for down, nodes in marks if down >= line]
        place = scripts if _name(element).startswith("ms") else limits
        return place(base, below[0] if below else None, above[0] if above else None)

    def fraction(self, element: LexborNode, depth: int) -> list[MathNode]:
        parts = self.parts(element, depth)
        if len(parts) != 2:
            return self.row(element, depth)
        above, below = sorted(parts, key=_down)
        fraction = node("mfrac", above[1], below[1])
        if len(self.placed(element)) == 2:
            fraction.attributes["linethickness"] = "0"
        return [fraction]

    def root(self, element: LexborNode, depth: int) -> list[MathNode]:
        parts = self.parts(element, depth)
        if _name(element) == "mroot" and len(parts) > 1:
            return [node("mroot", parts[0][1], parts[1][1])]
        return [node("msqrt", parts[0][1])] if parts else []

    def table(self, element: LexborNode, depth: int) -> list[MathNode]:
        """Columns side by side, in each the cells from top to bottom."""
        columns = [self.placed(column.element) for column in self.placed(element)]
        rows = [
            MathNode("mtr", "", [
                MathNode("mtd", "", self.row(cell.element, depth) if cell else [])
                for cell in line
            ])
            for line in lines_of(columns)[1]
        ]  # fmt: skip
        return table(rows)

    def space(self, element: LexborNode, depth: int) -> list[MathNode]:
        return [token("mspace", "", width=f"{length(style_of(element), 'width') or 0}em")]

    def phantom(self, element: LexborNode, depth: int) -> list[MathNode]:
        return [MathNode("mphantom", "", self.row(element, depth))]


def _down(part: tuple[float, list[MathNode]]) -> float:
    return part[0]


def _variant(style: str) -> str:
    for name, variant in _FONTS:
        if name in style:
            return variant
    return ""


_Handler = Callable[[_Positions, LexborNode, int], list[MathNode]]
_HANDLERS: dict[str, _Handler] = {
    "msub": _Positions.scripted,
    "msup": _Positions.scripted,
    "msubsup": _Positions.scripted,
    "munder": _Positions.scripted,
    "mover": _Positions.scripted,
    "munderover": _Positions.scripted,
    "mfrac": _Positions.fraction,
    "msqrt": _Positions.root,
    "mroot": _Positions.root,
    "mtable": _Positions.table,
    "mspace": _Positions.space,
    "mphantom": _Positions.phantom,
}
