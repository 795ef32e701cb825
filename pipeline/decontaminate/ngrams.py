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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from pipeline.base.arguments import Takes, checked
from pipeline.decontaminate.benchmark_index import Index
from pipeline.decontaminate.benchmark_texts import Rule
from pipeline.decontaminate.hashes import quick_hashes
from pipeline.text.words import ngram_hashes, word_spans, words

#: Texts that one occurrence of a gram is reported for; stock phrases have hundreds.
#: Each benchmark that has the gram is told with one text at least, however many.
MOST_TEXTS = 20
#: Hits of one page told apart; the last one then covers all that follow.
MOST_HITS = 10_000
#: Characters of the page shown on either side of a match, and of the match itself.
_CONTEXT = 80
_SHOWN = 240
#: Characters of a page that are tokenised together, in whole lines: no word goes over a
#: line's end, and where a word stands is then looked for in its block alone.
_BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A maximal run of a page's words in which every gram is the text's.

    ``position`` and ``length`` are in characters of the page; ``gram`` is the
    first gram of the run that is not allowed.
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
class Exempted:
    """A gram of a benchmark that would condemn the page if it were not allowed.

    ``entry`` is the name of the entry that allows it; ``position`` (in characters)
    and ``context`` are those of its first occurrence.
    """

    entry: str
    rule: str
    gram: str
    position: int
    length: int
    context: str


@dataclass(frozen=True, slots=True)
class Traces:
    """What a page holds of benchmarks: hits, in order of position, and what is allowed."""

    hits: list[Hit]
    exempted: list[Exempted]


@checked(
    text=Takes((str,), "a str: a page's text", "of a page: find_traces(page.text, index)"),
    index=Takes((Index,), "an index", "make one: index_benchmarks(folder)"),
)
def find_traces(text: str, index: Index) -> Traces:
    """Every trace of the index's texts in a page.

    At most ``MOST_TEXTS`` texts an occurrence (or one of each benchmark) and
    ``MOST_HITS`` hits; no part of a match goes uncovered for that. A hit whose
    every gram is allowed is none. Time grows with the page's words, not with the
    index.
    """
    pieces = [(begin, words(block)) for begin, block in _blocks(text, _BLOCK)]
    found = list(chain.from_iterable(piece for _, piece in pieces))
    word_hashes = quick_hashes(found)
    occurrences = _exact_occurrences(found, word_hashes, index)
    occurrences += _ngram_occurrences(found, word_hashes, index)
    if not occurrences:
        return Traces([], [])
    runs = _runs(sorted(occurrences), found, index)
    hit = [run for run in runs if run.condemning is not None]
    allowed = _allowed_grams((run for run in runs if run.condemning is None), found)
    spans = [(run.first, run.end) for run in hit]
    spans += [(first, first + len(gram)) for gram, first in allowed.items()]
    places = _places(text, pieces, {edge for first, end in spans for edge in (first, end - 1)})
    return Traces(
        hits=[
            Hit(
                *index.name(run.number),
                gram=" ".join(found[run.condemning : run.condemning + run.length]),
                **_shown(text, places, run.first, run.end),
            )
            for run in hit
            if run.condemning is not None
        ],
        exempted=[
            Exempted(
                entry=index.allowed.allowed[entry].name,
                rule=Rule.NGRAM if len(gram) == index.grams else Rule.EXACT,
                gram=" ".join(gram),
                **_shown(text, places, first, first + len(gram)),
            )
            for gram, first in allowed.items()
            if (entry := index.allowed.entry_of(gram, index.grams)) is not None
        ],
    )


#: Where texts were met: first word, number of words, numbers of the texts.
_Occurrence = tuple[int, int, tuple[int, ...]]


@dataclass(slots=True)
class _Run:
    """Words ``first`` to ``end`` of a page are those of text ``number``, gram by gram.

    ``length`` is that of its grams, ``condemning`` where the first gram begins that
    is not allowed.
    """

    number: int
    first: int
    length: int
    end: int
    condemning: int | None


def _exact_occurrences(
    found: list[str], word_hashes: np.ndarray, index: Index
) -> list[_Occurrence]:
    """Where whole short texts stand: only looked up behind words that open one."""
    if not index.exact:
        return []
    occurrences = []
    size = index.min_grams
    likely = index.opening_bitmap.likely(ngram_hashes(word_hashes, size))
    for first in likely.tolist():
        for length in index.openings.get(tuple(found[first : first + size]), ()):
            texts = index.exact.get(tuple(found[first : first + length]))
            # A slice that the page's end cuts short is another, shorter text.
            if texts and first + length <= len(found):
                occurrences.append((first, length, _chosen(np.array(texts), index)))
    return occurrences


def _ngram_occurrences(
    found: list[str], word_hashes: np.ndarray, index: Index
) -> list[_Occurrence]:
    hashes = ngram_hashes(word_hashes, index.grams)
    likely = index.bitmap.likely(hashes)
    if not len(likely):
        return []
    wanted, table = hashes[likely], index.arrays["hashes"]
    left = np.searchsorted(table, wanted, side="left")
    known = np.flatnonzero(table.take(left, mode="clip") == wanted)
    if not len(known):
        return []
    left = left[known]
    right = np.searchsorted(table, wanted[known], side="right")
    verified: dict[tuple[str, ...], tuple[int, ...]] = {}
    occurrences = []
    for first, begin, end in zip(
        likely[known].tolist(), left.tolist(), right.tolist(), strict=True
    ):
        gram = tuple(found[first : first + index.grams])
        if gram not in verified:
            verified[gram] = _texts_with(gram, index.arrays["positions"][begin:end], index)
        if verified[gram]:
            occurrences.append((first, index.grams, verified[gram]))
    return occurrences


def _texts_with(gram: tuple[str, ...], positions: np.ndarray, index: Index) -> tuple[int, ...]:
    """Numbers of the texts that hold the gram at one of ``positions``, by :func:`_chosen`."""
    grams = index.arrays["word_ids"][positions[:, None] + np.arange(len(gram))]
    # As good as always one kind of gram; two of one hash are told apart by their words.
    while len(grams):
        kind = (grams == grams[0]).all(axis=1)
        if _spell(grams[0].tolist(), gram, index):
            starts, numbers = index.arrays["starts"], index.arrays["numbers"]
            texts = np.searchsorted(starts, positions[kind], side="right") - 1
            return _chosen(numbers[texts], index)
        grams, positions = grams[~kind], positions[~kind]
    return ()


def _spell(ids: Sequence[int], gram: Sequence[str], index: Index) -> bool:
    return all(index.vocabulary[i] == word for i, word in zip(ids, gram, strict=True))


def _chosen(texts: np.ndarray, index: Index) -> tuple[int, ...]:
    """The first text of each benchmark, and the first others up to ``MOST_TEXTS``; sorted."""
    if len(texts) == 1:
        return (int(texts[0]),)
    texts = np.unique(texts)
    if len(texts) <= MOST_TEXTS:
        return tuple(texts.tolist())
    _, of_each = np.unique(index.arrays["benchmark"][texts], return_index=True)
    others = np.setdiff1d(np.arange(len(texts)), of_each)
    room = max(0, MOST_TEXTS - len(of_each))
    return tuple(texts[np.sort(np.concatenate([of_each, others[:room]]))].tolist())


def _runs(occurrences: Iterable[_Occurrence], found: list[str], index: Index) -> list[_Run]:
    """In order of the first word."""
    runs: list[_Run] = []
    latest: dict[int, _Run] = {}  # text: its latest run
    for first, length, texts in occurrences:
        end = first + length
        entry = index.allowed.entry_of(found[first:end], index.grams)
        condemning = first if entry is None else None
        for number in texts:
            run = latest.get(number)
            if run is not None and end == run.end + 1:
                run.end = end
            elif len(runs) < MOST_HITS:
                run = latest[number] = _Run(number, first, length, end, condemning)
                runs.append(run)
            else:
                run = runs[-1]
                run.end = max(run.end, end)
            if run.condemning is None:
                run.condemning = condemning
    return runs


def _allowed_grams(runs: Iterable[_Run], found: list[str]) -> dict[tuple[str, ...], int]:
    """Each gram of ``runs``, which nothing but allowed grams make up: where it is first met."""
    grams: dict[tuple[str, ...], int] = {}
    for run in runs:
        for first in range(run.first, run.end - run.length + 1):
            if len(grams) < MOST_HITS:
                grams.setdefault(tuple(found[first : first + run.length]), first)
    return grams


def _shown(
    text: str, places: Mapping[int, tuple[int, int]], first: int, end: int
) -> dict[str, Any]:
    begin, stop = places[first][0], places[end - 1][1]
    return {"position": begin, "length": stop - begin, "context": _context(text, begin, stop)}


def _places(
    text: str, pieces: list[tuple[int, list[str]]], wanted: set[int]
) -> dict[int, tuple[int, int]]:
    """Where in ``text`` the ``wanted`` ones of its words begin and end.

    ``pieces`` are the beginnings of its blocks and their words. Normalisation may
    join characters that stand side by side, so that a line's words cannot be placed;
    they then get the whole line. A match never gets less than what it covers.
    """
    places: dict[int, tuple[int, int]] = {}
    waiting = sorted(wanted, reverse=True)
    ends = [begin for begin, _ in pieces[1:]] + [len(text)]
    passed = 0
    for (begin, piece), end in zip(pieces, ends, strict=True):
        after = passed + len(piece)
        first = passed
        for start, line in _blocks(text[begin:end], 1) if waiting and waiting[-1] < after else ():
            expected = words(line)
            here = []
            while waiting and waiting[-1] < first + len(expected):
                here.append(waiting.pop() - first)
            for number, place in _places_in_line(line, expected, here):
                places[first + number] = (begin + start + place[0], begin + start + place[1])
            first += len(expected)
        passed = after
    return places


def _blocks(text: str, least: int) -> Iterator[tuple[int, str]]:
    """Beginnings and texts of runs of whole lines, of ``least`` characters or more."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin + least - 1) + 1 or len(text)
        yield begin, text[begin:end]
        begin = end


def _places_in_line(
    line: str, expected: list[str], wanted: Sequence[int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    if not wanted:
        return
    # Placing words costs ten times what finding them does.
    spans = word_spans(line)
    agreed = [word for word, _, _ in spans] == expected
    for number in wanted:
        yield number, spans[number][1:] if agreed else (0, len(line.rstrip("\n")))


def _context(text: str, begin: int, end: int) -> str:
    shown = text[begin:end]
    if len(shown) > _SHOWN:
        shown = f"{shown[: _SHOWN // 2]} […] {shown[-_SHOWN // 2 :]}"
    return text[max(0, begin - _CONTEXT) : begin] + shown + text[end : end + _CONTEXT]
