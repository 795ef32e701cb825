"""Archives of every make, damaged in every way: nothing is lost in silence or renamed."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcs import CAP, asides, captures, good, gz, http, members, outcomes, page, read, record, urls

from pipeline.base.outcomes import Outcome
from pipeline.web import warc
from pipeline.web.deadline import OutOfTime, in_time
from pipeline.web.salvage import salvaged
from pipeline.web.warc import Capture, read_warc
from tests.places import shared
from tests.web.archives import READERS, check, made

both_readers = pytest.mark.parametrize("reader", READERS)
WARCINFO = record(b"software: x\r\nformat: WARC 1.0\r\n", kind="warcinfo", url=None)
FORMS = {
    "plain": b"".join,
    "single": lambda records: gz(*records),
    "members": lambda records: members(*records),
    "pairs": lambda records: gz(*records[:2]) + gz(*records[2:]),
}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choose=st.randoms(use_true_random=False))
def test_nothing_is_lost_in_silence_or_renamed(choose: Random) -> None:
    check(made(choose))


@both_readers
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cut", [WARCINFO, good(1)], ids=["warcinfo", "response"])
def test_a_header_cut_anywhere_costs_its_own_record(cut: bytes, form: str, reader: str) -> None:
    for end in range(1, cut.index(b"\r\n\r\n") + 4):
        data = FORMS[form]([good(0), cut[:end], good(2), good(3)])
        items = read(data, reader)
        assert urls(items) == ["0", "2", "3"], end
        assert [one.body for one in captures(items)] == [page(0), page(2), page(3)], end
        assert outcomes(items) == {"bad-record": 1}, end


@both_readers
def test_an_address_that_ends_like_a_version_is_an_address(reader: str) -> None:
    url = "http://a.example/WARC/1.0"
    odd = record(http(page(7)), url=url)
    for form in FORMS.values():
        items = captures(read(form([good(0), odd, good(2), good(3)]), reader))
        assert [one.url for one in items][1] == url
        assert [one.body for one in items] == [page(0), page(7), page(2), page(3)]


@both_readers
def test_of_two_addresses_neither_is_believed(reader: str) -> None:
    two = record(http(page(1)), "warc-target-uri: http://b.example/", url="http://a.example/1")
    same = record(http(page(4)), "WARC-Target-URI: http://a.example/4", url="http://a.example/4")
    items = read(members(good(0), two, good(2), same, good(3)), reader)
    assert urls(items) == ["0", "2", "4", "3"]
    assert outcomes(items) == {"bad-record": 1}


@both_readers
def test_plain_records_and_members_come_in_any_order(reader: str) -> None:
    records = [good(n) for n in range(12)]
    for plain in (1, 0b10, 0b1011, 0b10101010101, 0b111100001111):
        parts = [raw if plain >> n & 1 else gz(raw) for n, raw in enumerate(records)]
        items = read(b"".join(parts), reader)
        assert urls(items) == [str(n) for n in range(12)]
        assert not asides(items)
        starts = [sum(map(len, parts[:n])) for n in range(12)]
        assert [(one.offset, one.length) for one in captures(items)] == [
            (start, len(part)) for start, part in zip(starts, parts, strict=True)
        ]


@both_readers
@pytest.mark.parametrize("size", [40, 100, 556, 700, 65_536])
def test_members_of_a_size_hold_all_records(reader: str, size: int) -> None:
    whole = b"".join(good(n) for n in range(8)) + record(
        http(page(8, 150_000)), url="http://a.example/8"
    )
    data = b"".join(gz(whole[at : at + size]) for at in range(0, len(whole), size))
    items = read(data, reader)
    assert [one.body for one in captures(items)] == [*map(page, range(8)), page(8, 150_000)]
    assert not asides(items)
    # One that is damaged costs what it holds, not what comes after it.
    parts = [gz(whole[at : at + size]) for at in range(0, len(whole), size)]
    if len(parts) > 12:
        parts[2] = parts[2][:-6] + bytes(6)
        items = read(b"".join(parts), reader)
        assert urls(items)[-2:] == ["7", "8"]
        assert asides(items)


@both_readers
def test_a_record_over_two_members_has_the_length_of_both(reader: str) -> None:
    raw = good(1)
    parts = [gz(good(0)), gz(raw[:60]), gz(raw[60:300]), gz(raw[300:]), gz(good(2))]
    items = captures(read(b"".join(parts), reader))
    assert [one.body for one in items] == [page(0), page(1), page(2)]
    assert items[1].offset == len(parts[0])
    assert items[1].length == sum(map(len, parts[1:4]))


@both_readers
@pytest.mark.parametrize("form", ["plain", "single", "members"])
def test_a_page_that_quotes_headers_is_a_page(reader: str, form: str) -> None:
    quotes = (
        b"\n\nWARC/1.0\nWARC-Type: response\n</pre>",
        b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\nContent-Length: 5\r\n\r\nabc</pre>",
        b"WARC/1.0\r\n" * 2_000,
    )
    for quote in quotes:
        body = page(1) + b"<pre>" + quote + b"</body></html>"
        about = record(http(body), url="http://a.example/1")
        items = read(FORMS[form]([good(0), about, good(2), good(3)]), reader)
        assert [one.body for one in captures(items)] == [page(0), body, page(2), page(3)]
        assert not asides(items)


# --- Time ---------------------------------------------------------------------

LINES = {
    "version lines": b"WARC/1.0\n",
    "lines and fields": b"WARC/1.0\r\nWARC-Type: response\r\n",
    "headers": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9\r\n\r\n",
    "headers of long records": b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 700000\r\n\r\n",
    "not at a line's beginning": b"xWARC/1.0\r\nWARC-A: b\r\n",
    "with digests": b"WARC/1.0\r\nWARC-Block-Digest: sha1:A\r\nContent-Length: 700000\r\n\r\n",
}
BETWEEN = {
    "magic numbers": b"\x1f\x8b\x08\0",
    "members": gz(b"WARC/1.0\r\n"),
    "cut members": gz(b"WARC/1.0\r\nContent-Length: 99999\r\n\r\n")[:-9],
    "members within members": b"\x1f\x8b\x08\0\0\0\0\0\0\xff\0\xff\xff\0\0WARC/1.0\r\n\r\n",
    "headers that go on": gz(b"WARC-X: y\r\n"),
}


def work(data: bytes) -> tuple[int, int]:
    """Lines of Python that reading takes, which no other process changes, and the items told."""
    lines = 0

    def count(*_: object) -> object:
        nonlocal lines
        lines += 1
        return count

    sys.settrace(count)  # type: ignore[arg-type]
    try:
        items = sum(1 for _ in salvaged(io.BytesIO(data), 0, CAP))
    finally:
        sys.settrace(None)
    return lines, items


def stretched(unit: bytes, size: int, *, between: bool) -> bytes:
    """A file with such a stretch: in a block of which the length is wrong, or between members."""
    stretch = unit * (size // len(unit))
    if between:
        return gz(good(0)) + stretch + members(good(1), good(2), good(3))
    block = http(page(9) + stretch)
    bad = record(block, url="http://a.example/9", length=len(block) + 68)
    return members(good(0), bad, good(1), good(2), good(3))


@pytest.mark.parametrize("name", [*LINES, *BETWEEN])
def test_the_work_grows_with_the_bytes_and_no_faster(name: str) -> None:
    between = name in BETWEEN
    unit = BETWEEN[name] if between else LINES[name]
    small, large = (work(stretched(unit, size, between=between)) for size in (40_000, 160_000))
    # Four times the bytes; what a file costs at most, whatever its size, comes once.
    assert large[0] < 5 * small[0]
    # One damage is told once; members are told of one by one, but not without end.
    assert large[1] <= (4 + 100 if between else 5) + 1


@both_readers
@pytest.mark.parametrize("name", LINES)
def test_lines_in_a_damaged_block_are_one_damage(name: str, reader: str) -> None:
    items = read(stretched(LINES[name], 20_000, between=False), reader)
    assert urls(items) == ["0", "1", "2", "3"]
    assert outcomes(items) == {"bad-record": 1}
    assert asides(items)[0].url == "http://a.example/9"


def test_an_iterator_that_takes_too_long_is_ended() -> None:
    def slow() -> Iterator[int]:
        yield 1
        while True:
            pass

    found = in_time(slow(), 0.2)
    assert next(found) == 1
    with pytest.raises(OutOfTime):
        next(found)


def test_time_between_two_items_is_the_readers_own() -> None:
    found = []
    for item in in_time(iter([1, 2, 3]), 0.05):
        found.append(item)
        begin = time.process_time()
        while time.process_time() - begin < 0.2:
            pass
    assert found == [1, 2, 3]


def test_a_reader_that_makes_no_progress_is_told_with_the_offset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = [gz(good(n)) for n in range(6)]
    data = b"".join(stored)

    def stalls(stream: warc.Watched, limit: int) -> Iterator[object]:
        for number, found in enumerate(warc.fastwarc_records(stream, limit)):
            while number == 3:
                # It has read no further than here.
                stream._stream.seek(sum(map(len, stored[:3])))
            yield found

    monkeypatch.setitem(warc._READERS, "fastwarc", stalls)  # type: ignore[arg-type]
    items = list(read_warc(io.BytesIO(data), max_page_bytes=CAP, max_seconds=0.2))
    # The third is held until the fourth is seen.
    assert [one.url[-1] for one in items if isinstance(one, Capture)] == ["0", "1", "3", "4", "5"]
    (aside,) = asides(items)
    assert aside.outcome is Outcome.READER_TIMEOUT
    assert aside.offset == len(stored[0]) + 1
    assert f"goes on at {sum(map(len, stored[:3]))}" in aside.detail
    assert "0.2 s of CPU" in aside.detail


# --- Real files, changed ------------------------------------------------------


def mutated(data: bytes, choose: Random) -> bytes:
    """``data`` with one to four changes of some bytes."""
    changed = bytearray(data)
    for _ in range(choose.randrange(1, 5)):
        at, size = choose.randrange(len(changed)), choose.choice((1, 2, 30, 2_000))
        match choose.randrange(4):
            case 0:
                del changed[at : at + size]
            case 1:
                changed[at:at] = choose.randbytes(size)
            case 2:
                changed[at : at + size] = changed[: len(changed[at : at + size])]
            case _:
                changed[at : at + size] = bytes(b ^ 0x55 for b in changed[at : at + size])
    return bytes(changed)


@pytest.mark.parametrize("name", ["real/whirlwind", "bad/wrong-content-length", "real/iana"])
def test_changed_real_files_are_read_alike_and_reconcile(name: str) -> None:
    data = shared("crawl", f"{name}.warc.gz").read_bytes()
    choose = Random(name)
    for _ in range(8):
        damaged = mutated(data, choose)
        one, other = (read(damaged, reader, 5_000_000) for reader in READERS)
        assert one == other
        offsets = [item.offset for item in one if item.offset is not None]
        assert offsets == sorted(set(offsets))


@both_readers
@pytest.mark.parametrize("digest", [False, True])
def test_a_record_that_the_files_end_cuts_is_truncated(reader: str, digest: bool) -> None:
    last = record(http(page(9, 20_000)), url="http://a.example/9", digest=digest)
    for form in ("plain", "single", "members"):
        data = FORMS[form]([good(0), good(1), good(2), last])
        items = read(data[:-4_000], reader)
        assert urls(items) == ["0", "1", "2"]
        assert outcomes(items) == {"truncated-record": 1}
