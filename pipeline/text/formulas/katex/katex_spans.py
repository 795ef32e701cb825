"""KaTeX's spans, of versions 0.5 to 0.16, as a tree of MathML.

A span's classes say what it is; what stands above or below something is in a stack of rows.
"""

from __future__ import annotations

from collections.abc import Callable

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.katex import katex_drawings
from pipeline.text.formulas.katex.katex_letters import (
    ITALICS,
    ROLES,
    Words,
    accented,
    applied,
    letters,
    negated,
    stroke_before,
    text_variant,
)
from pipeline.text.formulas.katex.katex_rows import Stacks, is_drawn, is_line, off_line
from pipeline.text.formulas.mathml.mathnode import MAX_TOKEN, MathNode
from pipeline.text.formulas.mathml.renderings import (
    LINE,
    Placed,
    built,
    classes_of,
    length,
    limits,
    lines_of,
    node,
    row,
    ruled,
    scripts,
    style_of,
    table,
    token,
)

_SKIPPED = frozenset(
    "strut pstrut vlist-s fontsize-ensurer baseline-fix nulldelimiter arraycolsep katex-mathml fix "
    "hline hdashline vertical-separator frac-line eqn-num sqrt-sign underline-line overline-line "
    "sqrt-line hide-tail stretchy".split()
)
_SPACES = {"quad": "1em", "qquad": "2em"}
_SIZES = {"size1": "1.2em", "size2": "1.8em", "size3": "2.4em", "size4": "3em"}
_SMALLER = frozenset({"sizing", "scriptstyle", "scriptscriptstyle"})
_FENCE = {"fence": "true", "stretchy": "true"}
_ALIGNED = {"l": "left", "r": "right"}
#: In words, what belongs to a formula among them.
_FORMULA = ITALICS | ROLES | {"mop", "mspace", "mfrac", "sqrt", "mtable"}


def read(html: LexborNode) -> tuple[list[MathNode], str]:
    """What ``.katex-html`` shows, and the tag of the equation, "" for none."""
    spans = _Spans()
    nodes = spans.row(html, 0)
    if len(spans.tags) == 1:
        return nodes, spans.tags[0]
    return _numbered(nodes, spans.tags), ""


class _Spans(Stacks):
    def __init__(self) -> None:
        super().__init__()
        #: Of the equation, or of each of its rows.
        self.tags: list[str] = []

    def row(self, element: LexborNode, depth: int) -> list[MathNode]:
        """What stands in ``element``, one after another."""
        depth = self.deeper(depth)
        nodes: list[MathNode] = []
        alphabet = ""
        begun = False
        for child in self.children(element):
            before, alphabet = alphabet, ""
            if child.tag == "-text":
                nodes.extend(letters(child.text_content or "", classes_of(element)))
                continue
            classes = classes_of(child)
            if "msupsub" in classes or ("vlist" in classes and begun):
                nodes = self.scripted(nodes, child, depth)
                continue
            inner = self.element(child, classes, depth)
            begun = begun or not _SKIPPED.intersection(classes)
            if len(inner) == 1 and inner[0].tag in ("mi", "mn"):
                alphabet = inner[0].tag + inner[0].attributes.get("mathvariant", "")
                if alphabet == before and len(alphabet) > 2:
                    nodes[-1].text = (nodes[-1].text + inner[0].text)[:MAX_TOKEN]
                    continue
            nodes.extend(inner)
        return negated(nodes)

    def element(self, element: LexborNode, classes: list[str], depth: int) -> list[MathNode]:
        # The last class says most: "minner mover", "mrel x-arrow".
        for name in reversed(classes):
            if handler := _HANDLERS.get(name):
                return handler(self, element, depth)
        if _SKIPPED.intersection(classes) or element.tag == "svg":
            return []
        if "color:transparent" in style_of(element).replace(" ", ""):
            return [MathNode("mphantom", "", self.row(element, depth))]
        child = element.first_child
        if child is not None and child.tag == "-text" and child.next is None:
            nodes = letters(child.text_content or "", classes)
        else:
            nodes = self.row(element, depth)
        return applied(nodes) if "mop" in classes else nodes

    def scripted(self, base: list[MathNode], element: LexborNode, depth: int) -> list[MathNode]:
        rows = self.rows(element)
        if len(rows) > 1:
            sup, sub = self.row(rows[0].element, depth), self.row(rows[-1].element, depth)
            return scripts(base, sub, sup)
        only = self.row(rows[0].element, depth) if rows else []
        if not only:
            return base
        below = rows[0].down > 0
        return scripts(base, only if below else None, None if below else only)

    def several(self, rows: list[Placed], depth: int) -> list[MathNode]:
        return [one for part in rows for one in self.row(part.element, depth)]

    def fraction(self, element: LexborNode, depth: int) -> list[MathNode]:
        rows = self.rows(element)
        parts = [part for part in rows if "frac-line" not in part.marks]
        if len(parts) != 2:
            return self.several(parts, depth)
        above, below = (self.row(part.element, depth) for part in parts)
        fraction = node("mfrac", above, below)
        if len(rows) == 2:
            fraction.attributes["linethickness"] = "0"
        return [fraction]

    def root(self, element: LexborNode, depth: int) -> list[MathNode]:
        degree: list[MathNode] | None = None
        for child in self.children(element):
            if child.tag != "-text" and "root" in classes_of(child):
                degree = self.several(self.rows(child), depth)
        rows = [part for part in self.last_rows(element) if not is_line(part)]
        inside = self.several(rows, depth)
        return [node("msqrt", inside) if degree is None else node("mroot", inside, degree)]

    def accent(self, element: LexborNode, depth: int) -> list[MathNode]:
        """The base and a mark, a character or a drawing, above or below it."""
        rows = self.rows(element)
        marks = [part for part in rows if not {"accent-body", "svg-align"}.isdisjoint(part.marks)]
        bases = [part for part in rows if part not in marks]
        base = self.several(bases, depth)
        if not marks or not bases:
            return base
        drawn = katex_drawings.sign(marks[0].element)
        sign = drawn or "".join(marks[0].element.text().split()).strip("\u200b")[:1]
        wide = "true" if "svg-align" in marks[0].marks else "false"
        mark = [token("mo", sign, stretchy=wide)]
        if marks[0].down > bases[0].down:
            return limits(base, mark, None)
        return limits(base, None, mark)

    def overline(self, element: LexborNode, depth: int) -> list[MathNode]:
        parts = [part for part in self.rows(element) if not is_line(part)]
        return limits(self.several(parts, depth), None, [token("mo", LINE)])

    def underline(self, element: LexborNode, depth: int) -> list[MathNode]:
        parts = [part for part in self.rows(element) if not is_line(part)]
        return limits(self.several(parts, depth), [token("mo", LINE)], None)

    def limits(self, element: LexborNode, depth: int) -> list[MathNode]:
        """A base in its own size, with smaller things or a drawn brace above and below."""
        rows = self.rows(element)
        full = [part for part in rows if _SMALLER.isdisjoint(part.marks) and not is_drawn(part)]
        base = min(full or rows, key=off_line, default=None)
        if base is None:
            return self.row(element, depth)
        place = rows.index(base)
        above = [one for part in rows[:place] for one in self.label(part, "⏞", depth)]
        below = [one for part in rows[place + 1 :] for one in self.label(part, "⏟", depth)]
        return limits(self.row(base.element, depth), below or None, above or None)

    def label(self, part: Placed, brace: str, depth: int) -> list[MathNode]:
        if not is_drawn(part):
            return self.row(part.element, depth)
        if "brace-left" in part.marks:
            return [token("mo", brace)]
        return [token("mo", katex_drawings.sign(part.element) or brace, stretchy="true")]

    def arrow(self, element: LexborNode, depth: int) -> list[MathNode]:
        """An arrow as long as what is written above and below it."""
        rows = self.rows(element)
        place = next((index for index, part in enumerate(rows) if is_drawn(part)), len(rows))
        sign = katex_drawings.sign(rows[place].element) if place < len(rows) else ""
        above, below = self.several(rows[:place], depth), self.several(rows[place + 1 :], depth)
        return limits([token("mo", sign or "→")], below or None, above)

    def fenced(self, element: LexborNode, depth: int) -> list[MathNode]:
        """``\\left`` to ``\\right``, or dots."""
        depth = self.deeper(depth)
        children = [child for child in self.children(element) if child.tag != "-text"]
        if len(children) < 2 or not _is_fence(children[0]):
            nodes = self.row(element, depth)
            return [row(nodes)] if len(nodes) > 1 else nodes
        inside: list[MathNode] = []
        for index, child in enumerate(children):
            if index in (0, len(children) - 1) and _is_fence(child):
                inside.append(token("mo", self.sign(child), **_FENCE))
            else:
                inside.extend(self.element(child, classes_of(child), depth))
        return [MathNode("mrow", "", negated(inside))]

    def sign(self, element: LexborNode) -> str:
        """The bracket that ``element`` shows, "" for none."""
        if "nulldelimiter" in classes_of(element):
            return ""
        text = "".join(element.text().split()).replace("\u200b", "")
        if text:
            return built(text)
        return katex_drawings.bracket(element)

    def delimiter(self, element: LexborNode, depth: int) -> list[MathNode]:
        """A bracket of a size that was asked for."""
        size = next((_SIZES[name] for name in classes_of(element) if name in _SIZES), "")
        sign = self.sign(element)
        if not size:
            return [token("mo", sign, **_FENCE)]
        return [token("mo", sign, fence="true", minsize=size, maxsize=size)]

    def table(self, element: LexborNode, depth: int) -> list[MathNode]:
        return self.lined_table(element, [], depth)

    def lined_table(self, element: LexborNode, lines: list[float], depth: int) -> list[MathNode]:
        """Columns side by side, each a list of cells; ``lines`` are those across."""
        columns: list[list[Placed]] = []
        aligned, rules = [], []
        for child in self.children(element):
            classes = classes_of(child) if child.tag != "-text" else []
            names = [name for name in classes if name.startswith("col-align-")]
            if names:
                aligned.append(names[0][-1])
                columns.append(self.rows(child))
            elif "vertical-separator" in classes:
                rules.append(len(columns))
        places, grid = lines_of(columns)
        rows = [
            MathNode("mtr", "", [
                MathNode("mtd", "", self.row(cell.element, depth) if cell else [], {
                    "style": f"text-align: {_ALIGNED.get(align, 'center')}"
                })
                for cell, align in zip(line, aligned, strict=True)
            ])
            for line in grid
        ]  # fmt: skip
        return ruled(table(rows), len(columns), rules, lines, places)

    def stack(self, element: LexborNode, depth: int) -> list[MathNode]:
        """Rows that no other element says the meaning of: frames, strokes, lined tables."""
        rows = self.rows(element)
        lines = [part.down for part in rows if not {"hline", "hdashline"}.isdisjoint(part.marks)]
        if lines:
            for part in rows:
                if "mtable" in part.marks:
                    inner = part.element.css_first(".mtable")
                    return self.lined_table(inner, lines, depth) if inner is not None else []
        notations = [notation for part in rows if (notation := _notation(part))]
        inside = self.several([part for part in rows if not _notation(part)], depth)
        if notations and inside:
            return [MathNode("menclose", "", inside, {"notation": " ".join(notations)})]
        return inside

    def overlap(self, element: LexborNode, depth: int) -> list[MathNode]:
        """What takes no room: a stroke through what is before or after it, mostly."""
        nodes = self.row(element, depth)
        shown = [one.text for one in nodes if one.tag != "mspace"]
        if "llap" in classes_of(element) and shown == ["/"]:
            return [stroke_before()]
        return nodes

    def text(self, element: LexborNode, depth: int) -> list[MathNode]:
        """Words, with formulas among them where somebody wrote some."""
        depth = self.deeper(depth)
        words = Words()
        todo = [(child, "") for child in list(self.children(element))[::-1]]
        while todo:
            current, variant = todo.pop()
            classes = classes_of(current) if current.tag != "-text" else []
            if current.tag == "-text":
                words.add(current.text_content or "", variant)
            elif "accent" in classes:
                words.add(accented(self.accent(current, depth)), variant)
            elif _FORMULA.intersection(classes) or self.bears_scripts(current):
                words.nodes.extend(self.element(current, classes, depth))
            elif not _SKIPPED.intersection(classes):
                own_variant = text_variant(classes) or variant
                todo.extend([(child, own_variant) for child in list(self.children(current))[::-1]])
        return words.nodes

    def bears_scripts(self, element: LexborNode) -> bool:
        return any(
            child.tag != "-text" and "msupsub" in classes_of(child)
            for child in self.children(element)
        )

    def space(self, element: LexborNode, depth: int) -> list[MathNode]:
        classes = classes_of(element)
        if "newline" in classes:
            return [token("mspace", "", linebreak="newline")]
        for name in classes:
            if name in _SPACES:
                return [token("mspace", "", width=_SPACES[name])]
        width = length(style_of(element), "margin-right")
        if width:
            return [token("mspace", "", width=f"{width}em")]
        return [token("mtext", " ")] if element.text() else []

    def tagged(self, element: LexborNode, depth: int) -> list[MathNode]:
        if not self.tags:
            rows = [part.element for part in self.rows(element)]
            self.tags = [_tag(part.text()) for part in rows or [element]]
        return []


def _tag(text: str) -> str:
    """The number of an equation, without its brackets."""
    text = " ".join(text.replace("\u200b", "").split())
    if not (text.startswith("(") and text.endswith(")")):
        return ""
    return "".join(sign for sign in text[1:-1] if sign not in "\\{}$%&#_^~")[:40]


def _numbered(nodes: list[MathNode], tags: list[str]) -> list[MathNode]:
    """A table whose rows are equations with numbers."""
    if len(nodes) != 1 or nodes[0].tag != "mtable" or len(nodes[0].children) != len(tags):
        return nodes
    for line, tag in zip(nodes[0].children, tags, strict=True):
        if tag:
            line.tag = "mlabeledtr"
            line.children.insert(0, MathNode("mtd", "", [token("mtext", tag)]))
    return nodes


def _is_fence(element: LexborNode) -> bool:
    classes = classes_of(element)
    return not {"mopen", "mclose", "nulldelimiter", "style-wrap"}.isdisjoint(classes)


def _notation(part: Placed) -> str:
    if "fbox" in part.marks:
        return "box"
    if "sout" in part.marks:
        return "horizontalstrike"
    return katex_drawings.strokes(part.element) if "svg-align" in part.marks else ""


_Handler = Callable[[_Spans, LexborNode, int], list[MathNode]]
_HANDLERS: dict[str, _Handler] = {
    "mfrac": _Spans.fraction,
    "sqrt": _Spans.root,
    "accent": _Spans.accent,
    "accentunder": _Spans.accent,
    "overline": _Spans.overline,
    "underline": _Spans.underline,
    "op-limits": _Spans.limits,
    "mover": _Spans.limits,
    "munder": _Spans.limits,
    "x-arrow": _Spans.arrow,
    "minner": _Spans.fenced,
    "delimsizing": _Spans.delimiter,
    "mtable": _Spans.table,
    "vlist-t": _Spans.stack,
    "vlist": _Spans.stack,
    "llap": _Spans.overlap,
    "rlap": _Spans.overlap,
    "clap": _Spans.overlap,
    "text": _Spans.text,
    "mspace": _Spans.space,
    "newline": _Spans.space,
    "tag": _Spans.tagged,
}
