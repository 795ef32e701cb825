"""Reading a damaged WARC file, so that a bad record costs no other one.

A record is believed where something else bears witness to where it ends: the
next record begins there, its gzip member ends there, or its digest is right. A
version line within a header is never part of it: the header was cut short, and
another record begins. After damage, reading goes on at the next place where a
record can begin, whether that is compressed or plain, and all that is passed
over is told: what lies together is one damage, and has one entry.

The time is linear in the bytes, whatever they are: see ``_SECOND_LOOKS``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.web.headers import (
    GZIP_MAGIC,
    HEADER_STOP,
    MAX_HEADER,
    PIECE,
    PLAIN_MAGIC,
    VERSION,
    VERSION_BYTES,
    Record,
    addresses,
    declared_length,
    header_fields,
    record_of,
)
from pipeline.web.members import Stretch, next_header, next_record

#: Bytes of a block that are looked at first: a lying length costs little more than them.
_FIRST_PIECE = 16 * 1024
#: Bytes of one file that may be looked at again, beyond as many as were read: a length is
#: only found wrong by reading on, and a member by inflating it, and then all of that is read
#: once more. When they are used up, a record that seems to hold another one is no longer
#: believed, and a member no longer looked for within a damaged one.
_SECOND_LOOKS = 4 << 20
# What such a look costs: to search a block costs less than to look at each record that seems
# to begin in it, and even a short trial costs something.
_SEARCHED = 8
_SHORTEST_TRIAL = 4 * 1024
#: Entries of damage after damage, with no record between; what follows is told with the last.
_MOST_IN_A_ROW = 100
# Checksum and size behind a member's content, where what is wrong with it is found out.
_MEMBERS_TAIL = 8
_BETWEEN = b"\r\n\r\n"

Salvaged = tuple[Record, int | None] | SetAside


def salvaged(stream: BinaryIO, start: int, limit: int) -> Iterator[Salvaged]:
    """Each record from offset ``start`` on, with its length in the file, or its damage.

    ``stream`` is seekable, and read to its end; ``limit``: bytes that are kept of a block;
    offsets and lengths are in bytes of the file as stored.

    A record that does not begin its gzip member has no offset of its own: the
    n-th after the first gets the member's offset plus n, and no length. Of a
    file without any WARC record there is a single ``UNREADABLE_WARC``.
    """
    salvage = _Salvage(stream, limit)
    yield from salvage.items(start)
    if start == 0 and not salvage.records:
        yield SetAside(Outcome.UNREADABLE_WARC, f"no WARC record in {salvage.size} bytes")
    else:
        yield from salvage.damage()


@dataclass(slots=True)
class _Damage:
    """What was lost since the last record: ``first`` says how it begins.

    ``size`` counts the bytes after what ``first`` tells of, ``records`` those that seem
    to begin in them; ``garbage`` says that no record is known of at all.
    """

    first: SetAside
    size: int = 0
    records: int = 0
    garbage: bool = False

    def entry(self) -> SetAside:
        first = self.first
        if self.garbage:
            detail = f"{self.size} bytes that are no WARC record"
        elif self.size:
            detail = f"{first.detail}; {self.size} bytes after it that are no record"
            if self.records:
                detail += f", though {self.records} seem to begin there"
        else:
            return first
        return SetAside(first.outcome, detail, first.offset, first.url)


class _Salvage:
    """One reading of one file."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self.stream = stream
        self.limit = limit
        self.size = stream.seek(0, 2)
        self.records = 0
        self._next_offset = 0
        self._member = -1
        self._ordinal = 0
        self._damage: _Damage | None = None
        self._in_a_row = 0
        self._second_looks = self._trials = _SECOND_LOOKS

    def items(self, start: int) -> Iterator[Salvaged]:
        at = start
        while at < self.size:
            self.stream.seek(at)
            plain = self.stream.read(len(GZIP_MAGIC)) != GZIP_MAGIC
            stretch = Stretch(self.stream, at, plain=plain)
            self._member, self._ordinal = at, 0
            yield from self._stretch_items(stretch)
            at = self._behind(stretch)
            if at - stretch.end > _MEMBERS_TAIL:
                self._lose(stretch.end, at - stretch.end)
            if self._damage and not self._damage.garbage and self._in_a_row < _MOST_IN_A_ROW:
                self._in_a_row += 1
                yield from self.damage()

    def damage(self) -> Iterator[SetAside]:
        """What was lost since the last record, as one entry."""
        if self._damage:
            yield self._damage.entry()
        self._damage = None

    def _behind(self, stretch: Stretch) -> int:
        """Where the file goes on after all of a stretch is read."""
        if stretch.plain:
            return stretch.offset + stretch.taken
        if not stretch.fault:
            return stretch.end
        # What a damaged member swallowed may be others. Of its own stored bytes, those before
        # the fault, none is a plain record's, even if they look like one.
        again = Stretch(self.stream, stretch.member + 1, plain=True)
        passed = self._pass_over(again, lines_from=stretch.end)
        again_read = stretch.end - again.offset - passed
        if again_read > 0:
            self._second_looks -= max(again_read, _SHORTEST_TRIAL)
        if self._second_looks < 0:
            again = Stretch(self.stream, max(stretch.end, stretch.member + 1), plain=True)
            self._pass_over(again)
        return again.offset + again.taken

    def _lose(self, offset: int, size: int) -> None:
        if self._damage is None:
            first = SetAside(Outcome.BAD_RECORD, offset=offset)
            self._damage = _Damage(first, garbage=True)
        self._damage.size += size

    def _stretch_items(self, stretch: Stretch) -> Iterator[Salvaged]:
        empty = True
        while _goes_on(stretch):
            empty = False
            yield from self._next_items(stretch)
        if stretch.fault and empty:
            self._lose(stretch.offset, stretch.end - stretch.offset)

    def _next_items(self, stretch: Stretch) -> Iterator[Salvaged]:
        """What comes next: a record, after the damage before it, or more of the damage."""
        begins, member = stretch.taken, stretch.member
        first, offset = self._place(stretch)
        if not stretch.at_record():
            self._lose(offset, self._pass_over(stretch))
            return
        self.records += 1
        item = self._item(stretch, offset)
        # Reading to the member's end is what checks its checksum.
        stretch.skip_blank_lines()
        last = not stretch.peek(1)
        if isinstance(item, Record) and last and stretch.fault:
            item = _damaged(stretch, offset, item.url)
        size = stretch.taken - begins
        if isinstance(item, SetAside):
            yield from self._bad(item, size)
            return
        self._second_looks = min(self._second_looks + size, _SECOND_LOOKS)
        self._trials = min(self._trials + size, _SECOND_LOOKS)
        yield from self.damage()
        self._in_a_row = 0
        if stretch.plain:
            yield item, size
        else:
            yield item, stretch.end - member if first and last else None

    def _bad(self, item: SetAside, size: int) -> Iterator[SetAside]:
        """A record that is lost: the beginning of a damage, or more of the one before it."""
        if self._damage and not self._damage.garbage:
            self._damage.size += size
            self._damage.records += 1
            return
        yield from self.damage()
        self._damage = _Damage(item)

    def _place(self, stretch: Stretch) -> tuple[bool, int]:
        """Whether what comes begins its member, and the offset that it gets."""
        if stretch.plain:
            offset = stretch.offset + stretch.taken
        else:
            if stretch.member != self._member:
                # It begins with the rest of a record.
                self._member, self._ordinal = stretch.member, 1
            offset = stretch.member + self._ordinal
            self._ordinal += 1
        # A member may hold more records than it has bytes.
        offset = max(offset, self._next_offset)
        self._next_offset = offset + 1
        return offset == stretch.member, offset

    def _item(self, stretch: Stretch, offset: int) -> Record | SetAside:
        """The record of which the version line is next; leaves ``stretch`` behind it."""
        header, whole = next_header(stretch)
        fields = header_fields(header)
        url = fields.get("warc-target-uri")
        declared = declared_length(fields)
        if not whole or declared is None or len(addresses(header)) > 1:
            stretch.take_on(header.index(b"\n") + 1)
            self._pass_over(stretch)
            if not stretch.peek(1) and stretch.fault:
                return _damaged(stretch, offset, url)
            detail = _header_trouble(fields, whole=whole)
            return SetAside(Outcome.BAD_RECORD, detail, offset, url)
        stretch.take_on(len(header))
        digest = fields.get("warc-block-digest", "")
        begin = stretch.mark()
        left = self._second_looks
        block, size, inner = self._block(stretch, declared)
        if size == declared and _ends_here(stretch, block, size, digest, inner=inner):
            self._second_looks = left
            return record_of(offset, size, block, fields.get)
        if inner and size == declared:
            self._second_looks -= size
        cut = stretch.plain and size < declared
        stretch.rewind(begin)
        real, size = self._up_to_next_record(stretch, self.limit if digest else 0)
        if _proves(digest, real, size):
            return record_of(offset, size, real, fields.get)
        if not stretch.peek(1) and stretch.fault:
            return _damaged(stretch, offset, url)
        outcome = Outcome.BAD_RECORD
        if cut and not stretch.peek(1):
            outcome = Outcome.TRUNCATED_RECORD
        detail = f"Content-Length is {declared}, the record holds {size} bytes"
        return SetAside(outcome, detail, offset, url)

    def _block(self, stretch: Stretch, declared: int) -> tuple[bytes, int, bool]:
        """The block up to the limit, its size, and whether a record seems to begin within it.

        The size is less than ``declared`` where there is no more, or where what is
        behind such a beginning may not be looked at.
        """
        kept: list[bytes] = []
        size, step = 0, _FIRST_PIECE
        tail, inner = b"", False
        while size < declared and not (inner and self._second_looks <= 0):
            piece = stretch.take(min(declared - size, step))
            if not piece:
                if stretch.follow():
                    continue
                break
            if size < self.limit:
                kept.append(piece[: self.limit - size])
            size += len(piece)
            if inner:
                self._second_looks -= len(piece) // _SEARCHED + 1
            else:
                window = tail + piece
                inner = PLAIN_MAGIC in window and VERSION.search(window) is not None
                tail = window[-VERSION_BYTES:]
            step = min(2 * step, PIECE)
        return b"".join(kept), size, inner

    def _up_to_next_record(self, stretch: Stretch, limit: int) -> tuple[bytes, int]:
        """The block as it is: its bytes, if they are no more than ``limit``, and its size."""
        before = stretch.mark() if limit else None
        size = self._pass_over(stretch)
        if before is None or size > limit:
            return b"", size
        stretch.rewind(before)
        real = stretch.take(size).removesuffix(_BETWEEN)
        return real, len(real)

    def _pass_over(self, stretch: Stretch, lines_from: int = 0) -> int:
        return stretch.pass_over(lines_from, self._is_member)

    def _is_member(self, offset: int) -> bool:
        """Whether a gzip member begins here, whatever is in it: its checksum shows that.

        Where records go on from one member to the next, few members begin with one.
        """
        if self._trials <= 0:
            return False
        trial = Stretch(self.stream, offset, plain=False)
        while trial.take(PIECE):
            pass
        self._trials -= max(trial.end - offset, _SHORTEST_TRIAL)
        return not trial.fault


def _goes_on(stretch: Stretch) -> bool:
    """Whether more is to be read of a stretch: a plain one ends where a member begins."""
    stretch.skip_blank_lines()
    ahead = stretch.peek(len(GZIP_MAGIC))
    return bool(ahead) and not (stretch.plain and ahead.startswith(GZIP_MAGIC))


def _header_trouble(fields: dict[str, str], *, whole: bool) -> str:
    """What is wrong with a header that cannot be believed."""
    if not whole:
        return "header cut short, or without an end"
    if declared_length(fields) is None:
        return f"Content-Length is {fields.get('content-length', '')[:40]!r}"
    return "more than one WARC-Target-URI"


def _ends_here(stretch: Stretch, block: bytes, size: int, digest: str, *, inner: bool) -> bool:
    """Whether the record ends where its Content-Length says."""
    ahead = stretch.peek(VERSION_BYTES)
    rest = ahead.lstrip(b"\r\n")
    clean = not rest or rest.startswith(PLAIN_MAGIC)
    clean = clean or (stretch.plain and rest.startswith(GZIP_MAGIC))
    # What is too large to be looked through is no page, whatever it holds.
    swallowed = inner and len(block) == size and _holds_record(block)
    if clean and not swallowed:
        return True
    if digest:
        return _proves(digest, block, size)
    return not clean and not inner and ahead.startswith(_BETWEEN)


def _holds_record(block: bytes) -> bool:
    """Whether a record lies within ``block``, whole by its own length.

    What a page quotes of one does not end just where the page or another record does.
    """
    begin = next_record(block)
    while begin is not None:
        # A header reaches no further than to the next version line.
        after = next_record(block, begin + 1, beginning=False)
        last = begin + MAX_HEADER if after is None else min(after, begin + MAX_HEADER)
        stop = HEADER_STOP.search(block, begin, last)
        if stop is not None and stop[0] != b"\n":
            length = declared_length(header_fields(block[begin : stop.end()]))
            if length is not None:
                end = stop.end() + length
                rest = block[end : end + len(_BETWEEN) + VERSION_BYTES]
                if end <= len(block) and (
                    not rest.strip(b"\r\n") or rest.lstrip(b"\r\n").startswith(PLAIN_MAGIC)
                ):
                    return True
        begin = after
    return False


def _proves(digest: str, block: bytes, size: int) -> bool:
    """Whether a WARC-Block-Digest (WARC 1.1, section 5.8) is that of ``block``, all of it."""
    algorithm, _, value = digest.partition(":")
    if algorithm.lower() != "sha1" or len(block) != size:
        return False
    sha1 = hashlib.sha1(block, usedforsecurity=False)
    return value in (base64.b32encode(sha1.digest()).decode(), sha1.hexdigest())


def _damaged(stretch: Stretch, offset: int, url: str | None) -> SetAside:
    if stretch.fault == "truncated":
        detail = "the file ends within this record"
        return SetAside(Outcome.TRUNCATED_RECORD, detail, offset, url)
    detail = f"gzip member does not inflate: {stretch.fault}"
    return SetAside(Outcome.BAD_RECORD, detail, offset, url)
