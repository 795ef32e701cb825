"""From one WARC to the rows of ``pages`` and ``ledger``: one pass, no Spark.

Every record that the reader yields ends as one page row, or as part of the
ledger: each record set aside has a row of its own, unless its kind is one that
every healthy crawl is full of; and per outcome a count row says how many.

Records are read here; what is made of a page is made in ``pipeline.sandbox``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from pipeline.config import Extract
from pipeline.errors import InputError
from pipeline.ledger import COUNTED_ONLY, Outcome, SetAside
from pipeline.rows import Row, RowMaker, Work, row_maker, storable
from pipeline.sandbox import Limits, sandbox
from pipeline.tables import schema
from pipeline.web.listing import WarcFile, open_warc
from pipeline.web.warc import Capture, RecordAside, read_warc

#: The outcome of the count row for all records of a WARC.
READ = "read"
#: Rows of one Arrow batch: pages can be large.
_BATCH_ROWS = 256


def extracted_schema() -> pa.Schema:
    """Both tables' columns side by side, and ``table`` that tells which a row is of.

    One pass over a WARC makes rows of two tables, and Spark's ``mapInArrow`` has
    one schema.
    """
    columns = {"table": pa.string()}
    for name in ("pages", "ledger"):
        columns |= {field.name: field.type for field in schema(name).arrow()}
    return pa.schema(list(columns.items()))


def extracted_ddl() -> str:
    """The same for Spark."""
    columns = {"table": "string"}
    for name in ("pages", "ledger"):
        columns |= {column.name: column.type for column in schema(name).columns}
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def extract_batches(
    warcs: Iterable[WarcFile], crawl: str, settings: Extract, maker: RowMaker = row_maker
) -> Iterator[pa.RecordBatch]:
    """The rows of some WARCs, as Arrow batches of :func:`extracted_schema`."""
    arrow = extracted_schema()
    rows: list[Row] = []
    for warc in warcs:
        for row in extract_warc(warc, crawl, settings, maker):
            rows.append(row)
            if len(rows) == _BATCH_ROWS:
                yield pa.RecordBatch.from_pylist(rows, schema=arrow)
                rows = []
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=arrow)


def extract_warc(
    warc: WarcFile, crawl: str, settings: Extract, maker: RowMaker = row_maker
) -> Iterator[Row]:
    """Rows of both tables for one WARC, its count rows last.

    ``maker`` is called in the sandbox, where it is imported by its name.
    """
    read = 0
    outcomes: Counter[str] = Counter()
    for item, found in _outcomes(warc, crawl, settings, maker):
        read += 1
        if isinstance(found, SetAside):
            outcomes[found.outcome] += 1
            if found.outcome not in COUNTED_ONLY:
                yield _ledger_row(
                    crawl,
                    warc.name,
                    kind="warc" if found.outcome is Outcome.UNREADABLE_WARC else "record",
                    outcome=found.outcome,
                    records=1,
                    warc_offset=item.offset,
                    url=storable(item.url),
                    detail=storable(found.detail),
                )
        else:
            outcomes[Outcome.PAGE] += 1
            yield found
    for outcome, count in [(READ, read), *sorted(outcomes.items())]:
        yield _ledger_row(crawl, warc.name, kind="count", outcome=outcome, records=count)


def _outcomes(
    warc: WarcFile, crawl: str, settings: Extract, maker: RowMaker
) -> Iterator[tuple[Capture | RecordAside, Row | SetAside]]:
    """What became of each record, in the file's order."""
    make = partial(maker, settings.extractor, settings.min_words)
    limits = Limits(settings.max_page_seconds, settings.max_page_memory)
    with sandbox(make, limits) as box:
        work = (
            (item, None if isinstance(item, RecordAside) else Work(crawl, warc.name, item))
            for item in _records(warc, settings)
        )
        for item, found in box.answers(work):
            if isinstance(item, RecordAside):
                yield item, SetAside(item.outcome, item.detail)
            else:
                assert found is not None
                yield item, found


def _records(warc: WarcFile, settings: Extract) -> Iterator[Capture | RecordAside]:
    try:
        with open_warc(warc.path) as stream:
            yield from read_warc(
                stream, reader=settings.reader, max_page_bytes=settings.max_page_bytes
            )
    except OSError as error:
        # The disk, and not what is in the file, which is told as a record's outcome.
        raise InputError(
            f"cannot read {warc.path}: {error}",
            remedy="see that the file can be read, and run the same command again",
        ) from None


def _ledger_row(crawl: str, warc: str, **columns: Any) -> Row:
    return {"table": "ledger", "crawl": crawl, "warc": warc, **columns}
