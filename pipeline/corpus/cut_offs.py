"""What a corpus would have with another cut-off: for a person who has to choose one.

From the best pages down: to the end of each budget, to the end of the corpus, to that of the
last round's collection, to the floor, and to lower floors. Each adds pages to the one before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.corpus.budgets import BudgetEnd
from pipeline.workspace.notes import Notes

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: Languages and topics that are named of what a cut-off adds, those with most tokens.
MOST_NAMED = 5
#: Pages that are shown, the best that the corpus has not.
BEST_BEYOND = 10


class Added(Notes):
    """Of what a cut-off adds: pages and tokens in a language, or on a topic."""

    name: str
    pages: int
    tokens: int


class CutOff(Notes):
    """A cut-off, the lowest score that it takes, and what it adds to the one before it.

    ``beyond``: it takes more than the corpus has. Then pages are told of that a corpus may leave
    out all the same: for what they hold of benchmarks, what they ask for, or their length.
    ``estimated``: tokens are, since nobody counts them under the floor.
    """

    name: str
    lowest_score: float | None
    pages: int
    tokens: int
    more_pages: int
    more_tokens: int
    languages: tuple[Added, ...]
    topics: tuple[Added, ...]
    beyond: bool
    estimated: bool


class PageBeyond(Notes):
    """A page that the next lower cut-off would add."""

    url: str
    title: str
    language: str
    score: float
    tokens: int


class ReportNotes(Notes):
    """What step report notes: the cut-offs, and the best pages that the corpus has not; an
    earlier version noted neither.
    """

    cut_offs: tuple[CutOff, ...] = ()
    best_beyond: tuple[PageBeyond, ...] = ()


def lower_floors(floor: float) -> list[float]:
    """Floors under this one, highest first: tenths, down to 0.1."""
    return [tenth / 10 for tenth in range(9, 0, -1) if tenth / 10 < floor]


def names_of(ends: Sequence[BudgetEnd], round: int, floor: float) -> list[str]:
    """What the cut-offs are called, in their order; the step of a row is a place in this list."""
    return [
        *(f"budget {end.name}" for end in ends),
        "the corpus",
        f"all that round {round} collected",
        f"all over the floor, {floor:g}",
        *(f"a floor of {lower:g}" for lower in lower_floors(floor)),
    ]


def by_step(
    candidates: DataFrame,
    collected: DataFrame,
    corpus: DataFrame,
    ends: Sequence[BudgetEnd],
    last_rank: int | None,
) -> DataFrame:
    """page_id, score, tokens, language, step: the pages over the floor.

    ``corpus`` has page_id and tokens, ``last_rank`` is that at which a budget cut it (None: none
    did). A collected page that is left out for anything else is not here.
    """
    rows = candidates.join(collected.select("page_id", "rank"), "page_id", "left").join(
        corpus.select("page_id", F.col("tokens").alias("kept_tokens")), "page_id", "left"
    )
    kept, rank = F.col("kept_tokens").isNotNull(), F.col("rank")
    within: Column = F.lit(len(ends))
    for place, end in reversed(list(enumerate(ends))):
        within = F.when(rank <= end.last_rank, F.lit(place)).otherwise(within)
    step = (
        F.when(kept, within)
        .when(rank.isNull(), F.lit(len(ends) + 2))
        .when(rank > F.lit(last_rank).cast("long"), F.lit(len(ends) + 1))
    )
    return rows.select(
        *("page_id", "score", "language"),
        F.coalesce("kept_tokens", "tokens").alias("tokens"),
        step.alias("step"),
    ).where("step is not null")


def under_floor(scores: DataFrame, floor: float) -> DataFrame:
    """page_id, score: the pages that a lower floor would add."""
    lowest = min(lower_floors(floor), default=floor)
    over = ~F.isnan("score") & (F.col("score") >= F.lit(lowest).cast("float"))
    return scores.where(over & (F.col("score") < F.lit(floor).cast("float")))


def step_under_floor(first: int, floor: float) -> Column:
    """The step of a row of :func:`under_floor`; ``first``: of the highest of the lower floors."""
    floors = lower_floors(floor)
    step: Column = F.lit(first + len(floors) - 1)
    for place, lower in reversed(list(enumerate(floors))):
        reaches = F.col("score") >= F.lit(lower).cast("float")
        step = F.when(reaches, F.lit(first + place)).otherwise(step)
    return step


def cut_offs(
    rows: DataFrame, topics: DataFrame, names: Sequence[str], corpus_step: int
) -> tuple[CutOff, ...]:
    """The cut-offs of rows with page_id, score, tokens, language and step; ``topics`` has a row
    for each page and topic. Those that add nothing to the corpus are left out.
    """
    sums = rows.groupBy("step").agg(
        F.count("*").alias("pages"), F.sum("tokens").alias("tokens"), F.min("score").alias("lowest")
    )
    of_step = {row["step"]: row for row in sums.collect()}
    languages = _named(rows.withColumn("name", F.col("language")))
    of_topic = topics.select("page_id", F.col("topic").alias("name"))
    on_topics = _named(rows.join(of_topic, "page_id"))
    made: list[CutOff] = []
    pages = tokens = 0
    lowest: float | None = None
    for step, name in enumerate(names):
        row = of_step.get(step)
        if row is not None:
            pages, tokens, lowest = pages + row["pages"], tokens + row["tokens"], row["lowest"]
        elif step > corpus_step:
            continue
        made.append(
            CutOff(
                name=name,
                lowest_score=lowest,
                pages=pages,
                tokens=tokens,
                more_pages=row["pages"] if row else 0,
                more_tokens=row["tokens"] if row else 0,
                languages=languages.get(step, ()),
                topics=on_topics.get(step, ()),
                beyond=step > corpus_step,
                estimated=step > corpus_step + 2,
            )
        )
    return tuple(made)


def _named(rows: DataFrame) -> Mapping[int, tuple[Added, ...]]:
    """By step the names with most tokens, of rows with step, name and tokens."""
    counted = rows.groupBy("step", "name").agg(
        F.count("*").alias("pages"), F.sum("tokens").alias("tokens")
    )
    by_number: dict[int, list[Added]] = {}
    for row in counted.orderBy("step", F.desc("tokens"), "name").collect():
        of = by_number.setdefault(row["step"], [])
        if len(of) < MOST_NAMED:
            of.append(Added(name=row["name"], pages=row["pages"], tokens=row["tokens"]))
    return {step: tuple(of) for step, of in by_number.items()}


def best_beyond(rows: DataFrame, corpus_step: int) -> DataFrame:
    """page_id, score, tokens of the ``BEST_BEYOND`` best rows that are not in the corpus."""
    beyond = rows.where(F.col("step") > corpus_step).orderBy(F.desc("score"), "page_id")
    return beyond.limit(BEST_BEYOND).select("page_id", "score", "tokens")
