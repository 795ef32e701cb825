"""The rows of the corpus, and how they are cut into files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.errors import CountsDisagree
from pipeline.config.settings import Decontaminate, Emit
from pipeline.corpus.segments import without_segments
from pipeline.text.tokens import count_tokens
from pipeline.workspace.notes import Notes, SpacedNotes
from pipeline.workspace.table_schemas import schema

#: A formula as text holds it: never empty, no white space inside its delimiters.
_FORMULA = re.compile(
    r"(?<!\\)\$\$(?=\S)(?:[^$\\]|\\.)+(?<=\S)\$\$|(?<!\\)\$(?=\S)(?:[^$\\]|\\.)+(?<=\S)\$",
    re.DOTALL,
)


#: Pages that are noted of the best, and characters of their text.
_BEST, _BEGINNING = 5, 60


class BestPage(Notes):
    """One of the highest rank: what a person looks at first. ``begins``: with these words."""

    rank: int
    score: float
    tokens: int
    url: str
    begins: str


class EmitNotes(SpacedNotes):
    """What step emit notes of the corpus of a ``round``.

    ``best`` and ``round`` are None in notes of before they were noted.
    """

    tokens: int
    bytes_of_text: int
    shards: int
    best: tuple[BestPage, ...] | None = None
    round: int | None = None


def best_pages(rows: DataFrame) -> tuple[BestPage, ...]:
    """The best of table ``corpus``, by rank."""
    begins = F.substring(F.regexp_replace("text", r"\s+", " "), 1, _BEGINNING)
    best = rows.orderBy("rank").limit(_BEST)
    columns = best.select("rank", "score", "tokens", "url", begins.alias("begins"))
    return tuple(BestPage(**row.asDict()) for row in columns.collect())


def corpus_rows(
    pages_of: Callable[[DataFrame], DataFrame],
    collected: DataFrame,
    first_round: DataFrame,
    contamination: DataFrame,
    settings: Decontaminate,
) -> DataFrame:
    """Table ``corpus``, in no order: collected pages less what is contaminated.

    ``pages_of`` gives table ``pages`` with the columns of the narrow rows that it is given, by
    their page_id. ``collected`` is the last round's; ``first_round`` has page_id and round, the
    first that took the page. With ``settings.unit`` page, a page with any hit
    goes; with segment, the paragraphs that a hit touches go, tokens and formulas
    are counted again, and a page that is left with nothing goes.
    """
    taken = collected.select("page_id", "score", "rank").join(
        first_round.select("page_id", "round"), "page_id"
    )
    hit = contamination.select("page_id").distinct()
    clean = pages_of(taken.join(hit, "page_id", "left_anti")).select(*schema("corpus").names)
    if settings.unit == "page":
        return clean
    # A page's hits are bounded (decontaminate.ngrams.MOST_HITS).
    spans = contamination.groupBy("page_id").agg(
        F.collect_list(F.struct("position", "length")).alias("spans")
    )
    touched = pages_of(taken.join(spans, "page_id")).select(*schema("corpus").names, "spans")
    mended = touched.mapInArrow(_without_hits, schema("corpus").spark())
    return clean.unionByName(mended)


def emptied_pages(*, collected: int, contaminated: int, emitted: int, unit: str) -> int:
    """Pages that segment removal left with nothing; always 0 where the unit is the page.

    Counts are of pages: collected in the last round, with a hit, and in the
    corpus. ``CountsDisagree`` where no such number makes them agree.
    """
    gone = collected - emitted
    agree = gone == contaminated if unit == "page" else 0 <= gone <= contaminated
    if not agree:
        raise CountsDisagree(
            f"emit: {collected:,} pages collected, {contaminated:,} of them contaminated, "
            f"{emitted:,} emitted",
            expected=f"collected = emitted + those that decontamination removed (by {unit})",
            remedy="nothing was committed; this is a defect of mathmine, please report it",
        )
    return 0 if unit == "page" else gone


def shard_count(text_bytes: int, settings: Emit) -> int:
    """Files for a corpus of that much text (UTF-8), at least one."""
    return max(1, -(-text_bytes // settings.shard_bytes))


def into_shards(rows: DataFrame, shards: int, last_rank: int) -> DataFrame:
    """``rows`` in ``shards`` partitions, one a file: contiguous in rank, sorted by it.

    Which shard a row goes to depends on its rank alone, so that it is the same on
    every run. ``last_rank`` is the highest rank there is. Shards have about the
    same number of pages, and of bytes as far as length does not go with score.
    """
    shard = F.floor((F.col("rank") - 1) * shards / F.lit(max(last_rank, 1))).cast("int")
    return rows.repartitionById(shards, F.least(shard, F.lit(shards - 1))).sortWithinPartitions(
        "rank"
    )


def _without_hits(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    columns = schema("corpus").arrow()
    for batch in batches:
        rows = []
        for row in batch.to_pylist():
            spans = [(span["position"], span["length"]) for span in row["spans"]]
            text = without_segments(row["text"], spans)
            if text:
                formulas = min(row["formulas"], len(_FORMULA.findall(text)))
                changed = {"text": text, "tokens": count_tokens(text), "formulas": formulas}
                rows.append({name: (row | changed)[name] for name in columns.names})
        yield pa.RecordBatch.from_pylist(rows, columns)
