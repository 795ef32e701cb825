"""What the URL patterns would add to a seed, said and not done."""

from __future__ import annotations

from pipeline.base.printing import aligned
from pipeline.classify.outside_texts import read_texts
from pipeline.loop.generations import collected_from, in_terms_of, learnt_from
from pipeline.loop.pool_pages import all_pages, kept
from pipeline.loop.round_patterns import all_tags, patterns_of
from pipeline.loop.run import Run
from pipeline.loop.steps.train import next_seed
from pipeline.mine.patterns import Patterns
from pipeline.mine.review import Reach, reach, remarks


def tag_lines(run: Run, number: int) -> list[str]:
    """A line for each pattern of people and of the seed, and of those taken by their share.

    Of what the round after ``number`` would take; nothing is written.
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
    return [*aligned(rows), "", total]
