"""How much of each topic a selection takes, and whether it starves one.

The DeepSeekMath paper finds its model weak on geometry (triangles, ellipses) and on
proofs, and suspects the selection of pages (section 5, on limitations).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.topics.lexicon import PROOFS, lexicon
from pipeline.topics.topics_of_page import topics_of
from pipeline.workspace.notes import Notes
from pipeline.workspace.table_schemas import schema

#: The row of all pages that have a topic or hold proofs.
ANY = "any"
#: A topic starves when less than this share of what is taken of all pages is taken of it,
STARVED_RATIO = 0.5
#: when it has so many candidates,
LEAST_CANDIDATES = 30
#: (labelled pages say more than candidates, from so many on)
LEAST_LABELLED = 5
#: and when chance would not do it: standard deviations of the interval, for 95%.
_DEVIATIONS = 1.96


@dataclass(frozen=True)
class TopicShare:
    """A row of schemas/topics.toml."""

    topic: str
    candidates: int
    candidate_share: float
    collected: int
    collected_share: float
    taken: float
    taken_low: float
    taken_high: float
    starved: bool


@dataclass(frozen=True)
class TopicRecall:
    """Pages of a topic that are labelled mathematical, and those collected of them."""

    topic: str
    pages: int
    collected: int
    recall: float


class TopicCountNotes(Notes):
    """What the steps of page topics and corpus topics note: pages by topic (``topic_counts``)."""

    topics: Mapping[str, int]


class TopicShareNotes(Notes):
    """What step topics notes of a round: the rows of its table."""

    topics: tuple[TopicShare, ...]


def page_topics(pages: DataFrame) -> DataFrame:
    """Table ``page_topics`` for ``pages`` with page_id and text."""

    def told(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        arrow = schema("page_topics").arrow()
        for batch in batches:
            ids, texts = batch.column("page_id").to_pylist(), batch.column("text").to_pylist()
            rows = [
                row
                for page_id, text in zip(ids, texts, strict=True)
                for row in _rows(page_id, text)
            ]
            columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
            arrays = zip(columns or [[], [], []], arrow.types, strict=True)
            yield pa.RecordBatch.from_arrays(
                [pa.array(values, kind) for values, kind in arrays], schema=arrow
            )

    return pages.select("page_id", "text").mapInArrow(told, schema("page_topics").ddl())


def _rows(page_id: str, text: str) -> list[tuple[str, str, bool]]:
    found = topics_of(text)
    rows = [(page_id, name, name == found.topics[0]) for name in found.topics]
    return [*rows, (page_id, PROOFS, False)] if found.proofs else rows


def topic_counts(topics: DataFrame, pages: DataFrame | None = None) -> dict[str, int]:
    """Pages by topic, ``any`` among them; of those in ``pages`` (page_id) only, if given.

    A page counts once for each of its topics, and once for ``any``.
    """
    if pages is not None:
        topics = topics.join(pages.select("page_id").distinct(), "page_id", "left_semi")
    rows = topics.groupBy("topic").count().collect()
    whole = topics.select("page_id").distinct().count()
    return {row["topic"]: row["count"] for row in rows} | {ANY: whole}


def topic_shares(candidates: Mapping[str, int], collected: Mapping[str, int]) -> list[TopicShare]:
    """A row a topic that has candidates, in the lexicon's order, ``any`` last.

    Both map topics to numbers of pages, as :func:`topic_counts` makes them.
    """
    whole = taken_share(collected.get(ANY, 0), candidates.get(ANY, 0))
    rows = []
    for topic in (*lexicon().names, ANY):
        there, taken = candidates.get(topic, 0), collected.get(topic, 0)
        if not there:
            continue
        low, high = wilson(taken, there)
        rows.append(
            TopicShare(
                topic,
                there,
                taken_share(there, candidates[ANY]),
                taken,
                taken_share(taken, collected.get(ANY, 0)),
                taken_share(taken, there),
                low,
                high,
                topic != ANY and starves(taken, there, whole),
            )
        )
    return rows


def starves(taken: int, candidates: int, whole: float, least: int = LEAST_CANDIDATES) -> bool:
    """Whether a selection that takes the share ``whole`` of all starves a topic.

    It does when it takes less than ``STARVED_RATIO`` of that share, of at least
    ``least`` candidates, and the Wilson interval lies below ``whole``.
    """
    if candidates < least:
        return False
    return taken / candidates < STARVED_RATIO * whole and wilson(taken, candidates)[1] < whole


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share (1927); 0 to 1 where there is nothing to tell from.

    >>> [round(end, 3) for end in wilson(10, 100)]
    [0.055, 0.174]
    """
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, _DEVIATIONS**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = (
        _DEVIATIONS
        * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
        / (1 + square / trials)
    )
    return max(0.0, middle - half), min(1.0, middle + half)


def taken_share(part: int, whole: int) -> float:
    """0 of nothing."""
    return part / whole if whole else 0.0


def topic_recall(labelled: DataFrame, topics: DataFrame) -> list[TopicRecall]:
    """Pages labelled mathematical, by topic: how many there are and were collected.

    ``labelled`` has page_id, label and taken (null where the page was not collected);
    ``topics`` is table ``page_topics``. In the lexicon's order.
    """
    rows = (
        labelled.where("label = 'math'")
        .join(topics.select("page_id", "topic"), "page_id")
        .groupBy("topic")
        .agg(F.count("*").alias("pages"), F.count("taken").alias("collected"))
        .collect()
    )
    found = {
        row["topic"]: TopicRecall(**row.asDict(), recall=row["collected"] / row["pages"])
        for row in rows
    }
    return [found[name] for name in lexicon().names if name in found]
