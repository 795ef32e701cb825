"""WARC records as a stream of their headers and blocks, by fastwarc or by warcio.

This is the fast way, for healthy files. Neither library says reliably that a
file is damaged: fastwarc stops without a word at an empty gzip member and at a
cut, skips a record that a lying length swallows, and gives up at the first bad
byte. So each record is trusted only once the next one is seen to begin where a
record can begin; what cannot be trusted is left to ``pipeline.web.salvage``.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from pipeline.ledger import Outcome

RESPONSE = "response"
GZIP_MAGIC = b"\x1f\x8b\x08"
PLAIN_MAGIC = b"WARC/"
#: The line that begins each record, and more bytes than it has.
VERSION = re.compile(rb"WARC/\d\.\d{1,2}\r?\n")
VERSION_BYTES = 16
#: A longer header, in bytes, is no header.
MAX_HEADER = 128 * 1024
# A record, and the two that show it to be sound.
_HELD = 3
# Stored bytes in which a version line surely inflates.
_HEAD = 512
#: In a block: perhaps the next record, swallowed by a length too great.
SWALLOWED = b"\r\n\r\nWARC/1."


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Only responses keep their block, up to a limit.

    ``offset`` is in the file as stored; ``length`` the declared Content-Length;
    ``block`` the bytes of the block or its beginning; absent headers are None.
    """

    offset: int
    kind: str
    length: int
    block: bytes
    url: str | None
    date: str | None = None
    identified_type: str | None = None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class RecordAside:
    """A record that is no capture, or a stretch of the file that is no record.

    ``offset`` is None where the file as a whole is meant.
    """

    outcome: Outcome
    offset: int | None
    url: str | None
    detail: str


Frames = Callable[["Watched", int], Iterator[Record]]


class Watched:
    """A binary stream that remembers its last bytes, and its own failures.

    The bytes tell whether a record begins where a reader says it does; the
    failure tells an error of the disk or the network, which must end the reading,
    from the reader's error about what the bytes mean.
    """

    _KEPT = 8

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position = stream.tell()
        self._chunks: list[bytes] = []
        self.failure: OSError | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            chunk = self._stream.read(size)
        except OSError as error:
            self.failure = error
            raise
        if chunk:
            self._position += len(chunk)
            self._chunks.append(chunk)
            del self._chunks[: -self._KEPT]
        return chunk

    def tell(self) -> int:
        return self._position

    def seek(self, _offset: int, _whence: int = 0) -> int:
        raise OSError("read forward only")

    def close(self) -> None:
        """Whoever opened the stream closes it."""

    def begins_record(self, offset: int, *, inflated: bool) -> bool:
        """Whether the last bytes show that a record, alone or first in its member, begins there.

        Of a compressed record the magic number must do, or with ``inflated``
        the record's first line.
        """
        start = self._position
        head = b""
        for chunk in reversed(self._chunks):
            start -= len(chunk)
            if start <= offset:
                head = chunk[offset - start : offset - start + _HEAD] + head
                break
            head = chunk[:_HEAD] + head
        else:
            return False
        if head.startswith(GZIP_MAGIC):
            if not inflated:
                return True
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head[:_HEAD], VERSION_BYTES)
        return VERSION.match(head) is not None


def fastwarc_records(stream: Watched, limit: int) -> Iterator[Record]:
    """The records as fastwarc sees them, up to the first that looks wrong."""
    response = WarcRecordType.response
    records = FastIterator(
        stream,
        record_types=WarcRecordType.any_type,
        parse_http=False,
        max_header_len=MAX_HEADER,
    )
    for record in records:
        if not stream.begins_record(record.stream_pos, inflated=False):
            return
        header = record.headers.get
        length = record.content_length
        block = record.reader.read(min(length, limit))
        if len(block) < min(length, limit) or SWALLOWED in block:
            return
        kind = RESPONSE if record.record_type == response else (header("WARC-Type") or "").lower()
        yield _record(record.stream_pos, kind, length, block, header)


def warcio_records(stream: Watched, limit: int) -> Iterator[Record]:
    """The records as warcio sees them, up to the first that looks wrong."""
    records = WarcioIterator(stream, no_record_parse=True)
    for record in records:
        # It takes an empty member's offset for that of the record after it.
        if records.err_count or not stream.begins_record(records.offset, inflated=True):
            return
        if (record.rec_headers.total_len or 0) > MAX_HEADER:
            return
        header = record.rec_headers.get_header
        length = int(header("Content-Length"))
        block = record.raw_stream.read(min(length, limit))
        rest = length - len(block)
        while rest and (piece := record.raw_stream.read(min(rest, limit))):
            rest -= len(piece)
        if rest or SWALLOWED in block:
            return
        yield _record(records.offset, (record.rec_type or "").lower(), length, block, header)


def confirmed(frames: Frames, stream: Watched, limit: int) -> Iterator[tuple[Record, int]]:
    """The records that are beyond doubt, each with its length in the file as stored.

    A record is beyond doubt when the two after it begin behind it and behind each
    other: of a record within a member, fastwarc tells the offset of the member
    after it. So the last records of a file never are. Raises ``OSError`` only for
    an error of the stream itself.
    """
    held: deque[Record] = deque()
    # Whatever a library raises here says that the file is damaged, and what is
    # left is read again with more care.
    with contextlib.suppress(Exception):
        for record in frames(stream, limit):
            if held and record.offset <= held[-1].offset:
                break
            held.append(record)
            if len(held) == _HELD:
                first = held.popleft()
                yield first, held[0].offset - first.offset
    if stream.failure is not None:
        raise stream.failure


def _record(
    offset: int, kind: str, length: int, block: bytes, header: Callable[[str], str | None]
) -> Record:
    url = header("WARC-Target-URI")
    if kind != RESPONSE:
        return Record(offset, kind, length, b"", url)
    return Record(
        offset=offset,
        kind=kind,
        length=length,
        block=block,
        url=url,
        date=header("WARC-Date"),
        identified_type=header("WARC-Identified-Payload-Type"),
        truncated=header("WARC-Truncated"),
    )
