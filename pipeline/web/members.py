"""Bytes out of a stored WARC file, member by member, whatever state they are in.

The ground under ``pipeline.web.salvage``: damage does not raise here, it ends
the member, which then says why.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.web.records import GZIP_MAGIC, PLAIN_MAGIC

PIECE = 256 * 1024


class Member:
    """One gzip member of a file, or a whole plain file as one, as bytes to look at and take.

    ``fault`` is empty while all is well, ``truncated`` when the file ended within
    the member, else what zlib said; what inflates before the fault is given out.
    """

    def __init__(self, stream: BinaryIO, offset: int, *, plain: bool) -> None:
        self.offset = offset
        self.plain = plain
        self._stream = stream
        self._buffer = b""
        self._pieces: Iterator[bytes] = iter(())
        self._open(offset)

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes without taking them, fewer only before the end."""
        if len(self._buffer) < size:
            parts = [self._buffer]
            have = len(self._buffer)
            while have < size and (piece := next(self._pieces, b"")):
                parts.append(piece)
                have += len(piece)
            self._buffer = b"".join(parts)
        return self._buffer[:size]

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only before the end."""
        taken = self.peek(size)
        self._buffer = self._buffer[len(taken) :]
        self.taken += len(taken)
        return taken

    def skip(self, size: int) -> int:
        """Take and forget; the number of bytes that there were."""
        left = size
        while left and (piece := self.take(min(left, PIECE))):
            left -= len(piece)
        return size - left

    def skip_blank_lines(self) -> None:
        while (blank := len(head := self.peek(64)) - len(head.lstrip(b"\r\n"))) > 0:
            self.take(blank)

    def rewind(self, taken: int) -> None:
        """Go back to where ``taken`` bytes had been taken."""
        if self.plain:
            self._open(self.offset + taken)
            self.taken = taken
        else:
            self._open(self.offset)
            self.skip(taken)

    def _open(self, at: int) -> None:
        self.fault = ""
        #: where the member ends in the file, once all is read; so far as read before
        self.end = at
        #: bytes taken so far
        self.taken = 0
        self._buffer = b""
        self._stream.seek(at)
        self._pieces = self._stored() if self.plain else self._inflated()

    def _stored(self) -> Iterator[bytes]:
        while piece := self._stream.read(PIECE):
            self.end += len(piece)
            yield piece

    def _inflated(self) -> Iterator[bytes]:
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not inflater.eof:
            stored = inflater.unconsumed_tail
            if not stored:
                stored = self._stream.read(PIECE)
                self.end += len(stored)
            if not stored:
                self.fault = "truncated"
                return
            before = inflater.copy()
            try:
                piece = inflater.decompress(stored, PIECE)
            except zlib.error as error:
                self.fault = str(error)
                yield from _up_to_fault(before, stored)
                return
            if piece:
                yield piece
        self.end -= len(inflater.unused_data)


def _up_to_fault(inflater: zlib._Decompress, stored: bytes) -> Iterator[bytes]:
    """What inflates before the byte at which zlib gives up: it keeps none of a bad piece."""
    for at in range(len(stored)):
        try:
            piece = inflater.decompress(stored[at : at + 1])
        except zlib.error:
            return
        if piece:
            yield piece


def next_member(stream: BinaryIO, start: int) -> int | None:
    """Offset of the first gzip member at or after ``start`` that inflates to a WARC record."""
    keep = len(GZIP_MAGIC) - 1
    at = start
    tail = b""
    while True:
        stream.seek(at)
        chunk = stream.read(PIECE)
        if not chunk:
            return None
        window = tail + chunk
        found = window.find(GZIP_MAGIC)
        while found >= 0:
            candidate = at - len(tail) + found
            if _begins_record(stream, candidate):
                return candidate
            found = window.find(GZIP_MAGIC, found + 1)
        at += len(chunk)
        tail = window[-keep:]


def _begins_record(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    try:
        head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stream.read(4_096), 16)
    except zlib.error:
        return False
    return head.startswith(PLAIN_MAGIC)
