"""The lexicon of topics: ``lexicon.toml``, made ready for looking terms up.

The file is the one place where terms and weights stand. Here plural forms are added,
and phrases arranged so that a page is searched only for those that it can hold.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import xxhash

#: Not a subject but an aspect: a page of any topic may prove things.
PROOFS = "proofs"

#: Words, LaTeX commands and the symbols that the lexicon may name.
WORD = re.compile(r"\\?[a-zß-öø-ÿ]+|[∀-⋿□△∎÷¬]")

#: Those of them that are symbols.
_SYMBOL = re.compile("[∀-⋿□△∎÷¬]")
#: What the others are made of, by its byte in Latin-1; all else is a space.
_LETTERS = bytes(byte if re.fullmatch(r"[a-zß-öø-ÿ\\]", chr(byte)) else 0x20 for byte in range(256))

#: A page without such a character holds no Chinese term.
HAN = re.compile("[\u4e00-\u9fff]")

#: By topic (its place in :attr:`Lexicon.topics`), a weight.
Weights = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Topic:
    """A topic as the lexicon declares it."""

    name: str
    title: str
    about: str


@dataclass(frozen=True)
class Lexicon:
    """Terms with their weights by topic.

    A term has a number, its forms share it. ``words`` are forms of one word. ``phrases``
    stand under their longest word, which is likely their rarest; they and the Chinese
    terms ``han`` have a set of what must be on a page that holds them.
    """

    topics: tuple[Topic, ...]
    weights: tuple[Weights, ...]
    words: dict[str, int]
    phrases: dict[str, tuple[tuple[frozenset[str], str, int], ...]]
    han: tuple[tuple[frozenset[str], str, int], ...]
    #: of the file's bytes: another lexicon tells other topics
    digest: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(topic.name for topic in self.topics)


def words_of(text: str) -> list[str]:
    """All that ``WORD`` finds in a text of lower case, some three times as fast."""
    if _SYMBOL.search(text):
        return WORD.findall(text)
    # A character that Latin-1 lacks is a question mark, and parts words as before.
    letters = text.encode("latin-1", "replace").translate(_LETTERS)
    if b"\\" in letters:
        # One stands before a word's letters, or for nothing.
        letters = letters.replace(b"\\", b" \\").replace(b"\\ ", b" ").removesuffix(b"\\")
    return letters.decode("latin-1").split()


@cache
def lexicon() -> Lexicon:
    """The project's lexicon, read once a process."""
    return read_lexicon((files("pipeline.topics") / "lexicon.toml").read_bytes())


def read_lexicon(document: bytes) -> Lexicon:
    """A lexicon from the bytes of its TOML.

    Raises ``ValueError`` where a term is there twice under a topic, is not written as
    pages are read (lower case, no digits), or has a weight that is none.
    """
    topics = []
    latin: dict[str, dict[int, float]] = {}
    han: dict[str, dict[int, float]] = {}
    for place, (name, entry) in enumerate(tomllib.loads(document.decode("utf-8")).items()):
        topics.append(Topic(name, entry["title"], entry["about"]))
        for language, weights_of in (("latin", latin), ("han", han)):
            for weight, terms in entry[language].items():
                for term in terms:
                    weights = weights_of.setdefault(term, {})
                    if place in weights:
                        raise ValueError(f"{name} has {term!r} twice")
                    weights[place] = float(weight)
    words: dict[str, int] = {}
    phrases: list[tuple[list[str], int]] = []
    for number, term in enumerate(latin):
        for form in _forms(term):
            parts = WORD.findall(form)
            if not parts or re.search(r"\d|[A-Z]", term):
                raise ValueError(f"the lexicon has {term!r}, which no page is read to hold")
            if len(parts) > 1:
                phrases.append((parts, number))
            elif form == term or form not in latin:
                words[parts[0]] = number
    return Lexicon(
        tuple(topics),
        tuple(tuple(by_topic.items()) for by_topic in (*latin.values(), *han.values())),
        words,
        _by_longest_word(phrases),
        tuple((frozenset(term), term, len(latin) + place) for place, term in enumerate(han)),
        xxhash.xxh3_64_hexdigest(document),
    )


def _forms(term: str) -> list[str]:
    """A term, and its plural where it is an English noun as far as can be told."""
    if not re.search(r"[a-z]{3}$", term) or term.startswith("\\") or term.endswith(("s", "ed")):
        return [term]
    if re.search(r"[^aeiou]y$", term):
        return [term, term[:-1] + "ies"]
    return [term, term + ("es" if term.endswith(("x", "ch", "sh")) else "s")]


def _by_longest_word(
    phrases: list[tuple[list[str], int]],
) -> dict[str, tuple[tuple[frozenset[str], str, int], ...]]:
    by_word: dict[str, list[tuple[frozenset[str], str, int]]] = {}
    for parts, number in phrases:
        phrase = f" {' '.join(parts)} "
        by_word.setdefault(max(parts, key=len), []).append((frozenset(parts), phrase, number))
    return {word: tuple(entries) for word, entries in by_word.items()}
