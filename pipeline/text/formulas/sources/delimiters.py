r"""Formulas between delimiters in a page's text: ``\( \)``, ``\[ \]``, ``$ $``,
``$$ $$``, bare environments, and whatever else the page itself says.

The text is read as MathJax reads it: line breaks and simple inline elements (which
Markdown and editors leave inside formulas) do not end a formula; code is no text.
Every search is bounded, and one that failed is not made again, so that the time is
linear in the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from pipeline.text.formulas.sources import asciimath
from pipeline.text.formulas.sources.typesetters import Delimiters, Pair, delimiters_of
from pipeline.text.formulas.tex import (
    MAX_FORMULA,
    Formula,
    formula,
    is_certain,
    is_likely,
    is_prose,
)
from pipeline.text.marks import (
    BLOCK,
    CELL,
    CODE_CLOSE,
    CODE_OPEN,
    DISPLAY_OPEN,
    EM_CLOSE,
    EM_OPEN,
    GLUE,
    INLINE_OPEN,
    KEPT_NEWLINE,
    KEPT_SPACE,
    LINE,
    MARKED,
    STRONG_CLOSE,
    STRONG_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
)

#: A single dollar sign is the weakest of delimiters: its formulas are short.
MAX_DOLLAR = 1_000
#: Scripts of a page that are looked at for what they typeset.
MAX_SCRIPTS = 200
#: Ends of paragraphs that editors leave in the middle of a displayed formula.
MAX_BLOCKS = 40

_ENVIRONMENTS = (
    "equation align alignat aligned gather gathered multline eqnarray flalign split displaymath "
    "math array cases matrix pmatrix bmatrix vmatrix Vmatrix Bmatrix smallmatrix subequations "
    "CD numcases dcases"
).split()
# Each begins with a character of its own, not with a class of them: so the engine skips to
# the next place where one may begin.
_OPENINGS = (
    f"{INLINE_OPEN}|{DISPLAY_OPEN}|{CODE_OPEN}"
    r"|\\\$|\\\(|\\\[|\$\$|\$|\\begin\{((?:" + "|".join(_ENVIRONMENTS) + r")\*?)\}"
)
#: What opens most of the pairs of which pages say that they use them, by first character.
_OWN_OPENINGS = (
    ("#", ("##",)),
    ("@", ("@@",)),
    ("%", ("%%",)),
    ("{", ("{eq",)),
    ("[", ("[math", "[tex", "[latex", "[eq")),
)
#: Pairs that every page may use, whatever it loads.
_KNOWN: frozenset[Pair] = frozenset((("$", "$"), ("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]")))
_SKIPPED = MARKED | {CODE_OPEN: CODE_CLOSE}
_PARAGRAPH = re.compile(rf"[{BLOCK}{CELL}]|\n[^\S\n]*\n")
_WORD_BEFORE = re.compile(r"[A-Za-z0-9\\]")
_MONEY = re.compile(r"\s*\d[\d,.]*+(?:[kKmMbB]\b|[^\w=<>+*^]|\Z)")
_AFTER_CLOSING = re.compile(r"[A-Za-z0-9{(\\]")

# What tags stood for before Markdown or an editor took it for markup.
_UNTANGLED = str.maketrans(
    {
        EM_OPEN: "_", EM_CLOSE: "_", STRONG_OPEN: "__", STRONG_CLOSE: "__",
        SUB_OPEN: "_{", SUB_CLOSE: "}", SUP_OPEN: "^{", SUP_CLOSE: "}",
        BLOCK: "\n", LINE: "\n", CELL: " ", GLUE: " ", KEPT_SPACE: " ", KEPT_NEWLINE: "\n",
    }
)  # fmt: skip


class Span(NamedTuple):
    """A formula found in ``text[start:end]``; ``certain`` if nothing else is needed."""

    start: int
    end: int
    formula: Formula
    notation: str
    certain: bool = True


def find_formulas(text: str, page: Delimiters) -> Iterator[Span]:
    """The delimited formulas of ``text``, in order, never overlapping."""
    own = _own_pairs(page)
    opening_of_any = _openings(tuple(own))
    dollars = ("$", "$") in page.inline
    position = 0
    absent: dict[str, int] = {}
    while match := opening_of_any.search(text, position):
        start, opening = match.start(), match.group()
        position = match.end()
        if opening == "\\$" and opening not in own:
            continue
        if opening in _SKIPPED:
            # A formula already, or code: what is inside is not looked at.
            end = text.find(_SKIPPED[opening], position)
            position = end + 1 if end >= 0 else position
            continue
        if opening in own:
            span = _own(text, start, opening, own[opening], absent)
        elif opening == "$":
            span = _dollar(text, start, configured=dollars)
            if page.configured and not dollars and span is not None and not span.certain:
                span = None
        elif match[1]:
            span = _environment(text, match, absent)
        else:
            span = _paired(text, start, opening, absent)
        if span is not None:
            yield span
            position = span.end


#: Closing delimiter, whether displayed, whether AsciiMath.
_Own = tuple[str, bool, bool]


def _own_pairs(page: Delimiters) -> dict[str, _Own]:
    """The page's own pairs by what opens them."""
    pairs: dict[str, _Own] = {}
    for opening, closing in page.asciimath:
        pairs.setdefault(opening, (closing, False, True))
    for display, known in ((False, page.inline), (True, page.display)):
        for pair in known:
            if pair not in _KNOWN:
                pairs.setdefault(pair[0], (pair[1], display, False))
    return pairs


@lru_cache(maxsize=256)
def _openings(own: tuple[str, ...]) -> re.Pattern[str]:
    # Longer ones first: "$$$" is not "$$".
    first = [re.escape(opening) for opening in sorted(own, key=len, reverse=True)]
    return re.compile("|".join([*first, _OPENINGS]))


def _own(text: str, start: int, opening: str, own: _Own, absent: dict[str, int]) -> Span | None:
    closing, display, is_asciimath = own
    begin = start + len(opening)
    end = _closing(text, closing, begin, absent)
    if end < 0:
        return None
    inside = text[begin:end]
    if BLOCK in inside:
        return None
    if not is_asciimath:
        if is_prose(inside):
            return None
        found = _formula_in(inside, display=display)
        return Span(start, end + len(closing), found, "configured") if found else None
    if CODE_OPEN in inside or INLINE_OPEN in inside or DISPLAY_OPEN in inside:
        return None
    found = formula(asciimath.to_latex(inside.translate(_UNTANGLED)))
    return Span(start, end + len(closing), found, "asciimath") if found else None


def _closing(text: str, mark: str, start: int, absent: dict[str, int]) -> int:
    """Where ``mark`` is next, -1 if not within reach; looks at no character twice."""
    known = absent.get(mark, -1)
    if known < start:
        known = text.find(mark, start)
        if known < 0:
            known = len(text) + MAX_FORMULA
        absent[mark] = known
    return known if known - start <= MAX_FORMULA and known < len(text) else -1


def _formula_in(inside: str, *, display: bool) -> Formula | None:
    """The formula in a piece of marked text; ``None`` where it holds code or formulas."""
    if inside.isascii():
        return formula(inside, display=display)
    if INLINE_OPEN in inside or DISPLAY_OPEN in inside or CODE_OPEN in inside:
        return None
    return formula(inside.translate(_UNTANGLED), display=display)


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
    if BLOCK in inside and (
        not display or not is_certain(inside) or inside.count(BLOCK) > MAX_BLOCKS
    ):
        return None
    found = _formula_in(inside, display=display)
    if found is None:
        return None
    certain = opening != "$$" or is_certain(inside)
    return Span(start, end + len(mark), found, notation, certain)


def _has_relation(inside: str) -> bool:
    return "=" in inside and ";" not in inside and '"' not in inside and len(inside) < 500


def _environment(text: str, match: re.Match[str], absent: dict[str, int]) -> Span | None:
    mark = f"\\end{{{match[1]}}}"
    end = _closing(text, mark, match.end(), absent)
    if end < 0 or text.count(BLOCK, match.end(), end) > MAX_BLOCKS:
        return None
    end += len(mark)
    found = _formula_in(text[match.start() : end], display=match[1] != "math")
    return Span(match.start(), end, found, "environment") if found else None


def _dollar(text: str, start: int, *, configured: bool) -> Span | None:
    """A formula between single dollar signs, by Pandoc's rules and stricter.

    No space inside the delimiters, no letter or digit outside, no end of a
    paragraph within, and contents that look like mathematics: with a TeX command
    or script that is certain, without one it is for the rest of the page to say.
    Where the page's own configuration makes dollar signs delimiters, spaces inside
    and letters beside them are no hindrance, as they are none for its program.
    """
    after = text[start + 1 : start + 2]
    if not after or (start and text[start - 1] == "\\"):
        return None
    loose = after.isspace() or bool(start and _WORD_BEFORE.match(text[start - 1]))
    if loose and not configured:
        return None
    end = start
    while True:
        end = text.find("$", end + 1, start + MAX_DOLLAR)
        if end < 0:
            return None
        if text[end - 1] != "\\":
            break
    inside = text[start + 1 : end]
    loose = loose or inside[-1:].isspace() or bool(_AFTER_CLOSING.match(text, end + 1))
    if (loose and not configured) or _PARAGRAPH.search(inside):
        return None
    certain = is_certain(inside)
    if not certain and not is_likely(inside.strip()):
        return None
    if loose and not certain and _MONEY.match(inside):
        return None
    found = _formula_in(inside, display=False)
    return Span(start, end + 1, found, "dollar", certain or configured) if found else None


def mark_delimited(text: str, page: Delimiters, *, has_formulas: bool) -> tuple[str, Counter[str]]:
    """``text`` with its delimited formulas marked, and how many of each notation.

    ``page``: what its scripts say; ``has_formulas``: whether it has some of other
    notations. Without one of these, and without one formula that is certain, nothing
    doubtful becomes a formula: a page with prices has no mathematics.
    """
    spans = list(find_formulas(text, page))
    trusted = has_formulas or bool(page.typesetter) or any(span.certain for span in spans)
    notations: Counter[str] = Counter()
    parts: list[str] = []
    position = 0
    for span in spans:
        if span.certain or trusted:
            parts += (text[position : span.start], span.formula.marked())
            position = span.end
            notations[span.notation] += 1
    parts.append(text[position:])
    return "".join(parts), notations


def may_have_delimited(text: str) -> bool:
    """Whether anything outside of code may open a formula: most pages need look no further."""
    return _may_open(text) and ("\\" in (prose := _outside_code(text)) or _needs_scripts(prose))


def page_delimiters(document: LexborHTMLParser, text: str) -> Delimiters | None:
    """What the page's own scripts say of the delimiters in its marked ``text``.

    ``None`` where nothing outside of code may open a formula.
    """
    if not _may_open(text):
        return None
    prose = _outside_code(text)
    if not _needs_scripts(prose):
        return Delimiters() if "\\" in prose else None
    scripts = []
    for script in document.tags("script")[:MAX_SCRIPTS]:
        attributes = script.attributes
        text = "" if "src" in attributes else script.text()
        scripts.append((attributes.get("src") or "", attributes.get("type") or "", text))
    return delimiters_of(scripts)


def _may_open(text: str) -> bool:
    return "$" in text or "\\" in text or "`" in text or _has_own_openings(text)


def _needs_scripts(prose: str) -> bool:
    """Whether it depends on the page's scripts what is a formula in ``prose``."""
    return "$" in prose or "`" in prose or _has_own_openings(prose)


def _has_own_openings(text: str) -> bool:
    # Single characters are found faster by far than longer strings.
    return any(
        first in text and any(opening in text for opening in openings)
        for first, openings in _OWN_OPENINGS
    )


def _outside_code(text: str) -> str:
    if CODE_OPEN not in text:
        return text
    first, *after = text.split(CODE_OPEN)
    return first + "".join([part.partition(CODE_CLOSE)[2] for part in after])
