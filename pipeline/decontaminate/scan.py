"""Looking through pages for benchmark texts, under Spark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pyarrow as pa
from pyspark.sql import DataFrame

from pipeline.decontaminate.ngrams import Index, find_hits
from pipeline.tables import schema

#: Hits in one batch that goes back to Spark; a page has a thousand at most.
_BATCH_ROWS = 10_000


def scan_pages(pages: DataFrame, index: Index) -> DataFrame:
    """Table ``contamination`` for ``pages`` (page_id, text).

    The index is broadcast: once to a machine, read once by each Python worker.
    """
    declared = schema("contamination")
    shipped = pages.sparkSession.sparkContext.broadcast(index)

    def scan(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows: list[dict[str, object]] = []
        for batch in batches:
            page_ids, texts = batch.column("page_id"), batch.column("text")
            for page_id, text in zip(page_ids, texts, strict=True):
                for hit in find_hits(text.as_py(), shipped.value):
                    rows.append({"page_id": page_id.as_py(), **asdict(hit)})
                if len(rows) >= _BATCH_ROWS:
                    yield pa.RecordBatch.from_pylist(rows, declared.arrow())
                    rows = []
        yield pa.RecordBatch.from_pylist(rows, declared.arrow())

    return pages.select("page_id", "text").mapInArrow(scan, declared.ddl())
