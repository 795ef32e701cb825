"""Which questions and answers are looked for, and by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList
from pipeline.decontaminate.benchmarks import Item
from pipeline.text.words import UNSPACED, words

#: A word of a language: letters, or a character of a script without spaces.
_WORDY = re.compile(rf"[^\W\d_]{{2,}}|[{UNSPACED}]")
#: Letters that are no more than mathematics: commands that lost their backslash,
#: and what joins two values.
_SYMBOLS = frozenset("and or sqrt frac dfrac pi sin cos tan cot sec csc log ln exp lim".split())


class Rule(StrEnum):
    """How a text is found, or why it is not looked for."""

    NGRAM = "ngram"
    EXACT = "exact"
    TOO_SHORT = "too-short"
    BARE_VALUE = "bare-value"


@dataclass(frozen=True, slots=True)
class Text:
    """A question or an answer and its words."""

    item: Item
    field: str
    rule: Rule
    words: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether one of the rules looks for it."""
        return self.rule in (Rule.NGRAM, Rule.EXACT)

    def is_exempt(self, settings: Decontaminate, allowed: AllowList) -> bool:
        """Whether every gram is allowed, so that not even a whole copy is a hit."""
        length = min(len(self.words), settings.grams)
        return self.found and all(
            allowed.entry_of(self.words[first : first + length], settings.grams) is not None
            for first in range(len(self.words) - length + 1)
        )


def texts_of(item: Item, settings: Decontaminate) -> Iterator[Text]:
    """The item's question and, where there is one, its answer."""
    for field in ("question", "answer"):
        source = item.question if field == "question" else item.answer
        if source:
            found = tuple(words(source))
            yield Text(item, field, _rule(found, field, settings), found)


def _rule(found: tuple[str, ...], field: str, settings: Decontaminate) -> Rule:
    if len(found) >= settings.grams:
        return Rule.NGRAM
    if len(found) < settings.min_grams:
        return Rule.TOO_SHORT
    if field == "answer" and not any(map(_is_wordy, found)):
        return Rule.BARE_VALUE
    return Rule.EXACT


def _is_wordy(word: str) -> bool:
    return not word.startswith("\\") and word not in _SYMBOLS and _WORDY.search(word) is not None
