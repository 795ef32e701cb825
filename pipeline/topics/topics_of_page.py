"""The topics of one page's text."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from pipeline.topics.lexicon import HAN, PROOFS, Lexicon, lexicon, words_of

#: Raised whenever the same lexicon tells other topics of a text than before.
TOPICS_VERSION = 1
#: No more of a page is read.
MOST_CHARACTERS = 8_000
#: What a term counts for, however often it is there: many terms tell more than one.
_MOST_TIMES = 2
#: Evidence that a topic needs: so many points, and one more for each so many characters read.
LEAST_POINTS = 2.0
CHARACTERS_PER_POINT = 300
#: And so many terms; two of them on a page of less than the second number.
LEAST_TERMS = 3
SHORT_CHARACTERS = 600
#: A page is also about what has this share of its first topic's points.
SECOND_SHARE = 0.7


class PageTopics(NamedTuple):
    """What a page is about.

    ``topics`` are subjects, the first one foremost; none where the page is no
    mathematics, or where too little says what it is about.
    """

    topics: tuple[str, ...]
    proofs: bool

    def __bool__(self) -> bool:
        return bool(self.topics) or self.proofs


def topics_of(text: str) -> PageTopics:
    """The topics of a page's text, as extraction leaves it.

    Terms of the lexicon give points to their topics: the weight, and as much again
    where a term is repeated. A topic needs ``LEAST_POINTS`` points and one more for each
    ``CHARACTERS_PER_POINT`` characters, from ``LEAST_TERMS`` terms. The first topic is
    the one with the most points, others count with ``SECOND_SHARE`` of those. Reads
    ``MOST_CHARACTERS`` of the page.
    """
    lookup = lexicon()
    head = text[:MOST_CHARACTERS].lower()
    points, terms = points_of(head, lookup)
    least_terms = LEAST_TERMS - (len(head) < SHORT_CHARACTERS)
    needed = LEAST_POINTS + len(head) / CHARACTERS_PER_POINT
    scores = {
        name: points[place]
        for place, name in enumerate(lookup.names)
        if points[place] >= needed and terms[place] >= least_terms
    }
    proofs = scores.pop(PROOFS, 0.0) > 0
    if not scores:
        return PageTopics((), proofs)
    least = SECOND_SHARE * max(scores.values())
    # Sorting keeps the lexicon's order among equals.
    foremost = sorted((name for name in scores if scores[name] >= least), key=lambda n: -scores[n])
    return PageTopics(tuple(foremost), proofs)


def points_of(head: str, lookup: Lexicon) -> tuple[list[float], list[int]]:
    """Points by topic, and terms that gave them, for text in lower case."""
    tokens = words_of(head)
    counts = Counter(tokens)
    present = set(counts)
    times: dict[int, int] = {}
    for word in present & lookup.words.keys():
        number = lookup.words[word]
        times[number] = times.get(number, 0) + counts[word]
    line = ""
    for longest in present & lookup.phrases.keys():
        for parts, phrase, number in lookup.phrases[longest]:
            if parts <= present:
                line = line or " ".join(("", *tokens, ""))
                if repeated := line.count(phrase):
                    times[number] = times.get(number, 0) + repeated
    if HAN.search(head):
        characters = set(head)
        for parts, term, number in lookup.han:
            if parts <= characters and (repeated := head.count(term)):
                times[number] = repeated
    points = [0.0] * len(lookup.topics)
    terms = [0] * len(lookup.topics)
    for number, repeated in times.items():
        for place, weight in lookup.weights[number]:
            points[place] += weight * min(repeated, _MOST_TIMES)
            terms[place] += 1
    return points, terms
