"""WARC records as a stream of their headers and blocks, by fastwarc or by warcio.

This is the fast way, for healthy files. Neither library says reliably that a
file is damaged: fastwarc stops without a word at an empty gzip member and at a
cut, skips a record that a lying length swallows, takes what follows a header
with bare line feeds for more of it, and gives up at the first bad byte. So each
record is trusted only once its header is beyond doubt and the next one is seen
to begin where a record can begin; what cannot be trusted is left to
``pipeline.web.salvage``.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcHeader, WarcRecordType
from warcio.archiveiterator import WARCIterator as WarcioIterator
from warcio.bufferedreaders import DecompressingBufferedReader

from pipeline.ledger import Outcome

RESPONSE = "response"
GZIP_MAGIC = b"\x1f\x8b\x08"
PLAIN_MAGIC = b"WARC/"
_FIRST_LETTER = PLAIN_MAGIC[:1]
_FEW_LETTERS = 64
#: The line that begins each record, and the bytes that it has at most.
VERSION = re.compile(rb"WARC/\d\.\d{1,2}[ \t]{0,4}\r?\n")
VERSION_BYTES = 16
_VERSION_ENDS = len("WARC/1.0")
#: A longer header, in bytes, is no header.
MAX_HEADER = 128 * 1024
#: Bytes that are looked through at once, of what is too long to be held.
PIECE = 256 * 1024
# A record, and the two that show it to be sound.
_HELD = 3
# Stored bytes in which a version line surely inflates.
_HEAD = 512
# fastwarc counts another way: what comes near the limit is left to salvage.
_FASTWARC_MAX_HEADER = MAX_HEADER - 1024
_MAX_LENGTH_DIGITS = 15
# What warcio reads as one line, where that is to be blank or to begin a record.
_SHORT_LINE = 256
_MOST_BETWEEN = 1_000
_FOLD = re.compile(r"[ \t\r]*\n[ \t]+")


class Record(NamedTuple):
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


class RecordAside(NamedTuple):
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
    records = FastIterator(
        stream,
        record_types=WarcRecordType.any_type,
        parse_http=False,
        max_header_len=_FASTWARC_MAX_HEADER,
    )
    for record in records:
        if not stream.begins_record(record.stream_pos, inflated=False):
            return
        headers, length = record.headers, record.content_length
        # A bare line feed has hidden a field, or the end of the header, which then
        # goes on into the block; of two lengths fastwarc believes the second.
        text = str(headers)
        if (
            not text.startswith("\r\n", _VERSION_ENDS)
            or text.count("\n") != text.count("\r\n")
            or headers.get(WarcHeader.CONTENT_LENGTH) != str(length)
        ):
            return
        block = _sound_block(record.reader.read, length, limit)
        if block is None:
            return
        yield record_of(record.stream_pos, length, block, headers.get, _FASTWARC_NAMES)


def warcio_records(stream: Watched, limit: int) -> Iterator[Record]:
    """The records as warcio sees them, up to the first that looks wrong."""
    records = WarcioIterator(stream, no_record_parse=True)
    records.reader = _ShortLines(stream)
    records.loader.warc_parser = _HeaderParser()
    for record in records:
        # It takes an empty member's offset for that of the record after it.
        if records.err_count or not stream.begins_record(records.offset, inflated=True):
            return
        header: _Header = record.rec_headers
        block = _sound_block(record.raw_stream.read, header.length, limit)
        if block is None:
            return
        yield record_of(records.offset, header.length, block, header.fields.get)


@dataclass(frozen=True, slots=True)
class _Header:
    """A header, and the little that warcio wants to know of it."""

    fields: dict[str, str]
    length: int

    def get_header(self, name: str) -> str | None:
        return str(self.length) if name == "Content-Length" else None


class _HeaderParser:
    """In place of warcio's own, which holds a header of any size, and decodes it differently."""

    def parse(self, stream: DecompressingBufferedReader, first: bytes | None = None) -> _Header:
        line = first or stream.readline(VERSION_BYTES)
        if not line:
            raise EOFError
        if not VERSION.match(line):
            raise ValueError("no WARC record")
        lines, room = [line], MAX_HEADER - len(line)
        while line not in (b"\r\n", b"\n"):
            line = stream.readline(room)
            lines.append(line)
            room -= len(line)
            if not line or not room:
                raise ValueError("header without an end")
        fields = header_fields(b"".join(lines))
        length = declared_length(fields)
        if length is None:
            raise ValueError("no length")
        return _Header(fields, length)


class _ShortLines(DecompressingBufferedReader):  # type: ignore[misc]
    """warcio's reader, but that between records it reads no long line, and not many."""

    _between = 0

    def readline(self, length: int | None = None) -> bytes:
        if length is None:
            self._between += 1
            if self._between > _MOST_BETWEEN:
                raise ValueError("no end of empty lines")
            length = _SHORT_LINE
        else:
            self._between = 0
        line: bytes = super().readline(length)
        return line


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


def header_fields(header: bytes) -> dict[str, str]:
    """The fields of a record's header, names in lower case; of a repeated one the first."""
    text = header.decode("utf-8", "replace")
    fields: dict[str, str] = {}
    for line in _FOLD.sub(" ", text).split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def declared_length(fields: dict[str, str]) -> int | None:
    """A record's Content-Length, None where it is no length."""
    length = fields.get("content-length", "")
    if length.isdecimal() and length.isascii() and len(length) <= _MAX_LENGTH_DIGITS:
        return int(length)
    return None


#: Type, address, date, identified type and truncation: what is read of a header.
_NAMES = (
    "warc-type",
    "warc-target-uri",
    "warc-date",
    "warc-identified-payload-type",
    "warc-truncated",
)
# fastwarc knows these by themselves much faster than by their names.
_FASTWARC_NAMES = (
    WarcHeader.WARC_TYPE,
    WarcHeader.WARC_TARGET_URI,
    WarcHeader.WARC_DATE,
    WarcHeader.WARC_IDENTIFIED_PAYLOAD_TYPE,
    WarcHeader.WARC_TRUNCATED,
)


def record_of(
    offset: int,
    length: int,
    block: bytes,
    header: Callable[[Any], str | None],
    names: tuple[Any, ...] = _NAMES,
) -> Record:
    """The record that ``header``, asked for each of ``names``, tells of."""
    kind_name, url_name, *others = names
    kind = (header(kind_name) or "").strip().lower()
    url = header(url_name)
    if kind != RESPONSE:
        return Record(offset, kind, length, b"", url)
    return Record(offset, kind, length, block, url, *map(header, others))


def begins_within(block: bytes) -> bool:
    """Whether some line, or the rest of one, is one that begins a record."""
    at = -1
    # Pages hold few of this letter, and one byte is found faster than several.
    for _ in range(_FEW_LETTERS):
        at = block.find(_FIRST_LETTER, at + 1)
        if at < 0:
            return False
        if block.startswith(PLAIN_MAGIC, at):
            break
    return block.find(PLAIN_MAGIC, at) >= 0 and VERSION.search(block, at) is not None


def _sound_block(read: Callable[[int], bytes], length: int, limit: int) -> bytes | None:
    """The block's bytes up to the limit.

    None where it is short of its length, or may have swallowed the next record.
    """
    block = read(min(length, limit))
    if len(block) < min(length, limit) or begins_within(block):
        return None
    rest, tail = length - len(block), block[-VERSION_BYTES:]
    while rest:
        piece = read(min(rest, PIECE))
        if not piece or begins_within(tail + piece):
            return None
        rest -= len(piece)
        tail = (tail + piece)[-VERSION_BYTES:]
    return block
