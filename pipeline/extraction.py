"""From one WARC to the rows of ``pages`` and ``ledger``: one pass, no Spark.

Every record that the reader yields ends as one page row, or as part of the
ledger: each record set aside has a row of its own, unless its kind is one that
every healthy crawl is full of; and per outcome a count row says how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from pipeline.config import Extract
from pipeline.errors import InputError, MathmineError
from pipeline.ledger import COUNTED_ONLY, Outcome, SetAside
from pipeline.tables import schema
from pipeline.text import extract_page
from pipeline.text.tokens import count_tokens
from pipeline.text.words import words
from pipeline.web.listing import WarcFile, open_warc
from pipeline.web.urls import host_of, page_id, registered_domain
from pipeline.web.warc import Capture, RecordAside, read_warc

#: The outcome of the count row for all records of a WARC.
READ = "read"
#: Rows of one Arrow batch: pages can be large.
_BATCH_ROWS = 256

Row = dict[str, Any]


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
    warcs: Iterable[WarcFile], crawl: str, settings: Extract
) -> Iterator[pa.RecordBatch]:
    """The rows of some WARCs, as Arrow batches of :func:`extracted_schema`."""
    arrow = extracted_schema()
    rows: list[Row] = []
    for warc in warcs:
        for row in extract_warc(warc, crawl, settings):
            rows.append(row)
            if len(rows) == _BATCH_ROWS:
                yield pa.RecordBatch.from_pylist(rows, schema=arrow)
                rows = []
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=arrow)


def extract_warc(warc: WarcFile, crawl: str, settings: Extract) -> Iterator[Row]:
    """Rows of both tables for one WARC, its count rows last."""
    read = 0
    outcomes: Counter[str] = Counter()
    for item in _records(warc, settings):
        read += 1
        try:
            row = _row_or_aside(item, warc.name, crawl, settings)
        except SetAside as aside:
            outcomes[aside.outcome] += 1
            if aside.outcome not in COUNTED_ONLY:
                yield _ledger_row(
                    crawl,
                    warc.name,
                    kind="warc" if aside.outcome is Outcome.UNREADABLE_WARC else "record",
                    outcome=aside.outcome,
                    records=1,
                    warc_offset=item.offset,
                    url=_storable(item.url),
                    detail=_storable(aside.detail),
                )
        else:
            outcomes[Outcome.PAGE] += 1
            yield row
    for outcome, count in [(READ, read), *sorted(outcomes.items())]:
        yield _ledger_row(crawl, warc.name, kind="count", outcome=outcome, records=count)


def _row_or_aside(item: Capture | RecordAside, warc: str, crawl: str, settings: Extract) -> Row:
    if isinstance(item, RecordAside):
        raise SetAside(item.outcome, item.detail)
    try:
        return page_row(item, warc, crawl, settings)
    except (SetAside, MathmineError):
        raise
    except Exception as error:
        # Whatever a hostile page may set off, it costs that page alone.
        raise SetAside(Outcome.EXTRACTOR_FAILED, f"{type(error).__name__}: {error}") from None


def page_row(capture: Capture, warc: str, crawl: str, settings: Extract) -> Row:
    """The ``pages`` row of a capture; raises ``SetAside`` where it makes no page."""
    host = host_of(capture.url)
    page = extract_page(
        capture.body,
        url=capture.url,
        content_type=capture.content_type,
        extractor=settings.extractor,
    )
    number_of_words = len(words(page.text))
    if number_of_words < settings.min_words:
        raise SetAside(Outcome.NO_TEXT, f"{number_of_words} words")
    return {
        "table": "pages",
        "page_id": page_id(warc, capture.offset),
        "crawl": crawl,
        "url": _storable(capture.url),
        "host": host,
        "registered_domain": registered_domain(host),
        "fetch_time": capture.fetch_time,
        "language": page.language,
        "title": page.title,
        "text": page.text,
        "words": number_of_words,
        "tokens": count_tokens(page.text),
        "formulas": page.formulas,
        "notations": " ".join(page.notations),
        "encoding": page.encoding,
        "warc_truncated": capture.truncated,
        "warc": warc,
        "warc_offset": capture.offset,
        "warc_length": capture.length,
    }


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


def _storable(text: str | None) -> str | None:
    """Without lone surrogates, which no Parquet string can hold."""
    return text if text is None else text.encode("utf-8", "replace").decode()
