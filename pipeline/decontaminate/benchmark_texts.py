"""Which questions and answers are looked for, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.evidence import weight
from pipeline.text.words import words


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
    def is_indexed(self) -> bool:
        """Whether one of the rules looks for it."""
        return self.rule in (Rule.NGRAM, Rule.EXACT)

    def is_exempt(self, settings: Decontaminate, allowed: AllowList) -> bool:
        """Whether every gram is allowed, so that not even a whole copy is a hit."""
        length = min(len(self.words), settings.grams)
        return self.is_indexed and all(
            allowed.entry_of(self.words[first : first + length], settings.grams) is not None
            for first in range(len(self.words) - length + 1)
        )


def texts_of(item: Item, settings: Decontaminate) -> Iterator[Text]:
    """The item's question and, where there is one, its answer."""
    question = tuple(words(item.question))
    asked = Text(item, "question", _rule(question, settings), question)
    yield asked
    if item.answer:
        answer = tuple(words(item.answer))
        rule = _rule(answer, settings)
        if rule is not Rule.TOO_SHORT and not any(map(weight, answer)):
            rule = Rule.BARE_VALUE
        if rule is Rule.EXACT and settings.rule != "paper" and not asked.is_indexed:
            # It would count beside its question alone.
            rule = Rule.TOO_SHORT
        yield Text(item, "answer", rule, answer)


def _rule(text_words: tuple[str, ...], settings: Decontaminate) -> Rule:
    if len(text_words) >= settings.grams:
        return Rule.NGRAM
    return Rule.EXACT if len(text_words) >= settings.min_grams else Rule.TOO_SHORT
