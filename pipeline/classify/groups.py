"""Sorts of examples that a classifier is tried on: by language, notation and domain.

A group is a name among those of its sort. The counts of training examples beside
a group's figures say whether the classifier had met it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Pages without any formula, and texts from outside the crawl, of which none are known.
NO_FORMULA, OUTSIDE = "no formula", "outside text"
#: Examples of either class below which leaving a group out tells nothing.
FEWEST = 20
#: A group with more of the mathematical training examples is not left out: what the
#: classifier learns would be too little to speak of.
GREATEST_SHARE = 0.5


@dataclass(frozen=True, order=True)
class Group:
    """One group of one sort, such as language zh."""

    sort: str
    name: str

    def __str__(self) -> str:
        return f"{self.sort} {self.name}"


def groups_of(language: str, notations: str | None, host: str) -> dict[str, tuple[str, ...]]:
    """The groups of one example, by sort.

    ``notations`` is that of schemas/pages.toml, None for a text from outside the
    crawl. A page written in two notations is in both.
    """
    written = (OUTSIDE,) if notations is None else tuple(notations.split()) or (NO_FORMULA,)
    return {"language": (language,), "notation": written, "domain": (top_level_domain(host),)}


def top_level_domain(host: str) -> str:
    """Last label of a host, ``address`` for an IP address, ``none`` without a host."""
    last = host.rpartition(".")[2]
    if not last:
        return "none"
    return "address" if last.isdigit() or last.endswith("]") else last


def to_leave_out(counts: Mapping[Group, Mapping[tuple[bool, str], int]], most: int) -> list[Group]:
    """Groups that are worth training without, at most ``most``.

    ``counts`` has each group's examples by whether they are held out and their label.
    The ones with most held-out mathematical examples, sorts taken in turn.
    """
    learnt: dict[str, int] = {}
    for group, of in counts.items():
        learnt[group.sort] = learnt.get(group.sort, 0) + of.get((False, "math"), 0)
    worth: dict[str, list[Group]] = {}
    for group, of in sorted(counts.items(), key=lambda item: (-_tried(item[1]), item[0])):
        enough = min(of.get((False, "math"), 0), _tried(of)) >= FEWEST
        if enough and of[False, "math"] <= GREATEST_SHARE * learnt[group.sort]:
            worth.setdefault(group.sort, []).append(group)
    in_turn = sorted(
        (rank, group.sort, group)
        for of_sort in worth.values()
        for rank, group in enumerate(of_sort)
    )
    return [group for _, _, group in in_turn[:most]]


def _tried(of: Mapping[tuple[bool, str], int]) -> int:
    return of.get((True, "math"), 0)


def counted(
    rows: Iterable[tuple[str, str | None, str, bool, str, int]],
) -> dict[Group, dict[tuple[bool, str], int]]:
    """Examples of each group, of rows (language, notations, host, held out, label, examples).

    ``host`` may be cut down to its end.
    """
    counts_by_group: dict[Group, dict[tuple[bool, str], int]] = {}
    for language, notations, host, held_out, label, examples in rows:
        for sort, names in groups_of(language, notations, host).items():
            for name in names:
                of = counts_by_group.setdefault(Group(sort, name), {})
                of[held_out, label] = of.get((held_out, label), 0) + examples
    return counts_by_group
