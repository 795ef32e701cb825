"""The way from records to the corpus: at each stage what went in, came out, and was lost to what.

Out of manifests alone. What comes out of a stage is what goes into the next, so that every
record that was read is accounted for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from pipeline.base.outcomes import Outcome
from pipeline.config.settings import Wish
from pipeline.corpus.cut import BELOW, BEYOND, TOO_SHORT
from pipeline.corpus.selection import BELOW_FLOOR, BEYOND_BUDGET
from pipeline.dedupe.pool_notes import PROMOTED
from pipeline.report.closing import FinishedRun
from pipeline.report.report_figures import Reason, Stage
from pipeline.workspace.manifest import Counts

#: Pages that are in no pool yet that the round stands on.
LATER = "read later"
_MEANINGS: Mapping[str, str] = {
    **{outcome.value: outcome.meaning for outcome in Outcome},
    LATER: "the round had begun when it was read: the next one takes it up",
    "duplicate by url": "a copy of a page at the same address",
    "duplicate by exact": "a copy of a page with the same words",
    "duplicate by minhash": "nearly the same words as another page",
    BELOW_FLOOR: "the classifier scores it under select.floor",
    BEYOND_BUDGET: "pages that score more fill the round's budget of tokens",
    PROMOTED: "a copy of a page that was removed since: the next round takes it up",
    "contaminated": "it holds an item of a benchmark",
    "nothing left of it": "nothing is left without what it holds of benchmarks",
    TOO_SHORT: "too short to be worth a place in the corpus",
    BELOW: "the corpus has a floor of its own",
    BEYOND: "pages that score more fill the corpus's own budget of tokens",
    **dict.fromkeys(get_args(Wish), "left out for what the page says (emit.respect)"),
}


def funnel(run: FinishedRun, number: int, pool: Counts) -> Iterator[Stage]:
    """The stages up to the corpus of round ``number``; ``pool`` counts what it stands on."""
    workspace = run.workspace
    read = [
        (crawl, workspace.pages(crawl).existing().counts) for crawl in sorted(run.config.crawls)
    ]
    if len(read) > 1:
        yield from (_stage(f"extraction of {crawl}", counts) for crawl, counts in read)
    yield _stage("extraction", together([counts for _, counts in read]))
    yield _stage("deduplication", with_later(pool, sum(counts.rows_out for _, counts in read)))
    yield _stage(f"selection of round {number}", workspace.collected(number).existing().counts)
    yield _stage("the corpus", workspace.corpus().existing().counts)


def with_later(pool: Counts, pages: int) -> Counts:
    """The counts of a pool that was made when there were not all of ``pages`` pages yet."""
    later = {LATER: pages - pool.rows_in} if pages > pool.rows_in else {}
    return Counts(pool.rows_in + sum(later.values()), pool.rows_out, {**pool.set_aside, **later})


def together(parts: list[Counts]) -> Counts:
    """The sum of counts of one kind."""
    aside: dict[str, int] = {}
    for part in parts:
        for reason, rows in part.set_aside.items():
            aside[reason] = aside.get(reason, 0) + rows
    return Counts(
        sum(part.rows_in for part in parts),
        sum(part.rows_out for part in parts),
        aside,
        parts[0].unit,
    )


def _stage(name: str, counts: Counts) -> Stage:
    lost = sorted(counts.set_aside.items(), key=lambda item: (-item[1], item[0]))
    return Stage(
        name=name,
        unit=counts.unit,
        rows_in=counts.rows_in,
        rows_out=counts.rows_out,
        lost=tuple(
            Reason(name=reason, rows=rows, meaning=_MEANINGS.get(reason, ""))
            for reason, rows in lost
        ),
    )
