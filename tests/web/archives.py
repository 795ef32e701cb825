"""WARC files of every make with damage of every kind, and what must hold of reading them.

``made`` draws from any source of choices: hypothesis's, or the bytes of a fuzzer.
"""

from __future__ import annotations

import gzip
import io
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha1
from itertools import pairwise
from random import Random

from pipeline.base.outcomes import SetAside
from pipeline.web.warc import Capture, read_warc
from tests.web.warcs import HTML, gz, http, page, record

READERS = ("fastwarc", "warcio")
CAP = 200_000
QUOTED = b"<pre>\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\n</pre>"
JUNK = (
    b"\0", b"\r\n", b"\r\n\r\n", b"\n", b"text\r\n" * 9, b"\x1f\x8b\x08", b"\x1f\x8b\x08\0" * 9,
    b"WARC/1.0\r\n", b"WARC/1.0\n" * 50, b"WARC/1.0\r\nWARC-Type: response\r\n" * 9,
    b"WARC/1.0\r\nContent-Length: 9\r\n\r\n" * 9, b"Content-Length: 5\r\n", gz(b""), gz(b"x"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it is stored: its page, and where in the file its first and last bytes lie.

    Of one that shares its gzip member these are the bounds of that, or of those.
    """

    number: int
    begin: int
    end: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Archive:
    """A file, the records of which it still holds every byte, and how it was made."""

    data: bytes
    intact: tuple[Stored, ...]
    story: tuple[str, ...]


def url_of(number: int) -> str:
    # Another for each number, even where a few bytes are lost of it.
    return f"http://a.example/{number * 7_919:x}/{sha1(b'%d' % number).hexdigest()}"


def made(choose: Random) -> Archive:
    """Some records, stored in some ways, with up to three damages."""
    data = bytearray()
    stored: list[Stored] = []
    story: list[str] = []
    for number in range(choose.randrange(3, 8)):
        form = choose.choice(FORMS)
        before = len(data)
        group = [_record(choose, 10 * number + n, story) for n in range(choose.randrange(1, 4))]
        places = _stored(form, [raw for _, _, raw in group], choose, data)
        story.append(f"{form.__name__} of {len(group)} at {before}")
        stored += [
            Stored(n, begin, end, body)
            for (n, body, _), (begin, end) in zip(group, places, strict=True)
            if body
        ]
    for _ in range(choose.randrange(4)):
        stored = _damage(choose, data, stored, story)
    return Archive(bytes(data), tuple(stored), tuple(story))


def check(archive: Archive) -> None:
    """Raises AssertionError where reading breaks a promise."""
    found = {reader: _read(archive.data, reader) for reader in READERS}
    items = found["fastwarc"]
    assert items == found["warcio"], archive.story
    offsets = [item.offset for item in items if item.offset is not None]
    assert all(one < other for one, other in pairwise(offsets)), archive.story
    pages = [item for item in items if isinstance(item, Capture)]
    by_url = {item.url: item.body for item in pages}
    bodies = {item.body: item.url for item in pages}
    told = [isinstance(item, Capture) for item in items]
    for one in archive.intact:
        assert bodies.get(one.body, url_of(one.number)) == url_of(one.number), archive.story
        if by_url.get(url_of(one.number)) == one.body:
            continue
        # Then the ledger tells of bytes that hold it: the last item before it is a damage.
        at = bisect_right(offsets, one.end) - 1
        assert items[0].offset is None or not all(
            told[index] for index in range(max(bisect_right(offsets, one.begin) - 1, 0), at + 1)
        ), (one.number, archive.story)


def _read(data: bytes, reader: str) -> list[Capture | SetAside]:
    items = list(read_warc(io.BytesIO(data), reader=reader, max_page_bytes=CAP))  # type: ignore[arg-type]
    # A length is told by the next record's offset, or by the member's end.
    return [i._replace(length=None) if isinstance(i, Capture) else i for i in items]


def _record(choose: Random, number: int, story: list[str]) -> tuple[int, bytes, bytes]:
    """A record: its number, its page's body (none where it has no page), its bytes."""
    size = choose.choice((20, 300, 3_000, 40_000))
    match choose.randrange(8):
        case 0:
            return number, b"", record(b"software: x\r\n", kind="warcinfo", url=None)
        case 1:
            body = HTML + QUOTED + page(number, size)
        case 2:
            story.append(f"{number} ends its address like a version")
            body = page(number, size)
            raw = record(http(body), "X-Address: http://a.example/WARC/1.0", url=url_of(number))
            return number, body, raw
        case _:
            body = page(number, size)
    digest = choose.randrange(2) == 0
    return number, body, record(http(body), url=url_of(number), digest=digest)


# --- Ways of storing ----------------------------------------------------------


def plain(raw: list[bytes], _choose: Random) -> list[bytes]:
    return raw


def members(raw: list[bytes], _choose: Random) -> list[bytes]:
    return [gz(one) for one in raw]


def single(raw: list[bytes], _choose: Random) -> list[bytes]:
    return [gz(*raw)]


def uncompressed(raw: list[bytes], _choose: Random) -> list[bytes]:
    """Members that show what is in them."""
    return [gzip.compress(one, 0, mtime=0) for one in raw]


def cut_members(raw: list[bytes], choose: Random) -> list[bytes]:
    """Members of a size, wherever records end."""
    whole = b"".join(raw)
    size = choose.choice((90, 700, 65_536))
    return [gz(whole[at : at + size]) for at in range(0, len(whole), size)]


FORMS: tuple[Callable[[list[bytes], Random], list[bytes]], ...] = (
    plain, members, members, single, uncompressed, cut_members,
)  # fmt: skip


def _stored(
    form: Callable[[list[bytes], Random], list[bytes]],
    raw: list[bytes],
    choose: Random,
    data: bytearray,
) -> list[tuple[int, int]]:
    """Where each record lies, of those that are added to ``data``."""
    parts = form(raw, choose)
    begin = len(data)
    data += b"".join(parts)
    if len(parts) != len(raw) or form is cut_members:
        return [(begin, len(data))] * len(raw)
    places = []
    for part in parts:
        places.append((begin, begin + len(part)))
        begin += len(part)
    return places


# --- Damage -------------------------------------------------------------------


def _damage(
    choose: Random, data: bytearray, stored: list[Stored], story: list[str]
) -> list[Stored]:
    """What is left of the records after one more damage."""
    near = choose.choice(stored).begin if stored else 0
    # Most of it where it is worst: in headers, and where one record becomes another.
    at = near + choose.choice((0, choose.randrange(-8, 200), choose.randrange(max(len(data), 1))))
    at = min(max(at, 0), len(data))
    kind = choose.choice(("cut", "cut up to a record", "insert", "flip", "end"))
    inserted, removed = b"", 0
    if kind == "cut":
        removed = choose.choice((1, 2, 20, 500))
    elif kind == "cut up to a record":
        removed = min((one.begin - at for one in stored if one.begin > at), default=0)
    elif kind == "insert":
        inserted = choose.choice(JUNK)
    elif kind == "flip":
        removed = min(choose.choice((1, 4)), len(data) - at)
        inserted = bytes(byte ^ 0xA5 for byte in data[at : at + removed])
    elif at > near:
        removed = len(data) - at
    removed = min(removed, len(data) - at)
    data[at : at + removed] = inserted
    story.append(f"{kind} at {at}: -{removed} +{inserted[:20]!r}")
    shift = len(inserted) - removed
    left = []
    for one in stored:
        if one.end <= at:
            left.append(one)
        elif one.begin >= at + removed:
            left.append(Stored(one.number, one.begin + shift, one.end + shift, one.body))
    return left
