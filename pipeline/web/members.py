"""Bytes out of a stored WARC file, member by member, whatever state they are in.

The ground under ``pipeline.web.salvage``: damage does not raise here, it ends
the member, which then says why.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from pipeline.web.records import GZIP_MAGIC, PIECE, PLAIN_MAGIC


class Mark(NamedTuple):
    """A place within a member, to go back to."""

    taken: int
    end: int
    buffer: bytes
    inflater: zlib._Decompress | None
    fault: str


class Member:
    """One gzip member of a file, or a whole plain file as one, as bytes to look at and take.

    ``fault`` is empty while all is well, ``truncated`` when the file ended within
    the member, else what zlib said; what inflates before the fault is given out.
    """

    def __init__(self, stream: BinaryIO, offset: int, *, plain: bool) -> None:
        self.offset = offset
        self.plain = plain
        self.fault = ""
        #: where the member ends in the file, once all is read; so far as read before
        self.end = offset
        #: bytes taken so far
        self.taken = 0
        self._stream = stream
        self._buffer = b""
        self._inflater = None if plain else zlib.decompressobj(zlib.MAX_WBITS | 16)
        stream.seek(offset)

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes without taking them, fewer only before the end."""
        if len(self._buffer) < size:
            parts = [self._buffer]
            have = len(self._buffer)
            while have < size and (piece := self._next_piece()):
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

    def skip_blank_lines(self) -> None:
        # There are two, as a rule; there can be gigabytes.
        step = 64
        while (blank := len(head := self.peek(step)) - len(head.lstrip(b"\r\n"))) > 0:
            self.take(blank)
            step = PIECE

    def mark(self) -> Mark:
        """Here, for :meth:`rewind`; costs no more than zlib's window."""
        inflater = self._inflater and self._inflater.copy()
        return Mark(self.taken, self.end, self._buffer, inflater, self.fault)

    def rewind(self, mark: Mark) -> None:
        """Go back to a mark; to each but once."""
        self.taken, self.end, self._buffer, self._inflater, self.fault = mark
        # What the inflater has not consumed yet, it holds itself.
        self._stream.seek(self.end)

    def _next_piece(self) -> bytes:
        """What comes after the buffer, empty at the end."""
        if self._inflater is None:
            piece = self._stream.read(PIECE)
            self.end += len(piece)
            return piece
        while not self._inflater.eof and not self.fault:
            stored = self._inflater.unconsumed_tail
            if not stored:
                stored = self._stream.read(PIECE)
                self.end += len(stored)
            if not stored:
                self.fault = "truncated"
                break
            before = self._inflater.copy()
            try:
                piece = self._inflater.decompress(stored, PIECE)
            except zlib.error as error:
                self.fault = str(error)
                return b"".join(_up_to_fault(before, stored))
            if self._inflater.eof:
                self.end -= len(self._inflater.unused_data)
            if piece:
                return piece
        return b""


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
