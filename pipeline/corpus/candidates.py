"""The pages that a round may take: those that reach the floor, with their tokens counted.

A tokenizer takes several times as long as a classifier for a page, so that of the pool only
these pages are counted, and each once: a round takes over what the one before it counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from pipeline.config.settings import Select
from pipeline.corpus.tokenizer import Tokenizer, TokenizerNotes
from pipeline.workspace.notes import Notes, SpacedNotes
from pipeline.workspace.table_schemas import schema

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


class EstimateOfLanguage(Notes):
    """Pages in a language, their tokens, and what the estimate made of them."""

    language: str
    pages: int
    tokens: int
    estimated_tokens: int

    @property
    def ratio(self) -> float:
        """Tokens estimated for each that there is."""
        return self.estimated_tokens / self.tokens if self.tokens else 1.0


class TokenNotes(SpacedNotes):
    """What step tokens notes: what counted, pages that it counted and pages that it had counted
    before, how far the estimate was off, most tokens first, and the parts of the pages that the
    texts are of, by crawl.
    """

    tokenizer: TokenizerNotes
    counted: int
    counted_before: int
    by_language: tuple[EstimateOfLanguage, ...]
    parts: Mapping[str, tuple[str, ...]]


def reaches_floor(settings: Select) -> Column:
    """The condition that a score may be taken at all; one that is no number may not."""
    # Scores are 32-bit: a page that scores the floor exactly is at it, not under.
    return ~F.isnan("score") & (F.col("score") >= F.lit(settings.floor).cast("float"))


def holds(texts: Mapping[str, Sequence[str]], of: Mapping[str, Sequence[str]]) -> bool:
    """Whether the parts of pages ``of`` which something was counted are all among ``texts``."""
    return all(set(parts) <= set(texts.get(crawl, ())) for crawl, parts in of.items())


def counted(pages: DataFrame, by: Tokenizer) -> DataFrame:
    """Table ``candidates`` of pages with page_id, score, text, language and estimated_tokens.

    By the estimate, which pages have already, no text is read.
    """
    names = schema("candidates").names
    if by.is_estimate:
        return pages.withColumn("tokens", F.col("estimated_tokens")).select(*names)

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        columns = schema("candidates").arrow()
        for batch in batches:
            tokens = pa.array(by.count(batch.column("text").to_pylist()), pa.int32())
            made = [
                tokens if field.name == "tokens" else batch.column(field.name).cast(field.type)
                for field in columns
            ]
            yield pa.RecordBatch.from_arrays(made, schema=columns)

    wanted = [name for name in names if name != "tokens"]
    return pages.select(*wanted, "text").mapInArrow(count, schema("candidates").spark())


def estimates(candidates: DataFrame) -> tuple[EstimateOfLanguage, ...]:
    """How far the estimate was off, by language, most tokens first."""
    sums = candidates.groupBy("language").agg(
        F.count("*").alias("pages"),
        F.sum("tokens").alias("tokens"),
        F.sum("estimated_tokens").alias("estimated_tokens"),
    )
    rows = sums.orderBy(F.desc("tokens"), "language").collect()
    return tuple(EstimateOfLanguage(**row.asDict()) for row in rows)
