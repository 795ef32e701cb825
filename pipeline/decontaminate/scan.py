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
from pipeline.decontaminate.rulings import Rulings
from pipeline.workspace.table_schemas import schema, spark_schema

#: Traces in one batch that goes back to Spark; a page's are bounded (``ngrams.MOST_HITS``).
_BATCH_ROWS = 10_000
#: The columns of ``contamination``, of ``let_pass``, which do not condemn, and of ``exempted``,
#: which have an ``entry``.
_COLUMNS = pa.schema(
    [
        *(field.with_nullable(True) for field in schema("contamination").arrow()),
        pa.field("condemns", pa.bool_()),
        pa.field("entry", pa.string()),
    ]
)


def scan_pages(pages: DataFrame, index: Index, rulings: Rulings | None = None) -> DataFrame:
    """All traces in ``pages`` (page_id, text), for the functions below.

    The index goes to each machine once, as a file that its Python workers map: they
    share one copy in memory.
    """
    name = _ship(index, pages)
    known = rulings or {}

    def scan(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        shipped = _opened(SparkFiles.get(name))
        rows: list[dict[str, object]] = []
        for batch in batches:
            page_ids, texts = batch.column("page_id"), batch.column("text")
            for page_id, text in zip(page_ids, texts, strict=True):
                page = page_id.as_py()
                traces = find_traces(text.as_py(), shipped, known.get(page))
                rows += [{"page_id": page, **asdict(one), "condemns": True} for one in traces.hits]
                rows += [
                    {"page_id": page, **asdict(one), "condemns": False} for one in traces.passed
                ]
                rows += [{"page_id": page, **asdict(one)} for one in traces.exempted]
                if len(rows) >= _BATCH_ROWS:
                    yield pa.RecordBatch.from_pylist(rows, _COLUMNS)
                    rows = []
        yield pa.RecordBatch.from_pylist(rows, _COLUMNS)

    return pages.select("page_id", "text").mapInArrow(scan, spark_schema(_COLUMNS))


def contaminating(traces: DataFrame) -> DataFrame:
    """Table ``contamination``: the traces that condemn their pages."""
    return traces.where("condemns").select(*schema("contamination").names)


def let_pass(traces: DataFrame) -> DataFrame:
    """Table ``let_pass``: the traces of texts of which the page holds too little."""
    return traces.where("not condemns").select(*schema("let_pass").names)


def exempted(traces: DataFrame) -> DataFrame:
    """Table ``exempted``: the traces that an entry of the allow-list exempts."""
    return traces.where(F.col("entry").isNotNull()).select(*schema("exempted").names)


def _ship(index: Index, pages: DataFrame) -> str:
    """Have Spark bring the index to every machine; the name to ask for it by.

    The file stays where it is until this process ends: executors may start late.
    """
    path = write_index(index, _folder())
    pages.sparkSession.sparkContext.addFile(str(path))
    return path.name


@lru_cache(maxsize=1)
def _folder() -> Path:
    """One for a whole process: Spark takes no second file of a name from elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="mathmine-index-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@lru_cache(maxsize=1)
def _opened(path: str) -> Index:
    """Once a worker, not once a task."""
    return open_index(Path(path))
