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
    if not head.isascii():
        head = _SCRIPT.sub(lambda match: _SCRIPTS[match.group()], head)
    return " ".join(_words(fold_characters(head), max_words))


def _matched(folded: str, most: int) -> list[str]:
    name_of = _COMMANDS.get
    return [
        _size(word) if word[0].isdigit() else name_of(word, word)
        for word in _WORD.findall(folded)
        if word
    ][:most]


def _scanned(folded: str, most: int) -> list[str]:
    """The same, character by character."""
    words: list[str] = []
    end: i64 = len(folded)
    at: i64 = 0
    while at < end and len(words) < most:
        code: i64 = ord(folded[at])
        if code == 0x20:
            at += 1
            continue
        begin = at
        kind = LETTER if 97 <= code <= 122 else kind_at(folded, at)
        at += 1
        if kind == LETTER:
            at = letters_end(folded, at, min(begin + _LONGEST, end))
            if code < 0x80:
                words.append(folded[begin:at])
            else:
                words.append(_named(folded[begin:at]))
        elif kind in (DIGIT, UNSPACED_DIGIT):
            at = _number_end(folded, at, end)
            words.append(_size(folded[begin:at]))
        elif kind in (UNSPACED_LETTER, UNSPACED_MARK):
            words.append(_named(folded[begin:at]))
        elif code == 0x5C:
            match = _DELIMITER.match(folded, begin)
            if match is not None:
                at = match.end()
                continue
            at = commands_end(folded, at, end)
            if at > begin + 1:
                words.append(_named(folded[begin:at]))
        elif kind != SPACE and folded[begin:at] in _SIGNS:
            words.append(_named(folded[begin:at]))
    return words


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
_words: Final[Callable[[str, int], list[str]]] = (
    _matched if isinstance(_scanned, FunctionType) else _scanned
)
