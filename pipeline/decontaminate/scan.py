"""Looking through pages for benchmark texts, under Spark."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.decontaminate.benchmark_index import Index, open_index, write_index
from pipeline.decontaminate.ngrams import find_traces
from pipeline.workspace.table_schemas import schema, spark_schema

#: Traces in one batch that goes back to Spark; a page's are bounded (``ngrams.MOST_HITS``).
_BATCH_ROWS = 10_000
#: The columns of ``contamination``, and of ``exempted``, whose ``entry`` tells the two apart.
_COLUMNS = pa.schema(
    [
        *(field.with_nullable(True) for field in schema("contamination").arrow()),
        pa.field("entry", pa.string()),
    ]
)


def scan_pages(pages: DataFrame, index: Index) -> DataFrame:
    """All traces in ``pages`` (page_id, text), for :func:`contaminating` and :func:`exempted`.

    The index goes to each machine once, as a file that its Python workers map: they
    share one copy in memory.
    """
    name = _ship(index, pages)

    def scan(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        shipped = _opened(SparkFiles.get(name))
        rows: list[dict[str, object]] = []
        for batch in batches:
            page_ids, texts = batch.column("page_id"), batch.column("text")
            for page_id, text in zip(page_ids, texts, strict=True):
                traces = find_traces(text.as_py(), shipped)
                told = [*map(asdict, traces.hits), *map(asdict, traces.exempted)]
                rows += [{"page_id": page_id.as_py(), **trace} for trace in told]
                if len(rows) >= _BATCH_ROWS:
                    yield pa.RecordBatch.from_pylist(rows, _COLUMNS)
                    rows = []
        yield pa.RecordBatch.from_pylist(rows, _COLUMNS)

    return pages.select("page_id", "text").mapInArrow(scan, spark_schema(_COLUMNS))


def contaminating(traces: DataFrame) -> DataFrame:
    """Table ``contamination``: the traces that condemn their pages."""
    return traces.where(F.col("entry").isNull()).select(*schema("contamination").names)


def exempted(traces: DataFrame) -> DataFrame:
    """Table ``exempted``: the traces that an entry of the allow-list exempts."""
    return traces.where(F.col("entry").isNotNull()).select(*schema("exempted").names)


def _ship(index: Index, pages: DataFrame) -> str:
    """Have Spark bring the index to every machine; the name to ask for it by.

    The file stays where it is until this process ends: executors may start late.
    """
    folder = Path(tempfile.mkdtemp(prefix="mathmine-index-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = write_index(index, folder)
    pages.sparkSession.sparkContext.addFile(str(path))
    return path.name


@lru_cache(maxsize=1)
def _opened(path: str) -> Index:
    """Once a worker, not once a task."""
    return open_index(Path(path))
