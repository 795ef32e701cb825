"""Reading a damaged WARC file, so that a bad record costs no other one.

A gzip member that is whole (its checksum holds) is a better witness of where a
record ends than the record's own Content-Length. After damage, reading goes on
at the next member that inflates to a WARC record; within a member, and in a
plain file, at the next line that begins one. All that is passed over is told.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.ledger import Outcome
from pipeline.web.members import Member, next_member
from pipeline.web.records import (
    GZIP_MAGIC,
    MAX_HEADER,
    PIECE,
    PLAIN_MAGIC,
    VERSION,
    VERSION_BYTES,
    Record,
    RecordAside,
    declared_length,
    header_fields,
    record_of,
)

#: In a block: perhaps the next record, swallowed by a length too great.
_SWALLOWED = re.compile(rb"\n\r?\n(?=%s)" % VERSION.pattern)
_SWALLOWED_BYTES = VERSION_BYTES + 3
# A version line that follows no line end begins a record if this follows it.
_FIRST_FIELD = b"WARC-"
_NEXT_RECORD_BYTES = VERSION_BYTES + len(_FIRST_FIELD)
#: Bytes of a block that are looked at first: a lying length costs little more than them.
_FIRST_PIECE = 16 * 1024
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")

Salvaged = tuple[Record, int | None] | RecordAside


def salvaged(stream: BinaryIO, start: int, limit: int) -> Iterator[Salvaged]:
    """Each record from offset ``start`` on, with its length in the file, or its damage.

    A record that does not begin its gzip member has no offset of its own: the
    n-th after the first gets the member's offset plus n, and no length. Of a
    file without any WARC record there is a single ``UNREADABLE_WARC``.
    """
    salvage = _Salvage(stream, limit)
    yield from salvage.items(start)
    if start == 0 and not salvage.records:
        yield RecordAside(
            Outcome.UNREADABLE_WARC, None, None, f"no WARC record in {salvage.size} bytes"
        )
    else:
        yield from salvage.passed_over()


class _Salvage:
    """One reading of one file; holds what was lost since the last record."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self.stream = stream
        self.limit = limit
        self.size = stream.seek(0, 2)
        self.records = 0
        self._next_offset = 0
        self._lost_at: int | None = None
        self._lost = 0

    def items(self, start: int) -> Iterator[Salvaged]:
        self.stream.seek(start)
        plain = self.stream.read(len(PLAIN_MAGIC)) == PLAIN_MAGIC
        if plain or next_member(self.stream, start) is None:
            yield from self._members_items(Member(self.stream, start, plain=True))
            return
        at = start
        while at < self.size:
            self.stream.seek(at)
            if self.stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC:
                member = Member(self.stream, at, plain=False)
                yield from self._members_items(member)
                if not member.fault:
                    at = member.end
                    continue
                found = next_member(self.stream, at + 1)
            else:
                found = next_member(self.stream, at)
                self._lose(at, (self.size if found is None else found) - at)
            at = self.size if found is None else found

    def passed_over(self) -> Iterator[RecordAside]:
        """What was lost since the last record, as one entry."""
        if self._lost_at is not None:
            detail = f"{self._lost} bytes that are no WARC record"
            yield RecordAside(Outcome.BAD_RECORD, self._lost_at, None, detail)
        self._lost_at, self._lost = None, 0

    def _lose(self, offset: int, size: int) -> None:
        if self._lost_at is None:
            self._lost_at = offset
        self._lost += size

    def _members_items(self, member: Member) -> Iterator[Salvaged]:
        ordinal = 0
        while True:
            member.skip_blank_lines()
            if not member.peek(1):
                break
            begins = member.taken
            # A member may hold more records than it has bytes.
            offset = max(member.offset + (begins if member.plain else ordinal), self._next_offset)
            self._next_offset = offset + 1
            ordinal += 1
            if not VERSION.match(member.peek(VERSION_BYTES)):
                _pass_over(member)
                self._lose(offset, member.taken - begins)
                continue
            self.records += 1
            yield from self.passed_over()
            item = self._item(member, offset, first=ordinal == 1)
            # Reading to the member's end is what checks its checksum.
            member.skip_blank_lines()
            last = not member.peek(1)
            if isinstance(item, RecordAside):
                yield item
            elif last and member.fault:
                yield _damaged(member, offset, item.url)
            elif member.plain:
                yield item, member.taken - begins
            else:
                yield item, member.end - member.offset if last and ordinal == 1 else None
        if member.fault and not ordinal:
            self._lose(member.offset, member.end - member.offset)

    def _item(self, member: Member, offset: int, *, first: bool) -> Record | RecordAside:
        """The record of which the version line is next; leaves ``member`` behind it."""
        header = _header(member)
        fields = header_fields(header)
        url = fields.get("warc-target-uri")
        declared = declared_length(fields)
        if declared is None:
            if not header:
                member.take(1)
            _pass_over(member)
            if member.fault and not member.peek(1):
                return _damaged(member, offset, url)
            length = fields.get("content-length", "")
            detail = f"Content-Length is {length[:40]!r}" if header else "header without an end"
            return RecordAside(Outcome.BAD_RECORD, offset, url, detail)
        digest = fields.get("warc-block-digest", "")
        shared = member.plain or not first
        begin = member.mark()
        # Where only the digest can tell, all of the block is needed.
        stop = shared and not (digest and declared <= self.limit)
        block, size, swallowed = _block(member, declared, self.limit, stop=stop)
        if size < declared or not _ends_here(
            member, block, size, digest, swallowed=swallowed, shared=shared
        ):
            cut = member.plain and size < declared
            member.rewind(begin)
            real, size = _up_to_next_record(member, self.limit)
            if not _proves(digest, real, size):
                if member.fault and not member.peek(1):
                    return _damaged(member, offset, url)
                outcome = Outcome.BAD_RECORD
                if cut and not member.peek(1):
                    outcome = Outcome.TRUNCATED_RECORD
                detail = f"Content-Length is {declared}, the record holds {size} bytes"
                return RecordAside(outcome, offset, url, detail)
            block = real
        return record_of(offset, size, block, fields.get)


def _block(member: Member, declared: int, limit: int, *, stop: bool) -> tuple[bytes, int, bool]:
    """The block up to the limit, its size, and whether a record seems to begin within it.

    The size is less than ``declared`` where there is no more, or with ``stop``
    at the first such beginning.
    """
    kept: list[bytes] = []
    size, step = 0, _FIRST_PIECE
    tail, swallowed = b"", False
    while (
        size < declared
        and not (stop and swallowed)
        and (piece := member.take(min(declared - size, step)))
    ):
        if size < limit:
            kept.append(piece[: limit - size])
        size += len(piece)
        window = tail + piece
        swallowed = swallowed or _SWALLOWED.search(window) is not None
        tail = window[-_SWALLOWED_BYTES:]
        step = min(2 * step, PIECE)
    return b"".join(kept), size, swallowed


def _up_to_next_record(member: Member, limit: int) -> tuple[bytes, int]:
    """The block as it is: its bytes up to the limit, and its size."""
    begins, step = member.taken, _FIRST_PIECE
    window = member.peek(step)
    while (found := _next_record(window)) is None and step <= len(window) < limit:
        step = min(4 * step, limit)
        window = member.peek(step)
    if found is None:
        _pass_over(member)
    else:
        member.take(found)
    size = member.taken - begins
    real = window[:size].removesuffix(b"\r\n\r\n")
    return real, len(real) if size <= len(window) else size


def _header(member: Member) -> bytes:
    """The header with its version line; a header without an end is empty, and passed over."""
    size = 4_096
    while True:
        window = member.peek(size)
        if end := _END_OF_HEADER.search(window):
            return member.take(end.end())
        if len(window) < size or size >= MAX_HEADER:
            return b""
        size *= 2


def _ends_here(
    member: Member, block: bytes, size: int, digest: str, *, swallowed: bool, shared: bool
) -> bool:
    """Whether the record ends where its Content-Length says."""
    ahead = member.peek(VERSION_BYTES)
    rest = ahead.lstrip(b"\r\n")
    clean = not rest or rest.startswith(PLAIN_MAGIC)
    if not swallowed or not (shared or rest):
        # The only record of its member ends with that, save where it has swallowed all others;
        # where that cannot be told for its size, the member is believed.
        swallowed = len(block) == size and _holds_record(block)
    if clean and not swallowed:
        return True
    if digest:
        return _proves(digest, block, size)
    return not clean and not swallowed and ahead.startswith(b"\r\n\r\n")


def _holds_record(block: bytes) -> bool:
    """Whether a record lies within ``block``, whole by its own length."""
    begin = _next_record(block) if PLAIN_MAGIC in block else None
    if begin is None:
        return False
    end = _END_OF_HEADER.search(block, begin, begin + MAX_HEADER)
    if end is None:
        return False
    length = declared_length(header_fields(block[begin : end.end()]))
    if length is None or end.end() + length > len(block):
        return False
    after = end.end() + length
    rest = block[after : after + VERSION_BYTES].lstrip(b"\r\n")
    return not rest or rest.startswith(PLAIN_MAGIC)


def _proves(digest: str, block: bytes, size: int) -> bool:
    """Whether a WARC-Block-Digest (WARC 1.1, section 5.8) is that of ``block``, all of it."""
    algorithm, _, value = digest.partition(":")
    if algorithm.lower() != "sha1" or len(block) != size:
        return False
    sha1 = hashlib.sha1(block, usedforsecurity=False)
    return value in (base64.b32encode(sha1.digest()).decode(), sha1.hexdigest())


def _pass_over(member: Member) -> None:
    """On to the next record, or to the end."""
    while True:
        window = member.peek(PIECE)
        found = _next_record(window)
        if found is not None:
            member.take(found)
            return
        if len(window) < PIECE:
            member.take(len(window))
            return
        # What could be cut off keeps the byte before it.
        member.take(PIECE - _NEXT_RECORD_BYTES - 1)


def _next_record(window: bytes) -> int | None:
    """Where a record begins: at a version line of its own, or with a field below it."""
    for found in VERSION.finditer(window):
        begin, end = found.span()
        below = window[end : end + len(_FIRST_FIELD)]
        if window[begin - 1 : begin] == b"\n" or below.upper() == _FIRST_FIELD:
            return begin
    return None


def _damaged(member: Member, offset: int, url: str | None) -> RecordAside:
    if member.fault == "truncated":
        detail = "the file ends within this record"
        return RecordAside(Outcome.TRUNCATED_RECORD, offset, url, detail)
    return RecordAside(
        Outcome.BAD_RECORD, offset, url, f"gzip member does not inflate: {member.fault}"
    )
