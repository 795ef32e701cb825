"""What the readers of rendered formulas share: bounds, children, positions, built-up signs."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.text.formulas.mathml import presentation
from pipeline.text.formulas.mathml.mathnode import MAX_TOKEN, MathNode
from pipeline.text.formulas.tex import MAX_FORMULA, Formula, formula

#: Elements of one rendering that are looked at; a symbol takes some ten of KaTeX's.
MAX_ELEMENTS = 60_000
#: Of rows in rows, much above what anybody has typeset.
MAX_ROWS = 80
#: Elements around the parts of one fraction or table.
MAX_WRAPPERS = 200

#: In em: what is nearer is on one line.
SAME_LINE = 0.05

#: A line over or under several letters, whatever a font draws it with.
LINE = "―"

_TRANSLATE = re.compile(r"translate\(\s*(-?[\d.]+)(?:\s*,\s*|\s+)(-?[\d.]+)")
_LENGTH = re.compile(r"(-?[\d.]{1,20})em")
#: The ends that tall brackets are put together from; the first that are all there count.
_BUILT = (
    ("⎧", "{"), ("⎨", "{"), ("⎩", "{"), ("⎫", "}"), ("⎬", "}"), ("⎭", "}"), ("⎛", "("),
    ("⎝", "("), ("⎜", "("), ("⎞", ")"), ("⎠", ")"), ("⎟", ")"), ("⎡⎣", "["), ("⎤⎦", "]"),
    ("⎡", "⌈"), ("⎣", "⌊"), ("⎤", "⌉"), ("⎦", "⌋"), ("⎰⎱", "⎰"), ("⎴", "⎴"), ("⎵", "⎵"),
    ("←→", "↔"), ("⇐⇒", "⇔"), ("∣→", "↦"), ("←", "←"), ("→", "→"),
    ("⇐", "⇐"), ("⇒", "⇒"), ("↑↓", "↕"), ("↑", "↑"), ("↓", "↓"), ("⇑", "⇑"), ("⇓", "⇓"),
    ("⏞", "⏞"), ("⏟", "⏟"), ("∥", "‖"), ("‖", "‖"), ("∣", "|"), ("|", "|"), ("√", "√"),
    ("¯", LINE), ("ˉ", LINE), ("‾", LINE), ("–", LINE), ("—", LINE), ("―", LINE), ("−", LINE),
    ("-", LINE), ("_", LINE), ("̅", LINE),
)  # fmt: skip


#: MathJax's braces are of the same pieces in another order.
_BRACES = {"\ue150": "⏞", "\ue152": "⏟"}
#: Accents under another name: fonts have long arrows in place of wide ones.
_MARKS = {"⟵": "←", "⟶": "→", "⟷": "↔", "⟺": "⇔", "⟼": "↦", "‵": "`"}
#: What the names of mathematical letters begin with, and the style of a text in them.
_STYLES = (
    ("SANS-SERIF", "sans-serif"), ("MONOSPACE", "monospace"), ("BOLD", "bold"),
    ("ITALIC", "italic"),
)  # fmt: skip

#: The "font" of a sign that is drawn as wide as what it stands over.
STRETCHED = "S"


@dataclass(frozen=True, slots=True)
class Placed:
    """An element that its style moves."""

    element: LexborNode
    #: In em, how far below the line that it is a part of.
    down: float
    #: What its classes, and those within, say about it.
    marks: frozenset[str] = frozenset()


class NotReadable(Exception):
    """Beyond the bounds, or not what a renderer makes."""


class Reading:
    """Counts what one formula costs."""

    def __init__(self) -> None:
        self.left = MAX_ELEMENTS

    def children(self, element: LexborNode) -> Iterator[LexborNode]:
        """Elements and texts within ``element``."""
        child = element.first_child
        while child is not None:
            self.left -= 1
            if self.left < 0:
                raise NotReadable
            if child.tag != "-comment":
                yield child
            child = child.next

    def deeper(self, depth: int) -> int:
        if depth >= MAX_ROWS:
            raise NotReadable
        return depth + 1


def classes_of(element: LexborNode) -> list[str]:
    """The names that ``element`` has as its classes."""
    return (element.attributes.get("class") or "").split()


def style_of(element: LexborNode) -> str:
    """The style that ``element`` carries itself, "" for none."""
    return element.attributes.get("style") or ""


def length(style: str, name: str) -> float | None:
    """How many em the property ``name`` of a style is."""
    before, colon, rest = style.partition(f"{name}:")
    while colon and before[-1:] not in ("", ";", " "):
        before, colon, rest = rest.partition(f"{name}:")
    match = _LENGTH.match(rest.lstrip()) if colon else None
    return number(match[1]) if match else None


def shift(transform: str | None) -> tuple[float, float]:
    """How far right and up the first ``translate`` of an SVG element moves it."""
    match = _TRANSLATE.match(transform or "")
    if match is None:
        return 0.0, 0.0
    return number(match[1]) or 0.0, number(match[2]) or 0.0


def number(digits: str) -> float | None:
    """``digits`` as a number, ``None`` for none."""
    try:
        return float(digits)
    except ValueError:
        return None


def character_of(code: str) -> str:
    """The character with a hexadecimal ``code``; "" for what is none."""
    try:
        value = int(code, 16)
        return "" if value < 32 or 0xD800 <= value < 0xE000 else chr(value)
    except (ValueError, OverflowError):
        return ""


@lru_cache(maxsize=1024)
def built(pieces: str) -> str:
    """The one sign that a font draws with ``pieces``."""
    if brace := _BRACES.get(pieces[:1]):
        return brace
    for ends, sign in _BUILT:
        if all(end in pieces for end in ends):
            return sign
    return pieces[:1]


def stretches(sign: str, font: str) -> str:
    """Whether an accent is as wide as its base, as MathML says it; "" for not known."""
    if sign in ("^", "~"):
        return "false"
    return "true" if sign in ("\u0302", "\u0303") or font[:1].upper() == STRETCHED else ""


def token(tag: str, text: str, **attributes: str) -> MathNode:
    """A node that shows ``text``."""
    return MathNode(tag, text[:MAX_TOKEN], [], attributes)


def words(text: str) -> MathNode:
    """Text whose style may be that of its letters, mathematical ones."""
    variant = ""
    for character in text:
        if character >= "\U0001d400" or character == "ℎ":
            name = unicodedata.name(character, "").removeprefix("MATHEMATICAL ")
            variant = next((style for start, style in _STYLES if name.startswith(start)), "italic")
            text = unicodedata.normalize("NFKC", text)
            break
    return token("mtext", text, mathvariant=variant) if variant else token("mtext", text)


def row(children: list[MathNode]) -> MathNode:
    """``children`` as one node."""
    return children[0] if len(children) == 1 else MathNode("mrow", "", children)


def node(tag: str, *children: list[MathNode]) -> MathNode:
    """An element of several parts, each of which may be several nodes."""
    return MathNode(tag, "", [row(child) for child in children])


def scripts(
    base: list[MathNode], sub: list[MathNode] | None, sup: list[MathNode] | None
) -> list[MathNode]:
    """``base`` with scripts beside it."""
    if sub is not None and sup is not None:
        return [node("msubsup", base, sub, sup)]
    if sub is not None:
        return [node("msub", base, sub)]
    return [node("msup", base, sup)] if sup is not None else base


def limits(
    base: list[MathNode], under: list[MathNode] | None, over: list[MathNode] | None
) -> list[MathNode]:
    """``base`` with something above or below it."""
    for mark in (*base[:1], *(under or ())[:1], *(over or ())[:1]):
        if mark.tag == "mo":
            mark.text = _MARKS.get(mark.text, mark.text)
    if under is not None and over is not None:
        return [node("munderover", base, under, over)]
    if under is not None:
        return [node("munder", base, under)]
    return [node("mover", base, over)] if over is not None else base


def table(rows: list[MathNode]) -> list[MathNode]:
    """A table of ``rows``, displayed if it is one of equations.

    Those in columns begin with one that is aligned right; those in one column are
    centred, and a matrix of one column has brackets around it.
    """
    if not rows:
        return []
    first = [cell.attributes.get("style", "") for row in rows[:1] for cell in row.children]
    one = len(rows) > 1 and all(len(row.children) <= 1 for row in rows)
    displayed = any("right" in style for style in first[:1])
    displayed = displayed or (one and not any("left" in style for style in first))
    return [MathNode("mtable", "", rows, {"displaystyle": "true"} if displayed else {})]


def lines_of(
    columns: Sequence[Sequence[Placed]],
) -> tuple[list[float], list[list[Placed | None]]]:
    """The lines that the cells of ``columns`` stand on, and the cells of each."""
    places: list[float] = []
    for down in sorted(cell.down for column in columns for cell in column):
        if not places or down - places[-1] > SAME_LINE:
            places.append(down)
    lines: list[list[Placed | None]] = [[None] * len(columns) for _ in places]
    for index, column in enumerate(columns):
        for cell in column:
            line = lines[bisect_right(places, cell.down) - 1]
            line[index] = line[index] or cell
    return places, lines


def ruled(
    nodes: list[MathNode],
    columns: int,
    between: Sequence[int],
    across: Sequence[float],
    places: Sequence[float],
) -> list[MathNode]:
    """The table ``nodes`` with its lines: before which columns they are, and how far down."""
    if not nodes or not (between or across):
        return nodes
    attributes = nodes[0].attributes
    within = ["solid" if column in between else "none" for column in range(1, columns)]
    attributes["columnlines"] = " ".join(within)
    after = [bisect_right(places, line) for line in across]
    attributes["rowlines"] = " ".join(
        ["solid" if row in after else "none" for row in range(1, len(places))]
    )
    sides = [
        side
        for side, here in (
            ("left", 0 in between), ("right", columns in between),
            ("top", 0 in after), ("bottom", len(places) in after),
        )
        if here
    ]  # fmt: skip
    return [MathNode("menclose", "", nodes, {"notation": " ".join(sides)})] if sides else nodes


class Lines:
    """Those between the rows and columns of a table, which its cells have as borders."""

    def __init__(self) -> None:
        self.between: set[int] = set()
        self.across: set[float] = set()
        #: Whether there are lines around it all.
        self.framed = False

    def add(self, row: int, cells: list[MathNode]) -> None:
        """Those of ``cells``, which have their styles."""
        # Version 2 draws them right of and below its cells, version 3 on the other sides.
        for column, cell in enumerate(cells):
            style = cell.attributes.get("style", "")
            for side, place in (("left", column), ("right", column + 1)):
                if f"border-{side}:" in style:
                    self.between.add(place)
            for side, line in (("top", row - 0.5), ("bottom", row + 0.5)):
                if f"border-{side}:" in style:
                    self.across.add(line)

    def drawn(self, nodes: list[MathNode], columns: int, rows: int) -> list[MathNode]:
        """The table ``nodes`` with them."""
        if self.framed:
            self.between.update((0, columns))
            self.across.update((-0.5, rows - 0.5))
        return ruled(nodes, columns, sorted(self.between), sorted(self.across), range(rows))


def finished(children: list[MathNode], *, display: bool) -> Formula | None:
    """The formula that ``children`` are; ``None`` where nothing came out."""
    if not children:
        return None
    tree = MathNode("math", "", children, {"display": "block"} if display else {})
    return formula(presentation.latex_of_tree(tree), display=display)


def from_inner_math(element: LexborNode, *, display: bool) -> Formula | None:
    """What the first ``<math>`` within says."""
    math = element if element.tag == "math" else element.css_first("math")
    if math is None:
        return None
    converted = presentation.tex_of(math) or presentation.latex_of(math)
    return Formula(converted.tex, display or converted.display) if converted else None


def from_markup(markup: str | None, *, display: bool) -> Formula | None:
    """What the first ``<math>`` in a piece of HTML says."""
    if not markup or len(markup) > 20 * MAX_FORMULA:
        return None
    body = LexborHTMLParser(markup).body
    return None if body is None else from_inner_math(body, display=display)
