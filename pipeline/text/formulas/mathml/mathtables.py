"""Tables of MathML as environments of LaTeX: matrices, cases, equations in columns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice

from pipeline.text.formulas.mathml.mathnode import MathNode

MATRICES = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("|", "|"): "vmatrix",
    ("\\|", "\\|"): "Vmatrix",
    ("\\{", "\\}"): "Bmatrix",
    ("", ""): "matrix",
}
_ALIGNED = {"left": "l", "right": "r", "center": "c", "start": "l", "end": "r"}
#: Cells that renderers put in to push a formula and its number apart.
_GLUE_CLASSES = frozenset({"mtr-glue", "mml-eqn-num"})
_SIDES = frozenset({"left", "right", "top", "bottom"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose cells are TeX already."""

    rows: tuple[tuple[str, ...], ...]
    #: The number of each row, "" for none.
    tags: tuple[str, ...]
    #: Of each column: l, c or r.
    columns: str
    #: Between columns, "|" or "": before the first, after each.
    rules: tuple[str, ...]
    #: The rows under which a line is, -1 for the top.
    lines: frozenset[int]
    #: Whether the alignment was said, not assumed.
    aligned_by_page: bool
    displayed: bool
    small: bool = False

    def latex(self, opening: str = "", closing: str = "", *, script: bool = False) -> str:
        """With the fences around it; ``script`` where it is above or below something."""
        if not self.rows:
            return opening + closing
        if any(self.tags):
            return f"{opening}{self._tagged()}{closing}"
        width = len(self.columns)
        ruled = any(self.rules) or bool(self.lines)
        if not ruled and opening == "\\{" and not closing and self._is_cases():
            return self._environment("cases")
        if not ruled and closing == "\\}" and not opening and self._is_cases():
            return self._environment("rcases")
        if not ruled and len(self.rows) == 1 and width == 1 and (self.displayed or not opening):
            return f"{opening}{self.rows[0][0]}{closing}"
        if not ruled and self._is_aligned():
            return _fenced(opening, self._environment("aligned"), closing)
        plain = not ruled and set(self.columns) <= {"c"}
        if plain and script and width <= 1 and not opening:
            return f"\\substack{{{self._body()}}}"
        if plain and self.displayed and width == 1 and not opening:
            return self._environment("gathered")
        if plain and self.small and not opening:
            return self._environment("smallmatrix")
        if plain and (name := MATRICES.get((opening, closing))):
            return self._environment(name)
        return _fenced(opening, self._array(), closing)

    def _is_cases(self) -> bool:
        return len(self.columns) <= 2 and not (self.aligned_by_page and "r" in self.columns)

    def _is_aligned(self) -> bool:
        return self.columns[:1] == "r" and all(
            column == wanted for column, wanted in zip(self.columns, cycle("rl"), strict=False)
        )

    def _body(self) -> str:
        return " \\\\ ".join([" & ".join(row).rstrip() for row in self.rows])

    def _environment(self, name: str) -> str:
        return f"\\begin{{{name}}} {self._body()} \\end{{{name}}}"

    def _array(self) -> str:
        columns = "".join(
            [rule + column for rule, column in zip(self.rules, self.columns, strict=False)]
        )
        rows = "\\hline " if -1 in self.lines else ""
        for index, row in enumerate(self.rows):
            rows += " & ".join(row).rstrip()
            if index + 1 < len(self.rows) or index in self.lines:
                rows += " \\\\ "
            if index in self.lines:
                rows += "\\hline "
        return f"\\begin{{array}}{{{columns}{self.rules[-1]}}} {rows.strip()} \\end{{array}}"

    def _tagged(self) -> str:
        rows = [
            " & ".join(row).rstrip() + (f" \\tag{{{tag}}}" if tag else "")
            for row, tag in zip(self.rows, self.tags, strict=True)
        ]
        if len(rows) == 1:
            return rows[0].replace(" & ", " ")
        name = "gather*" if len(self.columns) == 1 else "align*"
        body = " \\\\ ".join(rows)
        return f"\\begin{{{name}}} {body} \\end{{{name}}}"


def _fenced(opening: str, tex: str, closing: str) -> str:
    if not opening and not closing:
        return tex
    return f"\\left{opening or '.'}{tex}\\right{closing or '.'}"


def table(node: MathNode, cells: list[list[str]], sides: str = "") -> Table:
    """``node``, an ``mtable`` of rows of cells, whose TeX is ``cells``.

    ``sides`` says where a frame is drawn around it ("left right", "top", ...).
    """
    rows: list[tuple[str, ...]] = []
    tags: list[str] = []
    first: list[MathNode] = []
    for row, texts in zip(rows_of(node), cells, strict=True):
        kept: list[str] = []
        row_cells: list[MathNode] = []
        tag = ""
        for index, (cell, tex) in enumerate(zip(row.children, texts, strict=True)):
            if (row.tag == "mlabeledtr" and index == 0) or _is_tag(cell, row):
                tag = _tag(cell)
            elif not _is_glue(cell):
                kept.append(tex)
                row_cells.append(cell)
        while len(kept) > 1 and not kept[-1]:
            kept.pop()
        if any(kept) or tag:
            rows.append(tuple(kept))
            tags.append(tag)
            if len(row_cells) > len(first):
                first = row_cells
    width = max((len(row) for row in rows), default=0)
    columns, aligned_by_page = _columns(node, first[:width])
    return Table(
        rows=tuple(rows),
        tags=tuple(tags),
        columns=columns,
        rules=_rules(node, width, sides),
        lines=_lines(node, len(rows), sides),
        aligned_by_page=aligned_by_page,
        displayed=_is_displayed(node, first),
        small=node.attributes.get("scriptlevel") == "1",
    )


def rows_of(node: MathNode) -> list[MathNode]:
    """The rows of a table; what stands in it without a row is one of its own."""
    return [
        child if child.tag in ("mtr", "mlabeledtr", "tr") else MathNode("mtr", "", [child])
        for child in node.children
    ]


def is_frame(notation: str) -> bool:
    """Whether an ``menclose`` draws lines along the sides of what is in it."""
    return bool(notation) and set(notation.split()) <= _SIDES


def _columns(node: MathNode, cells: list[MathNode]) -> tuple[str, bool]:
    named = [_ALIGNED.get(word, "c") for word in node.attributes.get("columnalign", "").split()]
    columns = ""
    aligned_by_page = bool(named)
    for index, cell in enumerate(cells):
        column = _alignment(cell)
        aligned_by_page = aligned_by_page or bool(column)
        columns += column or (named[min(index, len(named) - 1)] if named else "c")
    return columns, aligned_by_page


def _alignment(cell: MathNode) -> str:
    if "columnalign" in cell.attributes:
        return _ALIGNED.get(cell.attributes["columnalign"].strip(), "")
    _, colon, style = cell.attributes.get("style", "").partition("text-align:")
    if colon:
        return _ALIGNED.get(style.partition(";")[0].strip().removeprefix("-webkit-"), "")
    for name in cell.attributes.get("class", "").split():
        if name in ("tml-left", "ltx_align_left"):
            return "l"
        if name in ("tml-right", "ltx_align_right"):
            return "r"
    return ""


def _rules(node: MathNode, width: int, sides: str) -> tuple[str, ...]:
    named = node.attributes.get("columnlines", "").split()
    framed = node.attributes.get("frame", "none") in ("solid", "dashed")
    between = [
        "|" if named and named[min(index, len(named) - 1)] in ("solid", "dashed") else ""
        for index in range(max(width - 1, 0))
    ]
    left, right = ("|" if framed or side in sides.split() else "" for side in ("left", "right"))
    return (left, *between, right)


def _lines(node: MathNode, height: int, sides: str) -> frozenset[int]:
    named = node.attributes.get("rowlines", "").split()
    framed = node.attributes.get("frame", "none") in ("solid", "dashed")
    lines = {
        index
        for index in range(height - 1)
        if named and named[min(index, len(named) - 1)] in ("solid", "dashed")
    }
    if framed or "top" in sides.split():
        lines.add(-1)
    if framed or "bottom" in sides.split():
        lines.add(height - 1)
    return frozenset(lines)


def _is_displayed(node: MathNode, cells: list[MathNode]) -> bool:
    if node.attributes.get("displaystyle") == "true":
        return True
    styles = [child for cell in cells[:1] for child in islice(cell.children, 1)]
    return any(style.attributes.get("displaystyle") == "true" for style in styles)


def _is_glue(cell: MathNode) -> bool:
    if not _GLUE_CLASSES.isdisjoint(cell.attributes.get("class", "").split()):
        return True
    width = cell.attributes.get("width") or cell.attributes.get("style", "")
    return "50%" in width


def _is_tag(cell: MathNode, row: MathNode) -> bool:
    if not cell.children or cell.children[0].tag not in ("mtext", "mrow", "mstyle"):
        return False
    if cell is row.children[-1] and len(row.children) > 2 and _is_glue(row.children[-2]):
        return True
    classes = cell.attributes.get("class", "").split()
    inside = cell.children[0].attributes.get("class", "").split()
    return "tml-tag" in inside or "mml-eqn-num" in classes


def _tag(cell: MathNode) -> str:
    todo, words = [cell], []
    while todo:
        node = todo.pop()
        words.append(node.text)
        todo.extend(reversed(node.children))
    text = " ".join("".join(words).split())
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return "".join(character for character in text if character not in "\\{}$%&#_^~")
