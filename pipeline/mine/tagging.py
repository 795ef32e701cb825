"""Which pattern decides on each page: the Spark layer over ``Patterns.match``."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame

from pipeline.mine.patterns import Patterns

_SCHEMA = pa.schema(
    [
        pa.field("page_id", pa.string(), nullable=False),
        pa.field("pattern", pa.string(), nullable=False),
        pa.field("mathematical", pa.bool_(), nullable=False),
    ]
)
_DDL = "page_id string NOT NULL, pattern string NOT NULL, mathematical boolean NOT NULL"


def tag_pages(pages: DataFrame, patterns: Patterns) -> DataFrame:
    """``pages`` (page_id, url, …) as page_id, pattern, mathematical.

    Pages on which no pattern says anything are absent.
    """

    def tagged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            ids, names, words = [], [], []
            rows = zip(batch["page_id"].to_pylist(), batch["url"].to_pylist(), strict=True)
            for page_id, url in rows:
                if pattern := patterns.match(url):
                    ids.append(page_id)
                    names.append(pattern.pattern)
                    words.append(pattern.mathematical)
            yield pa.RecordBatch.from_arrays([ids, names, words], schema=_SCHEMA)

    return pages.select("page_id", "url").mapInArrow(tagged, _DDL)
