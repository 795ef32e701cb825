"""From a WARC file to captures of HTML pages, each record accounted for.

``read_warc`` is all that the rest of the house needs. Healthy files go through
``pipeline.web.records``; the rest of a file after the first doubt, and the end
of every file, through ``pipeline.web.salvage``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from os import PathLike, fspath
from typing import BinaryIO, Literal, NamedTuple, Protocol, runtime_checkable
from urllib.parse import urlsplit

from pipeline.base.arguments import Takes, checked, takes_one_of
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.config.settings import MAX_PAGE_BYTES, MAX_RECORD_SECONDS
from pipeline.config.sources import Read
from pipeline.web.deadline import OutOfTime, in_time
from pipeline.web.headers import RESPONSE, Record
from pipeline.web.http import (
    MAX_HEAD,
    declares_html,
    decoded_body,
    holds_html,
    kind_of_file,
    looks_like_html,
    parse_response,
)
from pipeline.web.records import Frames, Watched, confirmed, fastwarc_records, warcio_records
from pipeline.web.salvage import salvaged
from pipeline.web.streams import open_warc

_READERS: dict[str, Frames] = {"fastwarc": fastwarc_records, "warcio": warcio_records}

_NETWORK = Read()
#: Room in a block for what is not the body: the head, chunk sizes.
BLOCK_ALLOWANCE = 2 * MAX_HEAD

_LONGEST_KIND = 40
#: Dates of digits alone, to the second, fractions left off; a year, or a year and a month.
_DIGITS = re.compile(r"(\d{14})\d{0,9}Z?", re.ASCII)
_MONTH = re.compile(r"\d{4}(?:-\d\d)?", re.ASCII)
_LONGEST_DATE = 64
#: WARC types whose records are counted by their own name (WARC 1.1, section 6).
_KINDS = {
    str(outcome): outcome
    for outcome in (Outcome.WARCINFO, Outcome.REQUEST, Outcome.METADATA, Outcome.REVISIT)
}


class Capture(NamedTuple):
    """A response of status 200 with HTML.

    ``offset`` and ``length`` are bytes in the WARC as stored (length None where the
    record shares its gzip member); ``fetch_time`` is in UTC; ``content_type`` the HTTP
    header's value; ``body`` has chunking and content-encoding undone; ``truncated`` is
    WARC-Truncated's value; ``signals`` the header fields that speak of rights in the page, by
    their names in lower case.
    """

    url: str
    offset: int
    length: int | None
    fetch_time: datetime
    content_type: str
    body: bytes
    truncated: str | None
    signals: tuple[tuple[str, str], ...] = ()


@runtime_checkable
class _Seekable(Protocol):
    """What a stream has that a path, or bytes, has not."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


@checked(
    source=Takes(
        (str, PathLike, _Seekable),
        "a path, an address, or a seekable binary stream at its start",
        "of bytes: io.BytesIO(data)",
    ),
    reader=takes_one_of(*_READERS),
)
def read_warc(
    source: str | PathLike[str] | BinaryIO,
    *,
    reader: Literal["fastwarc", "warcio"] = "fastwarc",
    max_page_bytes: int = MAX_PAGE_BYTES,
    max_seconds: float = MAX_RECORD_SECONDS,
    network: Read = _NETWORK,
) -> Iterator[Capture | SetAside]:
    """Every record of a WARC file (WARC 1.0 and 1.1), in the file's order: no record is lost.

    An HTML page comes as ``Capture``, every other record, and damage, as ``SetAside``::

        for record in read_warc("file.warc.gz"):
            if isinstance(record, Capture):
                print(record.url, len(record.body))

    ``source``: a path, an ``https://`` or ``s3://`` address, or a binary stream, seekable and
    at its start: the file as stored, gzip or plain, or both in turn. ``reader``: the library
    that reads healthy files; both give the same. ``max_page_bytes``: a larger body, as stored
    or with its encodings undone, is set aside. ``max_seconds``: so is what takes the reader
    more CPU time without a record. ``network``: how an address is read, the [read] of a
    configuration.

    Memory stays within a few times ``max_page_bytes``, time is linear in the file's size.
    Damage is no error. Offsets are unique within a file. Raises, at the first record,
    ``InputMissing`` where there is no file at a path; ``OSError`` where reading itself fails,
    and of that ``ReadFailed`` where the network does; ``ArgumentError`` at once for what is
    none of these.
    """
    if isinstance(source, str | PathLike):
        return _read_file(fspath(source), network, reader, max_page_bytes, max_seconds)
    return _read(source, reader, max_page_bytes, max_seconds)


def _read_file(
    path: str, network: Read, reader: str, max_page_bytes: int, max_seconds: float
) -> Iterator[Capture | SetAside]:
    with open_warc(path, network) as stream:
        yield from _read(stream, reader, max_page_bytes, max_seconds)


def _read(
    stream: BinaryIO, reader: str, max_page_bytes: int, max_seconds: float
) -> Iterator[Capture | SetAside]:
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
            detail = (
                f"over {max_seconds:g} s of CPU without a record; "
                f"reading goes on at {begin}, what is before that is lost"
            )
            yield SetAside(Outcome.READER_TIMEOUT, detail, last + 1)
            last += 1
            items = _carefully(stream, begin, max_page_bytes, after=last)


def _items(stream: BinaryIO, reader: str, max_page_bytes: int) -> Iterator[Capture | SetAside]:
    last: int | None = None
    limit = max_page_bytes + BLOCK_ALLOWANCE
    for record, length in confirmed(_READERS[reader], Watched(stream), limit):
        yield _judged(record, length, max_page_bytes)
        last = record.offset
    # The reader's last record, or all that follows the first doubt. The last
    # record that was given is read again: its member may hold more than itself.
    yield from _carefully(stream, last or 0, max_page_bytes, after=last)


def _carefully(
    stream: BinaryIO, start: int, max_page_bytes: int, *, after: int | None
) -> Iterator[Capture | SetAside]:
    """What there is from ``start`` on, but for what was given up to offset ``after``."""
    for item in salvaged(stream, start, max_page_bytes + BLOCK_ALLOWANCE):
        if isinstance(item, SetAside):
            if after is None or item.offset is None or item.offset > after:
                yield item
        elif after is None or item[0].offset > after:
            yield _judged(*item, max_page_bytes)


def _judged(record: Record, length: int | None, max_page_bytes: int) -> Capture | SetAside:
    if record.kind != RESPONSE:
        outcome = _KINDS.get(record.kind, Outcome.OTHER_RECORD)
        return SetAside(outcome, record.kind[:_LONGEST_KIND], record.offset, record.url)
    try:
        return _capture(record, length, max_page_bytes)
    except SetAside as reason:
        return reason.at(record.offset, record.url)


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
    if kind := kind_of_file(body):
        raise SetAside(Outcome.NOT_HTML, f"{response.content_type or 'undeclared'}, it is {kind}")
    if html is False and not holds_html(body):
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
        signals=response.signals,
    )


def _is_robots_txt(url: str) -> bool:
    if "/robots.txt" not in url:
        return False
    try:
        return urlsplit(url).path == "/robots.txt"
    except ValueError:
        return False


def _fetch_time(date: str) -> datetime:
    """When a record was fetched, of its WARC-Date.

    That is a profile of ISO 8601 with any granularity (WARC 1.1, section 5.4). Writers put the
    14 digits of ARC files there too, with or without those of fractions, and HTTP's dates.
    """
    date = date.strip()
    try:
        time = _parsed_date(date)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SetAside(Outcome.BAD_RECORD, f"WARC-Date is {date[:40]!r}") from None


def _parsed_date(date: str) -> datetime:
    if match := _DIGITS.fullmatch(date):
        return datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if _MONTH.fullmatch(date):
        return datetime.strptime(f"{date}-01-01"[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    if date[:1].isalpha() and len(date) < _LONGEST_DATE:
        return parsedate_to_datetime(date)
    return datetime.fromisoformat(date)
