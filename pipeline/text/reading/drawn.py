"""Mathematics that prose draws with elements: fractions, roots, raised and lowered text.

What is drawn so is written as text, ``3 1/4`` and ``√(x + 1)``, no formula.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.elements import DRAWING, FRACTION_TABLE
from pipeline.text.formulas.formula_classes import FRACTIONS
from pipeline.text.formulas.sources.fractions import (
    Fraction,
    classed_fraction,
    drawn_fraction,
    fraction_table,
)
from pipeline.text.marks import (
    BLOCK,
    KEPT_NEWLINE,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
    VAR_CLOSE,
    VAR_OPEN,
)
from pipeline.text.reading.formula_pieces import FormulaPieces

#: Characters of one side of a fraction, and under the line of a root.
_LONGEST_PART, _LONGEST_ROOT = 120, 300
_RAISED = frozenset("sup superscript supscript superscr".split())
_LOWERED = frozenset("sub subscript subscr".split())
_SHIFTED = re.compile(r"vertical-align\s*:\s*(super|sub|text-top|text-bottom)\b")
_LINE_OVER = re.compile(r"border-top\s*:(?!\s*(?:0|none))|text-decoration[\w-]*\s*:[^;]*overline")
#: Characters that stand for no mark of the page's structure.
_NO_TEXT = re.compile("[\ufdd0-\ufdef]+")
_SUM = re.compile(r"[^\s(\[{][ \u00a0]?[+−–*·×/÷=±-]|[^\s,][ \u00a0]+[^\s,]")
_SINGLE = re.compile(rf"[{VAR_OPEN}]?(?:\w[\u0300-\u036f]*|\d+(?:[.,]\d+)?)[{VAR_CLOSE}]?")
_ROOTS = ("√", "∛", "∜")
#: Characters of a word over which a line of its own is drawn, as over a repeating decimal.
_LONGEST_OVERLINED = 8
_OVERLINE = "\u0305"

#: Elements that a mark of a note may be wrapped in.
_MAX_WRAPPERS = 4
_NOTE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:references?|footnotes?|fn|noteref|footnoteref|cite|citation|endnote|notes?"
    r"|bibref|easy-footnote|ref)(?=$|[\s_-])",
    re.IGNORECASE,
)
_NOTE_TARGET = re.compile(
    r"#.*(?:fn|note|cite|ref|foot|anm|fuss|bib|source|nota|^#\d+$|^#[a-z]?\d+$)", re.IGNORECASE
)
_NOTE_SIGN = re.compile(r"\s*[\[(]?(?:\d{1,3}|[*†‡§¶]+|[a-z]|[ivx]{1,5})[\])]?\s*", re.IGNORECASE)


def write_drawn(reader: FormulaPieces, element: LexborNode, depth: int, classes: str) -> bool:
    """Whether ``element`` is, by its classes, raised, lowered or a fraction; it is written then."""
    names = classes.lower().split()
    if not _RAISED.isdisjoint(names):
        return _write_between(reader, element, depth, SUP_OPEN, SUP_CLOSE)
    if not _LOWERED.isdisjoint(names):
        return _write_between(reader, element, depth, SUB_OPEN, SUB_CLOSE)
    if FRACTIONS.isdisjoint(names):
        return False
    fraction = classed_fraction(element)
    return fraction is not None and _write_fraction(reader, fraction, depth)


def write_styled(reader: FormulaPieces, element: LexborNode, depth: int, style: str) -> bool:
    """Likewise by its style; also what stands under the line of a root."""
    if "vertical-align" in style and (shifted := _SHIFTED.search(style)):
        if shifted[1] in ("super", "text-top"):
            return _write_between(reader, element, depth, SUP_OPEN, SUP_CLOSE)
        return _write_between(reader, element, depth, SUB_OPEN, SUB_CLOSE)
    if "inline-" in style:
        fraction = drawn_fraction(element)
        return fraction is not None and _write_fraction(reader, fraction, depth)
    if ("border-top" in style or "overline" in style) and _LINE_OVER.search(style):
        return _write_under_line(reader, element, depth)
    return False


def write_fraction_table(reader: FormulaPieces, table: LexborNode) -> bool:
    """Whether ``table`` is a fraction: two cells and a line between them; written in the line.

    A table ends the paragraph that it stands in, for HTML's parser, but not for its author.
    """
    if fraction_table(table) is None:
        return False
    before = table.prev
    follows = before is not None and before.tag == "p" and _ends_in_hollow(before)
    if follows and reader.ended and reader.pieces[-1] == BLOCK:
        ended = reader.pieces.pop()
        if reader.write_formula(table, FRACTION_TABLE):
            return True
        reader.pieces.append(ended)
        return False
    return reader.write_formula(table, FRACTION_TABLE)


def _ends_in_hollow(paragraph: LexborNode) -> bool:
    last = paragraph.last_child
    return last is not None and last.tag == "span" and last.first_child is None


def write_fraction_cell(reader: FormulaPieces, cell: LexborNode, depth: int) -> bool:
    """Whether a table's cell is a fraction with a rule for its line."""
    fraction = drawn_fraction(cell)
    return fraction is not None and _write_fraction(reader, fraction, depth)


def _write_between(
    reader: FormulaPieces, element: LexborNode, depth: int, opening: str, closing: str
) -> bool:
    if is_note_mark(element):
        return False
    reader.pieces.append(opening)
    reader.read(element, depth)
    reader.pieces.append(closing)
    return True


def _write_fraction(reader: FormulaPieces, fraction: Fraction, depth: int) -> bool:
    if any(len(part.text()) > _LONGEST_PART for part in (fraction.above, fraction.below)):
        return False
    whole = "".join([_part(reader, node, depth) for node in fraction.whole]).strip(" \u2060+\u00a0")
    above, below = (
        _operand(_part(reader, node, depth).strip()) for node in (fraction.above, fraction.below)
    )
    if not above or not below:
        return False
    before = next((piece for piece in reversed(reader.pieces[-4:]) if piece), "")
    # A number that stands before a fraction is added to it.
    before = before.rstrip("\u2060\u200b")[-1:]
    space = " " if not whole and before.isalnum() else ""
    reader.pieces.append(f"{space}{whole}{whole and ' '}{above}{fraction.slash}{below}")
    reader.ended = 0
    return True


def _part(reader: FormulaPieces, node: LexborNode, depth: int) -> str:
    """The marked text of ``node``, in a line."""
    if node.is_text_node:
        return node.text_content or ""
    start, ended = len(reader.pieces), reader.ended
    reader.ended = 0
    reader.read(node, depth + 1)
    text = "".join(reader.pieces[start:])
    reader.take_back(start)
    reader.ended = ended
    return _NO_TEXT.sub(" ", text)


def _operand(text: str) -> str:
    text = " ".join(text.split())
    bracketed = text.startswith("(") and text.find(")") == len(text) - 1
    return f"({text})" if _SUM.search(text) and not bracketed else text


def _write_under_line(reader: FormulaPieces, element: LexborNode, depth: int) -> bool:
    before = "".join(reader.pieces[-3:]).rstrip(" \u00a0\u2060\u200a")[-1:]
    if before in _ROOTS and len(element.text()) <= _LONGEST_ROOT:
        inside = _part(reader, element, depth).strip(" \u00a0\u2009\n")
        single = _SINGLE.fullmatch(inside) or (inside.startswith("(") and inside.endswith(")"))
        reader.pieces.append(inside if single else f"({inside})")
        reader.ended = 0
        return bool(inside)
    text = element.text()
    if (
        len(text) <= _LONGEST_OVERLINED
        and text.strip().isalnum()
        and "overline" in (element.attributes.get("style") or "")
    ):
        reader.pieces.append("".join([letter + _OVERLINE for letter in text.strip()]))
        reader.ended = 0
        return True
    return False


def is_note_mark(element: LexborNode) -> bool:
    """Whether a ``<sup>`` links to a note, or says that it is the mark of one."""
    attributes = element.attributes
    for name in ("class", "id", "role"):
        if (value := attributes.get(name)) and _NOTE_CLASS.search(value[:200]):
            return True
    parent = element.parent
    if parent is not None and parent.tag == "a" and element.prev is None and element.next is None:
        return _links_to_note(parent)
    inner = element.first_child
    for _ in range(_MAX_WRAPPERS):
        while inner is not None and inner.is_text_node:
            inner = inner.next
        if inner is None:
            return False
        if inner.tag == "a":
            return _links_to_note(inner)
        inner = inner.first_child
    return False


def _links_to_note(link: LexborNode) -> bool:
    attributes = link.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('role') or ''}"
    target = attributes.get("href") or ""
    if _NOTE_CLASS.search(names[:200]) or "noteref" in names:
        return True
    if "#" not in target:
        return False
    named = _NOTE_TARGET.search(target[target.index("#") :][:200])
    return bool(named or _NOTE_SIGN.fullmatch(link.text()[:20]))


# --- Drawings, and text that no browser shows as it is --------------------------------


def write_svg(reader: FormulaPieces, svg: LexborNode) -> None:
    """The formula that a drawing says it is, by its title or label."""
    first = svg.first_child
    if first is not None and first.is_text_node:
        first = first.next
    if first is None:
        return
    attributes = svg.attributes
    # Icons begin with what they draw, and most have no label.
    if (
        first.tag in ("title", "desc", "metadata")
        or "aria-label" in attributes
        or ("data-latex" in attributes)
    ):
        reader.write_formula(svg, DRAWING)


def write_script_type(reader: FormulaPieces, script: LexborNode, kind: str) -> None:
    """The Markdown of slides, which programs read out of ``<script type="text/template">``."""
    parent = script.parent
    is_marked = parent is not None and "data-markdown" in parent.attributes
    if not is_marked and "markdown" not in kind:
        return
    for paragraph in (script.text() or "").split("\n\n"):
        lines = [line.strip() for line in paragraph.split("\n")]
        if text := KEPT_NEWLINE.join(filter(None, lines)):
            reader.pieces += (BLOCK, text, BLOCK)
            reader.characters += len(text)
            reader.prose += len(text)
            reader.ended = 0
