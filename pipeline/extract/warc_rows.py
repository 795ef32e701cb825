"""From one WARC to the rows of ``pages`` and ``ledger``: one pass, no Spark.

Every record that the reader yields ends as one page row, or as part of the
ledger: each ``SetAside`` has a row of its own, unless its outcome is only counted;
and per outcome a count row says how many.

Records are read here; what is made of a page is made in ``pipeline.extract.sandbox``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pyarrow as pa

from pipeline.base.errors import InputError
from pipeline.base.outcomes import READ, Outcome, SetAside
from pipeline.config.settings import Extract
from pipeline.config.sources import Read
from pipeline.extract.page_row import Row, RowMaker, Work, row_maker, storable
from pipeline.extract.sandbox import Limits, sandbox
from pipeline.web.listing import WarcFile
from pipeline.web.streams import ReadFailed
from pipeline.web.warc import Capture, read_warc
from pipeline.workspace.table_schemas import extracted_schema

#: Rows of one Arrow batch: pages can be large.
_BATCH_ROWS = 256


#: Records of one WARC in the file's order, as ``read_warc`` yields them.
Records = Iterable[Capture | SetAside]


def batches_of(rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
    """Rows of :func:`extract_warc` as Arrow batches of :func:`extracted_schema`, in their order.

    A batch has at most 256 rows; a column that a row lacks is null.
    """
    arrow = extracted_schema()
    gathered: list[Row] = []
    for row in rows:
        gathered.append(row)
        if len(gathered) == _BATCH_ROWS:
            yield pa.RecordBatch.from_pylist(gathered, schema=arrow)
            gathered = []
    if gathered:
        yield pa.RecordBatch.from_pylist(gathered, schema=arrow)


#: Tells of an address whether it was removed.
IsRemoved = Callable[[str | None], bool]


def extract_warc(
    warc: WarcFile,
    crawl: str,
    settings: Extract,
    read: Read,
    maker: RowMaker = row_maker,
    is_removed: IsRemoved | None = None,
) -> Iterator[Row]:
    """Rows of both tables for one WARC, its count rows last.

    ``crawl``: its name in the run's configuration; ``settings`` and ``read``: the
    configuration's [extract] and [read]. Records of which ``is_removed`` says so by their
    address are only counted. ``maker`` is called in the sandbox, where it is
    imported by its name. Of a WARC that cannot be read to its end the ledger says where that
    was, and its count rows count this alone: what was read of it before is not to be kept,
    see ``pipeline.loop.batches``. Raises ``InputMissing`` and ``InputError`` for a local file
    that is gone or cannot be read, ``SetupError`` where no process for pages can be started.
    """
    records = read_warc(
        warc.path,
        reader=settings.reader,
        max_page_bytes=settings.max_page_bytes,
        max_seconds=settings.max_record_seconds,
        network=read,
    )
    readable_records = readable(records, warc.path)
    yield from extract_records(readable_records, warc.name, crawl, settings, maker, is_removed)


def extract_records(
    records: Records,
    warc: str,
    crawl: str,
    settings: Extract,
    maker: RowMaker = row_maker,
    is_removed: IsRemoved | None = None,
) -> Iterator[Row]:
    """As :func:`extract_warc`, for records that were read out of the WARC in whatever way.

    ``warc``: the file name, from which page ids are made.
    """
    if is_removed is not None:
        records = _without_removed(records, is_removed)
    read = 0
    outcomes: Counter[Outcome] = Counter()
    try:
        for result in _results(records, warc, crawl, settings, maker):
            read += 1
            if isinstance(result, SetAside):
                outcomes[result.outcome] += 1
                if result.outcome.kind != "count":
                    yield ledger_row(crawl, warc, result)
            else:
                outcomes[Outcome.PAGE] += 1
                yield result
    except ReadFailed as failure:
        detail = f"{failure.path}: {failure.cause}; {read} records were read before"
        yield ledger_row(crawl, warc, SetAside.in_full(Outcome.READ_FAILED, detail, failure.offset))
        read, outcomes = 1, Counter({Outcome.READ_FAILED: 1})
    yield _count_row(crawl, warc, READ, read)
    for outcome, count in sorted(outcomes.items()):
        yield _count_row(crawl, warc, outcome, count)


def _without_removed(records: Records, is_removed: IsRemoved) -> Iterator[Capture | SetAside]:
    """The records, those that are removed as no more than that."""
    for record in records:
        # What is only counted has no row that could name its address.
        counts = isinstance(record, SetAside) and record.outcome.kind != "record"
        if not counts and is_removed(record.url):
            yield SetAside(Outcome.REMOVED)
        else:
            yield record


def _results(
    records: Records, warc: str, crawl: str, settings: Extract, maker: RowMaker
) -> Iterator[Row | SetAside]:
    """What became of each record, in the file's order."""
    make = partial(maker, settings.extractor, settings.min_words)
    limits = Limits(settings.max_page_seconds, settings.max_page_memory)
    with sandbox(make, limits) as box:
        work = (
            (record, None if isinstance(record, SetAside) else Work(crawl, warc, record))
            for record in records
        )
        for record, answer in box.answers(work):
            if isinstance(record, SetAside):
                yield record
            elif isinstance(answer, SetAside):
                yield answer.at(record.offset, record.url)
            else:
                assert answer is not None
                yield answer


def readable(records: Records, path: str) -> Iterator[Capture | SetAside]:
    """``records`` of the file at ``path``; an error of the disk ends the run in our terms.

    What is in the file is never one: that is a record's outcome. Nor is what the network
    does, which is the file's (``ReadFailed``). Raises ``InputError``.
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


def ledger_row(crawl: str, warc: str, aside: SetAside) -> Row:
    """The row of ``ledger`` for what was set aside of the WARC called ``warc``.

    ``table`` and the columns of ``schemas/ledger.toml``. Nothing else makes one of these.
    """
    return {
        "table": "ledger",
        "crawl": crawl,
        "warc": warc,
        "kind": aside.outcome.kind,
        "outcome": aside.outcome,
        "records": 1,
        "warc_offset": aside.offset,
        "url": storable(aside.url),
        "detail": storable(aside.detail),
    }


def _count_row(crawl: str, warc: str, outcome: str, records: int) -> Row:
    return {
        "table": "ledger",
        "crawl": crawl,
        "warc": warc,
        "kind": "count",
        "outcome": outcome,
        "records": records,
    }
