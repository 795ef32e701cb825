"""MathJax's formulas made of elements: CommonHTML of versions 2, 3 and 4.

Versions 3 and 4 name an element by its tag (``<mjx-mfrac>``), version 2 by its class
(``<span class="mjx-mfrac">``). Around the parts of each are boxes that place them.
"""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml.mathaccents import name_of
from pipeline.text.formulas.mathml.mathnode import MathNode
from pipeline.text.formulas.mathml.renderings import (
    MAX_WRAPPERS,
    STRETCHED,
    Lines,
    Reading,
    built,
    character_of,
    classes_of,
    length,
    limits,
    node,
    row,
    scripts,
    stretches,
    style_of,
    table,
    token,
    words,
)

_SKIPPED = frozenset(
    "nstrut dstrut tstrut strut vsize line surd break assistive-mml labels label spacer mark "
    "ustrike dstrike hstrike vstrike speech annotation annotation-xml".split()
)
_TOKENS = frozenset("mi mo mn mtext ms".split())
#: What the parts of an element are called, by what they are.
_PARTS = {
    "base": "base", "op": "base", "over": "over", "sup": "over", "under": "under", "sub": "under",
    "script": "script", "num": "num", "numerator": "num", "den": "den", "denominator": "den",
    "root": "root", "line": "line", "surd": "surd",
}  # fmt: skip
_WRAPPERS = frozenset("row box stack itable cell munder frac dbox dtable table sqrt".split())

#: Ends of the names of fonts that letters are told by.
_VARIANTS = {
    "C": "script", "cal-R": "script", "CB": "bold-script", "cal-B": "bold-script",
    "SC": "script", "script-R": "script", "FR": "fraktur", "frak-R": "fraktur",
    "FRB": "bold-fraktur", "frak-B": "bold-fraktur", "A": "double-struck", "DS": "double-struck",
    "ams-R": "double-struck", "B": "bold", "main-B": "bold", "BI": "bold-italic",
    "math-BI": "bold-italic", "main-I": "italic", "MI": "italic", "SS": "sans-serif",
    "sans-R": "sans-serif", "sans-B": "bold-sans-serif", "sans-I": "sans-serif-italic",
    "T": "monospace", "type-R": "monospace", "M": "monospace",
}  # fmt: skip
_SCRIPT_FONTS = frozenset({"SC", "S", "script-R"})
#: Fonts of which each letter is told by nothing.
_UPRIGHT_FONTS = frozenset({"main-R", "N"})
#: Bars and, with more space around them, relations.
_BARS = frozenset("∣∥")
#: Wide in the fonts of large signs only.
_ACCENTS = frozenset("ˆ˜")
_NOTATIONS = {
    "ustrike": "updiagonalstrike", "dstrike": "downdiagonalstrike", "hstrike": "horizontalstrike",
    "vstrike": "verticalstrike",
}  # fmt: skip


def read(math: LexborNode) -> list[MathNode]:
    """What ``math``, ``mjx-math`` or an element like it, contains."""
    boxes = _Boxes()
    boxes.lines_end = "MJX-TEX" in classes_of(math)
    return boxes.row(math, 0)


def _name(element: LexborNode) -> str:
    tag = element.tag or ""
    if tag.startswith("mjx-"):
        return tag[4:]
    for name in classes_of(element):
        if name.startswith("mjx-"):
            return name[4:].lower()
    return ""


class _Boxes(Reading):
    #: Whether a space without a width ends a line.
    lines_end = True

    def row(self, element: LexborNode, depth: int) -> list[MathNode]:
        """What stands in ``element``, one after another."""
        nodes: list[MathNode] = []
        for child in self.children(element):
            inner = self.element(child, depth)
            # Version 4 says that a line ends, and that another begins.
            nodes.extend(inner[1:] if _is_break(nodes[-1:]) and _is_break(inner[:1]) else inner)
        return nodes

    def element(self, element: LexborNode, depth: int) -> list[MathNode]:
        name = _name(element)
        if name in _TOKENS:
            return [self.token(name, element)]
        if name in _SKIPPED or element.tag == "-text":
            return []
        depth = self.deeper(depth)
        if handler := _HANDLERS.get(name):
            return handler(self, element, depth)
        return self.row(element, depth)

    def token(self, name: str, element: LexborNode) -> MathNode:
        text, font = self.text(element)
        if name == "mtext" and not (text.isascii() and font in _VARIANTS):
            return words(text)
        if name == "mo":
            if not text or (text in _BARS and not _is_relation(element)):
                return token(name, text, fence="true")
            if text in _ACCENTS and not font:
                return token(name, text, stretchy="false")
            if stretchy := stretches(text, font):
                return token(name, text, stretchy=stretchy)
            return token(name, text)
        if name == "mi" and not font and text.isascii() and text.isalpha():
            return token(name, text, mathvariant="normal")
        if font in _SCRIPT_FONTS and text.isalpha() and text != "ℓ":
            return token(name, text, mathvariant="script", **{"class": "mathscr"})
        variant = _VARIANTS.get(font, "")
        # A character of a mathematical alphabet says itself which.
        plain = text.isascii() or (variant == "bold-italic" and text < "\u2100")
        if not variant or not plain or not any(character.isalnum() for character in text):
            return token(name, text)
        return token(name, text, mathvariant=variant)

    def text(self, element: LexborNode) -> tuple[str, str]:
        """The text of a token, and the font of its last letter."""
        text, font = "", ""
        todo = [element]
        while todo:
            current = todo.pop()
            name = _name(current)
            if current.tag == "-text":
                text += current.text_content or ""
            elif name in ("c", "stretchy-v", "stretchy-h"):
                character, sign_font = _character(current)
                text += built(character) if name != "c" else character
                font = STRETCHED if name == "stretchy-h" else sign_font or font
            elif name in ("delim-v", "delim-h"):
                text += built(current.text())
                font = STRETCHED if name == "delim-h" else font
            elif name not in _SKIPPED:
                if name in ("char", "charbox"):
                    font = _font(current) or font
                todo.extend(reversed(list(self.children(current))))
        return text, font

    def parts(self, element: LexborNode) -> tuple[dict[str, LexborNode], list[LexborNode]]:
        """The named parts of ``element``, wherever its boxes hold them, and the others."""
        named: dict[str, LexborNode] = {}
        others: list[LexborNode] = []
        todo = list(reversed(list(self.children(element))))
        for _ in range(MAX_WRAPPERS):
            if not todo:
                break
            child = todo.pop()
            name = _name(child)
            if part := _PARTS.get(name):
                named.setdefault(part, child)
            elif name in _WRAPPERS:
                todo.extend(reversed(list(self.children(child))))
            elif name not in _SKIPPED and child.tag != "-text":
                others.append(child)
        return named, others

    def optional(self, part: LexborNode | None, depth: int) -> list[MathNode] | None:
        return None if part is None else self.row(part, depth)

    def several(self, elements: list[LexborNode], depth: int) -> list[MathNode]:
        return [one for element in elements for one in self.element(element, depth)]

    def scripted(self, element: LexborNode, depth: int) -> list[MathNode]:
        named, others = self.parts(element)
        name = _name(element)
        if "script" in named:
            under, over = self.in_script(named["script"], name, depth)
        else:
            under = self.optional(named.get("under"), depth)
            over = self.optional(named.get("over"), depth)
        base = self.optional(named.get("base"), depth)
        if base is None:
            base = self.several(others, depth)
        as_scripts = "script" in named or name in ("msub", "msup", "msubsup")
        return scripts(base, under, over) if as_scripts else limits(base, under, over)

    def in_script(
        self, script: LexborNode, name: str, depth: int
    ) -> tuple[list[MathNode] | None, list[MathNode] | None]:
        """What is below and above in a box of scripts: the upper one comes first."""
        both = [child for child in self.children(script) if _name(child) not in ("spacer", "")]
        rows = [self.element(child, depth) for child in both[:2]]
        if len(rows) == 2:
            return rows[1], rows[0]
        only = rows[0] if rows else None
        return (only, None) if name in ("msub", "munder") else (None, only)

    def fraction(self, element: LexborNode, depth: int) -> list[MathNode]:
        named, others = self.parts(element)
        above = self.optional(named.get("num"), depth)
        below = self.optional(named.get("den"), depth)
        if above is None or below is None:
            return self.several(others, depth)
        fraction = node("mfrac", above, below)
        if "line" not in named:
            fraction.attributes["linethickness"] = "0"
        return [fraction]

    def root(self, element: LexborNode, depth: int) -> list[MathNode]:
        degree: list[MathNode] | None = None
        inside: list[MathNode] = []
        todo = [element]
        for _ in range(MAX_WRAPPERS):
            if not todo:
                break
            for child in self.children(todo.pop()):
                name = _name(child)
                if name == "root":
                    degree = self.row(child, depth)
                elif name in ("sqrt", "box") and self.holds_surd(child):
                    todo.append(child)
                elif name not in _SKIPPED:
                    inside.extend(self.element(child, depth))
        if degree is None:
            return [node("msqrt", inside)]
        return [node("mroot", inside, degree)]

    def holds_surd(self, element: LexborNode) -> bool:
        return any(_name(child) == "surd" for child in self.children(element))

    def table(self, element: LexborNode, depth: int) -> list[MathNode]:
        rows: list[MathNode] = []
        numbers: list[MathNode] = []
        lines = Lines()
        todo = list(self.children(element))[::-1]
        while todo:
            child = todo.pop()
            name = _name(child)
            if name in ("mtr", "mlabeledtr"):
                cells = self.cells(child, depth)
                lines.add(len(rows), cells)
                rows.append(MathNode(name, "", cells))
            elif name in ("labels", "label"):
                numbers.extend(self.numbers(child, depth))
            elif name in _WRAPPERS:
                todo.extend(list(self.children(child))[::-1])
                lines.framed = lines.framed or "border:" in style_of(child)
        columns = max((len(line.children) for line in rows), default=0)
        labeled = [line for line in rows if line.tag == "mlabeledtr"]
        for line, number in zip(labeled, numbers, strict=False):
            line.children.insert(0, number)
        for line in labeled[len(numbers) :]:
            line.tag = "mtr"
        return lines.drawn(table(rows), columns, len(rows))

    def numbers(self, element: LexborNode, depth: int) -> list[MathNode]:
        """The numbers of equations, which stand beside their table."""
        numbers: list[MathNode] = []
        todo = [element]
        while todo:
            current = todo.pop()
            if _name(current) in ("mtr", "label"):
                numbers.extend(self.cells(current, depth)[:1])
            else:
                todo.extend(list(self.children(current))[::-1])
        return numbers

    def cells(self, element: LexborNode, depth: int) -> list[MathNode]:
        cells = []
        for cell in self.children(element):
            if _name(cell) == "mtd":
                attributes = {"style": style} if (style := style_of(cell)) else {}
                cells.append(MathNode("mtd", "", self.row(cell, depth), attributes))
        return cells

    def enclosed(self, element: LexborNode, depth: int) -> list[MathNode]:
        notations = []
        for child in self.children(element):
            if notation := _NOTATIONS.get(_name(child)):
                notations.append(notation)
            elif _name(child) == "box" and "border:" in style_of(child):
                notations.append("box")
        inside = self.row(element, depth)
        if not notations:
            return inside
        return [MathNode("menclose", "", inside, {"notation": " ".join(notations)})]

    def group(self, element: LexborNode, depth: int) -> list[MathNode]:
        nodes = self.row(element, depth)
        if len(nodes) > 1 and all(_is_italic(letter) for letter in nodes):
            return [token("mi", "".join(letter.text for letter in nodes), mathvariant="italic")]
        if len(nodes) > 1 and (name := name_of(nodes)):
            return [token("mi", name, mathvariant="normal")]
        return [row(nodes)]

    def space(self, element: LexborNode, depth: int) -> list[MathNode]:
        style = style_of(element)
        if not style and element.tag == "mjx-mspace":
            # Version 4 sets each line in a box, so that elsewhere one may end but does not.
            parent = element.parent
            ends = self.lines_end or (parent is not None and _name(parent) == "linebox")
            return [_break()] if ends else []
        width = length(style, "width") or length(style, "margin-left")
        return [token("mspace", "", width=f"{width or 0}em")]

    def line(self, element: LexborNode, depth: int) -> list[MathNode]:
        """A line of several."""
        nodes = self.row(element, depth)
        return nodes if element.prev is None else [_break(), *nodes]

    def phantom(self, element: LexborNode, depth: int) -> list[MathNode]:
        return [MathNode("mphantom", "", self.row(element, depth))]


_Handler = Callable[[_Boxes, LexborNode, int], list[MathNode]]
_HANDLERS: dict[str, _Handler] = {
    "msub": _Boxes.scripted,
    "msup": _Boxes.scripted,
    "msubsup": _Boxes.scripted,
    "munder": _Boxes.scripted,
    "mover": _Boxes.scripted,
    "munderover": _Boxes.scripted,
    "mfrac": _Boxes.fraction,
    "msqrt": _Boxes.root,
    "mroot": _Boxes.root,
    "mtable": _Boxes.table,
    "menclose": _Boxes.enclosed,
    "texatom": _Boxes.group,
    "mrow": _Boxes.group,
    "mspace": _Boxes.space,
    "mphantom": _Boxes.phantom,
    "block": _Boxes.line,
}


def _is_relation(element: LexborNode) -> bool:
    """Whether there is space on both sides of a sign."""
    following = element.next
    return _is_spaced(element) and following is not None and _is_spaced(following)


def _is_spaced(element: LexborNode) -> bool:
    """Whether there is space before an element, or a place where its line may end."""
    before = element.prev
    if "space" in element.attributes or "break" in (_name(element), before and _name(before)):
        return True
    return any(name.startswith("MJXc-space") for name in classes_of(element))


def _is_italic(node: MathNode) -> bool:
    return node.tag == "mi" and node.attributes.get("mathvariant") == "italic"


def _break() -> MathNode:
    return token("mspace", "", linebreak="newline")


def _is_break(nodes: list[MathNode]) -> bool:
    return bool(nodes) and "linebreak" in nodes[0].attributes


def _character(element: LexborNode) -> tuple[str, str]:
    """What a box of one character shows, by its class, and its font."""
    character, font = "", ""
    for name in classes_of(element):
        if name.startswith("mjx-c"):
            character = character_of(name[5:])
        elif "-" in name:
            font = name.rpartition("-")[2]
    return character or element.text(), "" if font in _UPRIGHT_FONTS else font


def _font(element: LexborNode) -> str:
    for name in classes_of(element):
        if name.startswith("MJXc-TeX-"):
            font = name[9:]
            return "" if font in _UPRIGHT_FONTS else font
    return ""
