"""Bytes out of a stored WARC file, whatever state they are in: gzip members and what lies between.

The ground under ``pipeline.web.salvage``: damage does not raise here, it ends
the stretch, which then says why.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from pipeline.web.headers import (
    GZIP_MAGIC,
    HEADER_STOP,
    MAX_HEADER,
    PIECE,
    PLAIN_MAGIC,
    VERSION,
    VERSION_BYTES,
    cut_within,
)

#: Stored bytes that are read first: many stretches end within them.
_FIRST_READ = 16 * 1024
#: Bytes of a header that are looked at first.
_FIRST_LOOK = 4 * 1024
_LINE_FEED = 0x0A
# A version line that follows no line end begins a record if such a field follows it.
_FIRST_FIELD = re.compile(rb"(?:WARC|Content)-", re.IGNORECASE)
_NEXT_RECORD_BYTES = VERSION_BYTES + len(b"Content-")
#: Stored bytes in which the first line of a member's content surely inflates, whatever its
#: header; a member is told from noise by it.
_HEAD = 4 * 1024
# gzip's header (RFC 1952, section 2.3.1) with none of the reserved flags.
_MEMBER = re.compile(rb"\x1f\x8b\x08(?=[\x00-\x1f])")


class Mark(NamedTuple):
    """A place within a stretch, to go back to."""

    taken: int
    member: int
    end: int
    buffer: bytes
    at: int
    inflater: zlib._Decompress | None
    fault: str


class Stretch:
    """Bytes to look at and take: of one gzip member and those it goes on in, or plain ones.

    ``fault`` is empty while all is well, ``truncated`` when the file ended within
    a member, else what zlib said; what inflates before the fault is given out.
    """

    def __init__(self, stream: BinaryIO, offset: int, *, plain: bool) -> None:
        self.offset = offset
        self.plain = plain
        self.fault = ""
        #: where the member that holds the next byte begins in the file
        self.member = offset
        #: where that member ends in the file, or fails, once all is read; so far as read before
        self.end = offset
        #: bytes taken so far
        self.taken = 0
        self._stream = stream
        # The next byte is that at ``_at``; those before it are taken, and go with the next reading.
        self._buffer = b""
        self._at = 0
        self._step = _FIRST_READ
        self._inflater = None if plain else _inflater()

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes without taking them, fewer only before the member's end."""
        self._fill(size)
        return self._buffer[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only before the member's end."""
        taken = self.peek(size)
        self._skip(len(taken))
        return taken

    def take_on(self, size: int) -> bytes:
        """The next ``size`` bytes of a record, of the members too in which it goes on."""
        parts = [self.take(size)]
        while (size := size - len(parts[-1])) and self.follow():
            parts.append(self.take(size))
        return b"".join(parts)

    def at_record(self) -> bool:
        """Whether a version line is next, even one that goes on in the next member."""
        ahead = self.peek(VERSION_BYTES)
        if len(ahead) == VERSION_BYTES or not PLAIN_MAGIC.startswith(ahead[: len(PLAIN_MAGIC)]):
            return VERSION.match(ahead) is not None
        here = self.mark()
        ahead = self.take_on(VERSION_BYTES)
        self.rewind(here)
        return VERSION.match(ahead) is not None

    def skip_blank_lines(self) -> None:
        # There are two, as a rule; there can be gigabytes.
        step = 64
        while (blank := len(head := self.peek(step)) - len(head.lstrip(b"\r\n"))) > 0:
            self._skip(blank)
            step = PIECE

    def follow(self) -> bool:
        """Go on into the member right behind this one, unless a record begins there.

        To be asked at a member's end. What goes on in the next member is one record
        that the writer cut, as those do that make members of a fixed size.
        """
        if self.plain or self.fault:
            return False
        self._stream.seek(self.end)
        if self._stream.read(len(GZIP_MAGIC)) != GZIP_MAGIC:
            return False
        behind = Stretch(self._stream, self.end, plain=False)
        head = behind.peek(VERSION_BYTES)
        if VERSION.match(head) or (behind.fault and not head):
            return False
        self.member, self.end, self.fault = behind.offset, behind.end, behind.fault
        self._buffer, self._at, self._step = behind._buffer, behind._at, behind._step
        self._inflater = behind._inflater
        return True

    def mark(self) -> Mark:
        """Here, for :meth:`rewind`; costs no more than zlib's window."""
        inflater = self._inflater and self._inflater.copy()
        return Mark(self.taken, self.member, self.end, self._buffer, self._at, inflater, self.fault)

    def rewind(self, mark: Mark) -> None:
        """Go back to a mark; to each but once."""
        self.taken, self.member, self.end, self._buffer, self._at, self._inflater, self.fault = mark

    def pass_over(
        self, lines_from: int = 0, is_member: Callable[[int], bool] = lambda _offset: False
    ) -> int:
        """On to the next record, in a plain stretch also to the next member, or to the end.

        To be asked where a line begins; tells how many bytes were passed over. Of plain
        lines only those behind offset ``lines_from`` of the file begin a record. A member
        that does not begin with one is passed over unless ``is_member`` says of its offset
        that it is one all the same.
        """
        before, margin = self.taken, _HEAD if self.plain else _NEXT_RECORD_BYTES
        while (ahead := self._fill(2 * margin)) >= 2 * margin:
            start = self._next_start(lines_from, is_member, beginning=self.taken == before)
            if start is not None:
                self._skip(start)
                return self.taken - before
            # What may be the beginning of one, and the byte before it that shows it.
            self._skip(ahead - margin - 1)
        start = self._next_start(lines_from, is_member, beginning=self.taken == before)
        self._skip(ahead if start is None else start)
        return self.taken - before

    def next_member(
        self, size: int, is_member: Callable[[int], bool] = lambda _offset: False
    ) -> int | None:
        """How far off the first gzip member with a record is, within ``size`` plain bytes."""
        self._fill(size + _HEAD)
        for magic in _MEMBER.finditer(self._buffer, self._at, self._at + size):
            begin = magic.start()
            offset = self.offset + self.taken + begin - self._at
            if _begins_member(self._buffer[begin : begin + _HEAD]) or is_member(offset):
                return begin - self._at
        return None

    def _next_start(
        self, lines_from: int, is_member: Callable[[int], bool], *, beginning: bool
    ) -> int | None:
        """How far off a record or member begins, of the bytes at hand."""
        first = self._at
        if self.plain:
            first += max(lines_from - self.offset - self.taken, 0)
        line = next_record(self._buffer, first, beginning=beginning and first == self._at)
        size = (len(self._buffer) if line is None else line) - self._at
        member = self.next_member(size, is_member) if self.plain else None
        return member if member is not None else None if line is None else size

    def _skip(self, size: int) -> None:
        self._at += size
        self.taken += size

    def _fill(self, size: int) -> int:
        """How many bytes are at hand: ``size`` or more, fewer only before the member's end."""
        ahead = len(self._buffer) - self._at
        if ahead < size:
            parts = [self._buffer[self._at :]]
            while ahead < size and (piece := self._next_piece()):
                parts.append(piece)
                ahead += len(piece)
            self._buffer, self._at = b"".join(parts), 0
        return ahead

    def _next_piece(self) -> bytes:
        """What comes after the buffer, empty at the end."""
        if self._inflater is None:
            return self._read()
        while not self._inflater.eof and not self.fault:
            stored = self._inflater.unconsumed_tail or self._read()
            if not stored:
                self.fault = "truncated"
                break
            before = self._inflater.copy()
            try:
                piece = self._inflater.decompress(stored, PIECE)
            except zlib.error as error:
                self.fault = str(error)
                piece, bad = _up_to_fault(before, stored)
                self.end -= bad
                return piece
            if self._inflater.eof:
                self.end -= len(self._inflater.unused_data)
            if piece:
                return piece
        return b""

    def _read(self) -> bytes:
        # Others read the same stream.
        self._stream.seek(self.end)
        stored = self._stream.read(self._step)
        self.end += len(stored)
        self._step = min(2 * self._step, PIECE)
        return stored


def next_header(stretch: Stretch) -> tuple[bytes, bool]:
    """The bytes of the header that is next, version line included, and whether it has an end.

    Takes nothing of ``stretch``. What is cut short reaches up to where the next record, or
    member, begins.
    """
    begin: Mark | None = None
    before, size = b"", _FIRST_LOOK
    while True:
        ahead = stretch.peek(size)
        header = before + ahead
        stop = HEADER_STOP.search(header, max(len(before) - VERSION_BYTES, 0))
        whole = stop is not None and stop[0] != b"\n"
        if stop is not None:
            header = header[: stop.end()]
        elif len(ahead) < size and len(header) < MAX_HEADER:
            begin = begin or stretch.mark()
            stretch.take(len(ahead))
            before, size = header, _FIRST_LOOK
            if stretch.follow():
                continue
        cut = _cut(stretch, header)
        if cut is None and stop is None and len(ahead) == size and len(header) < MAX_HEADER:
            size *= 2
            continue
        if begin:
            stretch.rewind(begin)
        return header[:cut], whole and cut is None


def _cut(stretch: Stretch, header: bytes) -> int | None:
    """Where another record, or in a plain stretch a member, begins in ``header``, if any does."""
    cut = cut_within(header)
    member = stretch.next_member(len(header[:cut])) if stretch.plain else None
    return cut if member is None else member


def next_record(text: bytes, first: int = 0, *, beginning: bool = True) -> int | None:
    """Where in ``text`` a record begins, from ``first`` on; None where none does.

    That is at a version line of its own, or above a field. ``beginning`` says that a line
    begins at ``first``.
    """
    for line in VERSION.finditer(text, first):
        begin, end = line.span()
        own_line = beginning if begin == first else text[begin - 1] == _LINE_FEED
        if own_line or _FIRST_FIELD.match(text, end):
            return begin
    return None


def _begins_member(head: bytes) -> bool:
    """Whether a gzip member begins here of which the first line begins a record."""
    try:
        line = _inflater().decompress(head, VERSION_BYTES)
    except zlib.error:
        return False
    return VERSION.match(line) is not None


def _inflater() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _up_to_fault(inflater: zlib._Decompress, stored: bytes) -> tuple[bytes, int]:
    """What inflates before the byte at which zlib gives up, and how many come from there on.

    Of a bad piece zlib itself keeps nothing.
    """
    good: list[bytes] = []
    begin, end = 0, len(stored)
    while end - begin > 1:
        middle = (begin + end) // 2
        trial = inflater.copy()
        try:
            piece = trial.decompress(stored[begin:middle])
        except zlib.error:
            end = middle
        else:
            good.append(piece)
            inflater, begin = trial, middle
    return b"".join(good), len(stored) - begin
