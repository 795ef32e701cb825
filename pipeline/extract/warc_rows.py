"""From one WARC to the rows of ``pages`` and ``ledger``: one pass, no Spark.

Every record that the reader yields ends as one page row, or as part of the
ledger: each record set aside has a row of its own, unless its kind is one that
every healthy crawl is full of; and per outcome a count row says how many.

Records are read here; what is made of a page is made in ``pipeline.extract.sandbox``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from pipeline.base.errors import InputError
from pipeline.base.outcomes import COUNTED_ONLY, Outcome, SetAside
from pipeline.config.settings import Extract, Read
from pipeline.extract.page_row import Row, RowMaker, Work, row_maker, storable
from pipeline.extract.sandbox import Limits, sandbox
from pipeline.web.listing import WarcFile, open_warc
from pipeline.web.streams import ReadFailed
from pipeline.web.warc import Capture, RecordAside, read_warc
from pipeline.workspace.table_schemas import schema

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


#: Records of one WARC in the file's order, and what the WARC is called.
Records = Iterable[Capture | RecordAside]


def batches_of(rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
    """Rows as Arrow batches of :func:`extracted_schema`."""
    arrow = extracted_schema()
    gathered: list[Row] = []
    for row in rows:
        gathered.append(row)
        if len(gathered) == _BATCH_ROWS:
            yield pa.RecordBatch.from_pylist(gathered, schema=arrow)
            gathered = []
    if gathered:
        yield pa.RecordBatch.from_pylist(gathered, schema=arrow)


def extract_warc(
    warc: WarcFile, crawl: str, settings: Extract, read: Read, maker: RowMaker = row_maker
) -> Iterator[Row]:
    """Rows of both tables for one WARC, its count rows last.

    ``maker`` is called in the sandbox, where it is imported by its name. Of a WARC that
    cannot be read to its end the ledger says where that was, and its count rows count
    this alone: what was read of it before is not to be kept, see :func:`failed_warcs`.
    """
    records = readable(_records(warc, settings, read), warc.path)
    yield from extract_records(records, warc.name, crawl, settings, maker)


def extract_records(
    records: Records, warc: str, crawl: str, settings: Extract, maker: RowMaker = row_maker
) -> Iterator[Row]:
    """As :func:`extract_warc`, for records that were read out of the WARC in whatever way."""
    read = 0
    outcomes: Counter[str] = Counter()
    try:
        for item, found in _outcomes(records, warc, crawl, settings, maker):
            read += 1
            if isinstance(found, SetAside):
                outcomes[found.outcome] += 1
                if found.outcome not in COUNTED_ONLY:
                    yield _ledger_row(
                        crawl,
                        warc,
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
    except ReadFailed as failure:
        yield _ledger_row(
            crawl,
            warc,
            kind="warc",
            outcome=Outcome.READ_FAILED,
            records=1,
            warc_offset=failure.offset,
            detail=storable(f"{failure.path}: {failure.cause}; {read} records were read before"),
        )
        read, outcomes = 1, Counter({Outcome.READ_FAILED: 1})
    for outcome, count in [(READ, read), *sorted(outcomes.items())]:
        yield _ledger_row(crawl, warc, kind="count", outcome=outcome, records=count)


def _outcomes(
    records: Records, warc: str, crawl: str, settings: Extract, maker: RowMaker
) -> Iterator[tuple[Capture | RecordAside, Row | SetAside]]:
    """What became of each record, in the file's order."""
    make = partial(maker, settings.extractor, settings.min_words)
    limits = Limits(settings.max_page_seconds, settings.max_page_memory)
    with sandbox(make, limits) as box:
        work = (
            (item, None if isinstance(item, RecordAside) else Work(crawl, warc, item))
            for item in records
        )
        for item, found in box.answers(work):
            if isinstance(item, RecordAside):
                yield item, SetAside(item.outcome, item.detail)
            else:
                assert found is not None
                yield item, found


def _records(warc: WarcFile, settings: Extract, read: Read) -> Iterator[Capture | RecordAside]:
    with open_warc(warc.path, read) as stream:
        yield from read_warc(
            stream,
            reader=settings.reader,
            max_page_bytes=settings.max_page_bytes,
            max_seconds=settings.max_record_seconds,
        )


def readable(records: Records, path: str) -> Iterator[Capture | RecordAside]:
    """``records`` of the file at ``path``; an error of the disk ends the run in our terms.

    What is in the file is never one: that is told as a record's outcome. Nor is what the
    network does, which is the file's (``ReadFailed``).
    """
    try:
        yield from records
    except ReadFailed:
        raise
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error}",
            remedy="see that the file can be read, and run the same command again",
        ) from None


def _ledger_row(crawl: str, warc: str, **columns: Any) -> Row:
    return {"table": "ledger", "crawl": crawl, "warc": warc, **columns}
