"""TeX as text: cleaning it, and telling it from what is none."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from pipeline.text.formulas import symbols
from pipeline.text.marks import (
    DISPLAY_CLOSE,
    DISPLAY_OPEN,
    INLINE_CLOSE,
    INLINE_OPEN,
    without_marks,
)

#: Longer ones are data, not formulas, and stay as they are.
MAX_FORMULA = 10_000

_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_CDATA = re.compile(r"%?\s{0,9}(?:<!\[CDATA\[|\]\]>)")
_LONGEST_STYLE = 15
_STYLE = re.compile(r"\\(?:displaystyle|textstyle)(?![a-zA-Z])\s*")
_DELIMITED = (("$$", "$$", True), ("\\[", "\\]", True), ("\\(", "\\)", False), ("$", "$", False))
#: Environments that say no more than delimiters do.
_ENVIRONMENT = re.compile(r"\\begin\{(displaymath|math)\}")
_DOLLAR = re.compile(r"(?<!\\)\$")
_INNER = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")


class Formula(NamedTuple):
    """Clean TeX without delimiters; never empty, no white space at either end."""

    tex: str
    display: bool = False

    def marked(self) -> str:
        """As it stands in the page while the page is being extracted."""
        if self.display:
            return f" {DISPLAY_OPEN}{self.tex}{DISPLAY_CLOSE} "
        return f"{INLINE_OPEN}{self.tex}{INLINE_CLOSE}"


def formula(source: str | None, *, display: bool = False) -> Formula | None:
    """Clean TeX out of ``source``; ``None`` where nothing, or far too much, is left.

    Comments, CDATA wrappers, outer delimiters (which decide on ``display``, as do the
    environments that mean the same) and outer ``\\displaystyle`` are taken off, white
    space is collapsed, dollar signs within (of a formula inside ``\\text``) become
    ``\\(`` and ``\\)``.
    """
    if not source or len(source) > 2 * MAX_FORMULA:
        return None
    tex = without_marks(source)
    if "%" in tex:
        # On the last line it is as often a percentage as a comment.
        before, newline, last = _CDATA.sub("", tex).rpartition("\n")
        tex = f"{_COMMENT.sub('', before)}{newline}{last}"
    tex = mended(" ".join(tex.split()))
    for opening, closing, shown in _DELIMITED if tex[:1] in ("$", "\\") else ():
        if len(tex) > len(opening) + len(closing) and tex.startswith(opening):
            if tex.endswith(closing) and closing not in tex[len(opening) : -len(closing)]:
                tex, display = tex[len(opening) : -len(closing)].strip(), shown
            break
    if tex.startswith("\\begin{") and (match := _ENVIRONMENT.match(tex)):
        end = f"\\end{{{match[1]}}}"
        if tex.find(end) == len(tex) - len(end):
            tex, display = tex[match.end() : -len(end)].strip(), match[1] != "math"
    if "style" in tex[:_LONGEST_STYLE]:
        tex = _without_style(tex)
    if "$" in tex:
        tex = _DOLLAR.sub("", _INNER.sub(r"\\(\1\\)", tex)).strip()
    while tex.endswith("\\") and not tex.endswith("\\\\"):
        tex = tex[:-1].rstrip()
    if not tex or len(tex) > MAX_FORMULA:
        return None
    return Formula(tex, display)


def _without_style(tex: str) -> str:
    if tex.startswith("{\\") and _STYLE.match(tex, 1) and _closes_at_end(tex):
        tex = tex[1:-1]
    if match := _STYLE.match(tex):
        tex = tex[match.end() :]
    return tex.strip()


def _closes_at_end(tex: str) -> bool:
    """Whether the brace that opens ``tex`` is closed by its last character."""
    depth = 0
    escaped = False
    for index, character in enumerate(tex):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return index == len(tex) - 1
    return False


# --- What looks like mathematics ----------------------------------------------

_COMMAND = re.compile(r"\\[a-zA-Z]{2,}|\\[,;:!{}|]")
_SCRIPT = re.compile(r"(?:[^a-zA-Z]|(?<![a-zA-Z])[a-zA-Z]{1,2})[\^_](?=[\w{(*+'\\-])|^[\^_]\{")
# Each begins with a character of its own, so that the engine skips to where one may begin.
_CODE = re.compile(r"=~|->(?!\s)|::|&&|\(\)|=>|;\s*\w+\s*=|\$\{|<\?|\?>|https?:|</")
_TEMPLATE = re.compile(r"\{\{\s*[#/^&>]?\s*[a-zA-Z_][\w.| ]*\}\}|^\{\{|^[^{]*\}\}\s*$")
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_OPERATOR = re.compile(r"[=<>+*/|≤≥≠≈×·÷±−∈⊂→∞^_-]")
_PLACEHOLDER = re.compile(r"[\[{(<]?[a-zA-Z]{2,}[0-9]*(?:[-_.][a-zA-Z0-9]{2,})+[\]})>]?")
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc log ln lg exp lim max min sup inf det dim ker deg gcd lcm mod Pr arg "
    "arcsin arccos arctan sinh cosh tanh rank span tr Re Im Var Cov".split()
)
_REGEX = re.compile(r"\.[*+]|\[\^?[\w-]+\][*+?]|\\[dswb][+*]?")


def is_certain(tex: str) -> bool:
    """TeX beyond doubt: a command, or a script on something that can bear one."""
    if not (("\\" in tex and _COMMAND.search(tex)) or _SCRIPT.search(tex)):
        return False
    return not _is_other(tex)


def is_likely(tex: str) -> bool:
    """Mathematics without a TeX command: letters, numbers, operators, no prose."""
    if len(tex) > 200 or '"' in tex or _is_other(tex):
        return False
    for word in _WORD.findall(tex):
        if len(word) > 2 and word not in _FUNCTIONS and not (word.isupper() and len(word) < 6):
            return False
    return True


def _is_other(tex: str) -> bool:
    """Whether ``tex`` is a piece of code, of a template, or a placeholder."""
    if _CODE.search(tex) or (("{{" in tex or "}}" in tex) and _TEMPLATE.search(tex)):
        return True
    return _PLACEHOLDER.fullmatch(tex) is not None


def is_prose(tex: str) -> bool:
    """Words in brackets (``\\[citation needed\\]``, a regular expression), no formula."""
    if is_certain(tex):
        return bool(_REGEX.fullmatch(tex))
    return bool(_LONG_WORD.search(tex) and not _OPERATOR.search(tex)) or bool(_REGEX.fullmatch(tex))


# --- What sites do to TeX on its way into a page ---------------------------------------

_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}\d{0,2}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
#: How often an ampersand may have been escaped.
_MOST_ESCAPES = 4
_TAG = re.compile(r"</?(?:br|em|i|strong|b|p|wbr|nobr|span|sup|sub)\s*/?>", re.IGNORECASE)
_TAGS = {"em": "_", "i": "_", "strong": "__", "b": "__", "sub": "_", "sup": "^"}
_TYPOGRAPHIC = re.compile("[’‘”–—−‐‑‚′″]")
_SIGNS = {"’": "'", "‘": "'", "”": "''", "–": "-", "—": "-", "‐": "-", "‑": "-", "‚": ","}
_TEXT = re.compile(r"\\(?:text\w{0,6}|mbox|mathrm|operatorname\*?)\s*\{[^{}]*\}")
_BROKEN = re.compile(r"\\([a-zA-Z]{1,14}) ([a-zA-Z]{1,14})(?![a-zA-Z])")
#: An environment with rows, and none within it.
_ROWS = re.compile(
    r"(\\begin\{(array|[bBpvV]?matrix|smallmatrix|cases|dcases|aligned|align\*?|gathered|split)\})"
    r"((?:[^\\]|\\(?!begin\{|end\{))*+)(\\end\{\2\})"
)
_OF_ONE_COLUMN = frozenset("array matrix bmatrix Bmatrix pmatrix vmatrix Vmatrix".split())
_LONGEST_ENTRY = 40
#: Commands that everybody knows.
COMMANDS = frozenset(symbols.COMMANDS.values()) | frozenset(
    "frac dfrac tfrac sqrt left right begin end text mathrm mathbf mathbb mathcal mathfrak mathsf "
    "mathit operatorname overline underline widehat widetilde hat tilde vec bar dot ddot over sum "
    "prod int lim limits nolimits sup inf max min sin cos tan cot sec csc log ln exp det dim ker "
    "gcd deg arg arcsin arccos arctan sinh cosh tanh binom dbinom tbinom choose pmod bmod mod "
    "displaystyle textstyle scriptstyle quad qquad boldsymbol bold rm bf it cal tt sf mbox hbox "
    "label tag nonumber notag hline stackrel overset underset overbrace underbrace big Big bigg "
    "Bigg bigl bigr Bigl Bigr le ge ne leq geq neq lt gt rightarrow leftarrow Rightarrow Leftarrow "
    "leftrightarrow Leftrightarrow longrightarrow longleftarrow to mapsto ldots cdots vdots ddots "
    "dots infty partial nabla forall exists not mid colon land lor lnot phantom hspace vspace "
    "color textcolor boxed cancel array matrix substack sideset mathop mathbin mathrel middle "
    "lvert rvert lVert rVert vert Vert langle rangle lbrace rbrace lceil rceil lfloor rfloor "
    "prime circ cdot times div pm mp ast star".split()
)


def mended(tex: str) -> str:
    r"""``tex`` without what sites made of it.

    Entities that were escaped twice, ends of lines as text (``<br />``), typographic quotes
    and dashes in place of primes and minus signs, commands that a forum broke
    (``\\r ightarrow``).
    """
    if "&" in tex and ";" in tex:
        tex = _unescaped(tex)
    if "<" in tex and ">" in tex:
        tex = _TAG.sub(_untagged, tex)
    if not tex.isascii() and _TYPOGRAPHIC.search(tex):
        tex = _plain(tex)
    if "\\" in tex and " " in tex:
        tex = _BROKEN.sub(_joined, tex)
        if "\\ " in tex and "\\begin{" in tex and "\\\\" not in tex:
            tex = _ROWS.sub(_rows, tex)
    return tex


def _unescaped(tex: str) -> str:
    for _ in range(_MOST_ESCAPES):
        if not _ENTITY.search(tex):
            break
        tex = _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\u00a0", " "), tex)
    return tex


def _untagged(match: re.Match[str]) -> str:
    name = match[0].strip("</> \n").lower()
    return _TAGS.get(name, " ")


def _plain(tex: str) -> str:
    """Primes and minus signs; words keep what they have."""
    if "“" in tex or "「" in tex:
        # A quotation, in a text.
        return tex.replace("–", "-")
    parts: list[str] = []
    position = 0
    for words in _TEXT.finditer(tex):
        parts += (_TYPOGRAPHIC.sub(_sign, tex[position : words.start()]), words[0])
        position = words.end()
    parts.append(_TYPOGRAPHIC.sub(_sign, tex[position:]))
    return "".join(parts)


def _sign(match: re.Match[str]) -> str:
    return _SIGNS.get(match[0], match[0])


def _rows(match: re.Match[str]) -> str:
    r"""An environment of which Markdown took a backslash from each end of a row, ``\\\\``.

    What is left is a space that is asked for: rows have as many columns as each other, and
    those of one column have no words.
    """
    inside = match[3]
    rows = [row.strip() for row in inside.split("\\ ")]
    if not rows[-1]:
        rows.pop()
    columns = {row.count("&") for row in rows}
    single = columns == {0} and match[2] in _OF_ONE_COLUMN and max(map(len, rows)) <= _LONGEST_ENTRY
    if len(rows) < 2 or len(columns) > 1 or not (single or columns != {0}):
        return match[0]
    return match[1] + inside.replace("\\ ", "\\\\ ") + match[4]


def _joined(match: re.Match[str]) -> str:
    first, second = match[1], match[2]
    if first not in COMMANDS and f"{first}{second}" in COMMANDS:
        return f"\\{first}{second}"
    return match[0]
