"""Where the words of a page stand in its text, and the text around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.text.words import fold, word_spans, words

#: Characters of the page shown on either side of a match, and of the match itself.
_CONTEXT = 80
_SHOWN = 240
#: Characters of a page that are tokenised together, in whole lines: where a word stands is
#: then looked for in its block alone.
_BLOCK = 2_000
#: A line that ends so ends in what may be the sign of the number that the next begins with.
_OPEN_END = re.compile(r"-[\s${(\[|-]*\Z")
_TAIL = 40


class Excerpt(NamedTuple):
    """``position`` and ``length`` in characters of a page, and the text around them."""

    position: int
    length: int
    context: str


class Block(NamedTuple):
    """Some lines of a page: where they begin, and their words."""

    begin: int
    words: list[str]


def blocks_of(text: str) -> list[Block]:
    """The page in pieces whose words, one after the other, are the page's."""
    return [Block(begin, words(block)) for begin, block in _blocks(text, _BLOCK)]


def excerpt(text: str, places: Mapping[int, tuple[int, int]], first: int, end: int) -> Excerpt:
    """Words ``first`` to ``end`` (not included), where ``places`` has the outer two."""
    begin, stop = places[first][0], places[end - 1][1]
    return Excerpt(begin, stop - begin, _context(text, begin, stop))


def places_of(text: str, blocks: Sequence[Block], wanted: set[int]) -> dict[int, tuple[int, int]]:
    """Where in ``text`` the ``wanted`` ones of its words begin and end.

    Normalisation may join characters that stand side by side, so that a line's words
    cannot be placed; they then get the whole line. A match never gets less than what it
    covers.
    """
    places: dict[int, tuple[int, int]] = {}
    waiting = sorted(wanted, reverse=True)
    ends = [block.begin for block in blocks[1:]] + [len(text)]
    passed = 0
    for (begin, piece), end in zip(blocks, ends, strict=True):
        here = []
        while waiting and waiting[-1] < passed + len(piece):
            here.append(waiting.pop() - passed)
        for number, place in _places_in_block(text[begin:end], len(piece), here):
            places[passed + number] = (begin + place[0], begin + place[1])
        passed += len(piece)
    return places


def _places_in_block(
    block: str, expected: int, wanted: Sequence[int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    if not wanted:
        return
    lines = [(start, line, words(line)) for start, line in _blocks(block, 1)]
    if sum(len(piece) for _, _, piece in lines) != expected:
        yield from ((number, (0, len(block))) for number in wanted)
        return
    waiting = list(reversed(wanted))
    first = 0
    for start, line, piece in lines:
        here = []
        while waiting and waiting[-1] < first + len(piece):
            here.append(waiting.pop() - first)
        for number, place in _places_in_line(line, piece, here):
            yield first + number, (start + place[0], start + place[1])
        first += len(piece)


def _blocks(text: str, least: int) -> Iterator[tuple[int, str]]:
    """Beginnings and texts of runs of whole lines, of ``least`` characters or more."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin + least - 1) + 1 or len(text)
        while end < len(text) and _OPEN_END.search(fold(text[max(begin, end - _TAIL) : end])):
            end = text.find("\n", end) + 1 or len(text)
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
