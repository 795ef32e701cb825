"""How far people agree who said a word on the same patterns: Cohen's kappa."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from pipeline.mine.patterns import AUTO, SEED, Pattern
from pipeline.tagging.journal import BESIDE, WORDS, Event

#: Of the normal distribution: 95% of it lies within so many deviations.
_NORMAL_95 = 1.96

#: By pattern, what each person said of it.
Words = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class Agreement:
    """Of two people: patterns with a word of each, and how many words are the same.

    ``kappa`` is None where it is not defined: nothing in common, or both have said one and
    the same word throughout. ``low`` and ``high``: its 95% interval, Wilson's of the agreed
    share at the same agreement by chance.
    """

    one: str
    other: str
    both: int
    agreed: int
    kappa: float | None
    low: float | None
    high: float | None


def words_of(events: Iterable[Event], held: Iterable[Pattern]) -> Words:
    """Each person's own word on each pattern, from the journal and the file of tags.

    The last one that was given before there was another person's on that pattern: who
    settles a dispute has seen both. Automatic tags, and the seed's, are nobody's.
    """
    words: dict[str, dict[str, bool]] = defaultdict(dict)
    for event in events:
        word = _word(event)
        if word is not None and words[event.prefix].keys() <= {event.who}:
            words[event.prefix][event.who] = word
        elif word is not None:
            words[event.prefix].setdefault(event.who, word)
    for pattern in held:
        if pattern.who not in (AUTO, SEED):
            words[pattern.pattern].setdefault(pattern.who, pattern.mathematical)
    return words


def agreements(words: Words) -> list[Agreement]:
    """Of every two people who have a pattern in common, the most in common first."""
    pairs: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for of_pattern in words.values():
        for one, other in combinations(sorted(of_pattern), 2):
            pairs[one, other].append((of_pattern[one], of_pattern[other]))
    compared = [_agreement(*people, both) for people, both in pairs.items()]
    return sorted(compared, key=lambda it: (-it.both, it.one, it.other))


def _word(event: Event) -> bool | None:
    if event.action in WORDS:
        return event.action == "mathematical"
    if event.action in BESIDE and event.after:
        return event.after[0].split("\t")[1:2] == ["yes"]
    return None


def _agreement(one: str, other: str, pairs: list[tuple[bool, bool]]) -> Agreement:
    """Kappa as in Cohen, "A coefficient of agreement for nominal scales" (1960)."""
    count, agreed = len(pairs), sum(a == b for a, b in pairs)
    yes = [sum(pair[side] for pair in pairs) / count for side in (0, 1)]
    chance = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
    if chance >= 1:
        return Agreement(one, other, count, agreed, None, None, None)
    shares = (agreed / count, *_wilson(agreed, count))
    kappa, low, high = ((share - chance) / (1 - chance) for share in shares)
    return Agreement(one, other, count, agreed, kappa, max(-1.0, low), high)


def _wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's interval of a share: E. B. Wilson, JASA 22 (1927)."""
    square = _NORMAL_95**2
    share = hits / count
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = share * (1 - share) / count + square / (4 * count**2)
    half = _NORMAL_95 / (1 + square / count) * math.sqrt(spread)
    return max(0.0, middle - half), min(1.0, middle + half)
