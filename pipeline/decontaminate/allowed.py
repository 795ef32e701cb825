"""Grams that people have ruled harmless: runs of numbers, standard formulas, stock phrases.

A TOML with an ``[[allowed]]`` table an entry (``seeds/allowed_grams.toml``). An
entry exempts grams, not items: a copy of an item is still found by what else it
says, and only a run of words whose every gram is exempt condemns no page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from pipeline.base.errors import ConfigError
from pipeline.config.sources import Section
from pipeline.config.toml_file import read_toml
from pipeline.text.words import words


class Entry(Section):
    """One ruling. Exactly one of ``text`` and ``pattern`` is given."""

    text: str = Field("", description="exempt are the grams that it holds; a short text, whole")
    pattern: str = Field(
        "", description="regular expression of a whole gram: its words, a space between them"
    )
    reason: str = Field(min_length=10, description="why no benchmark leaks by it")
    reviewed: str = Field(min_length=4, description="who ruled so, and when")

    @model_validator(mode="after")
    def _one_of_two(self) -> Entry:
        if bool(self.text) == bool(self.pattern):
            raise ValueError("give either text or pattern")
        if self.text and not words(self.text):
            raise ValueError("the text has no words")
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern is no regular expression: {error}") from None
        return self

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return self.text or self.pattern


class AllowList(Section):
    """All rulings, in the file's order; the first one that covers a gram counts."""

    allowed: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _no_entry_twice(self) -> AllowList:
        names = [entry.name for entry in self.allowed]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"listed twice: {', '.join(twice)}")
        return self

    def entry_of(self, gram: Sequence[str], grams: int) -> int | None:
        """Number of the entry that exempts a gram (or a whole short text); None where none does.

        ``grams`` is the number of words of a full gram: an entry of as many or more
        exempts the grams in it, a shorter one the short text that equals it.
        """
        if not self.allowed:
            return None
        entries = self._texts.get(grams)
        if entries is None:
            entries = self._texts[grams] = self._entries_by_gram(grams)
        by_text = entries.get(tuple(gram))
        spelled = " ".join(gram)
        matching = (n for n, pattern in self._patterns if pattern.fullmatch(spelled))
        by_pattern = next(matching, None)
        numbers = [number for number in (by_text, by_pattern) if number is not None]
        return min(numbers, default=None)

    @cached_property
    def _texts(self) -> dict[int, dict[tuple[str, ...], int]]:
        return {}

    @cached_property
    def _patterns(self) -> list[tuple[int, re.Pattern[str]]]:
        return [(n, re.compile(e.pattern)) for n, e in enumerate(self.allowed) if e.pattern]

    def _entries_by_gram(self, grams: int) -> dict[tuple[str, ...], int]:
        entries: dict[tuple[str, ...], int] = {}
        for number, entry in enumerate(self.allowed):
            spelled = words(entry.text)
            length = min(grams, len(spelled))
            for first in range(len(spelled) - length + 1 if spelled else 0):
                entries.setdefault(tuple(spelled[first : first + length]), number)
        return entries


def load_allowed(path: str) -> AllowList:
    """The rulings of a file; none where ``path`` is empty.

    Raises ``InputMissing`` where there is no such file and ``ConfigError`` with
    the number of the entry where one is wrong.
    """
    if not path:
        return AllowList()
    document = read_toml(
        Path(path),
        what="list of allowed grams",
        remedy="set decontaminate.allowed, or leave it empty to allow none",
    )
    try:
        return AllowList.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{path}: {key or 'document'} (entries count from 0): {first['msg']}",
            expected=f"[[allowed]] tables with {', '.join(Entry.model_fields)}",
        ) from None
