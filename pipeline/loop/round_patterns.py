"""The URL patterns that count in a round: people's, the seed's own, and automatic ones."""

from __future__ import annotations

from pathlib import Path

from pipeline.base.commands import tagging_command
from pipeline.base.errors import TagsNeeded
from pipeline.loop.run import Run
from pipeline.mine.domains import domain_name, untagged_domains
from pipeline.mine.patterns import Patterns
from pipeline.mine.prefixes import automatic_patterns

#: How many untagged domains a stop names.
_NAMED_DOMAINS = 20


def all_tags(run: Run) -> Patterns:
    """The tags file and the seed's own patterns, which hold against it."""
    tags = Patterns.read(Path(run.config.tags.file)) if run.config.tags.file else Patterns()
    return Patterns(
        (*tags, *Patterns.of(run.config.seed.patterns, "seed.patterns of the configuration"))
    )


def people_before(run: Run, number: int) -> Patterns:
    """What people said up to the round before ``number``, and the seed's own patterns."""
    return Patterns(p for p in all_tags(run) if p.round < number)


def patterns_of(run: Run, number: int) -> Patterns:
    """The URL patterns that count in round ``number``.

    A tag of round 0, and a seed pattern, counts from the start. A later tag counts
    once its domain was found mathematical in a round before this one. With
    ``--tags auto`` those prefixes that nobody spoke of count too that had a large
    share in any round before: a word of a person's on a prefix, or on one above it,
    takes it back.
    """
    people = people_before(run, number)
    if number == 1:
        return people
    domains = run.workspace.domains(1).read(run.spark)
    for earlier in range(2, number):
        domains = domains.unionByName(run.workspace.domains(earlier).read(run.spark))
    queued = {
        row["domain"] for row in domains.where("queued").select("domain").distinct().collect()
    }
    people = Patterns(
        pattern
        for pattern in people
        if pattern.round == 0
        or domain_name(pattern.pattern.split("/")[0], run.config.mine) in queued
    )
    if run.tags != "auto":
        return people
    automatic = Patterns()
    for earlier in range(1, number):
        prefixes = run.workspace.prefixes(earlier).read(run.spark)
        rows = (row.asDict() for row in prefixes.toLocalIterator())
        automatic = automatic.merged_with(automatic_patterns(rows, run.config.tags, earlier))
    return people.merged_with(automatic)


def require_tags(run: Run, number: int, patterns: Patterns) -> None:
    """Stop the loop with ``TagsNeeded`` where people have domains to tag for the round."""
    before = number - 1
    untagged = untagged_domains(
        run.workspace.domains(before).read(run.spark),
        run.workspace.prefixes(before).read(run.spark),
        patterns,
        run.config.mine,
    )
    count = untagged.count()
    if not count:
        return
    lines = [
        f"    {row['prefix'] or row['domain']}  ({row['pages']:,} pages, {row['share']:.0%} "
        f"collected in {row['domain']})"
        for row in untagged.limit(_NAMED_DOMAINS).collect()
    ]
    more = [f"    and {count - len(lines):,} more"] if count > len(lines) else []
    where = run.config.tags.file or "the file that tags.file names"
    raise TagsNeeded(
        f"round {before} found {count:,} mathematical domains that nobody has tagged:",
        listed=lines + more,
        expected=f"for each a line in {where}, yes or no",
        remedy=f"{tagging_command(run.uri, before)}   then run the same command again; or let "
        "TAGS=auto (--tags auto) accept prefixes by their share, or TAGS=skip go on without them",
    )
