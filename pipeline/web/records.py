"""WARC records as a stream of their headers and blocks, by fastwarc or by warcio.

This is the fast way, for healthy files. Neither library says reliably that a
file is damaged: fastwarc stops without a word at an empty gzip member and at a
cut, joins a member that ends within a record with the next one, skips a record
that a lying length swallows, takes what follows a header with bare line feeds for
more of it, and gives up at the first bad byte. So a record is trusted only where
it fits its place in the file to the byte; from the first that does not, all is
left to ``pipeline.web.salvage``.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcHeader, WarcRecordType
from warcio.archiveiterator import WARCIterator as WarcioIterator
from warcio.bufferedreaders import DecompressingBufferedReader

from pipeline.web.headers import (
    GZIP_MAGIC,
    MAX_HEADER,
    PIECE,
    PLAIN_MAGIC,
    VERSION,
    VERSION_BYTES,
    Record,
    declared_length,
    header_fields,
    is_doubtful,
    record_of,
)

_FIRST_LETTER = PLAIN_MAGIC[:1]
_FEW_LETTERS = 64
_VERSION_ENDS = len("WARC/1.0")
# Stored bytes in which a version line surely inflates.
_HEAD = 512
# What follows a record's block, and the size at the end of a gzip member (RFC 1952, section
# 2.3.1), of which there are four bytes.
_BEHIND_BLOCK = 4
_SIZE_BYTES = 4
# fastwarc tells of a record within a member the offset of the member after it. That its size is
# that of a member all the same is a rare chance, save where a writer cuts all members to the
# size of its records: then it shows at once. To inflate each beginning takes a tenth of the time.
_ALL_LOOKED_INTO = 64
_ONE_LOOKED_INTO = 16
# fastwarc counts another way: what comes near the limit is left to salvage.
_FASTWARC_MAX_HEADER = MAX_HEADER - 1024
# What warcio reads as one line, where that is to be blank or to begin a record.
_SHORT_LINE = 256
_MOST_BETWEEN = 1_000


#: The records of a stream, each with where it begins and its size there: that of header, block
#: and what follows, inflated.
Frames = Callable[["Watched", int], Iterator[tuple[Record, "Beginning", int]]]


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
        self._begun = 0
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

    def begins_record(self, offset: int) -> Beginning | None:
        """Whether a record begins there, alone or first in its member; None where none does."""
        # Most lie in what was read last, with what is before them.
        chunk = self._chunks[-1] if self._chunks else b""
        at = offset - self._position + len(chunk)
        if at >= _SIZE_BYTES and at + _HEAD <= len(chunk):
            before, head = chunk[at - _SIZE_BYTES : at], chunk[at : at + _HEAD]
        else:
            before = self._last(offset - _SIZE_BYTES, _SIZE_BYTES)
            head = self._last(offset, _HEAD)
        plain = not head.startswith(GZIP_MAGIC)
        self._begun += 1
        if not plain and self._begun > _ALL_LOOKED_INTO and self._begun % _ONE_LOOKED_INTO:
            return Beginning(offset, plain, int.from_bytes(before, "little"))
        if not plain:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, VERSION_BYTES)
        if not VERSION.match(head):
            return None
        return Beginning(offset, plain, int.from_bytes(before, "little"))

    def _last(self, offset: int, size: int) -> bytes:
        """Bytes that were read from ``offset`` on; none where that is too long ago."""
        start = self._position
        kept = b""
        for chunk in reversed(self._chunks):
            start -= len(chunk)
            if start <= offset:
                return (chunk[offset - start : offset - start + size] + kept)[:size]
            kept = (chunk[:size] + kept)[:size]
        return b""


class Beginning(NamedTuple):
    """Where a record begins in the file as stored, and whether it is stored plain.

    ``before`` is the size of the member before it, if that is what is before it.
    """

    offset: int
    plain: bool
    before: int

    def is_filled(self, size: int, behind: Beginning) -> bool:
        """Whether ``size`` bytes and no more lie between here and what begins behind."""
        if self.plain:
            return behind.offset - self.offset == size
        return behind.offset > self.offset and behind.before == size % (1 << 32)


def fastwarc_records(stream: Watched, limit: int) -> Iterator[tuple[Record, Beginning, int]]:
    """The records as fastwarc sees them, up to the first that looks wrong.

    ``limit``: bytes that are kept of a block. See ``Frames`` for what comes of each.
    """
    records = FastIterator(
        stream,
        record_types=WarcRecordType.any_type,
        parse_http=False,
        max_header_len=_FASTWARC_MAX_HEADER,
    )
    for record in records:
        begins = stream.begins_record(record.stream_pos)
        if begins is None:
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
        header = text.encode()
        if is_doubtful(header):
            return
        block = _sound_block(record.reader.read, length, limit)
        if block is None:
            return
        read = record_of(record.stream_pos, length, block, headers.get, _FASTWARC_NAMES)
        yield read, begins, len(header) + length + _BEHIND_BLOCK


def warcio_records(stream: Watched, limit: int) -> Iterator[tuple[Record, Beginning, int]]:
    """The records as warcio sees them, up to the first that looks wrong.

    ``limit``: bytes that are kept of a block. See ``Frames`` for what comes of each.
    """
    records = WarcioIterator(stream, no_record_parse=True)
    records.reader = _ShortLines(stream)
    records.loader.warc_parser = _HeaderParser()
    for record in records:
        begins = stream.begins_record(records.offset)
        if records.err_count or begins is None:
            return
        header: _Header = record.rec_headers
        block = _sound_block(record.raw_stream.read, header.length, limit)
        if block is None:
            return
        read = record_of(records.offset, header.length, block, header.fields.get)
        yield read, begins, header.size + header.length + _BEHIND_BLOCK


@dataclass(frozen=True, slots=True)
class _Header:
    """A header, and the little that warcio wants to know of it."""

    fields: dict[str, str]
    length: int
    size: int

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
        header = b"".join(lines)
        if is_doubtful(header):
            raise ValueError("perhaps two records' header")
        fields = header_fields(header)
        length = declared_length(fields)
        if length is None:
            raise ValueError("no length")
        return _Header(fields, length, len(header))


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

    A record is beyond doubt when the next one begins where a record can begin, and it
    fills all that is before that to the byte: the rest of a plain file, or its member. So
    the last record of a file never is. ``limit``: bytes that are kept of a block; lengths are
    in bytes. Raises ``OSError`` only for an error of the stream itself.
    """
    held: tuple[Record, Beginning, int] | None = None
    # Whatever a library raises here says that the file is damaged, and what is
    # left is read again with more care.
    with contextlib.suppress(Exception):
        for record, begins, size in frames(stream, limit):
            if held:
                before, began, held_size = held
                if not began.is_filled(held_size, begins):
                    break
                yield before, begins.offset - began.offset
            held = record, begins, size
    if stream.failure is not None:
        raise stream.failure


# FIELD_NAMES as fastwarc knows them, much faster than by their names.
_FASTWARC_NAMES = (
    WarcHeader.WARC_TYPE,
    WarcHeader.WARC_TARGET_URI,
    WarcHeader.WARC_DATE,
    WarcHeader.WARC_IDENTIFIED_PAYLOAD_TYPE,
    WarcHeader.WARC_TRUNCATED,
)


def begins_within(block: bytes) -> bool:
    """Whether a version line stands in ``block``, at the beginning of a line or within one."""
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
