"""What is to be said of people's tags before a round takes them: dead, needless, disputed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.mine.domains import marked
from pipeline.mine.patterns import AUTO, SEED, Pattern, Patterns
from pipeline.mine.tagged_pages import matching_patterns, tag_pages


@dataclass(frozen=True, slots=True)
class Reach:
    """How many pages a pattern matches, on how many it decides, how many of these were
    not collected, and how many it adds to the next seed."""

    matched: int = 0
    decided: int = 0
    uncollected: int = 0
    adds: int = 0


def reach(
    pages: DataFrame,
    patterns: Patterns,
    collected: DataFrame,
    next_seed: DataFrame,
    seed: DataFrame,
) -> dict[str, Reach]:
    """The reach of each of ``patterns`` that matches a page.

    ``pages`` (page_id, host, url) is the deduplicated pool, ``collected`` what the last
    round took, ``seed`` its seed and ``next_seed`` the one to come.
    """
    matched = matching_patterns(pages, patterns).groupBy("pattern").agg(F.count("*").alias("n"))
    decided = (
        marked(tag_pages(pages, patterns), collected)
        .groupBy("pattern")
        .agg(F.count("*").alias("decided"), F.count_if(F.col("taken") == 0).alias("uncollected"))
    )
    old = seed.where("label = 'math' AND page_id IS NOT NULL").select("page_id")
    new = next_seed.where("label = 'math' AND page_id IS NOT NULL").join(
        old, "page_id", "left_anti"
    )
    adds = new.groupBy(F.regexp_replace("origin", "^[a-z]+:", "").alias("pattern")).agg(
        F.count("*").alias("adds")
    )
    rows = matched.join(decided, "pattern", "left").join(adds, "pattern", "left").fillna(0)
    return {
        row["pattern"]: Reach(row["n"], row["decided"], row["uncollected"], row["adds"])
        for row in rows.collect()
    }


def remarks(
    pattern: Pattern, patterns: Patterns, reached: Mapping[str, Reach], counting: Set[Pattern]
) -> Iterator[str]:
    """What a person should know of ``pattern``, one of ``patterns``, a phrase each.

    ``counting`` are those that the next round takes into account.
    """
    reach = reached.get(pattern.pattern, Reach())
    if not reach.matched:
        yield "dead: no page of the pool is under it"
    elif not reach.decided:
        yield "shadowed: longer patterns decide on all of its pages"
    above = patterns.above(pattern.pattern)
    if above is not None and above.mathematical == pattern.mathematical:
        yield f"needless: {above.pattern} says the same"
    elif above is not None and above.who != pattern.who:
        decision = "mathematical" if above.mathematical else "not mathematical"
        yield f"conflict: {above.pattern} is {decision} to {above.who}"
    elif above is not None:
        yield f"{_word(pattern)} under {_word(above)} {above.pattern}"
    elif near := near_yes(pattern, patterns):
        yield f"no beside yes {near.pattern}"
    if pattern not in counting:
        yield "not yet: its domain was not found mathematical, or its round is to come"


def near_yes(pattern: Pattern, patterns: Patterns) -> Pattern | None:
    """A pattern of the same host that is mathematical, where ``pattern`` is not.

    The nearest above it, else the first on the host that does not lie under it.
    """
    if pattern.mathematical:
        return None
    above = patterns.above(pattern.pattern)
    if above is not None and above.mathematical:
        return above
    others = patterns.on_host(pattern.pattern.partition("/")[0])
    return next((p for p in others if p.mathematical and not _is_under(p, pattern)), None)


@dataclass
class Given:
    """What the decisions of a round gave: how many there were of each kind, on how many pages."""

    yes: int = 0
    no: int = 0
    yes_uncollected: int = 0
    no_pages: int = 0
    no_near_yes: int = 0


def given_by(
    patterns: Patterns, reached: Mapping[str, Reach], reasons: Mapping[tuple[int, str], str]
) -> dict[tuple[int, str], Given]:
    """What people's decisions gave, by round and by the reason why they were asked.

    ``reasons``: by round and host. A decision that nobody asked for has the reason ``""``.
    ``no_near_yes`` are the pages of a "no" with a "yes" above it or beside it on its host.
    """
    given: dict[tuple[int, str], Given] = {}
    for pattern in patterns:
        if pattern.who in (AUTO, SEED):
            continue
        reason = reasons.get((pattern.round, pattern.pattern.partition("/")[0]), "")
        row = given.setdefault((pattern.round, reason), Given())
        reach = reached.get(pattern.pattern, Reach())
        if pattern.mathematical:
            row.yes += 1
            row.yes_uncollected += reach.uncollected
        else:
            row.no += 1
            row.no_pages += reach.decided
            row.no_near_yes += reach.decided if near_yes(pattern, patterns) else 0
    return dict(sorted(given.items()))


def _word(pattern: Pattern) -> str:
    return "yes" if pattern.mathematical else "no"


def _is_under(pattern: Pattern, above: Pattern) -> bool:
    return pattern.pattern.startswith(f"{above.pattern}/")
