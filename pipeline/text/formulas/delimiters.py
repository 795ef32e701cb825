"""Formulas between delimiters in a page's text: ``\\( \\)``, ``\\[ \\]``, ``$ $``,
``$$ $$`` and bare environments.

The text is read as MathJax reads it: over the text nodes of one element, where
line breaks and simple inline elements (which Markdown and editors leave inside
formulas) do not end a formula. Every search is bounded, and one that failed is
not made again, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from resiliparse.parse.html import TEXT

from pipeline.text.formulas.tex import (
    DISPLAY_OPEN,
    INLINE_OPEN,
    MARKED,
    MAX_FORMULA,
    Formula,
    formula,
    is_certain,
    is_likely,
    is_prose,
)

#: Elements whose text is no prose.
OPAQUE = frozenset(
    "pre code textarea script style samp kbd tt xmp listing title option select noscript "
    "template iframe svg math annotation button".split()
)
#: What formulas in text begin with.
OPENINGS = ("$", "\\(", "\\[", "\\begin")
#: A single dollar sign is the weakest of delimiters: its formulas are short.
MAX_DOLLAR = 1_000

_ENVIRONMENTS = (
    "equation align alignat aligned gather gathered multline eqnarray flalign split displaymath "
    "math array cases matrix pmatrix bmatrix vmatrix Vmatrix Bmatrix smallmatrix subequations "
    "CD numcases dcases"
).split()
_OPENING = re.compile(
    rf"[{INLINE_OPEN}{DISPLAY_OPEN}]"
    r"|\\\$|\\\(|\\\[|\$\$|\$|\\begin\{((?:" + "|".join(_ENVIRONMENTS) + r")\*?)\}"
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_WORD_BEFORE = re.compile(r"[A-Za-z0-9\\]")
_AFTER_CLOSING = re.compile(r"[A-Za-z0-9{(\\]")

# Inline elements that formulas run through, and what their tags stood for.
_WRAPS = {
    "em": ("_", "_"),
    "sub": ("_{", "}"),
    "sup": ("^{", "}"),
    "i": ("", ""),
    "b": ("", ""),
    "span": ("", ""),
    "strong": ("__", "__"),
    "font": ("", ""),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A formula found in ``text[start:end]``; ``certain`` if nothing else is needed."""

    start: int
    end: int
    formula: Formula
    notation: str
    certain: bool = True


def find_formulas(text: str) -> Iterator[Span]:
    """The delimited formulas of ``text``, in order, never overlapping."""
    position = 0
    absent: dict[str, int] = {}
    while match := _OPENING.search(text, position):
        start, opening = match.span()[0], match.group()
        position = match.end()
        if opening == "\\$":
            continue
        if opening in MARKED:
            # Marked already: what is inside is not looked at again.
            end = _closing(text, MARKED[opening], position, absent)
            position = end + 1 if end >= 0 else position
            continue
        if opening == "$":
            span = _dollar(text, start)
        elif match[1]:
            span = _environment(text, match, absent)
        else:
            span = _paired(text, start, opening, absent)
        if span is not None:
            yield span
            position = span.end


def _closing(text: str, mark: str, start: int, absent: dict[str, int]) -> int:
    """Where ``mark`` is next, -1 if not within reach; looks at no character twice."""
    known = absent.get(mark, -1)
    if known < start:
        known = text.find(mark, start)
        if known < 0:
            known = len(text) + MAX_FORMULA
        absent[mark] = known
    return known if known - start <= MAX_FORMULA and known < len(text) else -1


_PAIRS = {
    "\\(": ("\\)", False, "paren"),
    "\\[": ("\\]", True, "bracket"),
    "$$": ("$$", True, "dollars"),
}


def _paired(text: str, start: int, opening: str, absent: dict[str, int]) -> Span | None:
    mark, display, notation = _PAIRS[opening]
    end = _closing(text, mark, start + len(opening), absent)
    if end < 0:
        return None
    inside = text[start + len(opening) : end]
    if opening == "$$":
        if not (is_certain(inside) or is_likely(inside) or _has_relation(inside)):
            return None
    elif opening in inside or is_prose(inside):
        return None
    found = formula(inside, display=display)
    if found is None:
        return None
    certain = opening != "$$" or is_certain(inside)
    return Span(start, end + len(mark), found, notation, certain)


def _has_relation(inside: str) -> bool:
    return "=" in inside and ";" not in inside and '"' not in inside and len(inside) < 500


def _environment(text: str, match: re.Match[str], absent: dict[str, int]) -> Span | None:
    mark = f"\\end{{{match[1]}}}"
    end = _closing(text, mark, match.end(), absent)
    if end < 0:
        return None
    end += len(mark)
    found = formula(text[match.start() : end], display=match[1] != "math")
    return Span(match.start(), end, found, "environment") if found else None


def _dollar(text: str, start: int) -> Span | None:
    """A formula between single dollar signs, by Pandoc's rules and stricter.

    No space inside the delimiters, no letter or digit outside, no blank line
    within, and contents that look like mathematics: with a TeX command or script
    that is certain, without one it is for the rest of the page to say.
    """
    after = text[start + 1 : start + 2]
    if not after or after.isspace() or (start and _WORD_BEFORE.match(text[start - 1])):
        return None
    end = start
    while True:
        end = text.find("$", end + 1, start + MAX_DOLLAR)
        if end < 0:
            return None
        if text[end - 1] != "\\":
            break
    inside = text[start + 1 : end]
    if inside[-1:].isspace() or _AFTER_CLOSING.match(text, end + 1):
        return None
    if _BLANK_LINE.search(inside):
        return None
    certain = is_certain(inside)
    if not certain and not is_likely(inside):
        return None
    found = formula(inside)
    return Span(start, end + 1, found, "dollar", certain) if found else None


# --- In the tree --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    node: Any
    text: str
    editable: bool


def mark_delimited(
    document: Any, openings: Sequence[str], evidence: Callable[[], bool]
) -> Counter[str]:
    """Mark all delimited formulas below ``document``; how many of each notation.

    ``openings``: those of ``OPENINGS`` that occur in the page's source at all.
    ``evidence``: whether the page loads a program that typesets TeX. Without that, and
    without one formula that is certain, nothing doubtful becomes a formula: a
    page with prices has no mathematics.
    """
    if not openings:
        return Counter()
    runs: list[tuple[list[_Piece], list[Span]]] = []
    for element in document.query_selector_all(_own_text_with(openings)).values():
        if _is_opaque(element):
            continue
        for pieces in _runs(element):
            text = "".join([piece.text for piece in pieces])
            if spans := list(find_formulas(text)):
                runs.append((pieces, spans))
    certain = [span.certain for _, spans in runs for span in spans]
    trusted = any(certain) or evidence()
    notations: Counter[str] = Counter()
    for pieces, spans in runs:
        kept = [span for span in spans if span.certain or trusted]
        if kept:
            notations.update(_replace(pieces, kept))
    return notations


def _own_text_with(openings: Sequence[str]) -> str:
    """Selector of elements whose own text holds one of ``openings``.

    lexbor's extension to CSS looks at an element's own text nodes, at C speed; to
    look at each of them in Python would cost more than parsing the page.
    """
    escaped = (opening.replace("\\", "\\\\") for opening in openings)
    return ", ".join(f':lexbor-contains("{opening}")' for opening in escaped)


def _is_opaque(element: Any) -> bool:
    node = element
    while node is not None:
        if node.tag in OPAQUE:
            return True
        node = node.parent
    return False


def _runs(element: Any) -> Iterator[list[_Piece]]:
    """The element's children as runs of text that a formula may go through."""
    run: list[_Piece] = []
    for node in element.child_nodes.values():
        piece = _piece(node)
        if piece is not None:
            run.append(piece)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _piece(node: Any) -> _Piece | None:
    if node.node_type == TEXT:
        return _Piece(node, node.value or "", True)
    tag = node.tag
    if tag == "br":
        return _Piece(node, "\n", False)
    if tag == "#comment":
        return _Piece(node, "", False)
    if tag in _WRAPS:
        only = node.first_child
        if only is not None and only.node_type == TEXT and only.next_sibling is None:
            before, after = _WRAPS[tag]
            return _Piece(node, f"{before}{only.value or ''}{after}", False)
    return None


def _replace(pieces: list[_Piece], spans: list[Span]) -> list[str]:
    """Write the formulas over the pieces they were found in; the notation of each."""
    begins = [0]
    for piece in pieces:
        begins.append(begins[-1] + len(piece.text))
    # What becomes of a piece's own text: (from, to, what stands there instead).
    edits: dict[int, list[tuple[int, int, str]]] = {}
    written: list[str] = []
    for span in spans:
        first = bisect_right(begins, span.start) - 1
        last = bisect_left(begins, span.end) - 1
        if not (pieces[first].editable and pieces[last].editable):
            # It lies within an inline element, whose own turn comes or was.
            continue
        start, end = span.start - begins[first], span.end - begins[last]
        if first == last:
            edits.setdefault(first, []).append((start, end, span.formula.marked()))
        else:
            length = len(pieces[first].text)
            edits.setdefault(first, []).append((start, length, span.formula.marked()))
            edits.setdefault(last, []).append((0, end, ""))
            for index in range(first + 1, last):
                node = pieces[index].node
                node.parent.remove_child(node)
        written.append(span.notation)
    for index, changes in edits.items():
        pieces[index].node.value = _edited(pieces[index].text, changes)
    return written


def _edited(text: str, changes: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, replacement in changes:
        parts += (text[position:start], replacement)
        position = end
    return "".join([*parts, text[position:]])
