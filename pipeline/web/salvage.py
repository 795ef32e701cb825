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
from pipeline.web.members import PIECE, Member, next_member
from pipeline.web.records import (
    GZIP_MAGIC,
    MAX_HEADER,
    PLAIN_MAGIC,
    RESPONSE,
    SWALLOWED,
    VERSION,
    VERSION_BYTES,
    Record,
    RecordAside,
)

_NEXT_RECORD = re.compile(rb"\n(?=WARC/\d\.\d{1,2}\r?\n)")
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_MAX_LENGTH_DIGITS = 15

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
            offset = member.offset + (begins if member.plain else ordinal)
            ordinal += 1
            if not VERSION.match(member.peek(VERSION_BYTES)):
                _pass_over(member)
                self._lose(offset, member.taken - begins)
                continue
            self.records += 1
            yield from self.passed_over()
            item = self._item(member, offset)
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

    def _item(self, member: Member, offset: int) -> Record | RecordAside:
        """The record of which the version line is next; leaves ``member`` behind it."""
        header = _header(member)
        fields = _fields(header)
        url = fields.get("warc-target-uri")
        length = fields.get("content-length", "")
        if not (length.isdecimal() and length.isascii() and len(length) <= _MAX_LENGTH_DIGITS):
            _pass_over(member)
            if member.fault and not member.peek(1):
                return _damaged(member, offset, url)
            detail = f"Content-Length is {length[:40]!r}" if header else "header without an end"
            return RecordAside(Outcome.BAD_RECORD, offset, url, detail)
        declared = int(length)
        digest = fields.get("warc-block-digest", "")
        begins = member.taken
        block = member.take(min(declared, self.limit))
        size = len(block) + member.skip(declared - len(block))
        if size < declared and member.fault:
            return _damaged(member, offset, url)
        if size < declared or not _ends_here(member, block, size, digest):
            cut = member.plain and size < declared
            member.rewind(begins)
            real, size = self._up_to_next_record(member)
            if not _proves(digest, real, size):
                if member.fault and not member.peek(1):
                    return _damaged(member, offset, url)
                outcome = Outcome.BAD_RECORD
                if cut and not member.peek(1):
                    outcome = Outcome.TRUNCATED_RECORD
                detail = f"Content-Length is {declared}, the record holds {size} bytes"
                return RecordAside(outcome, offset, url, detail)
            block = real
        kind = fields.get("warc-type", "").lower()
        return Record(
            offset=offset,
            kind=kind,
            length=size,
            block=block if kind == RESPONSE else b"",
            url=url,
            date=fields.get("warc-date"),
            identified_type=fields.get("warc-identified-payload-type"),
            truncated=fields.get("warc-truncated"),
        )

    def _up_to_next_record(self, member: Member) -> tuple[bytes, int]:
        """The block as it is: its bytes up to the limit, and its size."""
        window = member.peek(self.limit)
        found = _NEXT_RECORD.search(window)
        begins = member.taken
        if found is None:
            _pass_over(member)
        else:
            member.take(found.end())
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


def _fields(header: bytes) -> dict[str, str]:
    lines = header.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ")
    fields: dict[str, str] = {}
    for line in lines.split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _ends_here(member: Member, block: bytes, size: int, digest: str) -> bool:
    """Whether the record ends where its Content-Length says."""
    ahead = member.peek(VERSION_BYTES)
    rest = ahead.lstrip(b"\r\n")
    clean = not rest or rest.startswith(PLAIN_MAGIC)
    if clean and not (member.plain and SWALLOWED in block):
        return True
    if digest:
        return _proves(digest, block, size)
    return not clean and ahead.startswith(b"\r\n\r\n")


def _proves(digest: str, block: bytes, size: int) -> bool:
    """Whether a WARC-Block-Digest (WARC 1.1, section 5.8) is that of ``block``, all of it."""
    algorithm, _, value = digest.partition(":")
    if algorithm.lower() != "sha1" or len(block) != size:
        return False
    sha1 = hashlib.sha1(block, usedforsecurity=False)
    return value in (base64.b32encode(sha1.digest()).decode(), sha1.hexdigest())


def _pass_over(member: Member) -> None:
    """On to the next line that begins a record, or to the end."""
    while True:
        window = member.peek(PIECE)
        if found := _NEXT_RECORD.search(window):
            member.take(found.end())
            return
        if len(window) < PIECE:
            member.take(len(window))
            return
        member.take(PIECE - VERSION_BYTES)


def _damaged(member: Member, offset: int, url: str | None) -> RecordAside:
    if member.fault == "truncated":
        detail = "the file ends within this record"
        return RecordAside(Outcome.TRUNCATED_RECORD, offset, url, detail)
    return RecordAside(
        Outcome.BAD_RECORD, offset, url, f"gzip member does not inflate: {member.fault}"
    )
