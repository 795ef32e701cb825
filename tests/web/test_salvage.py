"""Damaged WARC files: all that can be read is, the rest is told, nothing twice."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcs import (
    CAP,
    HTML,
    asides,
    captures,
    good,
    gz,
    http,
    members,
    outcomes,
    page,
    read,
    record,
    urls,
)

from pipeline.web.warc import read_warc
from tests.places import SHARED

CRAWL = SHARED / "crawl"
both_readers = pytest.mark.parametrize("reader", ["fastwarc", "warcio"])


def flipped(data: bytes, at: int, count: int = 8) -> bytes:
    damaged = bytearray(data)
    for index in range(at, at + count):
        damaged[index] ^= 0xA5
    return bytes(damaged)


@both_readers
def test_a_cut_file_loses_the_record_that_was_cut(reader: str) -> None:
    data = members(good(1), good(2), good(3))
    start = len(gz(good(1))) + len(gz(good(2)))
    for end in (start + 30, start + 120, len(data) - 9, len(data) - 1):
        items = read(data[:end], reader)
        assert urls(items) == ["1", "2"]
        (aside,) = asides(items)
        assert aside.offset == start
        # Of the shortest cut nothing inflates that could be called a record.
        assert str(aside.outcome) == ("bad-record" if end == start + 30 else "truncated-record")


@both_readers
def test_a_corrupt_member_costs_itself_only(reader: str) -> None:
    one, two, three = gz(good(1)), gz(good(2)), gz(good(3))
    for at in (4, 40, len(two) // 2, len(two) - 12, len(two) - 8):
        items = read(one + flipped(two, at, 4) + three, reader)
        if at == 4:  # the time stamp in gzip's header
            assert urls(items) == ["1", "2", "3"]
            continue
        assert urls(items) == ["1", "3"]
        assert outcomes(items) == {"bad-record": 1}
        assert asides(items)[0].offset == len(one)


@both_readers
def test_the_first_member_may_be_the_corrupt_one(reader: str) -> None:
    items = read(flipped(gz(good(1)), 60) + members(good(2), good(3)), reader)
    assert urls(items) == ["2", "3"]
    assert outcomes(items) == {"bad-record": 1}


@both_readers
def test_a_member_that_ends_early_in_mid_file_costs_itself_only(reader: str) -> None:
    one, two = gz(good(1)), gz(good(2))
    items = read(one + two[: len(two) // 2] + members(good(3), good(4)), reader)
    assert urls(items) == ["1", "3", "4"]
    assert [(str(a.outcome), a.offset) for a in asides(items)] == [("bad-record", len(one))]


@both_readers
@pytest.mark.parametrize(
    "garbage", [b"\0" * 512, b"\x1f\x8b\x08" * 40, b"text\r\n" * 9, gz(b"no record"), b"WARC/1.0"]
)
def test_garbage_between_members_is_told_and_passed_over(reader: str, garbage: bytes) -> None:
    one = gz(good(1))
    items = read(one + garbage + members(good(2), good(3)) + garbage, reader)
    assert urls(items) == ["1", "2", "3"]
    assert [str(aside.outcome) for aside in asides(items)] == ["bad-record"] * 2
    assert asides(items)[0].offset == len(one)


@both_readers
def test_an_empty_member_hides_nothing(reader: str) -> None:
    items = read(gz(good(1)) + gz(b"") + members(good(2), good(3)), reader)
    assert urls(items) == ["1", "2", "3"]
    assert not asides(items)


@both_readers
@pytest.mark.parametrize("by", [700, 9_000_000, -150, -1])
def test_a_lying_length_costs_at_most_its_own_record(reader: str, by: int) -> None:
    def lie(number: int, *, digest: bool) -> bytes:
        block = http(page(number))
        url = f"http://a.example/{number}"
        return record(block, url=url, length=len(block) + by, digest=digest)

    packed = [members(good(1), lie(2, digest=digest), good(3), good(4)) for digest in (False, True)]
    for data in (packed[0], gzip.decompress(packed[0])):
        items = read(data, reader)
        assert urls(items) == ["1", "3", "4"]
        assert outcomes(items) == {"bad-record": 1}
        assert asides(items)[0].url == "http://a.example/2"
    # The digest shows that the record is whole, whatever its length says.
    for data in (packed[1], gzip.decompress(packed[1])):
        items = read(data, reader)
        assert [capture.body for capture in captures(items)] == [page(n) for n in (1, 2, 3, 4)]
        assert not asides(items)


@both_readers
@pytest.mark.parametrize("kind", ["response", "request"])
@pytest.mark.parametrize("stored", [members, lambda *records: b"".join(records)])
def test_a_length_that_swallows_the_next_record_whole(
    reader: str, stored: Callable[..., bytes], kind: str
) -> None:
    block = http(page(2))
    lie = record(block, url="http://a.example/2", length=len(block) + len(good(3)), kind=kind)
    items = read(stored(good(1), lie, good(3), good(4)), reader)
    assert urls(items) == ["1", "3", "4"]
    assert outcomes(items) == {"bad-record": 1}


@both_readers
@pytest.mark.parametrize("length", ["", "x12", "-5", "1e3", "9" * 40, "\u0663"])
def test_a_length_that_is_none_costs_its_own_record(reader: str, length: str) -> None:
    bad = record(http(page(2)), url="http://a.example/2", length="LENGTH").replace(
        b"LENGTH", length.encode()
    )
    for data in (members(good(1), bad, good(3)), good(1) + bad + good(3)):
        items = read(data, reader)
        assert urls(items) == ["1", "3"]
        assert outcomes(items) == {"bad-record": 1}


@both_readers
def test_a_header_without_bounds_costs_its_own_record(reader: str) -> None:
    bad = good(2).replace(b"WARC-Date", b"X: " + b"x" * 3_000_000 + b"\r\nWARC-Date")
    for data in (members(good(1), bad, good(3)), good(1) + bad + good(3)):
        items = read(data, reader)
        assert urls(items) == ["1", "3"]
        assert outcomes(items) == {"bad-record": 1}


@both_readers
def test_records_that_share_a_member_have_offsets_of_their_own(reader: str) -> None:
    single = gz(*(good(n) for n in range(5)))
    items = captures(read(single, reader))
    assert [capture.body for capture in items] == [page(n) for n in range(5)]
    assert [capture.offset for capture in items] == [0, 1, 2, 3, 4]
    assert {capture.length for capture in items} == {None}
    pairs = gz(good(0), good(1)) + gz(good(2), good(3)) + gz(good(4))
    paired = captures(read(pairs, reader))
    assert [capture.body for capture in paired] == [page(n) for n in range(5)]
    assert [capture.length for capture in paired] == [None] * 4 + [len(gz(good(4)))]
    second = len(gz(good(0), good(1)))
    third = len(pairs) - len(gz(good(4)))
    assert [capture.offset for capture in paired] == [0, 1, second, second + 1, third]


@both_readers
def test_damage_in_the_middle_of_a_single_member_spares_what_came_before(reader: str) -> None:
    records = [good(n) for n in range(40)]
    single = gz(*records)
    items = read(flipped(single, len(single) // 2), reader)
    bodies = [capture.body for capture in captures(items)]
    assert bodies == [page(n) for n in range(len(bodies))]
    assert 17 <= len(bodies) <= 21
    assert outcomes(items) == {"bad-record": 1}


@both_readers
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello world\n" * 500,
        gz(b"hello world\n" * 500),
        b"\0" * 1000,
        gz(b""),
        gz(good(1))[:12],
        b"WARC/ is a format",
        bytes(range(256)) * 40,
    ],
)
def test_a_file_without_any_record_is_one_unreadable_warc(reader: str, data: bytes) -> None:
    (aside,) = asides(read(data, reader))
    assert str(aside.outcome) == "unreadable-warc"
    assert aside.offset is None


@both_readers
def test_plain_files_resume_at_the_next_record(reader: str) -> None:
    data = b"junk\r\n" + good(1) + b"\0" * 300 + b"\r\n" + good(2) + b"more\n" + good(3)
    items = read(data, reader)
    assert urls(items) == ["1", "2", "3"]
    assert outcomes(items) == {"bad-record": 3}
    assert asides(items)[0].offset == 0
    cut = read(data[:-200], reader)
    assert urls(cut) == ["1", "2"]
    assert outcomes(cut) == {"bad-record": 3, "truncated-record": 1}


def bomb(name: str, size: int) -> bytes:
    if name == "br":
        packer = brotli.Compressor(quality=1)
        packed = b"".join(packer.process(HTML.ljust(1_000_000)) for _ in range(size // 1_000_000))
        return packed + packer.finish()
    deflater = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    pieces = [deflater.compress(HTML.ljust(1_000_000)) for _ in range(size // 1_000_000)]
    return b"".join(pieces) + deflater.flush()


@both_readers
@pytest.mark.parametrize("name", ["gzip", "br"])
def test_bombs_are_set_aside_in_little_memory(reader: str, name: str) -> None:
    block = http(bomb(name, 100_000_000), f"Content-Encoding: {name}")
    data = members(good(1), record(block, url="http://a.example/bomb"), good(3))
    stream = io.BytesIO(data)
    tracemalloc.start()
    items = list(read_warc(stream, reader=reader, max_page_bytes=CAP))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert urls(items) == ["1", "3"]
    assert outcomes(items) == {"too-large": 1}
    assert peak < 10_000_000


@cache
def short_of_its_length() -> bytes:
    """A member of 300 MB that says it holds a little more."""
    size = 300_000_000
    deflater = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    head = record(b"", url="http://a.example/bomb", length=size).removesuffix(b"\r\n\r\n")
    pieces = [deflater.compress(head)]
    pieces += [deflater.compress(bytes(1_000_000)) for _ in range(size // 1_000_000 - 1)]
    return b"".join(pieces) + deflater.flush()


@both_readers
def test_a_member_that_is_a_bomb_is_read_in_little_memory(reader: str) -> None:
    data = gz(good(1)) + short_of_its_length() + gz(good(3))
    tracemalloc.start()
    items = read(data, reader)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert urls(items) == ["1", "3"]
    assert outcomes(items) == {"bad-record": 1}
    # warcio inflates all that 16 KB hold at once.
    assert peak < (90_000_000 if reader == "warcio" else 15_000_000)


@both_readers
def test_an_error_of_the_disk_is_no_damage(reader: str) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 100_000:
                raise OSError("input/output error")
            return super().read(size)

    stream = Failing(members(*(good(n) for n in range(900))))
    with pytest.raises(OSError, match="input/output error"):
        list(read_warc(stream, reader=reader, max_page_bytes=CAP))


RECORDS = [good(n) for n in range(6)]
STORED = {"members": members(*RECORDS), "plain": b"".join(RECORDS), "single": gz(*RECORDS)}
STORED["pairs"] = b"".join(gz(*RECORDS[at : at + 2]) for at in (0, 2, 4))


@settings(max_examples=150)
@given(
    name=st.sampled_from(sorted(STORED)),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.binary(max_size=40), st.integers(0, 40)), max_size=3
    ),
)
def test_any_damage_costs_no_other_page(name: str, cuts: list[tuple[float, bytes, int]]) -> None:
    data = STORED[name]
    for where, inserted, removed in cuts:
        at = int(where * len(data))
        data = data[:at] + inserted + data[at + removed :]
    items = read(data, "fastwarc")
    if name != "plain":
        # Without a checksum, each reader has its own mind on a damaged header.
        assert items == read(data, "warcio")
    offsets = [item.offset for item in items if item.offset is not None]
    assert offsets == sorted(set(offsets))
    if name in ("members", "plain"):
        # Each cut can touch two records, and makes no page that was not there.
        true = [page(n) for n in range(6)]
        bodies = [capture.body for capture in captures(items)]
        intact = [body for body in bodies if body in true]
        assert intact == [body for body in true if body in intact]
        assert len(intact) >= 6 - 2 * len(cuts)


def files() -> list[Path]:
    return sorted([*CRAWL.glob("bad/*"), *CRAWL.glob("real/*"), *CRAWL.glob("small-*.warc.gz")])


@pytest.mark.skipif(not CRAWL.exists(), reason="the real data are not here: no ../shared/crawl")
@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_both_readers_agree_on_real_files(path: Path) -> None:
    data = path.read_bytes()
    assert read(data, "fastwarc", 5_000_000) == read(data, "warcio", 5_000_000)


@pytest.mark.skipif(not CRAWL.exists(), reason="the real data are not here: no ../shared/crawl")
@pytest.mark.parametrize(
    ("name", "pages", "damage"),
    [
        ("bad/truncated-member", 11, {"truncated-record": 1}),
        ("bad/wrong-content-length", 8, {}),
        ("bad/corrupt-member", 5, {"bad-record": 1}),
        ("bad/garbage-between-members", 4, {"bad-record": 1}),
        ("bad/single-gzip-member", 6, {}),
        ("small-00000", 300, {}),
    ],
)
def test_what_real_files_hold(name: str, pages: int, damage: dict[str, int]) -> None:
    items = read((CRAWL / f"{name}.warc.gz").read_bytes(), cap=5_000_000)
    assert len(captures(items)) == pages
    assert outcomes(items) == damage | {"warcinfo": 1}


@pytest.mark.skipif(not CRAWL.exists(), reason="the real data are not here: no ../shared/crawl")
def test_every_record_of_an_old_crawl_is_accounted_for() -> None:
    items = read((CRAWL / "real/aut-example.warc.gz").read_bytes(), cap=5_000_000)
    assert len(captures(items)) == 94
    assert outcomes(items) == {
        "warcinfo": 1, "request": 261, "metadata": 261, "not-http": 38,
        "robots-txt": 38, "http-status": 42, "not-html": 87,
    }  # fmt: skip
