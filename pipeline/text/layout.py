"""From marked text to finished text: white space, lines, bullets, cells, delimiters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from pipeline.text.formulas.definitions import is_definitions
from pipeline.text.lines import LONGEST, RULE, SHORT_BEGINNINGS, Lines, may_go
from pipeline.text.marks import (
    BLOCK,
    CELL,
    CODE_CLOSE,
    CODE_OPEN,
    DISPLAY_CLOSE,
    DISPLAY_OPEN,
    EM_CLOSE,
    EM_OPEN,
    FORMULA_MARKS,
    GLUE,
    INLINE_CLOSE,
    INLINE_OPEN,
    KEPT_NEWLINE,
    KEPT_SPACE,
    LINE,
    STRONG_CLOSE,
    STRONG_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
    VAR_CLOSE,
    VAR_OPEN,
    without_marks,
)

# Marks of inline elements that no formula took up.
_INLINE_MARKS = (
    (CODE_OPEN, CODE_CLOSE), (SUP_OPEN, SUP_CLOSE), (SUB_OPEN, SUB_CLOSE),
    (EM_OPEN, EM_CLOSE), (STRONG_OPEN, STRONG_CLOSE), (VAR_OPEN, VAR_CLOSE),
)  # fmt: skip
# What has no place in text: controls, soft hyphens, zero-width spaces, word joiners,
# byte order marks, lone surrogates.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2060-\u2063\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]"
)
#: Numbers of equations: "(3)", "(2.14a)", "[7]", "(A.1)".
_EQUATION_NUMBER = re.compile(r"[(（\[][A-Z]?\.?\d+(?:[.-]\d+){0,3}[a-z*']?[)）\]]")
_LONGEST_NUMBER = 14
#: Shorter formulas are written twice in a row, on purpose.
_LEAST_DOUBLED = 3
#: Spaces between a formula and its copy.
_NEAR = 4
#: List signs whose item has been left out. A line that is "12." on the page stays.
_LONE_BULLETS = re.compile(
    rf"(?:(?:-|\d{{1,6}}\.){GLUE}[\s\u00ad\u200b\u2060\ufeff]*)+(?=[{BLOCK}{LINE}{CELL}]|\Z)"
)
#: What follows such a sign. It begins with one mark, which is found fast, and few pages have it.
_NOTHING_FOLLOWS = re.compile(rf"{GLUE}[\s\u00ad\u200b\u2060\ufeff]*(?:[{BLOCK}{LINE}{CELL}]|\Z)")
_MARKED = re.compile(
    f"{INLINE_OPEN}([^{FORMULA_MARKS}]*){INLINE_CLOSE}"
    f"|{DISPLAY_OPEN}([^{FORMULA_MARKS}]*){DISPLAY_CLOSE}"
)
# Also those that the end of an excerpt cuts.
_FORMULA_IN_TEXT = re.compile(
    f"[{INLINE_OPEN}{DISPLAY_OPEN}][^{FORMULA_MARKS}]*[{INLINE_CLOSE}{DISPLAY_CLOSE}]?"
)
#: Formulas of nothing but groups: what some sites put around each post.
_EMPTY_GROUPS = re.compile(
    rf"[{INLINE_OPEN}{DISPLAY_OPEN}](?:\\(?:begin|end)group\b|[{{}}\s])*[{INLINE_CLOSE}{DISPLAY_CLOSE}]"
)
_CODE = re.compile(f"{CODE_OPEN}[^{CODE_CLOSE}]*{CODE_CLOSE}?")


def without_code(marked: str) -> str:
    """Marked text before :func:`lay_out` without its code: what is left is prose."""
    return _CODE.sub(" ", marked) if CODE_OPEN in marked else marked


def lay_out(marked: str, lines: Lines | None = None) -> str:
    """Marked text in lines: only the marks of formulas are left in it.

    Blocks are separated by a blank line, cells by a bar; white space is collapsed,
    but for code; no controls. ``lines`` says which lines are left out.
    """
    if (INLINE_OPEN in marked or DISPLAY_OPEN in marked) and _may_be_empty(marked):
        marked = _EMPTY_GROUPS.sub("", marked)
    if GLUE in marked:
        if _NOTHING_FOLLOWS.search(marked):
            marked = _LONE_BULLETS.sub("", marked)
        marked = marked.replace(GLUE, " ")
    for opening, closing in _INLINE_MARKS:
        if opening in marked or closing in marked:
            marked = marked.replace(opening, "").replace(closing, "")
    # White space of the source; what counts of it are marks.
    marked = marked.replace("\n", " ").replace("\t", " ").replace("\u00a0", " ")
    blocks: list[str] = []
    for block in marked.split(BLOCK):
        if block.isprintable():
            # No white space but spaces then, and no mark. To take it apart takes longer.
            while "  " in block:
                block = block.replace("    ", " ").replace("  ", " ")
            shown = block.strip()
            looked_at = lines
        elif LINE in block or CELL in block:
            shown = _shown_lines(block, lines)
            looked_at = None
        else:
            shown = _clean(block)
            looked_at = lines
        length = len(shown)
        if length <= LONGEST:
            if not length or (
                looked_at is not None
                and (looked_at.looks_at_all or may_go(shown))
                and looked_at.drops(shown, True)
            ):
                continue
            if length <= _LONGEST_NUMBER and blocks and _belongs(shown, blocks[-1]):
                blocks[-1] += f" {shown}"
                continue
        blocks.append(shown)
    return "\n\n".join(blocks)


def _shown_lines(block: str, lines: Lines | None) -> str:
    """The lines of a block that are not left out."""
    laid: Iterable[str] = filter(None, map(_line, block.split(LINE)))
    if lines is not None:
        if lines.has_posts and RULE in block:
            laid = lines.above_a_rule(list(laid))
        laid = [
            line
            for line in laid
            if len(line) > LONGEST
            # An item of a list is the author's, but for signs that begin none.
            or not (
                lines.looks_at_all
                or (may_go(line) if line[0] not in "- " else line[:2] in SHORT_BEGINNINGS)
            )
            or not lines.drops(line, False)
        ]
    return "\n".join(laid)


def _may_be_empty(marked: str) -> bool:
    """Whether a formula may be nothing but groups."""
    return "\\begingroup" in marked or "\\endgroup" in marked or f"{INLINE_OPEN}{{}}" in marked


def _belongs(block: str, before: str) -> bool:
    """Whether ``block`` is the number of the displayed formula that stands before it."""
    return before.endswith(DISPLAY_CLOSE) and bool(_EQUATION_NUMBER.fullmatch(block))


def _line(line: str) -> str:
    if CELL in line:
        cells = filter(None, map(_clean, line.split(CELL)))
        # A formula and its number, not a table of them.
        return (" " if DISPLAY_CLOSE in line else " | ").join(cells)
    return _clean(line)


def _clean(line: str) -> str:
    """Without what is not to be seen, and with the white space that counts."""
    if line.isprintable():
        # No white space but spaces then.
        return " ".join(line.split()) if "  " in line else line.strip()
    line = " ".join(line.split())
    if line.isprintable():
        return line
    line = line.replace(KEPT_SPACE, " ")
    if KEPT_NEWLINE in line:
        lines = [one.rstrip() for one in line.split(KEPT_NEWLINE)]
        line = "\n".join(lines).strip("\n")
        if all(map(str.isprintable, lines)):
            return line
    elif (line := line.rstrip()).isprintable():
        return line
    return _UNWANTED.sub("", line)


def finish(
    text: str,
    inline: tuple[str, str] = ("$", "$"),
    display: tuple[str, str] = ("$$", "$$"),
) -> tuple[str, int]:
    """Text as the corpus has it, and how many formulas are in it.

    Marks of formulas are turned into delimiters; NFC, no white space at either end.
    """
    if text.isascii():
        return text.strip(), 0
    count = 0
    last, ended = "", 0

    def delimited(match: re.Match[str]) -> str:
        nonlocal count, last, ended
        inner = match[1] if match[1] is not None else match[2]
        opening, closing = inline if match[1] is not None else display
        inner = " ".join(inner.split())
        if not inner or is_definitions(inner):
            return ""
        # One formula and a copy of it, that a program drew and another one did not see.
        near = match.start() - ended <= _NEAR and not text[ended : match.start()].strip(" ")
        before, last, ended = last, inner, match.end()
        if near and len(inner) >= _LEAST_DOUBLED and _same(inner, before):
            return ""
        count += 1
        return f"{opening}{inner}{closing}"

    if any(mark in text for mark in FORMULA_MARKS):
        text = _MARKED.sub(delimited, text)
        # Marks that the page itself has.
        if any(mark in text for mark in FORMULA_MARKS):
            text = without_marks(text)
    return unicodedata.normalize("NFC", text).strip(), count


def _same(one: str, other: str) -> bool:
    return one == other or "".join(one.split()) == "".join(other.split())


def without_formulas(text: str) -> str:
    """Marked ``text`` without its formulas: what people wrote in their language."""
    if INLINE_OPEN not in text and DISPLAY_OPEN not in text:
        return text
    return _FORMULA_IN_TEXT.sub(" ", text)
