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
from typing import TYPE_CHECKING, Final

from pipeline.text.characters import KINDS, UNSPACED, fold_characters, kind_at

try:
    from pipeline.text.scanner_native import find_features as _find_features
except ImportError:  # not compiled
    _find_features = None  # type: ignore[assignment]

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


#: By code, as a string, which is read faster than a set: whether it is one of ``_SCRIPTS``.
_YES: Final = 0x31
_FIRST_SCRIPT: Final = 0xB2
_IS_SCRIPT: Final[str] = "".join(
    "1" if chr(code) in _SCRIPTS else "0" for code in range(ord(max(_SCRIPTS)) + 1)
)
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
_DELIMITER: Final = re.compile(rf"\\{_ENVIRONMENT}")


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
    pieces: list[str] = _find_features(
        folded, KINDS, kind_at, most, _ASCII_SIGNS, _COMMANDS, _environment_end
    )
    return pieces


def _environment_end(folded: str, at: int) -> int:
    match = _DELIMITER.match(folded, at)
    return at if match is None else match.end()


def _size(number: str) -> str:
    return "#" * min(len(number), 6) if number.isdigit() else "#.#"


#: The words of a folded text, no more than so many: the faster way where this is compiled.
_INTERPRETED: Final = _find_features is None
_words: Final[Callable[[str, int], list[str]]] = _matched if _INTERPRETED else _scanned
