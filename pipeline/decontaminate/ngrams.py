"""Finding benchmark texts in pages, by the two rules of DeepSeekMath (section 2.1).

Rule ``ngram``: a run of ``grams`` words that a question or an answer holds too.
Rule ``exact``: a text of ``min_grams`` to ``grams - 1`` words, page_words whole as a
run of words. Shorter texts are not looked for: they say nothing.

Words are those of :mod:`pipeline.text.words`, so that case, width, spacing, the
spelling of formulas and line breaks make no difference, and a Chinese character
is a word. In the paper a gram is what white space separates, and ``\\frac{1}{2}``
is one; here it is two. So what a page holds of a text is weighed before it
condemns the page (:mod:`pipeline.decontaminate.evidence`), an answer that is a
bare value is not looked for, and a short answer counts beside its question alone.
What says too little is told as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from pipeline.base.arguments import Takes, checked
from pipeline.decontaminate import evidence
from pipeline.decontaminate.benchmark_index import Index
from pipeline.decontaminate.benchmark_texts import Rule
from pipeline.decontaminate.evidence import Evidence
from pipeline.decontaminate.excerpts import blocks_of, excerpt, places_of
from pipeline.decontaminate.rulings import Ruling, Subject
from pipeline.text.words import hash_words, ngram_hashes

#: Texts that one occurrence of a gram is reported for; stock phrases have hundreds.
#: Each benchmark that has the gram is told with one text at least, however many.
MOST_TEXTS = 20
#: Hits of one page told apart; the last one then covers all that follow.
MOST_HITS = 10_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A maximal run of a page's words in which every gram is the text's.

    ``position`` and ``length`` are in characters of the page; ``gram`` is the
    first gram of the run that is not allowed. ``share`` of the text's words and
    ``words`` telling ones are what the whole page holds of it; ``by_rule`` says whether
    that condemns, ``ruling`` what a person said of it, which counts instead.
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
    share: float
    words: int
    by_rule: bool
    ruling: str


@dataclass(frozen=True, slots=True)
class Exempted:
    """A gram of a benchmark that would be a trace if it were not allowed.

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
    """What a page holds of benchmarks.

    ``hits`` condemn it, ``passed`` are of texts of which it holds too little, both in
    order of position; ``exempted`` is what is allowed.
    """

    hits: list[Hit]
    passed: list[Hit]
    exempted: list[Exempted]


@checked(
    text=Takes((str,), "a str: a page's text", "of a page: find_traces(page.text, index)"),
    index=Takes((Index,), "an index", "make one: index_benchmarks(folder)"),
)
def find_traces(text: str, index: Index, rulings: Mapping[Subject, Ruling] | None = None) -> Traces:
    """Every trace of the index's texts in a page.

    At most ``MOST_TEXTS`` texts an occurrence (or one of each benchmark) and
    ``MOST_HITS`` hits; no part of a match goes uncovered for that. A run whose
    every gram is allowed is none. Where a text condemns the page, others that
    share its words there are not told. ``rulings`` on texts of this page count
    for more than the rule. Time grows with the page's words, not with the index.
    """
    blocks = blocks_of(text)
    page_words = list(chain.from_iterable(block.words for block in blocks))
    word_hashes = hash_words(page_words)
    exact = _exact_occurrences(page_words, word_hashes, index)
    occurrences = _ngram_occurrences(page_words, word_hashes, index)
    if not (exact or occurrences):
        return Traces([], [], [])
    weighed = _weighed(exact, occurrences, page_words, index)
    verdicts = _verdicts(weighed, index, rulings or {})
    in_order = sorted([*exact, *occurrences], key=lambda occurrence: occurrence[:2])
    runs = _runs(in_order, page_words, index, verdicts)
    hit = [run for run in runs if run.telling is not None]
    allowed = _allowed_grams((run for run in runs if run.telling is None), page_words)
    spans = [(run.first, run.end) for run in hit]
    spans += [(first, first + len(gram)) for gram, first in allowed.items()]
    places = places_of(text, blocks, {edge for first, end in spans for edge in (first, end - 1)})
    traces = Traces([], [], [])
    for run in hit:
        assert run.telling is not None
        verdict = verdicts[run.number]
        one = Hit(
            *index.name(run.number),
            " ".join(page_words[run.telling : run.telling + run.length]),
            *excerpt(text, places, run.first, run.end),
            round(verdict.evidence.share, 4),
            verdict.evidence.words,
            verdict.by_rule,
            verdict.ruling,
        )
        (traces.hits if verdict.condemns else traces.passed).append(one)
    for gram, first in allowed.items():
        entry = index.allowed.entry_of(gram, index.grams)
        if entry is not None:
            rule = Rule.NGRAM if len(gram) == index.grams else Rule.EXACT
            name = index.allowed.allowed[entry].name
            shown = excerpt(text, places, first, first + len(gram))
            traces.exempted.append(Exempted(name, rule, " ".join(gram), *shown))
    return traces


#: Where texts were met: first word, number of words, where in the index's words (of rule
#: ``ngram``), numbers of the texts.
_Occurrence = tuple[int, int, np.ndarray, np.ndarray]
_NOWHERE = np.empty(0, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class _Verdict:
    evidence: Evidence
    by_rule: bool
    ruling: str

    @property
    def condemns(self) -> bool:
        return self.ruling in ("leak", "near") if self.ruling else self.by_rule


@dataclass(slots=True)
class _Run:
    """Words ``first`` to ``end`` of a page are those of text ``number``, gram by gram.

    ``length`` is that of its grams, ``telling`` where the first gram begins that
    is not allowed.
    """

    number: int
    first: int
    length: int
    end: int
    telling: int | None


def _exact_occurrences(
    page_words: list[str], word_hashes: np.ndarray, index: Index
) -> list[_Occurrence]:
    """Where whole short texts stand: only looked up behind words that open one."""
    if not index.exact:
        return []
    occurrences = []
    size = index.min_grams
    likely = index.opening_bitmap.likely(ngram_hashes(word_hashes, size))
    for first in likely.tolist():
        for length in index.openings.get(tuple(page_words[first : first + size]), ()):
            texts = index.exact.get(tuple(page_words[first : first + length]))
            # A slice that the page's end cuts short is another, shorter text.
            if texts and first + length <= len(page_words):
                occurrences.append((first, length, _NOWHERE, np.array(texts)))
    return occurrences


def _ngram_occurrences(
    page_words: list[str], word_hashes: np.ndarray, index: Index
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
    starts, numbers = index.arrays["starts"], index.arrays["numbers"]
    verified: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = {}
    occurrences = []
    for first, begin, end in zip(
        likely[known].tolist(), left.tolist(), right.tolist(), strict=True
    ):
        gram = tuple(page_words[first : first + index.grams])
        if gram not in verified:
            positions = _positions_of(gram, index.arrays["positions"][begin:end], index)
            texts = numbers[np.searchsorted(starts, positions, side="right") - 1]
            verified[gram] = (positions, texts)
        positions, texts = verified[gram]
        if len(positions):
            occurrences.append((first, index.grams, positions, texts))
    return occurrences


def _positions_of(gram: tuple[str, ...], positions: np.ndarray, index: Index) -> np.ndarray:
    """Those of ``positions`` in the index's words where the gram stands."""
    grams = index.arrays["word_ids"][positions[:, None] + np.arange(len(gram))]
    # As good as always one kind of gram; two of one hash are told apart by their words.
    while len(grams):
        kind = (grams == grams[0]).all(axis=1)
        if _spell(grams[0].tolist(), gram, index):
            same: np.ndarray = positions[kind]
            return same
        grams, positions = grams[~kind], positions[~kind]
    return _NOWHERE


def _spell(ids: Sequence[int], gram: Sequence[str], index: Index) -> bool:
    return all(index.vocabulary[i] == word for i, word in zip(ids, gram, strict=True))


def _weighed(
    exact: Iterable[_Occurrence],
    occurrences: Iterable[_Occurrence],
    page_words: list[str],
    index: Index,
) -> dict[int, Evidence]:
    """What the page holds of each text, by grams that are not allowed."""
    weighed: dict[int, Evidence] = {}
    positions: dict[tuple[str, ...], np.ndarray] = {}
    for first, length, places, _ in occurrences:
        positions[tuple(page_words[first : first + length])] = places
    for gram in positions:
        if index.allowed.entry_of(gram, index.grams) is not None:
            positions[gram] = _NOWHERE
    numbers = index.arrays["numbers"]
    if positions:
        long = index.weighing.weigh(np.unique(np.concatenate(list(positions.values()))))
        weighed = {int(numbers[text]): one for text, one in long.items()}
    for first, length, _, texts in exact:
        gram = tuple(page_words[first : first + length])
        if index.allowed.entry_of(gram, index.grams) is None:
            whole = evidence.of_short_text(gram)
            weighed.update(dict.fromkeys(texts.tolist(), whole))
    return weighed


def _verdicts(
    weighed: Mapping[int, Evidence], index: Index, rulings: Mapping[Subject, Ruling]
) -> dict[int, _Verdict]:
    verdicts = {}
    for number, one in weighed.items():
        ruling = rulings.get(Subject(*index.name(number)[:4]), "") if rulings else ""
        verdicts[number] = _Verdict(one, _condemns(number, one, weighed, index), ruling)
    return verdicts


def _condemns(number: int, one: Evidence, weighed: Mapping[int, Evidence], index: Index) -> bool:
    question = int(index.arrays["questions"][number])
    field = "question" if question == number else "answer"
    if field == "answer" and not one.grams and index.rule.name != "paper":
        # A short answer is a phrase of the language, but for a page that asks for it.
        return question in weighed
    return index.rule.condemns(field, one)


def _chosen(texts: np.ndarray, index: Index) -> list[int]:
    """The first text of each benchmark, and the first others up to ``MOST_TEXTS``; sorted."""
    texts = np.unique(texts)
    if len(texts) <= MOST_TEXTS:
        return list(texts.tolist())
    _, of_each = np.unique(index.arrays["benchmark"][texts], return_index=True)
    others = np.setdiff1d(np.arange(len(texts)), of_each)
    room = max(0, MOST_TEXTS - len(of_each))
    return list(texts[np.sort(np.concatenate([of_each, others[:room]]))].tolist())


def _runs(
    occurrences: Iterable[_Occurrence],
    page_words: list[str],
    index: Index,
    verdicts: Mapping[int, _Verdict],
) -> list[_Run]:
    """In order of the first word: of texts that condemn, and elsewhere of the others.

    What a person has ruled on is told wherever it is.
    """
    condemning = {number for number, verdict in verdicts.items() if verdict.condemns}
    ruled = {number for number, verdict in verdicts.items() if verdict.ruling} - condemning
    runs: dict[bool, list[_Run]] = {True: [], False: []}
    latest: dict[int, _Run] = {}  # text: its latest run
    numbers_of: dict[int, list[tuple[bool, int]]] = {}  # grams of one kind share an array
    for first, length, _, texts in occurrences:
        end = first + length
        entry = index.allowed.entry_of(page_words[first:end], index.grams)
        telling = first if entry is None else None
        if id(texts) not in numbers_of:
            numbers = texts.tolist()
            worst = [number for number in numbers if number in condemning]
            others = [number for number in numbers if number in ruled] if worst else numbers
            numbers_of[id(texts)] = [
                (condemns, number)
                for condemns, some in ((True, worst), (False, others))
                for number in (_chosen(np.array(some), index) if some else ())
            ]
        for condemns, number in numbers_of[id(texts)]:
            run = latest.get(number)
            if run is not None and end == run.end + 1:
                run.end = end
            elif len(runs[condemns]) < MOST_HITS:
                run = latest[number] = _Run(number, first, length, end, telling)
                runs[condemns].append(run)
            else:
                run = runs[condemns][-1]
                run.end = max(run.end, end)
            if run.telling is None:
                run.telling = telling
    return sorted([*runs[True], *runs[False]], key=lambda run: run.first)


def _allowed_grams(runs: Iterable[_Run], page_words: list[str]) -> dict[tuple[str, ...], int]:
    """Each gram of ``runs``, which nothing but allowed grams make up: where it is first met."""
    grams: dict[tuple[str, ...], int] = {}
    for run in runs:
        for first in range(run.first, run.end - run.length + 1):
            if len(grams) < MOST_HITS:
                grams.setdefault(tuple(page_words[first : first + run.length]), first)
    return grams
