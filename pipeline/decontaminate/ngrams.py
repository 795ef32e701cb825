"""Finding benchmark texts in pages, by the two rules of DeepSeekMath (section 2.1).

Rule ``ngram``: a run of ``grams`` words that a question or an answer holds too.
Rule ``exact``: a text of ``min_grams`` to ``grams - 1`` words, found whole as a
run of words. Shorter texts are not looked for: they say nothing.

Words are those of :mod:`pipeline.text.words`, so that case, width, spacing,
formula delimiters and line breaks make no difference, and a Chinese character
is a word. In the paper a gram is what white space separates, and ``\\frac{1}{2}``
is one; here it is three. An answer that is a bare value (numbers, letters,
commands) would therefore condemn every page that mentions the value, so the
exact rule leaves such answers out; a question is always looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.config import Decontaminate
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.texts import Rule, texts_of
from pipeline.text.words import hash_words, ngram_hashes, word_spans, words

#: Texts that one occurrence of a gram is reported for; stock phrases have hundreds.
MOST_TEXTS = 20
#: Hits of one page told apart; the last one then covers all that follow.
MOST_HITS = 1_000
#: Characters of the page shown on either side of a match, and of the match itself.
_CONTEXT = 80
_SHOWN = 240


@dataclass(frozen=True, slots=True)
class Hit:
    """A maximal run of a page's words in which every gram is the text's.

    ``position`` and ``length`` are in characters of the page; ``gram`` is the
    first gram of the run.
    """

    benchmark: str
    split: str
    item: str
    field: str
    rule: str
    gram: str
    position: int
    length: int
    context: str


@dataclass(frozen=True, slots=True)
class Name:
    """Which text of which item a number of the index stands for."""

    benchmark: str
    split: str
    item: str
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class Bitmap:
    """One bit for each value of the high bits of some 64-bit hashes.

    Says no for certain; says yes wrongly for about one hash in fifty.
    """

    bits: int
    bytes: np.ndarray

    @classmethod
    def of(cls, hashes: np.ndarray) -> Bitmap:
        bits = max(len(hashes), 1).bit_length() + 5
        filled = np.zeros(1 << (bits - 3), dtype=np.uint8)
        slots = hashes >> np.uint64(64 - bits)
        np.bitwise_or.at(filled, slots >> np.uint64(3), _bit(slots))
        return cls(bits, filled)

    def likely(self, hashes: np.ndarray) -> np.ndarray:
        """Indices of those hashes that may be among the ones it was made of."""
        slots = hashes >> np.uint64(64 - self.bits)
        return np.flatnonzero(self.bytes[slots >> np.uint64(3)] & _bit(slots))


@dataclass(frozen=True)
class Index:
    """All that is looked for; picklable, about 25 bytes a gram.

    ``hashes`` (uint64, sorted, equal ones side by side) and ``positions`` (uint32)
    are parallel, an entry a gram of the texts of rule ``ngram``: where in
    ``word_ids`` (uint32, into ``vocabulary``) it begins. ``starts`` (uint32) says
    where each text begins there, and a page's words are compared with the text's
    own, so that two grams of one hash are never mistaken for each other.
    ``exact`` has the texts of rule ``exact`` by their words, ``openings`` their
    first ``min_grams`` words. Numbers of texts count through ``names``.
    """

    grams: int
    min_grams: int
    names: tuple[Name, ...]
    vocabulary: tuple[str, ...]
    word_ids: np.ndarray
    starts: np.ndarray
    numbers: np.ndarray
    hashes: np.ndarray
    positions: np.ndarray
    bitmap: Bitmap
    exact: dict[tuple[str, ...], tuple[int, ...]]
    exact_lengths: tuple[int, ...]
    openings: Bitmap

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays, which are all but the names and the vocabulary."""
        arrays = (self.word_ids, self.starts, self.numbers, self.hashes, self.positions)
        bitmaps = (self.bitmap.bytes, self.openings.bytes)
        return sum(array.nbytes for array in arrays + bitmaps)


def build_index(items: Iterable[Item], settings: Decontaminate) -> Index:
    """The index of all texts that one of the rules looks for, in the items' order."""
    names: list[Name] = []
    exact: dict[tuple[str, ...], tuple[int, ...]] = {}
    vocabulary: dict[str, int] = {}
    word_ids: list[np.ndarray] = []
    numbers: list[int] = []
    for item in items:
        for text in texts_of(item, settings):
            if not text.found:
                continue
            number = len(names)
            names.append(Name(item.benchmark, item.split, item.id, text.field, text.rule.value))
            if text.rule is Rule.EXACT:
                exact[text.words] = (*exact.get(text.words, ()), number)
            else:
                ids = [vocabulary.setdefault(word, len(vocabulary)) for word in text.words]
                word_ids.append(np.array(ids, dtype=np.uint32))
                numbers.append(number)
    spelled = tuple(vocabulary)
    hashes, positions = _grams(word_ids, hash_words(spelled), settings.grams)
    order = np.argsort(hashes, kind="stable")
    openings = [
        ngram_hashes(hash_words(text[: settings.min_grams]), settings.min_grams) for text in exact
    ]
    return Index(
        grams=settings.grams,
        min_grams=settings.min_grams,
        names=tuple(names),
        vocabulary=spelled,
        word_ids=_joined(word_ids, np.uint32),
        starts=np.cumsum([0, *map(len, word_ids)], dtype=np.uint32)[:-1],
        numbers=np.array(numbers, dtype=np.uint32),
        hashes=hashes[order],
        positions=positions[order],
        bitmap=Bitmap.of(hashes),
        exact=exact,
        exact_lengths=tuple(sorted(set(map(len, exact)))),
        openings=Bitmap.of(_joined(openings, np.uint64)),
    )


def index_report(items: Iterable[Item], settings: Decontaminate) -> dict[str, dict[str, int]]:
    """What of each benchmark can be found, by its name in alphabetical order.

    ``items``; of their questions and answers those found by rule ``ngram`` and
    ``exact``, those ``too-short`` and those that are a ``bare-value``; and
    ``unseen items``, of which neither question nor answer can be found.
    """
    report: dict[str, dict[str, int]] = {}
    for item in items:
        line = report.setdefault(item.benchmark, dict.fromkeys(["items", *Rule, "unseen items"], 0))
        texts = list(texts_of(item, settings))
        line["items"] += 1
        line["unseen items"] += not any(text.found for text in texts)
        for text in texts:
            line[text.rule] += 1
    return {
        name: {str(key): number for key, number in line.items()}
        for name, line in sorted(report.items())
    }


def find_hits(text: str, index: Index) -> list[Hit]:
    """Every trace of the index's texts in a page, in order of position.

    At most ``MOST_TEXTS`` texts an occurrence and ``MOST_HITS`` hits; no part of
    a match goes uncovered for that. Time grows with the page's words, not with
    the index.
    """
    found = words(text)
    word_hashes = hash_words(found)
    occurrences = _exact_occurrences(found, word_hashes, index)
    occurrences += _ngram_occurrences(found, word_hashes, index)
    if not occurrences:
        return []
    runs = _runs(sorted(occurrences))
    places = _places(text, found, {edge for _, first, _, end in runs for edge in (first, end - 1)})
    hits = []
    for number, first, length, end in runs:
        name = index.names[number]
        begin, stop = places[first][0], places[end - 1][1]
        hits.append(
            Hit(
                benchmark=name.benchmark,
                split=name.split,
                item=name.item,
                field=name.field,
                rule=name.rule,
                gram=" ".join(found[first : first + length]),
                position=begin,
                length=stop - begin,
                context=_context(text, begin, stop),
            )
        )
    return hits


def _joined(arrays: Sequence[np.ndarray], dtype: type[np.unsignedinteger]) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays])


def _grams(
    word_ids: Sequence[np.ndarray], spelled: np.ndarray, grams: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hash and beginning of each gram of each text, in order of the texts."""
    hashes = []
    positions = []
    start = 0
    for ids in word_ids:
        hashes.append(ngram_hashes(spelled[ids], grams))
        positions.append(np.arange(start, start + len(hashes[-1]), dtype=np.uint32))
        start += len(ids)
    return _joined(hashes, np.uint64), _joined(positions, np.uint32)


def _bit(slots: np.ndarray) -> np.ndarray:
    return np.left_shift(np.uint8(1), (slots & np.uint64(7)).astype(np.uint8))


#: Where a text was met: first word, number of words, numbers of the texts.
_Occurrence = tuple[int, int, tuple[int, ...]]


def _exact_occurrences(
    found: list[str], word_hashes: np.ndarray, index: Index
) -> list[_Occurrence]:
    """Where whole short texts stand: only looked up behind words that open one."""
    if not index.exact:
        return []
    occurrences = []
    openings = index.openings.likely(ngram_hashes(word_hashes, index.min_grams))
    for first in openings.tolist():
        for length in index.exact_lengths:
            texts = index.exact.get(tuple(found[first : first + length]))
            # A slice that the page's end cuts short is another, shorter text.
            if texts and first + length <= len(found):
                occurrences.append((first, length, texts[:MOST_TEXTS]))
    return occurrences


def _ngram_occurrences(
    found: list[str], word_hashes: np.ndarray, index: Index
) -> list[_Occurrence]:
    hashes = ngram_hashes(word_hashes, index.grams)
    likely = index.bitmap.likely(hashes)
    if not len(likely):
        return []
    left = np.searchsorted(index.hashes, hashes[likely], side="left")
    right = np.searchsorted(index.hashes, hashes[likely], side="right")
    known = left < right
    verified: dict[tuple[str, ...], tuple[int, ...]] = {}
    occurrences = []
    for first, begin, end in zip(
        likely[known].tolist(), left[known].tolist(), right[known].tolist(), strict=True
    ):
        gram = tuple(found[first : first + index.grams])
        if gram not in verified:
            verified[gram] = _texts_with(gram, index.positions[begin:end], index)
        if verified[gram]:
            occurrences.append((first, index.grams, verified[gram]))
    return occurrences


def _texts_with(gram: tuple[str, ...], positions: np.ndarray, index: Index) -> tuple[int, ...]:
    """Numbers of the texts that hold the gram at one of ``positions``; ``MOST_TEXTS`` at most."""
    texts: list[int] = []
    owners = index.numbers[np.searchsorted(index.starts, positions, side="right") - 1]
    for position, number in zip(positions.tolist(), owners.tolist(), strict=True):
        if number in texts:
            continue
        ids = index.word_ids[position : position + len(gram)].tolist()
        if all(index.vocabulary[i] == word for i, word in zip(ids, gram, strict=True)):
            texts.append(number)
            if len(texts) == MOST_TEXTS:
                break
    return tuple(texts)


def _runs(occurrences: Iterable[_Occurrence]) -> list[tuple[int, int, int, int]]:
    """``(text, first word, words of its first gram, end)``, ordered by first word."""
    runs: list[tuple[int, int, int, int]] = []
    latest: dict[int, int] = {}  # text: its latest run
    for first, length, texts in occurrences:
        end = first + length
        for number in texts:
            run = latest.get(number)
            if run is not None and end == runs[run][3] + 1:
                runs[run] = (*runs[run][:3], end)
            elif len(runs) < MOST_HITS:
                latest[number] = len(runs)
                runs.append((number, first, length, end))
            else:
                runs[-1] = (*runs[-1][:3], max(runs[-1][3], end))
    return runs


def _places(text: str, found: Sequence[str], wanted: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Where in ``text`` the ``wanted`` ones of its words begin and end.

    Normalisation may join characters that stand side by side, so that a line's
    words cannot all be placed; they then get the whole line, and where not even
    the lines agree the whole text. A match never gets less than what it covers.
    """
    places: dict[int, tuple[int, int]] = {}
    waiting = sorted(set(wanted), reverse=True)
    passed = begin = 0
    for line in text.split("\n"):
        expected = words(line)
        here = []
        while waiting and waiting[-1] < passed + len(expected):
            here.append(waiting.pop())
        if here:
            # Placing words costs ten times what finding them does.
            spans = word_spans(line)
            agreed = [word for word, _, _ in spans] == expected
            for number in here:
                _, start, end = spans[number - passed] if agreed else ("", 0, len(line))
                places[number] = (begin + start, begin + end)
        passed += len(expected)
        begin += len(line) + 1
    if passed != len(found):
        return dict.fromkeys(wanted, (0, len(text)))
    return places


def _context(text: str, begin: int, end: int) -> str:
    shown = text[begin:end]
    if len(shown) > _SHOWN:
        shown = f"{shown[: _SHOWN // 2]} […] {shown[-_SHOWN // 2 :]}"
    return text[max(0, begin - _CONTEXT) : begin] + shown + text[end : end + _CONTEXT]
