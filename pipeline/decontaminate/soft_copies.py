"""Pages that ask what a benchmark asks in other words or with other numbers: told, not removed.

Each question's rare words, numbers left out, are looked for in passages of sampled pages; a
question's nearest passage is the one with most of them, each weighted by how rare it is among
the questions (inverse document frequency). In a language without spaces two characters side
by side are a word.

The cost is bounded: a number of pages, of characters of each, and words that many questions
have are left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.evidence import weight
from pipeline.text.words import words

#: A word of more questions than this share of them, or this number, is not rare.
_MOST_QUESTIONS_SHARE = 0.01
_MOST_QUESTIONS = 200
#: Rare words that a question must have to be looked for, and share with a passage to be told;
#: a pair of characters is half of one, because it overlaps with the next.
LEAST_RARE_WORDS = 5
#: Characters of a page that are looked at, and of a passage: whole lines, or pieces of one.
_LONGEST_PAGE = 50_000
_PASSAGE = 500
_LONGEST_PASSAGE = 2_000
_EXCERPT = 240


@dataclass(frozen=True, slots=True)
class SoftCopy:
    """A question and the passage nearest to it: ``overlap`` is 1 where all its rare words are."""

    benchmark: str
    split: str
    item: str
    page_id: str
    overlap: float
    words: tuple[str, ...]
    excerpt: str


class RareWords:
    """The rare words of some questions, to look for in passages."""

    def __init__(self, items: Sequence[Item]) -> None:
        spelled = [set(telling_words(item.question)) for item in items]
        met = Counter(word for one in spelled for word in one)
        most = max(2, min(_MOST_QUESTIONS, int(_MOST_QUESTIONS_SHARE * len(items))))
        self.items = items
        self._number = {word: n for n, word in enumerate(w for w in met if met[w] <= most)}
        self._worth = np.array(
            [math.log((1 + len(items)) / met[word]) for word in self._number], dtype=np.float64
        )
        self._halves = np.array([_halves(word) for word in self._number], dtype=np.int64)
        having: list[list[int]] = [[] for _ in self._number]
        whole = np.zeros(len(items))
        self._looked_for = np.zeros(len(items), dtype=np.bool_)
        for question, one in enumerate(spelled):
            numbers = [self._number[word] for word in one if word in self._number]
            for number in numbers:
                having[number].append(question)
            whole[question] = self._worth[numbers].sum()
            self._looked_for[question] = self._halves[numbers].sum() >= 2 * LEAST_RARE_WORDS
        self._having = [np.array(questions, dtype=np.int64) for questions in having]
        self._whole = np.where(whole > 0, whole, 1)

    @property
    def looked_for(self) -> int:
        """Questions that have enough rare words."""
        return int(self._looked_for.sum())

    def overlaps(self, passage_words: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        """Questions that share enough rare words with a passage, and how large a part."""
        numbers = sorted({self._number[word] for word in passage_words if word in self._number})
        if self._halves[numbers].sum() < 2 * LEAST_RARE_WORDS:
            return np.empty(0, dtype=np.int64), np.empty(0)
        postings = [self._having[number] for number in numbers]
        questions = np.concatenate(postings)
        lengths = [len(one) for one in postings]
        known, place = np.unique(questions, return_inverse=True)
        worth = np.bincount(place, weights=np.repeat(self._worth[numbers], lengths))
        halves = np.bincount(place, weights=np.repeat(self._halves[numbers], lengths))
        part = worth / self._whole[known]
        enough = (halves >= 2 * LEAST_RARE_WORDS) & self._looked_for[known]
        return known[enough], part[enough]

    def shared(self, question: int, passage_words: Iterable[str]) -> tuple[str, ...]:
        """The question's rare words among a passage's, in alphabetical order."""
        own = set(telling_words(self.items[question].question)) & self._number.keys()
        return tuple(sorted(own & set(passage_words)))


def nearest(rare: RareWords, pages: Iterable[tuple[str, str]], most: int) -> list[SoftCopy]:
    """The ``most`` questions whose nearest passage in ``pages`` (page_id, text) is nearest."""
    best: dict[int, tuple[float, str, str]] = {}
    for page_id, text in pages:
        for passage in passages(text):
            questions, parts = rare.overlaps(telling_words(passage))
            for question, part in zip(questions.tolist(), parts.tolist(), strict=True):
                if question not in best or part > best[question][0]:
                    best[question] = (part, page_id, passage)
    copies: list[SoftCopy] = []
    taken = set()
    for question, (part, page_id, passage) in sorted(
        best.items(), key=lambda copy: (-copy[1][0], copy[0])
    ):
        # Many questions are near to one passage: it is told once.
        if len(copies) < most and (page_id, passage) not in taken:
            taken.add((page_id, passage))
            item, shared = rare.items[question], rare.shared(question, telling_words(passage))
            excerpt = " ".join(passage.split())[:_EXCERPT]
            name = (item.benchmark, item.split, item.id)
            copies.append(SoftCopy(*name, page_id, round(part, 4), shared, excerpt))
    return copies


def _halves(word: str) -> int:
    return 1 if len(word) == 2 else 2


def telling_words(text: str) -> list[str]:
    """Words of three letters and more, and pairs of characters that stand for words."""
    text_words = words(text)
    weights = [weight(word) for word in text_words]
    letters = [word for word, halves in zip(text_words, weights, strict=True) if halves == 2]
    pairs = [
        one + other
        for (one, left), (other, right) in pairwise(zip(text_words, weights, strict=True))
        if left == right == 1
    ]
    return letters + pairs


def passages(text: str) -> Iterator[str]:
    """Pieces of a page, of ``_PASSAGE`` characters or more; short lines stay whole."""
    piece = ""
    for line in text[:_LONGEST_PAGE].splitlines():
        for begin in range(0, len(line), _LONGEST_PASSAGE):
            piece += line[begin : begin + _LONGEST_PASSAGE] + "\n"
            if len(piece) >= _PASSAGE:
                yield piece
                piece = ""
    if piece.strip():
        yield piece
