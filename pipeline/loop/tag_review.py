"""What the URL patterns would add to a seed, said and not done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.printing import aligned
from pipeline.classify.outside_texts import read_texts
from pipeline.loop.generations import collected_from, in_terms_of, learnt_from
from pipeline.loop.pool_pages import all_pages, kept
from pipeline.loop.round_patterns import all_tags, patterns_of, untagged_before
from pipeline.loop.run import Run
from pipeline.loop.steps.train import next_seed
from pipeline.mine.domains import domain_name
from pipeline.mine.patterns import Patterns
from pipeline.mine.reasons import NEXT
from pipeline.mine.review import Reach, given_by, reach, remarks
from pipeline.tagging.journal import Event, Journal


def tag_lines(run: Run, number: int) -> list[str]:
    """A line for each pattern of people and of the seed, and of those taken by their share.

    Of what the round after ``number`` would take; nothing is written. Then what the decisions
    of each round gave, and what the next ones would.
    """
    counting = patterns_of(run, number + 1).patterns
    patterns = Patterns((*counting, *all_tags(run)))
    texts = read_texts(run.spark, run.config.seed.texts) if run.config.seed.texts else None
    generation = learnt_from(run, number + 1)
    pages = kept(run, generation, all_pages(run, generation).select("page_id", "host", "url"))
    collected = run.workspace.collected(number).read(run.spark)
    reached = reach(
        pages,
        patterns,
        in_terms_of(run, collected, collected_from(run, number), generation),
        next_seed(run, number + 1, counting, texts, lambda frame, _: frame),
        run.workspace.seed(number).read(run.spark),
    )
    rows = [["pattern", "says", "who", "round", "pages", "uncollected", "adds", "remarks"]]
    in_seed = set(counting)
    for pattern in patterns:
        gain = reached.get(pattern.pattern, Reach())
        rows.append(
            [
                pattern.pattern,
                "yes" if pattern.mathematical else "no",
                pattern.who,
                str(pattern.round),
                f"{gain.decided:,}",
                f"{gain.uncollected:,}",
                f"{gain.adds:,}",
                "; ".join(remarks(pattern, patterns, reached, in_seed)),
            ]
        )
    adds = sum(gain.adds for gain in reached.values())
    total = f"the seed of round {number + 1} would have {adds:,} more pages under patterns"
    return [
        *(*aligned(rows), "", total),
        *_by_round(run, number, patterns, reached),
        *_next(run, number, patterns),
    ]


def _by_round(
    run: Run, number: int, patterns: Patterns, reached: Mapping[str, Reach]
) -> Iterator[str]:
    """A line for each round and reason: how many decisions there were, and what they gave."""
    asked = {
        (p.round, host): domain_name(host, run.config.mine)
        for p in patterns
        if 0 < p.round <= number
        for host in [p.pattern.partition("/")[0]]
    }
    if not asked:
        return
    names = run.spark.createDataFrame([(name,) for name in {*asked.values()}], "domain string")
    tables = [
        run.workspace.domains(n).read(run.spark).select(F.lit(n).alias("n"), "domain", "reason")
        for n in sorted({round for round, _ in asked})
    ]
    queued = reduce(DataFrame.unionByName, tables).where("reason IS NOT NULL")
    known = {
        (row["n"], row["domain"]): row["reason"]
        for row in queued.join(F.broadcast(names), "domain", "left_semi").collect()
    }
    reasons = {key: known.get((key[0], name), "") for key, name in asked.items()}
    splits = Counter(
        (event.round, reasons.get((event.round, event.prefix.partition("/")[0]), ""))
        for event in _journal(run)
        if event.action == "split"
    )
    heading = ["round", "asked for", "yes", "uncollected", "no", "pages", "near a yes", "split"]
    rows = [
        [
            *(str(round), reason or "not asked"),
            *(f"{n:,}" for n in (row.yes, row.yes_uncollected, row.no, row.no_pages)),
            *(f"{row.no_near_yes:,}", f"{splits[round, reason]:,}"),
        ]
        for (round, reason), row in given_by(patterns, reached, reasons).items()
    ]
    yield from ("", "decisions, and the pages that they are on:", *aligned([heading, *rows]))


def _journal(run: Run) -> list[Event]:
    """What the tagging page noted; nothing where tags were written by hand."""
    if not run.config.tags.file:
        return []
    journal = Journal.of_tags(Path(run.config.tags.file))
    journal.refresh()
    return journal.events()


def _next(run: Run, number: int, patterns: Patterns) -> list[str]:
    """What the next decisions would add, of the domains that nobody has tagged."""
    left = untagged_before(run, number + 1, patterns).select("worth")
    first = [row["worth"] for row in left.limit(NEXT).collect()]
    if not first:
        return []
    domains, pages = left.agg(F.count("*"), F.sum("worth")).first() or (0, 0)
    return [
        "",
        f"nobody has tagged {domains:,} domains of round {number}; the next {len(first)} decisions "
        f"would be on {sum(first):,} of {pages:,} pages to be gained there",
    ]
