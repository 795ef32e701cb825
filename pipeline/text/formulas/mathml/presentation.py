"""Presentation MathML to LaTeX (MathML Core and the elements of MathML 3 in use).

Where a ``<math>`` carries its TeX, ``tex_of`` takes it; ``latex_of`` writes what somebody who
types LaTeX would have. It never fails: of what is missing or unknown, the rest is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml import mathaccents, mathtables
from pipeline.text.formulas.mathml.mathnode import BARE_TEXT, MAX_NESTING, MathNode, from_element
from pipeline.text.formulas.mathml.mathpieces import EMPTY, Kind, Piece, base, join, scripted
from pipeline.text.formulas.mathml.mathrows import Item, fence_of, row_of, scripted_fence, unwrapped
from pipeline.text.formulas.mathml.mathtokens import (
    identifier,
    number,
    operator,
    styled,
    text,
    word,
)
from pipeline.text.formulas.symbols import to_latex
from pipeline.text.formulas.tex import Formula, formula

_TEX_ENCODING = re.compile(r"(?<![a-z])(?:la|ams)?tex(?![a-z])")
_TEX_ATTRIBUTES = ("data-latex", "data-tex")  # of what a formula was made from
#: A box, as Temml draws it.
_FRAME = re.compile(r"(?:^|;)\s*border:\s*[1-9.]")
_APPLY = "\u2061"
#: Elements that mean no more than the row of what is in them.
_ROWS = frozenset({"mrow", "math", "mstyle", "mpadded"})
_STRIKES = {
    "updiagonalstrike": "cancel", "downdiagonalstrike": "bcancel", "horizontalstrike": "sout",
    "box": "boxed", "roundedbox": "boxed", "circle": "boxed", "top": "overline",
    "bottom": "underline", "radical": "sqrt",
}  # fmt: skip
#: Fences around a fraction without a line.
_CHOICES = {("(", ")"): "\\binom", ("[", "]"): "\\brack", ("\\{", "\\}"): "\\brace"}


def tex_of(math: LexborNode) -> Formula | None:
    """The TeX that a ``<math>`` carries about itself, if it does."""
    display = is_display(math)
    for annotation in math.css("annotation"):
        encoding = (annotation.attributes.get("encoding") or "").lower()
        # An unescaped "<" has become an element, and what is left is no longer TeX.
        broken = any(child.is_element_node for child in annotation.iter())
        if broken or not _TEX_ENCODING.search(encoding.removeprefix("text/")):
            continue
        if converted := formula(annotation.text(), display=display):
            return converted
    attributes = math.attributes
    for name in _TEX_ATTRIBUTES:
        if converted := formula(attributes.get(name), display=display):
            return converted
    # Without a command it may be speech, and what MathML gives is as good.
    alternative = attributes.get("alttext") or ""
    return formula(alternative, display=display) if "\\" in alternative else None


def latex_of(math: LexborNode) -> Formula | None:
    """LaTeX for a ``<math>``, from its elements."""
    return formula(latex_of_tree(from_element(math)), display=is_display(math))


def is_display(math: LexborNode) -> bool:
    """Whether a ``<math>`` stands on a line of its own."""
    attributes = math.attributes
    return attributes.get("display") == "block" or attributes.get("mode") == "display"


def latex_of_tree(node: MathNode) -> str:
    """LaTeX for a tree of nodes; what is deeper than ``MAX_NESTING`` is left out."""
    return _convert(node, 0).tex.removesuffix("\\\\").strip()


def _convert(node: MathNode, depth: int, *, applied: bool = False) -> Piece:
    """``node`` as a piece of TeX; ``applied`` where an operand follows."""
    if depth > MAX_NESTING + 1:
        return EMPTY
    handler = _ELEMENTS.get(node.tag)
    if handler is not None:
        return handler(node, depth)
    if node.tag in ("mi", "mtext", "ms"):
        return identifier(node, applied=applied) if node.tag == "mi" else _text([node], depth)
    row = (node.tag in _ROWS and _merged(node, applied)) or _row(node.children, depth)
    if _FRAME.search(node.attributes.get("style", "")):
        return Piece(f"\\boxed{{{row.tex}}}", Kind.ATOM, row.tall)
    return row


def _row(children: Sequence[MathNode], depth: int) -> Piece:
    items: list[Item] = []
    index = 0
    while index < len(children):
        node = unwrapped(children[index])
        following = children[index + 1] if index + 1 < len(children) else None
        index += 1
        if node.tag == "mtable" or _is_choice(node):
            index += _add_fenced(items, node, following, depth)
        elif node.tag == "mtext":
            texts = [node]
            while index < len(children) and _continues(children[index], node):
                texts.append(children[index])
                index += 1
            items.append(Item(_text(texts, depth)))
        elif fence := fence_of(node):
            items.append(Item(_operator(node, depth), fence))
        else:
            applied = following is not None and following.text.strip() == _APPLY
            fence = scripted_fence(node)
            piece = _convert(node, depth + 1, applied=applied)
            if len(children) > 1:
                piece = _sized_fraction(node, piece)
            if piece.tex:
                items.append(Item(piece, fence, bare=False))
    return row_of(items)


def _continues(node: MathNode, first: MathNode) -> bool:
    same = node.attributes.get("mathvariant") == first.attributes.get("mathvariant")
    return node.tag == "mtext" and same and bool(node.text.strip()) == bool(first.text.strip())


def _add_fenced(items: list[Item], node: MathNode, following: MathNode | None, depth: int) -> int:
    """Add a table, or a fraction without a line, with the brackets next to it.

    How many of the elements that follow are used up.
    """
    opening = items[-1].fence if items and items[-1].bare else None
    closing = fence_of(following) if following is not None else None
    pair = ("", "")
    if opening and closing and opening.role in "(|" and closing.role in ")|":
        pair = (opening.tex, closing.tex)
        if node.tag == "mfrac" and pair not in _CHOICES:
            pair = ("", "")
    elif node.tag == "mtable" and opening and opening.tex == "\\{":
        pair = ("\\{", "")
    elif node.tag == "mtable" and closing and (opening.tex == "" if opening else not items):
        pair = ("", closing.tex)
    if opening and (pair[0] or (pair[1] and not opening.tex)):
        items.pop()
    used = bool(closing and (pair[1] or (pair[0] and not closing.tex)))
    if node.tag == "mtable":
        piece = Piece(_table(node, depth).latex(*pair), Kind.ATOM, tall=True)
    else:
        piece = _choice(node, pair, depth)
    items.append(Item(piece))
    return int(used)


def _merged(node: MathNode, applied: bool) -> Piece | None:
    """A row of letters in one alphabet, or of the words of one operator, as a whole."""
    children = node.children
    if not 2 <= len(children) <= 40:
        return None
    if applied and (name := mathaccents.name_of(children)):
        return word(name, applied=True)
    if any(child.tag not in ("mi", "mn") for child in children):
        return None
    styles = [styled(child) for child in children]
    command = styles[0][0]
    if not command or any(style[0] != command for style in styles[1:]):
        return None
    if any(len(child.text.strip()) != 1 for child in children):
        return None
    tex = join([Piece(style[1], Kind.ATOM) for style in styles])
    if command == "mathrm" and tex.isalpha():
        return word(tex, applied=applied)
    return Piece(f"\\{command}{{{tex}}}", Kind.ATOM)


def _text(nodes: list[MathNode], depth: int) -> Piece:
    if nodes[0].children:
        return _row(nodes[0].children, depth)
    if nodes[0].text.strip() == "⧸":
        return Piece("\\not", Kind.ATOM)
    return text("".join([node.text for node in nodes]), nodes[0].attributes.get("mathvariant", ""))


def _bare_text(node: MathNode, _: int) -> Piece:
    return Piece(to_latex(node.text).strip())


def _operator(node: MathNode, _: int) -> Piece:
    fence = fence_of(node)
    if fence and fence.size:
        return Piece(f"{fence.size}{fence.tex}", Kind.ATOM)
    return operator(node)


def _space(node: MathNode, _: int) -> Piece:
    if node.attributes.get("linebreak") == "newline":
        return Piece("\\\\", Kind.ATOM)
    return mathaccents.space(node)


def _children(node: MathNode, count: int, depth: int) -> list[Piece]:
    """The first ``count`` children, empty where they are missing."""
    pieces = [_convert(child, depth + 1) for child in node.children[:count]]
    return pieces + [EMPTY] * (count - len(pieces))


def _is_choice(node: MathNode) -> bool:
    thickness = node.attributes.get("linethickness", "").strip().rstrip("pxemt%")
    return node.tag == "mfrac" and bool(thickness) and not thickness.strip("0.")


def _choice(node: MathNode, pair: tuple[str, str], depth: int) -> Piece:
    above, below = _children(node, 2, depth)
    command = _CHOICES.get(pair, "\\atop")
    if command == "\\binom":
        return Piece(f"\\binom{{{above.tex}}}{{{below.tex}}}", Kind.ATOM, tall=True)
    return Piece(f"{{{above.tex} {command} {below.tex}}}", Kind.ATOM, tall=True)


def _fraction(node: MathNode, depth: int) -> Piece:
    if _is_choice(node):
        return _choice(node, ("", ""), depth)
    above, below = _children(node, 2, depth)
    if node.attributes.get("bevelled") == "true":
        return Piece(f"{base(above)}/{base(below)}")
    return Piece(f"\\frac{{{above.tex}}}{{{below.tex}}}", Kind.ATOM, tall=True)


def _sized_fraction(node: MathNode, piece: Piece) -> Piece:
    """``piece`` as a fraction in the size that ``node``, a style, gives it."""
    style = node.attributes.get("displaystyle")
    if node.tag != "mstyle" or style is None or not piece.tex.startswith("\\frac{"):
        return piece
    if len(node.children) != 1 or unwrapped(node.children[0]).tag != "mfrac":
        return piece
    letter = "d" if style == "true" else "t"
    return piece._replace(tex=f"\\{letter}{piece.tex[1:]}")


def _square_root(node: MathNode, depth: int) -> Piece:
    inside = _row(node.children, depth)
    return Piece(f"\\sqrt{{{inside.tex}}}", Kind.ATOM, inside.tall)


def _root(node: MathNode, depth: int) -> Piece:
    inside, degree = _children(node, 2, depth)
    index = f"{{{degree.tex}}}" if "]" in degree.tex else degree.tex
    return Piece(f"\\sqrt[{index}]{{{inside.tex}}}", Kind.ATOM, inside.tall)


def _script(node: MathNode, index: int, depth: int) -> str:
    """The TeX of a script; "" where it is missing or shows nothing."""
    if index >= len(node.children):
        return ""
    child = unwrapped(node.children[index])
    if child.tag == "mtable":
        return _table(child, depth).latex(script=True)
    tex = _convert(child, depth + 1).tex
    return "" if tex in ("\\quad", "\\qquad", "\\ ") else tex


def _scripts(sub: int, sup: int) -> Callable[[MathNode, int], Piece]:
    """The handler of an element whose children are a base and scripts, 0 for none, in places."""

    def handler(node: MathNode, depth: int) -> Piece:
        below = _script(node, sub, depth) if sub else ""
        above = _script(node, sup, depth) if sup else ""
        return scripted(_children(node, 1, depth)[0], below, above)

    return handler


def _limits(under: int, over: int) -> Callable[[MathNode, int], Piece]:
    """Likewise of one whose scripts are above and below."""

    def handler(node: MathNode, depth: int) -> Piece:
        bottom = node.children[0] if node.children else MathNode("mrow")
        piece = _merged(unwrapped(bottom), applied=True) or _convert(bottom, depth + 1)
        accents = [
            mathaccents.accent_of(node, index, piece) if index else "" for index in (under, over)
        ]
        below, above = (
            _script(node, index, depth) if index and not accent else ""
            for index, accent in zip((under, over), accents, strict=True)
        )
        return mathaccents.stacked(bottom, piece, (below, above), accents)

    return handler


def _multiscripts(node: MathNode, depth: int) -> Piece:
    before: list[str] = []
    after: list[str] = []
    current = after
    for index, child in enumerate(node.children[1:], start=1):
        if child.tag == "mprescripts":
            current = before
        else:
            current.append(_script(node, index, depth))
    piece = _children(node, 1, depth)[0]
    for at in range(0, len(after), 2):
        sub, sup = (*after[at : at + 2], "")[:2]
        piece = scripted(piece, sub, sup)
    pieces = [scripted(EMPTY, *(*before[at : at + 2], "")[:2]) for at in range(0, len(before), 2)]
    return Piece(join([*pieces, piece])) if before else piece


def _fenced(node: MathNode, depth: int) -> Piece:
    """An ``mfenced`` as the row that it stands for."""
    attributes = node.attributes
    separators = "".join(attributes.get("separators", ",").split())
    row = [MathNode("mo", attributes.get("open", "("), [], {"fence": "true"})]
    for index, child in enumerate(node.children):
        if index and separators:
            row.append(MathNode("mo", separators[min(index, len(separators)) - 1]))
        row.append(child)
    row.append(MathNode("mo", attributes.get("close", ")"), [], {"fence": "true"}))
    if not row[0].text.strip() and not row[-1].text.strip():
        row = row[1:-1]
    return _row(row, depth)


def _table(node: MathNode, depth: int, sides: str = "") -> mathtables.Table:
    cells = [
        [_row(cell.children, depth + 1).tex if cell.tag in ("mtd", "td", "th")
         else _convert(cell, depth + 1).tex for cell in row.children]
        for row in mathtables.rows_of(node)
    ]  # fmt: skip
    return mathtables.table(node, cells, sides)


def _bare_table(node: MathNode, depth: int) -> Piece:
    return Piece(_table(node, depth).latex(), Kind.ATOM, tall=True)


def _enclosed(node: MathNode, depth: int) -> Piece:
    notation = " ".join(node.attributes.get("notation", "longdiv").split())
    inner = unwrapped(node.children[0]) if len(node.children) == 1 else node
    if inner.tag == "mtable" and mathtables.is_frame(notation):
        return Piece(_table(inner, depth, notation).latex(), Kind.ATOM, tall=True)
    inside = _row(node.children, depth)
    names = [_STRIKES[name] for name in notation.split() if name in _STRIKES]
    if set(notation.split()) >= {"left", "right", "top", "bottom"}:
        names = ["boxed"]
    if set(names) >= {"cancel", "bcancel"}:
        names = ["xcancel"]
    for name in names:
        inside = Piece(f"\\{name}{{{inside.tex}}}", Kind.ATOM, inside.tall)
    return inside


def _phantom(node: MathNode, depth: int) -> Piece:
    inside = _row(node.children, depth).tex
    return Piece(f"\\phantom{{{inside}}}", Kind.ATOM) if inside else EMPTY


def _styled(node: MathNode, depth: int) -> Piece:
    """An ``mstyle``, whose alphabet is that of all in it."""
    inside = _merged(node, applied=False) or _row(node.children, depth)
    command, _ = styled(MathNode("mi", "x", [], node.attributes))
    if command and inside.tex:
        return Piece(f"\\{command}{{{inside.tex}}}", Kind.ATOM, inside.tall)
    return inside


def _first(node: MathNode, depth: int) -> Piece:
    return _children(node, 1, depth)[0]


def _nothing(_: MathNode, __: int) -> Piece:
    return EMPTY


_ELEMENTS: dict[str, Callable[[MathNode, int], Piece]] = {
    BARE_TEXT: _bare_text,
    "mn": lambda node, _: number(node),
    "mo": _operator,
    "mglyph": lambda node, _: text(node.text),
    "mspace": _space,
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "msub": _scripts(1, 0),
    "msup": _scripts(0, 1),
    "msubsup": _scripts(1, 2),
    "munder": _limits(1, 0),
    "mover": _limits(0, 1),
    "munderover": _limits(1, 2),
    "mmultiscripts": _multiscripts,
    "mfenced": _fenced,
    "mtable": _bare_table,
    "menclose": _enclosed,
    "mphantom": _phantom,
    "mstyle": _styled,
    "semantics": _first,
    "maction": _first,
    "none": _nothing,
    "mprescripts": _nothing,
}
