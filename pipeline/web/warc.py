"""From a WARC file to captures of HTML pages, each record accounted for.

``read_warc`` is all that the rest of the house needs. Healthy files go through
``pipeline.web.records``; the rest of a file after the first doubt, and the end
of every file, through ``pipeline.web.salvage``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Literal, NamedTuple
from urllib.parse import urlsplit

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.config.settings import MAX_PAGE_BYTES, MAX_RECORD_SECONDS
from pipeline.web.bodies import decoded_body
from pipeline.web.deadline import OutOfTime, in_time
from pipeline.web.http import MAX_HEAD, declares_html, looks_like_html, parse_response
from pipeline.web.records import (
    RESPONSE,
    Frames,
    Record,
    RecordAside,
    Watched,
    confirmed,
    fastwarc_records,
    warcio_records,
)
from pipeline.web.salvage import salvaged

__all__ = ["Capture", "RecordAside", "read_warc"]

_READERS: dict[str, Frames] = {"fastwarc": fastwarc_records, "warcio": warcio_records}

#: Room in a block for what is not the body: the head, chunk sizes.
_BLOCK_ALLOWANCE = 2 * MAX_HEAD

_LONGEST_KIND = 40
_KINDS = {
    "warcinfo": Outcome.WARCINFO,
    "request": Outcome.REQUEST,
    "metadata": Outcome.METADATA,
    "revisit": Outcome.REVISIT,
}


class Capture(NamedTuple):
    """A response of status 200 with HTML.

    ``offset`` and ``length`` are bytes in the WARC as stored (length None where the
    record shares its gzip member); ``fetch_time`` is in UTC; ``content_type`` the HTTP
    header's value; ``body`` has chunking and content-encoding undone; ``truncated`` is
    WARC-Truncated's value.
    """

    url: str
    offset: int
    length: int | None
    fetch_time: datetime
    content_type: str
    body: bytes
    truncated: str | None


def read_warc(
    stream: BinaryIO,
    *,
    reader: Literal["fastwarc", "warcio"] = "fastwarc",
    max_page_bytes: int = MAX_PAGE_BYTES,
    max_seconds: float = MAX_RECORD_SECONDS,
) -> Iterator[Capture | RecordAside]:
    """Every record of a WARC file, in the file's order, as one of the two.

    ``stream`` is seekable and at its start: the file as stored, gzip or plain, or both
    in turn. Memory stays within a few times ``max_page_bytes``, time is linear in the
    file's size. Damage is no error: what cannot be read is set aside with offset and
    reason; so is what takes the reader over ``max_seconds`` of CPU without a record.
    Offsets are unique within a file. Raises ``OSError`` only where reading the stream
    itself fails.
    """
    last = -1
    begin = 0
    items = _items(stream, reader, max_page_bytes)
    while True:
        try:
            for item in in_time(items, max_seconds):
                if item.offset is not None:
                    last = item.offset
                yield item
            return
        except OutOfTime:
            at = max(last, begin)
            # What was read ahead is passed over; it was the reader's to make something of.
            begin = max(stream.tell(), at + 1)
            yield RecordAside(
                Outcome.READER_TIMEOUT,
                last + 1,
                None,
                f"over {max_seconds:g} s of CPU without a record; "
                f"reading goes on at {begin}, what is before that is lost",
            )
            last += 1
            items = _carefully(stream, begin, max_page_bytes, after=last)


def _items(stream: BinaryIO, reader: str, max_page_bytes: int) -> Iterator[Capture | RecordAside]:
    told: int | None = None
    limit = max_page_bytes + _BLOCK_ALLOWANCE
    for record, length in confirmed(_READERS[reader], Watched(stream), limit):
        yield _judged(record, length, max_page_bytes)
        told = record.offset
    # The reader's last record, or all that follows the first doubt. The last
    # record told of is read again: its member may hold more than itself.
    yield from _carefully(stream, told or 0, max_page_bytes, after=told)


def _carefully(
    stream: BinaryIO, start: int, max_page_bytes: int, *, after: int | None
) -> Iterator[Capture | RecordAside]:
    """What there is from ``start`` on, but for what was told of up to offset ``after``."""
    for item in salvaged(stream, start, max_page_bytes + _BLOCK_ALLOWANCE):
        if isinstance(item, RecordAside):
            if after is None or item.offset is None or item.offset > after:
                yield item
        elif after is None or item[0].offset > after:
            yield _judged(*item, max_page_bytes)


def _judged(record: Record, length: int | None, max_page_bytes: int) -> Capture | RecordAside:
    if record.kind != RESPONSE:
        outcome = _KINDS.get(record.kind, Outcome.OTHER_RECORD)
        return RecordAside(outcome, record.offset, record.url, record.kind[:_LONGEST_KIND])
    try:
        return _capture(record, length, max_page_bytes)
    except SetAside as reason:
        return RecordAside(reason.outcome, record.offset, record.url, reason.detail)


def _capture(record: Record, length: int | None, max_page_bytes: int) -> Capture:
    url = (record.url or "").strip()
    # WARC 1.0's grammar puts the address in angle brackets, and some writers do.
    if url.startswith("<") and url.endswith(">"):
        url = url[1:-1]
    if not url:
        raise SetAside(Outcome.BAD_URL, "no WARC-Target-URI")
    if not url[:8].lower().startswith(("http://", "https://")):
        raise SetAside(Outcome.NOT_HTTP, url.partition(":")[0])
    if _is_robots_txt(url):
        raise SetAside(Outcome.ROBOTS_TXT)
    response = parse_response(record.block)
    if response.status != 200:
        raise SetAside(Outcome.HTTP_STATUS, str(response.status))
    html = declares_html(response.content_type)
    identified = declares_html(record.identified_type or "")
    if html is False and not identified:
        raise SetAside(Outcome.NOT_HTML, response.content_type)
    truncated = (record.truncated or "").strip().lower() or None
    if len(record.block) < record.length or len(response.body) > max_page_bytes:
        raise SetAside(Outcome.TOO_LARGE, f"stored body over {max_page_bytes} bytes")
    body = decoded_body(
        response.body,
        transfer_encoding=response.transfer_encoding,
        content_encoding=response.content_encoding,
        limit=max_page_bytes,
        cut=truncated is not None,
    )
    if not body or body.isspace():
        raise SetAside(Outcome.EMPTY_BODY)
    if html is False and not looks_like_html(body):
        raise SetAside(Outcome.NOT_HTML, f"{response.content_type}, does not begin like HTML")
    if html is None and not (identified or looks_like_html(body)):
        raise SetAside(Outcome.NOT_HTML, "undeclared, does not begin like HTML")
    return Capture(
        url=url,
        offset=record.offset,
        length=length,
        fetch_time=_fetch_time(record.date or ""),
        content_type=response.content_type,
        body=body,
        truncated=truncated,
    )


def _is_robots_txt(url: str) -> bool:
    if "/robots.txt" not in url:
        return False
    try:
        return urlsplit(url).path == "/robots.txt"
    except ValueError:
        return False


def _fetch_time(date: str) -> datetime:
    try:
        time = datetime.fromisoformat(date.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SetAside(Outcome.BAD_RECORD, f"WARC-Date is {date[:40]!r}") from None
