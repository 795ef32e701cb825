"""Two people's tags made one: what agrees is kept, what disagrees is shown and kept too."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.base.printing import aligned
from pipeline.mine.patterns import AUTO, Pattern, Patterns


@dataclass(frozen=True)
class Merge:
    """What the other's tags are beside ours.

    ``disputes``: one pattern, two words, as (ours, theirs). ``exceptions``: a pattern
    of one that lies within the other's opposite one, as (wider, narrower); both hold,
    since the longest match decides. ``agreed``: theirs that say the same.
    """

    additions: tuple[Pattern, ...]
    agreed: tuple[Pattern, ...]
    disputes: tuple[tuple[Pattern, Pattern], ...]
    exceptions: tuple[tuple[Pattern, Pattern], ...]

    def report(self) -> str:
        """For people: a line for each disagreement, and the counts."""
        lines = [
            f"{len(self.additions):,} patterns are new, {len(self.agreed):,} agree, "
            f"{len(self.disputes):,} disagree"
        ]
        if self.disputes:
            lines += ["", "disagreements: the first word stays until somebody decides in make tag"]
            lines += aligned(
                [(f"  {a.pattern}", _word(a), "but", _word(b)) for a, b in self.disputes]
            )
        if self.exceptions:
            lines += ["", "exceptions: both stay, and the longer pattern decides below itself"]
            lines += aligned(
                [
                    (f"  {a.pattern}", _word(a), "but", b.pattern, _word(b))
                    for a, b in self.exceptions
                ]
            )
        return "\n".join(lines)


def compared(ours: Patterns, theirs: Patterns) -> Merge:
    """What ``theirs`` would add to ``ours``, and where the two disagree.

    A person's word takes the place of an automatic one; an automatic one of theirs
    never contradicts a person's.
    """
    held = {pattern.pattern: pattern for pattern in ours}
    additions, agreed, disputes = [], [], []
    for their in theirs:
        our = held.get(their.pattern)
        if our is None or (our.who == AUTO and their.who != AUTO):
            additions.append(their)
        elif our.mathematical == their.mathematical or their.who == AUTO:
            agreed.append(their)
        else:
            disputes.append((our, their))
    exceptions = [*_exceptions(ours, theirs), *_exceptions(theirs, ours)]
    return Merge(tuple(additions), tuple(agreed), tuple(disputes), tuple(exceptions))


def _exceptions(wide: Patterns, narrow: Patterns) -> list[tuple[Pattern, Pattern]]:
    """Patterns of ``narrow`` that ``wide`` says the opposite of by a shorter pattern."""
    exceptions = []
    for pattern in narrow:
        decisive = wide.decisive(pattern.pattern)
        if (
            decisive is not None
            and decisive.pattern != pattern.pattern
            and decisive.mathematical != pattern.mathematical
            and AUTO not in (decisive.who, pattern.who)
        ):
            exceptions.append((decisive, pattern))
    return exceptions


def _word(pattern: Pattern) -> str:
    word = "mathematical" if pattern.mathematical else "not mathematical"
    return f"{word} ({pattern.who}, {pattern.when})"
