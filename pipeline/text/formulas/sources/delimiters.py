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

from pipeline.text.formulas.definitions import BEGINS, definitions_end
from pipeline.text.formulas.sources import asciimath
from pipeline.text.formulas.sources.shortcodes import (
    OPENING,
    VARIABLE,
    has_variables,
    is_meant,
    may_have_shortcodes,
    shortcode_of,
)
from pipeline.text.formulas.sources.typesetters import Delimiters, Pair
from pipeline.text.formulas.sources.unescaped import UNESCAPED, may_be_unescaped, unescaped
from pipeline.text.formulas.tex import (
    MAX_FORMULA,
    Formula,
    formula,
    is_certain,
    is_likely,
    is_prose,
    mended,
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
    VAR_CLOSE,
    VAR_OPEN,
)

#: A single dollar sign is the weakest of delimiters: its formulas are short.
MAX_DOLLAR = 1_000
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
    r"|\\\$|\\\(|\\\[|\$\$|\$|\\begin\{(?P<environment>(?:" + "|".join(_ENVIRONMENTS) + r")\*?)\}"
)
#: Delimiters of one sign, which prose has too: what is between has to look like a formula.
_LONGEST_WEAK = 1
#: What opens a formula where it cannot be one: blocks of definitions.
_DEFINITION = r"|\\(?P<definition>" + BEGINS.removeprefix(r"\\") + ")"
_DEFINES = re.compile(rf"\s*{BEGINS}")
#: Pairs that every page may use, whatever it loads.
_KNOWN: frozenset[Pair] = frozenset((("$", "$"), ("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]")))
_SKIPPED = MARKED | {CODE_OPEN: CODE_CLOSE}
_BLANK = re.compile(rf"(?:\s|%(?!\\)|[{BLOCK}{LINE}])*")
_ENDS = (BLOCK, LINE, CELL)
_PARAGRAPH = re.compile(rf"[{BLOCK}{CELL}]|\n[^\S\n]*\n")
_WORD_BEFORE = re.compile(r"[A-Za-z0-9\\]")
_MONEY = re.compile(r"\s*\d[\d,.]*+(?:[kKmMbB]\b|[^\w=<>+*^]|\Z)")
_BEFORE_OPENING = tuple(" \u00a0,;:/(|&+-–")
_AFTER_CLOSING = re.compile(r"[A-Za-z0-9{(\\]")

# What tags stood for before Markdown or an editor took it for markup.
_UNTANGLED = str.maketrans(
    {
        EM_OPEN: "_", EM_CLOSE: "_", STRONG_OPEN: "__", STRONG_CLOSE: "__",
        VAR_OPEN: "", VAR_CLOSE: "",
        SUB_OPEN: "_{", SUB_CLOSE: "}", SUP_OPEN: "^{", SUP_CLOSE: "}",
        BLOCK: "\n", LINE: "\n", CELL: " ", GLUE: " ", KEPT_SPACE: " ", KEPT_NEWLINE: "\n",
    }
)  # fmt: skip


class Span(NamedTuple):
    """A formula found in ``text[start:end]``; ``certain`` if nothing else is needed.

    ``formula``: ``None`` where commands are defined, and nothing is shown.
    """

    start: int
    end: int
    formula: Formula | None
    notation: str
    certain: bool = True


def find_formulas(text: str, page: Delimiters) -> Iterator[Span]:
    """The delimited formulas of ``text``, in order, never overlapping."""
    own = _own_pairs(page)
    opening_of_any = _openings(
        tuple(own),
        (OPENING if may_have_shortcodes(text) else "")
        + (VARIABLE if has_variables(text, page.typesetter) else ""),
        (_DEFINITION if "\\newcommand" in text or "\\def" in text else "")
        + (UNESCAPED if page.typesetter and may_be_unescaped(text) else ""),
    )
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
        if opening in own and match.lastgroup is None:
            span = _own(text, start, opening, own[opening], absent)
        elif opening == "$" and match.lastgroup is None:
            span = _dollar(text, start, configured=dollars)
            if page.configured and not dollars and span is not None and not span.certain:
                span = None
        elif match.lastgroup == "environment":
            span = _environment(text, match, absent)
        elif match.lastgroup == "definition":
            span = _shown_definitions(text, start)
        elif match.lastgroup == "unescaped":
            span = _unescaped(text, match)
        elif match.lastgroup:
            span = _tagged(text, match, absent)
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
def _openings(own: tuple[str, ...], shortcodes: str, definitions: str) -> re.Pattern[str]:
    # Longer ones first: "$$$" is not "$$".
    first = [re.escape(opening) for opening in sorted(own, key=len, reverse=True)]
    if shortcodes:
        first.append(shortcodes.removeprefix("|"))
    return re.compile("|".join([*first, _OPENINGS]) + definitions)


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
        if is_prose(inside) or (len(opening) == _LONGEST_WEAK and not _is_like_one(inside)):
            return None
        converted = _formula_in(inside, display=display)
        return Span(start, end + len(closing), converted, "configured") if converted else None
    if CODE_OPEN in inside or INLINE_OPEN in inside or DISPLAY_OPEN in inside:
        return None
    converted = formula(asciimath.to_latex(inside.translate(_UNTANGLED)))
    return Span(start, end + len(closing), converted, "asciimath") if converted else None


def _is_like_one(inside: str) -> bool:
    return len(inside) <= MAX_DOLLAR and (is_certain(inside) or is_likely(inside.strip()))


def _tagged(text: str, match: re.Match[str], absent: dict[str, int]) -> Span | None:
    tag = shortcode_of(match)
    begin = match.end()
    end = _closing(text, tag.closing, begin, absent)
    if end < 0:
        return None
    inside = text[begin:end]
    certain = is_certain(inside)
    if BLOCK in inside and not (certain and tag.display and inside.count(BLOCK) <= MAX_BLOCKS):
        return None
    if is_prose(inside) or not is_meant(inside, tag):
        return None
    if tag.notation == "var":
        if not _is_like_one(inside):
            return None
    else:
        certain = True
    converted = _formula_in(inside, display=tag.display)
    end += len(tag.closing)
    return Span(match.start(), end, converted, tag.notation, certain) if converted else None


def _shown_definitions(text: str, start: int) -> Span | None:
    """A block that holds definitions of commands alone."""
    end = definitions_end(text, start)
    before, after = text[:start].rstrip(), text[end : end + MAX_DOLLAR].lstrip()
    alone = not before or before[-1] in _ENDS
    if end == start or not alone or (after and after[0] not in _ENDS):
        return None
    return Span(start, end, None, "definitions")


def _unescaped(text: str, match: re.Match[str]) -> Span | None:
    spelled = unescaped(text, match)
    converted = _formula_in(spelled[0], display=spelled[1]) if spelled else None
    return Span(match.start(), match.end(), converted, "unescaped") if converted else None


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
    if (defined := _definitions(text, start, start + len(opening), mark)) is not None:
        return defined
    end = _closing(text, mark, start + len(opening), absent)
    if end < 0:
        return None
    inside = text[start + len(opening) : end]
    if opening == "$$":
        if not (is_certain(inside) or is_likely(inside) or _has_relation(inside)):
            return None
    elif opening in inside or (is_prose(inside) and is_prose(mended(inside))):
        return None
    if BLOCK in inside and (
        not display or not is_certain(inside) or inside.count(BLOCK) > MAX_BLOCKS
    ):
        return None
    converted = _formula_in(inside, display=display)
    if converted is None:
        return None
    certain = opening != "$$" or is_certain(inside)
    return Span(start, end + len(mark), converted, notation, certain)


def _definitions(text: str, start: int, begin: int, mark: str) -> Span | None:
    """A formula that defines commands, with any delimiters in it, and shows nothing."""
    if not _DEFINES.match(text, begin):
        return None
    end = definitions_end(text, begin)
    after = _BLANK.match(text, end)
    end = after.end() if after else end
    if not text.startswith(mark, end):
        return None
    return Span(start, end + len(mark), None, "definitions")


def _has_relation(inside: str) -> bool:
    return "=" in inside and ";" not in inside and '"' not in inside and len(inside) < 500


def _environment(text: str, match: re.Match[str], absent: dict[str, int]) -> Span | None:
    mark = f"\\end{{{match['environment']}}}"
    end = _closing(text, mark, match.end(), absent)
    if end < 0 or text.count(BLOCK, match.end(), end) > MAX_BLOCKS:
        return None
    end += len(mark)
    converted = _formula_in(text[match.start() : end], display=match["environment"] != "math")
    return Span(match.start(), end, converted, "environment") if converted else None


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
    if loose and not certain and (_MONEY.match(inside) or _is_opening(text, inside, end)):
        return None
    converted = _formula_in(inside, display=False)
    return Span(start, end + 1, converted, "dollar", certain or configured) if converted else None


def _is_opening(text: str, inside: str, end: int) -> bool:
    """Whether the dollar sign at ``end`` opens something itself: "$AAPL, $MSFT"."""
    after = text[end + 1 : end + 2]
    return after.isascii() and after.isalnum() and inside[-1:] in _BEFORE_OPENING


def mark_delimited(text: str, page: Delimiters, *, has_formulas: bool) -> tuple[str, Counter[str]]:
    """``text`` with its delimited formulas marked, and how many of each notation.

    ``page``: what its scripts say; ``has_formulas``: whether it has some of other
    notations. Without one of these, and without one formula that is certain, nothing
    doubtful becomes a formula: a page with prices has no mathematics.
    """
    spans = list(find_formulas(text, page))
    trusted = (
        has_formulas
        or bool(page.typesetter)
        or any(span.certain for span in spans if span.notation != "var")
    )
    notations: Counter[str] = Counter()
    parts: list[str] = []
    position = 0
    for span in spans:
        if not (span.certain or trusted or span.notation == "var"):
            continue
        parts.append(text[position : span.start])
        position = span.end
        if span.formula is not None:
            parts.append(span.formula.marked())
            notations[span.notation] += 1
    parts.append(text[position:])
    return "".join(parts), notations
