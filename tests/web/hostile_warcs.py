"""WARC files that mean harm, or that a careless writer made: between healthy records, one stretch.

Each file has a healthy twin, the same without that stretch, and says what is to be told
of it.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import brotli
from fastwarc.stream_io import ZstdWriter

from tests.web.warcs import HTML, good, gz, http, page, record

MEGABYTE = 1_000_000
#: So many of them come out of a bomb.
BOMB = 2_000

Form = Literal["members", "plain", "single"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a file: ``pieces`` make one gzip member, or with ``stored`` lie there as they are.

    ``told`` is what becomes of it, item by item: outcomes, ``page`` for a capture.
    """

    pieces: Callable[[], Iterable[bytes]]
    told: tuple[str, ...]
    stored: bool = False
    healthy: bool = False


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file: its stretches, and how records are stored."""

    name: str
    stretches: tuple[Stretch, ...]
    form: Form = "members"

    def write(self, path: Path) -> list[tuple[int, str]]:
        """The file; offset and outcome of each item that is to be told of it."""
        return write_stretches(self.stretches, self.form, path)

    def write_twin(self, path: Path) -> None:
        """The file without what is wrong with it."""
        write_stretches([one for one in self.stretches if one.healthy], self.form, path)


def write_stretches(stretches: Iterable[Stretch], form: Form, path: Path) -> list[tuple[int, str]]:
    told: list[tuple[int, str]] = []
    with path.open("wb") as target:
        single = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        for stretch in stretches:
            # What shares a member is numbered, for it has no offset of its own.
            begin = len(told) if form == "single" else target.tell()
            told += [(begin + number, outcome) for number, outcome in enumerate(stretch.told)]
            if form == "single":
                for piece in stretch.pieces():
                    target.write(single.compress(piece))
            elif form == "plain" or stretch.stored:
                target.writelines(stretch.pieces())
            else:
                target.writelines(member(stretch.pieces()))
        if form == "single":
            target.write(single.flush())
    return told


def member(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as one gzip member. One that comes over and over is compressed once."""
    yield b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    packed: dict[int, bytes] = {}
    kept: list[bytes] = []
    crc = size = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        if id(piece) not in packed:
            deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            kept.append(piece)
            packed[id(piece)] = deflater.compress(piece) + deflater.flush(zlib.Z_FULL_FLUSH)
        yield packed[id(piece)]
    yield b"\x03\0" + crc.to_bytes(4, "little") + (size % (1 << 32)).to_bytes(4, "little")


# --- Stretches ----------------------------------------------------------------


def healthy(number: int) -> Stretch:
    return Stretch(lambda: [good(number)], ("page",), healthy=True)


def a_record(
    block: bytes = b"",
    *headers: str,
    told: str | tuple[str, ...] = "bad-record",
    **fields: str | int,
) -> Stretch:
    """A record of a block, with what ``record`` takes."""
    outcomes = (told,) if isinstance(told, str) else told
    url = str(fields.pop("url", "http://a.example/hostile"))
    return Stretch(lambda: [record(block, *headers, url=url, **fields)], outcomes)  # type: ignore[arg-type]


def as_it_is(data: bytes, *told: str) -> Stretch:
    return Stretch(lambda: [data], told, stored=True)


def long_record(
    before: bytes, piece: bytes, times: int, *, told: str, length: int | None = None
) -> Stretch:
    """A response of which the block is ``before`` and ``piece`` so many times."""
    size = len(before) + len(piece) * times if length is None else length
    head = record(b"", url="http://a.example/hostile", length=size).removesuffix(b"\r\n\r\n")
    return Stretch(lambda: _around(head + before, piece, times, b"\r\n\r\n"), (told,))


def long_header(before: bytes, piece: bytes, times: int, after: bytes) -> Stretch:
    """A record in the header of which ``piece`` stands so many times."""
    head, _, rest = record(http(page()), url="http://a.example/hostile").partition(b"\r\n")
    return Stretch(
        lambda: _around(head + b"\r\n" + before, piece, times, after + rest), ("bad-record",)
    )


def encoded(coding: str, body: bytes) -> Stretch:
    return a_record(http(body, f"Content-Encoding: {coding}"), told="too-large")


def _around(before: bytes, piece: bytes, times: int, after: bytes) -> Iterator[bytes]:
    yield before
    for _ in range(times):
        yield piece
    yield after


def with_line_ends(raw: bytes, *ends: bytes) -> bytes:
    """A record of which the header's lines end in turn as said."""
    head, _, block = raw.partition(b"\r\n\r\n")
    lines = [*head.split(b"\r\n"), b""]
    return b"".join(line + ends[n % len(ends)] for n, line in enumerate(lines)) + block


# --- Bombs --------------------------------------------------------------------


def packed_html(coding: str, megabytes: int) -> bytes:
    """HTML that is small as ``coding`` has it, and ``megabytes`` large."""
    piece = HTML.ljust(MEGABYTE)
    if coding == "gzip":
        return b"".join(member(_around(b"", piece, megabytes, b"")))
    if coding == "br":
        packer = brotli.Compressor(quality=0)
        return b"".join(packer.process(piece) for _ in range(megabytes)) + packer.finish()
    target = _Kept()
    writer = ZstdWriter(target)
    for _ in range(megabytes):
        writer.write(piece)
    writer.close()
    return target.getvalue()


class _Kept(io.BytesIO):
    def close(self) -> None:
        """Its bytes are wanted after the writer is closed."""


# --- Files --------------------------------------------------------------------


def among_healthy(
    name: str, *stretches: Stretch, form: Form = "members", last: bool = False
) -> Hostile:
    """The stretches in the middle of a file, or with ``last`` at its end."""
    before = [healthy(n) for n in range(4)]
    after = [] if last else [healthy(n) for n in range(4, 8)]
    return Hostile(name, (*before, *stretches, *after), form)


def lying_lengths() -> Iterator[Hostile]:
    block = http(page(99))
    lies = {
        "too great": len(block) + 700,
        "too small": len(block) - 150,
        "a byte too small": len(block) - 1,
        "nothing": 0,
        "huge": 10**15 - 1,
        "more than any number": "9" * 40,
        "negative": -5,
        "empty": "",
        "a sum": "4_2",
        "of two records": len(block) + len(good(4)),
    }
    forms: tuple[Form, ...] = ("members", "plain", "single")
    for form in forms:
        for name, length in lies.items():
            stretch = a_record(block, length=length)
            yield among_healthy(f"length {name}, {form}", stretch, form=form)
        raw = record(block, url="http://a.example/hostile")
        without = raw.replace(b"Content-Length", b"X-Length", 1)
        missing = Stretch(lambda without=without: [without], ("bad-record",))  # type: ignore[misc]
        yield among_healthy(f"length missing, {form}", missing, form=form)
        twice = a_record(block, "Content-Length: 7")
        yield among_healthy(f"two lengths, {form}", twice, form=form)
    yield among_healthy(
        "length huge at the end, plain",
        a_record(block, length=10**12, told="truncated-record"),
        form="plain",
        last=True,
    )


def chunked(*chunks: bytes, told: str) -> Stretch:
    return a_record(http(b"".join(chunks), "Transfer-Encoding: chunked"), told=told)


def lying_chunks() -> Iterator[Hostile]:
    body = page(99)
    half = len(body) // 2
    first, second = body[:half], body[half:]
    whole = b"%x\r\n%b\r\n" % (half, first)
    last = b"0\r\n\r\n"
    lies = {
        "size too great": (b"%x\r\n%b\r\n" % (10 * half, first), last),
        "size of gigabytes": (b"ffffffff\r\n%b\r\n" % body, last),
        "second size too great": (whole, b"%x\r\n%b\r\n" % (10 * half, second), last),
        "size too small": (b"%x\r\n%b\r\n" % (half - 9, first), last),
        "second size too small": (whole, b"%x\r\n%b\r\n" % (9, second), last),
        "second size negative": (whole, b"-9\r\n%b\r\n" % second, last),
        "second size no number": (whole, b"many\r\n%b\r\n" % second, last),
    }
    for name, chunks in lies.items():
        yield among_healthy(f"chunk {name}", chunked(*chunks, told="bad-http"))
    yield among_healthy("chunks without a last one", chunked(whole, told="page"))
    yield among_healthy("chunks of nothing", chunked(last, whole, told="empty-body"))
    tiny = b"".join(b"1\r\n%c\r\n" % byte for byte in HTML.ljust(100_000))
    yield among_healthy("chunks of a byte", chunked(tiny, last, told="page"))


def line_ends() -> Iterator[Hostile]:
    forms: tuple[Form, ...] = ("members", "plain", "single")
    mixes = {
        "LF": (b"\n",),
        "LF then CRLF": (b"\n", b"\r\n"),
        "CRLF then LF": (b"\r\n", b"\n"),
        "CRLF, LF last": (b"\r\n",) * 5 + (b"\n",),
    }
    for form in forms:
        for name, ends in mixes.items():
            raw = with_line_ends(good(99), *ends)
            stretch = Stretch(lambda raw=raw: [raw], ("page",))  # type: ignore[misc]
            yield among_healthy(f"{name}, {form}", stretch, stretch, form=form)
        # After an LF, the HTTP head looks like more of the WARC header, with a length of its own.
        block = http(page(99), f"Content-Length: {len(page(99))}")
        raw = with_line_ends(record(block, url="http://a.example/99"), *mixes["CRLF, LF last"])
        stretch = Stretch(lambda raw=raw: [raw], ("page",))  # type: ignore[misc]
        yield among_healthy(f"two heads in one, {form}", stretch, form=form)


def odd_kinds() -> Iterator[Hostile]:
    for kind in ("quux", "resource", "continuation", "", "response\0", "x" * 3_000):
        stretch = a_record(http(page(99)), kind=kind, told="other-record")
        yield among_healthy(f"kind {kind[:12]!r}", stretch)
    untyped = record(http(page(99))).replace(b"WARC-Type", b"X-Type")
    yield among_healthy("without a kind", Stretch(lambda: [untyped], ("other-record",)))
    two = a_record(http(page(99)), "WARC-Type: request", told="page", url="http://a.example/99")
    yield among_healthy("two kinds", two)
    upper = record(http(page(99)), url="http://a.example/99").replace(b"WARC-Type", b"warc-TYPE")
    yield among_healthy("kind in odd case", Stretch(lambda: [upper], ("page",)))


def nuls() -> Iterator[Hostile]:
    nul = b"\0" * 512
    yield among_healthy("NULs between members", as_it_is(nul, "bad-record"))
    yield among_healthy("NULs between records, plain", as_it_is(nul, "bad-record"), form="plain")
    yield among_healthy("NULs between records, single", as_it_is(nul, "bad-record"), form="single")
    yield among_healthy("NULs at the end", as_it_is(nul, "bad-record"), last=True)
    yield among_healthy("a member of NULs", Stretch(lambda: [nul * 4_000], ("bad-record",)))
    in_header = a_record(http(page(99)), "X-\0: \0", told="page", url="http://a.example/99")
    yield among_healthy("NULs in the WARC header", in_header)
    in_head = a_record(http(page(99), "X-\0: \0\0"), told="page", url="http://a.example/99")
    yield among_healthy("NULs in the HTTP head", in_head)
    in_body = a_record(http(page(99) + nul), told="page", url="http://a.example/99")
    yield among_healthy("NULs in the body", in_body)
    first = a_record(nul + http(page(99)), told="bad-http")
    yield among_healthy("NULs before the HTTP head", first)


def broken_members() -> Iterator[Hostile]:
    stored = gz(good(99))
    for name, share in {"a tenth": 0.1, "half": 0.5, "all but the end": 0.97}.items():
        cut = stored[: int(len(stored) * share)]
        yield among_healthy(f"member that ends at {name}", as_it_is(cut, "bad-record"))
    yield among_healthy(
        "last record cut", as_it_is(stored[: len(stored) // 2], "truncated-record"), last=True
    )
    plain = good(99)[:-200]
    cut_plain = as_it_is(plain, "truncated-record")
    yield among_healthy("last record cut, plain", cut_plain, form="plain", last=True)
    flipped = bytearray(stored)
    for at in range(len(stored) // 2, len(stored) // 2 + 8):
        flipped[at] ^= 0xA5
    yield among_healthy("bytes flipped", as_it_is(bytes(flipped), "bad-record"))
    yield among_healthy("a member twice packed", as_it_is(gz(stored), "bad-record"))
    yield among_healthy("an empty member", as_it_is(gz(b"")))
    yield among_healthy("a thousand empty members", as_it_is(gz(b"") * 1_000))
    yield among_healthy("empty lines in a member", as_it_is(gz(b"\r\n" * 50_000)))
    for name, garbage in {
        "text": b"text\r\n" * 99,
        "gzip's magic": b"\x1f\x8b\x08" * 5_000,
        "a member of text": gz(b"no record\r\n" * 99),
        "a version": b"WARC/1.0\r\n",
        "noise": b"".join(page(n, 2_000)[70:] for n in range(200)),
    }.items():
        yield among_healthy(f"between members: {name}", as_it_is(garbage, "bad-record"))
    empty = record(b"", url=None, kind="x")
    crowd = Stretch(lambda: [empty] * 3_000, ("other-record",) * 3_000)
    yield among_healthy("a member of 3,000 records", crowd)


def long_headers(megabytes: int) -> Iterator[Hostile]:
    line = b"x" * MEGABYTE
    lines = b"X-Header: x\r\n" * (MEGABYTE // 13)
    yield among_healthy("WARC header of one line", long_header(b"X: ", line, megabytes, b"\r\n"))
    yield among_healthy("WARC header of many lines", long_header(b"", lines, megabytes, b""))
    for name, before, piece in (("one line", b"X: ", line), ("many lines", b"", lines)):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + before
        stretch = long_record(head, piece, megabytes, told="bad-http")
        yield among_healthy(f"HTTP head of {name}", stretch)
    yield among_healthy(
        "WARC header of one line, plain",
        long_header(b"X: ", line, megabytes, b"\r\n"),
        form="plain",
    )
    endless = Stretch(lambda: _around(b"WARC/1.0\r\nX: ", line, megabytes, b""), ("bad-record",))
    yield among_healthy("WARC header without an end", endless)


def html_files() -> Iterator[Hostile]:
    """HTML that is hard on whoever parses it; each a capture where bodies may be so large."""
    words = b"<p>" + b"so many words on one line " * 400_000
    nested = HTML + b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000
    unclosed = HTML + b"<table><tr><td><b><i>" * 50_000
    attributes = HTML + b"<p " + b"".join(b"a%d=x " % n for n in range(100_000)) + b">text"
    nul = HTML + b"\0" * MEGABYTE
    for name, body in {
        "10 MB on one line": HTML + words,
        "nested 100,000 deep": nested,
        "never closed": unclosed,
        "100,000 attributes": attributes,
        "NULs": nul,
    }.items():
        stretch = a_record(http(body), told="page", url="http://a.example/hostile")
        yield among_healthy(f"HTML: {name}", stretch)


def encoded_bombs(megabytes: int) -> Iterator[Hostile]:
    bodies = {coding: packed_html(coding, megabytes) for coding in ("gzip", "br", "zstd")}
    for coding, body in bodies.items():
        yield among_healthy(f"{coding} bomb", encoded(coding, body))
    twice = b"".join(member([bodies["gzip"]]))
    yield among_healthy("gzip bomb twice packed", encoded("gzip, gzip", twice))


def member_bombs(megabytes: int) -> Iterator[Hostile]:
    piece = HTML.ljust(MEGABYTE)
    head = http(b"")
    yield among_healthy("member bomb", long_record(head, piece, megabytes, told="too-large"))
    for name, length in {"too small": 1_000, "huge": 10**14}.items():
        stretch = long_record(head, piece, megabytes, told="bad-record", length=length)
        yield among_healthy(f"member bomb, length {name}", stretch)
    nothing = Stretch(lambda: _around(b"", piece, megabytes, b""), ("bad-record",))
    yield among_healthy("member bomb without a record", nothing)
    lines = b"\r\n" * (MEGABYTE // 2)
    blank = Stretch(lambda: _around(b"", lines, megabytes, b""), ())
    yield among_healthy("member bomb of empty lines", blank)


def quick_files() -> Sequence[Hostile]:
    return [
        *lying_lengths(),
        *lying_chunks(),
        *line_ends(),
        *odd_kinds(),
        *nuls(),
        *broken_members(),
        *long_headers(3),
        among_healthy("nothing wrong, plain", form="plain"),
        among_healthy("nothing wrong, single", form="single"),
    ]
