"""One spelling of a formula: what authors, editors and web pages write in many ways.

Signs become the commands that they stand for (``α`` is ``\\alpha``, ``²`` is ``^2``), a
command that only spaces, sizes, styles or names a part is silent, and commands of one
meaning have one name. The three ways to write a fraction differ in nothing but silent
marks: ``\\frac{a}{b}``, ``{a \\over b}`` and ``a/b`` are ``a``, then ``b``. Separators of
thousands go out of numbers.

What differs in meaning stays different: signs, exponents, factorials, primes, relations.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.text.characters import (
    DIGIT,
    LETTER,
    UNSPACED_DIGIT,
    UNSPACED_LETTER,
    digits_end,
    kind_at,
)

if TYPE_CHECKING:
    from mypy_extensions import i64

#: Commands that a copy may lack: they space, size, style or delimit.
SILENT: Final = frozenset(
    "\\" + name
    for name in (
        "left right middle big bigl bigr bigm bigg biggl biggr biggm quad qquad hspace vspace "
        "hfill thinspace medspace thickspace enspace negthinspace nobreak allowbreak hskip kern "
        "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits displaylimits "
        "text textrm textbf textit texttt textsf textnormal textup mbox hbox mathrm mathbf mathit "
        "mathsf mathtt mathcal mathbb mathfrak mathscr mathnormal boldsymbol bm pmb rm bf it cal "
        "bb emph operatorname operatornamewithlimits mathop mathbin mathrel mathord mathopen "
        "mathclose mathinner ensuremath boxed fbox smash strut mathstrut "
        "frac dfrac tfrac cfrac sfrac nicefrac over "
        "ldots cdots dots vdots ddots dotsc dotsb dotsm dotsi dotso hdots "
        "mid vert lvert rvert colon ast slash lbrace rbrace lbrack rbrack "
        "nonumber notag hline cr newline noindent par displaybreak"
    ).split()
)

#: Commands of one meaning, the name of which is the last one's.
_SAME: Final = (
    "le leqslant leqq leq|ge geqslant geqq geq|ne neq|to longrightarrow implies rightarrow"
    "|gets longleftarrow impliedby leftarrow|iff longleftrightarrow leftrightarrow"
    "|varnothing emptyset|dbinom tbinom binom|varepsilon epsilon|varphi phi|vartheta theta"
    "|varrho rho|varsigma sigma|varpi pi|degree circ|lnot neg|land wedge|lor vee|owns ni"
    "|widehat hat|widetilde tilde|pmod bmod mod|cdotp centerdot cdot|smallsetminus setminus"
    "|thicksim sim|thickapprox approx|vartriangle bigtriangleup triangle|bigcup cup|bigcap cap"
    "|bigwedge wedge|bigvee vee|ell l"
)


def _names() -> dict[str, str]:
    names = dict.fromkeys(SILENT, "")
    for group in _SAME.split("|"):
        *others, name = group.split()
        names.update({"\\" + other: name for other in others})
    return names | {"\\lt": "<", "\\gt": ">", "\\prime": "'"}


#: By command, in lower case: the word that it is, empty where it is silent. Any other
#: command is its own name.
NAMES: Final[dict[str, str]] = _names()

_GREEK: Final = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψως",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma tau upsilon phi chi psi omega sigma".split(),
        strict=True,
    )
)
_OPERATORS: Final = dict(
    zip(
        "∑∏∐∫∮∂∇∞×÷±∓⋅·∙∘°˚⊕⊖⊗⊙≤≥⩽⩾≦≧≠≡≈≅≃∼∝≪≫≺≻∈∉∋⊂⊃⊆⊇⊊⊄∪∩∅∖∀∃∄¬∧∨⋀⋁⋃⋂∠⊥∥∦△∆▵▱⌒"
        "→⟶⇒⟹←⟵⇐⟸↔⇔⟺↦↑↓⟨⟩⌊⌋⌈⌉∣∤∗√∴∵ℏ",
        (
            "sum prod coprod int oint partial nabla infty times div pm mp cdot cdot cdot circ circ "
            "circ oplus ominus otimes odot leq geq leq geq leq geq neq equiv approx cong simeq sim "
            "propto ll gg prec succ in notin ni subset supset subseteq supseteq subsetneq "
            "nsubset cup cap emptyset setminus forall exists nexists neg wedge vee wedge vee "
            "cup cap angle perp parallel nparallel triangle delta triangle parallelogram frown "
            "rightarrow rightarrow rightarrow rightarrow leftarrow leftarrow leftarrow leftarrow "
            "leftrightarrow leftrightarrow leftrightarrow mapsto uparrow downarrow langle rangle "
            "lfloor rfloor lceil rceil mid nmid ast sqrt therefore because hbar"
        ).split(),
        strict=True,
    )
)

#: Names that signs have: words which say no more than the sign does.
SIGN_NAMES: Final = frozenset([*_GREEK.values(), *_OPERATORS.values()])


def _sign_table() -> dict[str, str]:
    spelled = {sign: f"\\{name} " for sign, name in _OPERATORS.items()}
    # Capitals, the slanted and bold ones of mathematics and other shapes of a letter.
    shapes = [*range(0x370, 0x400), 0xB5, 0x2126, *range(0x1D6A8, 0x1D7CC)]
    for code in shapes:
        name = _GREEK.get(unicodedata.normalize("NFKC", chr(code)).casefold())
        if name:
            spelled[chr(code)] = f"\\{name} "
    for code in [*range(0xBC, 0xBF), *range(0x2150, 0x2160), 0x2189]:
        folded = unicodedata.normalize("NFKC", chr(code))
        spelled[chr(code)] = f" {folded.replace(chr(0x2044), '/')} "
    minus = {"−": "-", "‐": "-", "‑": "-", "′": "'", "″": "''", "‴": "'''", "ʹ": "'"}
    return spelled | minus | {"∛": "\\sqrt 3 ", "∜": "\\sqrt 4 ", "∬": "\\iint ", "∭": "\\iiint "}


_SIGNS: Final[dict[str, str]] = _sign_table()
_RAISED: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ"
_LOWERED: Final = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"
_SCRIPTS: Final = re.compile(f"[{_RAISED}]+|[{_LOWERED}]+")
#: What a run of signs is made of, a Greek word among them.
_GREEK_RANGE: Final = "\u0370-\u03ff\u1f00-\u1fff"
_PIECE: Final = re.compile(
    f"[{_RAISED}]+|[{_LOWERED}]+|[{_GREEK_RANGE}]+|[^{_RAISED}{_LOWERED}{_GREEK_RANGE}]"
)
#: Greek letters side by side that are still taken for variables; more are a word.
_MOST_VARIABLES: Final = 2
_LAST: Final = 0x1D7CC


def _special() -> np.ndarray:
    """By code point, whether it may belong to a run of signs; the last stands for all beyond."""
    table = np.zeros(_LAST + 1, dtype=np.bool_)
    letters = [*range(0x370, 0x400), *range(0x1F00, 0x2000)]
    signs = [*_SIGNS, *_RAISED, *_LOWERED]
    table[[*letters, *map(ord, signs)]] = True
    return table


_SPECIAL: Final = _special()


def sign_runs(text: str) -> list[tuple[int, int]]:
    """Where signs stand side by side in ``text``: begin and end of each run, in order."""
    # As numbers: a regular expression would take a tenth of all tokenisation to say "none".
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    places = np.flatnonzero(_SPECIAL.take(codes, mode="clip"))
    if not len(places):
        return []
    borders = np.flatnonzero(np.diff(places) > 1)
    begins = places[np.append(0, borders + 1)]
    ends = places[np.append(borders, len(places) - 1)] + 1
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def spelled_run(run: str) -> str:
    """A run of signs as commands, scripts and ASCII; a Greek word stays as it is."""
    one = _SIGNS.get(run)
    if one is not None:
        return one
    if len(run) > _MOST_VARIABLES and run.isalpha() and not _SCRIPTS.search(run):
        return run
    return "".join(map(_spelled_piece, _PIECE.findall(run)))


def _spelled_piece(piece: str) -> str:
    if piece[0] in _RAISED:
        return f"^{unicodedata.normalize('NFKC', piece).replace('−', '-')} "
    if piece[0] in _LOWERED:
        return f"_{unicodedata.normalize('NFKC', piece).replace('−', '-')} "
    if len(piece) > _MOST_VARIABLES and piece[0] not in _OPERATORS:
        return piece
    return "".join([_SIGNS.get(character, character) for character in piece])


#: Characters of one meaning and one length, met on every second page: a replacement costs
#: less than looking for them among the signs. Most texts are plain ASCII then. A quotation
#: mark or a dash is no word, whichever it is.
PLAIN: Final = (
    ("\u00a0", " "),
    ("\u2019", "'"),
    ("\u2013", "-"),
    ("\u2026", " "),
    ("\u201c", '"'),
    ("\u201d", '"'),
    ("\u2014", '"'),
)


class Rewriting:
    """A replacement on folded text; ``marks``: in lines that have one of them, if given."""

    def __init__(
        self, pattern: str, spell: Callable[[re.Match[str]], str], marks: tuple[str, ...] = ()
    ) -> None:
        self.pattern = re.compile(pattern)
        self.spell = spell
        self._marks = marks

    def rewritten(self, text: str) -> str:
        """``text`` with every match spelled."""
        if not self._marks:
            return self._in_line(text)
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if any(mark in line for mark in self._marks):
                lines[number] = self._in_line(line)
        return "\n".join(lines)

    def _in_line(self, line: str) -> str:
        return self.pattern.sub(self.spell, line)


class _Spaces(Rewriting):
    """Of single spaces, each of which is found faster than the pattern finds it."""

    def _in_line(self, line: str) -> str:
        pieces: list[str] = []
        end = 0
        for place in _places(line):
            pieces.append(line[end:place])
            pieces.append(_joint(line, place))
            end = place + 1
        pieces.append(line[end:])
        return "".join(pieces)


def _nothing(_: re.Match[str]) -> str:
    return ""


def _respelled(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "argument":
        return f"\\{match['name']}{{{match['argument']}}}"
    if kind == "differential":
        return "d"
    if kind == "script":
        return f"\\{match['function']}{match['script']} "
    if kind == "unequal":
        return "\\neq " if match["unequal"] == "=" else "\\notin "
    return "" if kind == "thin" else " "


#: What a formula begins with.
_OPENINGS: Final = ("$", "\\(", "\\[")
#: How far back the beginning of a formula is looked for.
_LONGEST_FORMULA: Final = 500


def _within_formula(match: re.Match[str]) -> str:
    return _joint(match.string, match.start())


def _joint(text: str, place: int) -> str:
    """Joins what a space parts, but only in a formula, which begins in the same line."""
    earliest = max(0, place - _LONGEST_FORMULA)
    line = text.rfind("\n", earliest, place) + 1 or earliest
    if text.count("$", line, place) % 2:
        return ""
    for opening, end in (("\\(", "\\)"), ("\\[", "\\]")):
        opened = text.rfind(opening, line, place)
        if opened >= 0 and text.find(end, opened, place) < 0:
            return ""
    return " "


# None of these looks over a line's end, so that texts may be cut there.
#: 1,000 and 1,\!000.
_THOUSANDS: Final = Rewriting(r",(?<=\d,)(?<!\d{4},)(?:\\!)?(?=\d{3}(?!\d))", _nothing)
#: 1{,}000.
_SET_THOUSANDS: Final = Rewriting(r"\{,\}(?<=\d\{,\})(?=\d{3}(?!\d))", _nothing)
#: 1 000, and A B C or d x: variables side by side, in a formula.
_SPACED: Final = _Spaces(
    r" (?:(?<=\d )(?=\d{3}(?![\d.]))|(?<=[a-z] )(?<![^\W\d_]{2} )(?=[a-z](?![^\W\d_])))",
    _within_formula,
    _OPENINGS,
)
_COMMANDS: Final = Rewriting(
    r"\\(?:"
    # 1\,000
    r"(?P<thin>[,!])(?<=\d\\[,!])(?=\d{3}(?!\d))"
    # Environments and what only a typesetter reads, arguments and all.
    r"|(?:begin|end|label|tag|[hv]space)\*?[ \t]*\{[^{}\n]{0,80}\}(?:[ \t]*\{[lcr|@ ]{1,40}\})?"
    # \frac12 and \frac xy: the first argument has no braces.
    r"|(?P<name>[cdt]?frac|[dt]?binom)(?:[ \t]*(?=\d)|[ \t]+(?=[a-z]))(?P<argument>[\da-z])"
    # The d of an integral.
    r"|(?:mathrm|text|operatorname)\{(?P<differential>d)\}[ \t]*(?=[a-z])"
    # \log_264 is the logarithm of 64.
    r"|(?P<function>log|ln|sin|cos|tan|cot|sec|csc)[ \t]*(?P<script>[_^][ \t]*\d)(?=\d)"
    r"|not[ \t]*(?P<unequal>=|\\in(?![a-z]))"
    r")",
    _respelled,
)


def _matched(line: str) -> list[int]:
    """Where the spaces of ``_SPACED`` are."""
    return [match.start() for match in _SPACED.pattern.finditer(line)]


def _scanned(line: str) -> list[int]:
    """The same, character by character."""
    places: list[int] = []
    end: i64 = len(line)
    at: i64 = 1
    while at + 1 < end:
        if ord(line[at]) == 0x20 and _parts(line, at, end):
            places.append(at)
        at += 1
    return places


def _parts(line: str, at: i64, end: i64) -> bool:
    """Whether a space within a line parts two variables, or thousands."""
    before: i64 = ord(line[at - 1])
    after: i64 = ord(line[at + 1])
    if 97 <= after <= 122:
        return (
            97 <= before <= 122
            and not (at > 1 and _is_letter(line, at - 2))
            and not (at + 2 < end and _is_letter(line, at + 2))
        )
    if not (_is_digit(line, at - 1) and digits_end(line, at + 1, end) == at + 4):
        return False
    return at + 4 == end or line[at + 4] != "."


def _is_letter(line: str, at: i64) -> bool:
    kind = kind_at(line, at)
    return kind in (LETTER, UNSPACED_LETTER)


def _is_digit(line: str, at: i64) -> bool:
    kind = kind_at(line, at)
    return kind in (DIGIT, UNSPACED_DIGIT)


_places: Final[Callable[[str], list[int]]] = (
    _matched if isinstance(_scanned, FunctionType) else _scanned
)


def rewritings(text: str) -> list[Rewriting]:
    """Those that a folded text needs, in the order in which they are made."""
    needed: list[Rewriting] = []
    if "," in text:
        needed.append(_THOUSANDS)
        if "{,}" in text:
            needed.append(_SET_THOUSANDS)
    if "\\" in text:
        needed.append(_COMMANDS)
    if any(opening in text for opening in _OPENINGS):
        needed.append(_SPACED)
    return needed
