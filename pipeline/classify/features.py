"""What fastText reads of a page: one line of words, the same in training and scoring.

The words are those of ``pipeline.text.words`` in spirit (case and width folded,
one CJK character one word) and richer where mathematics shows itself: LaTeX
commands, relations, operators and scripts are words of their own, so are brackets and
punctuation, which formulas have in every language, Unicode symbols are the commands
that they stand for, and numbers are known by their size, not by their value. Formula
delimiters and spaces within formulas say where a text was written rather than what it
is about, so they leave no trace.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Final

from pipeline.text.characters import (
    DIGIT,
    LETTER,
    SPACE,
    UNSPACED,
    UNSPACED_DIGIT,
    UNSPACED_LETTER,
    UNSPACED_MARK,
    commands_end,
    digits_end,
    fold_characters,
    kind_at,
    letters_end,
)

if TYPE_CHECKING:
    from mypy_extensions import i64

#: Stored with a model; a model of another version is refused.
FEATURES_VERSION: Final = 2

#: No more of a page is looked at than this many characters a word that it may give,
#: so that white space and endless lines cost no more than prose.
CHARACTERS_PER_WORD: Final = 10

#: Symbols that folding to NFKC would turn into plain letters and digits.
_SCRIPTS: Final = {
    **{
        high: f" ^ {low} " for high, low in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼ⁿⁱᵀ", "0123456789+-=nit", strict=True)
    },
    **{
        sub: f" _ {low} " for sub, low in zip("₀₁₂₃₄₅₆₇₈₉₊₋₌ₙᵢⱼₖ", "0123456789+-=nijk", strict=True)
    },
    **dict.fromkeys("ℂℕℙℚℝℤ", r" \mathbb "),
}
_SCRIPT: Final = re.compile("[" + "".join(map(re.escape, _SCRIPTS)) + "]")

#: One symbol, two spellings: a character here, a LaTeX command in the next page.
_COMMANDS: Final = {
    **dict(
        zip(
            "αβγδεζηθικλμνξπρστυφχψω",
            (
                r"\alpha \beta \gamma \delta \epsilon \zeta \eta \theta \iota \kappa \lambda \mu"
                r" \nu \xi \pi \rho \sigma \tau \upsilon \phi \chi \psi \omega"
            ).split(),
            strict=True,
        )
    ),
    **dict(
        zip(
            "∑∏∫∮√∂∇∞×÷±∓⋅·∘⊕⊗≤≥≠≡≈≅∼∝≪≫∈∉⊂⊃⊆⊇∪∩∅∀∃¬∧∨∠⊥∥△→←↔⇒⇔↦⟨⟩⌊⌋⌈⌉…⋯−∗",
            (
                r"\sum \prod \int \oint \sqrt \partial \nabla \infty \times \div \pm \mp \cdot"
                r" \cdot \circ \oplus \otimes \leq \geq \neq \equiv \approx \cong \sim \propto"
                r" \ll \gg \in \notin \subset \supset \subseteq \supseteq \cup \cap \emptyset"
                r" \forall \exists \neg \wedge \vee \angle \perp \parallel \triangle \rightarrow"
                r" \leftarrow \leftrightarrow \rightarrow \leftrightarrow \mapsto \langle \rangle"
                r" \lfloor \rfloor \lceil \rceil \ldots \ldots - *"
            ).split(),
            strict=True,
        )
    ),
    r"\varepsilon": r"\epsilon",
    r"\varphi": r"\phi",
    r"\dfrac": r"\frac",
    r"\tfrac": r"\frac",
    r"\le": r"\leq",
    r"\leqslant": r"\leq",
    r"\ge": r"\geq",
    r"\geqslant": r"\geq",
    r"\ne": r"\neq",
    r"\to": r"\rightarrow",
    r"\iff": r"\leftrightarrow",
    r"\implies": r"\rightarrow",
    r"\lt": "<",
    r"\gt": ">",
    r"\dots": r"\ldots",
    r"\cdots": r"\ldots",
    r"\varnothing": r"\emptyset",
}
_SYMBOLS = "".join(symbol for symbol in _COMMANDS if not symbol[0].isalpha() and len(symbol) == 1)
#: Signs that are words.
_ASCII_SIGNS: Final = "=+-<>^_*/|!{}()[].,;:?"
_SIGNS: Final = frozenset(_ASCII_SIGNS + _SYMBOLS)

#: By code, as strings, which are read faster than sets: whether it is one of ``_SCRIPTS``, and
#: whether it is a sign of ASCII.
_YES: Final = 0x31
_FIRST_SCRIPT: Final = 0xB2
_IS_SCRIPT: Final[str] = "".join(
    "1" if chr(code) in _SCRIPTS else "0" for code in range(ord(max(_SCRIPTS)) + 1)
)
_IS_SIGN: Final[str] = "".join("1" if chr(code) in _ASCII_SIGNS else "0" for code in range(0x80))
#: Letters from here on, in words of several, have no other name, and are no digits either.
_LATIN: Final = 0xC0
_BEYOND_CYRILLIC: Final = 0x590

_ENVIRONMENT: Final = r"(?:begin|end)\{(?:equation|displaymath|math)\*?\}"
_LONGEST: Final = 40
# What no alternative matches is dropped, the delimiter $ included, and so is what
# matches outside the group: the delimiters \( \) \[ \], an environment that delimits a
# formula, a space like \, and a line break, which must not lend its slash to the next
# word. Letters come first because most words are made of them.
_WORD: Final = re.compile(
    rf"([^\W\d_{UNSPACED}]{{1,{_LONGEST}}}"
    r"|\d+(?:[.,]\d+)*"
    rf"|[{UNSPACED}]"
    rf"|[{re.escape(_ASCII_SIGNS + _SYMBOLS)}]"
    rf"|\\(?!{_ENVIRONMENT})[a-z]+)"
    rf"|\\{_ENVIRONMENT}|\\[()\[\],;:!> \\]"
)
_DELIMITER: Final = re.compile(rf"\\(?:{_ENVIRONMENT}|[()\[\],;:!> \\])")


def features(text: str, max_words: int) -> str:
    """The line that fastText reads: at most ``max_words`` words, no line break.

    The words are those at the head of the page. Reading as many from head, middle
    and tail did no better on hosts held out, at 500, 1,000 and 2,000 words.
    """
    head = text[: CHARACTERS_PER_WORD * max_words]
    if not head.isascii() and (_INTERPRETED or _has_script(head)):
        head = _SCRIPT.sub(lambda match: _SCRIPTS[match.group()], head)
    return " ".join(_words(fold_characters(head), max_words))


def _has_script(text: str) -> bool:
    end: i64 = len(text)
    beyond: i64 = len(_IS_SCRIPT)
    at: i64 = 0
    while at < end:
        code: i64 = ord(text[at])
        if _FIRST_SCRIPT <= code < beyond and ord(_IS_SCRIPT[code]) == _YES:
            return True
        at += 1
    return False


def _matched(folded: str, most: int) -> list[str]:
    name_of = _COMMANDS.get
    return [
        _size(word) if word[0].isdigit() else name_of(word, word)
        for word in _WORD.findall(folded)
        if word
    ][:most]


def _scanned(folded: str, most: int) -> list[str]:
    """The same, character by character; words that one space parts are left together."""
    pieces: list[str] = []
    end: i64 = len(folded)
    at: i64 = 0
    words: i64 = 0
    # Words that stand in the text as they are to be read, and are in no piece yet.
    first: i64 = 0
    last: i64 = 0
    while at < end and words < most:
        code: i64 = ord(folded[at])
        if code == 0x20:
            at += 1
            continue
        begin = at
        kind = LETTER if 97 <= code <= 122 else kind_at(folded, at)
        at += 1
        as_it_is = True
        if kind == LETTER:
            at = letters_end(folded, at, min(begin + _LONGEST, end))
            as_it_is = code < 0x80 or (_LATIN <= code < _BEYOND_CYRILLIC and at > begin + 1)
        elif kind in (DIGIT, UNSPACED_DIGIT):
            at = _number_end(folded, at, end)
            as_it_is = False
        elif kind in (UNSPACED_LETTER, UNSPACED_MARK):
            as_it_is = False
        elif code == 0x5C:
            match = _DELIMITER.match(folded, begin)
            if match is not None:
                at = match.end()
                continue
            at = commands_end(folded, at, end)
            if at == begin + 1:
                continue
            as_it_is = False
        elif code < 0x80:
            if ord(_IS_SIGN[code]) != _YES:
                continue
        elif kind != SPACE and folded[begin:at] in _SIGNS:
            as_it_is = False
        else:
            continue
        words += 1
        if as_it_is and last > first and begin == last + 1 and ord(folded[last]) == 0x20:
            last = at
            continue
        if last > first:
            pieces.append(folded[first:last])
        if as_it_is:
            first = begin
            last = at
        else:
            first = last
            pieces.append(_named(folded[begin:at]))
    if last > first:
        pieces.append(folded[first:last])
    return pieces


def _number_end(folded: str, at: i64, end: i64) -> i64:
    """The end of a number, points and commas within it included."""
    at = digits_end(folded, at, end)
    while at < end and ord(folded[at]) in (0x2C, 0x2E):
        after = digits_end(folded, at + 1, end)
        if after == at + 1:
            break
        at = after
    return at


def _named(word: str) -> str:
    return _size(word) if word[0].isdigit() else _COMMANDS.get(word, word)


def _size(number: str) -> str:
    return "#" * min(len(number), 6) if number.isdigit() else "#.#"


#: The words of a folded text, no more than so many: the faster way where this is compiled.
_INTERPRETED: Final = isinstance(_scanned, FunctionType)
_words: Final[Callable[[str, int], list[str]]] = _matched if _INTERPRETED else _scanned
