"""The URL patterns that count in a round: people's, the seed's own, and automatic ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.commands import tagging_command
from pipeline.base.errors import TagsNeeded
from pipeline.loop.run import Run
from pipeline.mine.domains import domain_name, untagged_domains
from pipeline.mine.patterns import Patterns
from pipeline.mine.prefixes import automatic_patterns
from pipeline.mine.reasons import SUSPECTED
from pipeline.mine.tree import automatic_prefixes

if TYPE_CHECKING:
    from pipeline.mine.patterns import Pattern

#: How many untagged domains a stop names.
_NAMED_DOMAINS = 20
#: Prefixes that TAGS=auto takes of a round at most: each page is compared with all patterns.
MOST_AUTOMATIC = 100_000


class RoundPatterns(NamedTuple):
    """The patterns that count in a round, and the prefixes that were too many to count too."""

    patterns: Patterns
    left_out: int


def all_tags(run: Run) -> Patterns:
    """The tags file and the seed's own patterns, which hold against it."""
    tags = Patterns.read(Path(run.config.tags.file)) if run.config.tags.file else Patterns()
    return Patterns(
        (*tags, *Patterns.of(run.config.seed.patterns, "seed.patterns of the configuration"))
    )


def people_before(run: Run, number: int) -> Patterns:
    """What people said up to the round before ``number``, and the seed's own patterns."""
    return Patterns(p for p in all_tags(run) if p.round < number)


def patterns_of(run: Run, number: int) -> RoundPatterns:
    """The URL patterns that count in round ``number``.

    A tag of round 0, and a seed pattern, counts from the start. A later tag counts
    once its domain was found mathematical in a round before this one. With
    ``--tags auto`` those prefixes that nobody spoke of count too that had a large
    share in any round before, of each round the ``MOST_AUTOMATIC`` with most pages: a
    word of a person's on a prefix, or on one above it, takes it back.
    """
    people = people_before(run, number)
    if number == 1:
        return RoundPatterns(people, 0)
    domain_of = {
        pattern.pattern: domain_name(pattern.pattern.split("/")[0], run.config.mine)
        for pattern in people
        if pattern.round
    }
    queued = _queued(run, number, sorted(set(domain_of.values())))

    def counts(pattern: Pattern) -> bool:
        return pattern.round == 0 or domain_of[pattern.pattern] in queued

    people = Patterns(filter(counts, people))
    if run.tags != "auto":
        return RoundPatterns(people, 0)
    automatic, left_out = Patterns(), 0
    for earlier in range(1, number):
        prefixes = run.workspace.prefixes(earlier).read(run.spark)
        chosen, more = automatic_prefixes(prefixes, run.config.tags, MOST_AUTOMATIC)
        rows = (row.asDict() for row in chosen)
        automatic = automatic.merged_with(automatic_patterns(rows, run.config.tags, earlier))
        left_out += more
    return RoundPatterns(people.merged_with(automatic), left_out)


def _queued(run: Run, number: int, domains: Sequence[str]) -> set[str]:
    """Those of ``domains``, which people spoke of, that a round before ``number`` queued."""
    if not domains:
        return set()
    tables = [run.workspace.domains(n).read(run.spark) for n in range(1, number)]
    asked = run.spark.createDataFrame([(name,) for name in domains], "domain string")
    rows = reduce(DataFrame.unionByName, tables).where("queued").select("domain")
    queued = rows.join(F.broadcast(asked), "domain", "left_semi").distinct()
    return {row["domain"] for row in queued.collect()}


def untagged_before(run: Run, number: int, patterns: Patterns) -> DataFrame:
    """The queued domains of the round before ``number`` that nobody has tagged."""
    return untagged_domains(
        run.workspace.domains(number - 1).read(run.spark),
        run.workspace.prefixes(number - 1).read(run.spark),
        patterns,
        run.config.mine,
    )


def require_tags(run: Run, number: int, patterns: Patterns) -> None:
    """Stop the loop with ``TagsNeeded`` where people have domains to tag for the round."""
    before = number - 1
    untagged = untagged_before(run, number, patterns)
    count = untagged.count()
    if not count:
        return
    lines = [
        f"    {row['prefix'] or row['domain']}  ({row['pages']:,} pages, {row['share']:.0%} "
        f"collected in {row['domain']}{', suspected' if row['reason'] == SUSPECTED else ''})"
        for row in untagged.limit(_NAMED_DOMAINS).collect()
    ]
    more = [f"    and {count - len(lines):,} more"] if count > len(lines) else []
    where = run.config.tags.file or "the file that tags.file names"
    raise TagsNeeded(
        f"round {before} asks about {count:,} domains that nobody has tagged:",
        listed=lines + more,
        expected=f"for each a line in {where}, yes or no",
        remedy=f"{tagging_command(run.uri, before)}   then run the same command again; or let "
        "TAGS=auto (--tags auto) accept prefixes by their share, or TAGS=skip go on without them",
    )
