"""Hostile WARC files: what is wrong is told, all else is read, in little memory, by any reader."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.config.settings import Extract
from pipeline.config.sources import Read
from pipeline.extract.warc_rows import extract_warc
from pipeline.web.http import MAX_HEAD
from pipeline.web.listing import WarcFile
from pipeline.web.salvage import salvaged
from pipeline.web.warc import Capture, _judged, read_warc
from tests.places import SHARED
from tests.web.hostile_warcs import (
    BOMB,
    Hostile,
    among_healthy,
    as_it_is,
    encoded_bombs,
    healthy,
    html_files,
    long_header,
    long_headers,
    member_bombs,
    nuls,
    quick_files,
    with_line_ends,
    write_stretches,
)
from tests.web.reading import CAP, READERS, Item, Told, read_apart, read_file, told_of
from tests.web.warcs import good, gz, http, page, record

#: Bytes that reading may take, whatever the file.
MEMORY = 1_000_000_000
#: A page of 10 MB is one where the settings say so.
LARGE = 20_000_000


def is_healthy(url: str) -> bool:
    """Whether it is one of those that ``healthy`` numbers."""
    return len(url.rpartition("/")[2]) == 1


def captures(items: Iterable[Item]) -> list[Capture]:
    """Without offsets and lengths, which are those of the file."""
    return [one._replace(offset=0, length=None) for one in items if isinstance(one, Capture)]


def check(hostile: Hostile, folder: Path, cap: int = CAP) -> None:
    """Each reader tells exactly what there is to tell, and reads all that the twin holds."""
    path, twin = folder / "hostile.warc.gz", folder / "healthy.warc.gz"
    told = hostile.write(path)
    hostile.write_twin(twin)
    found = {reader: list(read_file(path, reader, cap)) for reader in READERS}
    for reader, items in found.items():
        assert [told_of(item) for item in items] == told, reader
        spared = [one for one in captures(items) if is_healthy(one.url)]
        assert spared == captures(read_file(twin, reader, cap)), reader
        assert all(item.detail for item in items if told_of(item)[1] == "bad-record")
    # Not even of damage do the two tell differently.
    one, other = (
        [item._replace(length=None) if isinstance(item, Capture) else item for item in items]
        for items in found.values()
    )
    assert one == other


def check_apart(hostile: Iterable[Hostile], folder: Path, readers: Iterable[str] = READERS) -> None:
    """The same of files that are large inside, in processes that take little memory."""
    told: dict[Path, list[Told]] = {}
    for number, one in enumerate(hostile):
        path = folder / f"{number}.warc.gz"
        told[path] = list(one.write(path))
    for reader in readers:
        peak, found = read_apart(reader, told)
        assert found == list(told.values())
        assert peak < MEMORY


@pytest.mark.parametrize("hostile", quick_files(), ids=lambda hostile: hostile.name)
def test_only_what_is_wrong_is_lost(hostile: Hostile, tmp_path: Path) -> None:
    check(hostile, tmp_path)


@pytest.mark.parametrize("hostile", list(html_files()), ids=lambda hostile: hostile.name)
def test_hostile_html_is_a_capture_as_any_other(hostile: Hostile, tmp_path: Path) -> None:
    check(hostile, tmp_path, LARGE)


def test_html_over_the_limit_is_set_aside(tmp_path: Path) -> None:
    (hostile,) = (one for one in html_files() if "10 MB" in one.name)
    path = tmp_path / "x.warc.gz"
    hostile.write(path)
    for reader in READERS:
        outcomes = [told_of(item)[1] for item in read_file(path, reader)]
        assert outcomes == ["page"] * 4 + ["too-large"] + ["page"] * 4


@pytest.mark.process
def test_no_small_file_takes_much_memory(tmp_path: Path) -> None:
    check_apart(quick_files(), tmp_path)


@pytest.mark.process
def test_headers_of_100_megabytes_cost_one_record(tmp_path: Path) -> None:
    check_apart(long_headers(100), tmp_path)


@pytest.mark.process
def test_bodies_that_become_2_gigabytes_cost_one_record(tmp_path: Path) -> None:
    check_apart(encoded_bombs(BOMB), tmp_path)


@pytest.mark.process
def test_a_member_of_2_gigabytes_costs_one_record(tmp_path: Path) -> None:
    check_apart([next(member_bombs(BOMB))], tmp_path, ["fastwarc"])


@pytest.mark.slow
@pytest.mark.parametrize("hostile", list(member_bombs(BOMB)), ids=lambda hostile: hostile.name)
def test_members_of_2_gigabytes_cost_one_record(hostile: Hostile, tmp_path: Path) -> None:
    check_apart([hostile], tmp_path)


@pytest.mark.slow
def test_a_header_of_100_megabytes_of_noise(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(1 << 20).hex().encode()
    stretch = long_header(b"X: ", noise, 50, b"\r\n")
    check_apart([among_healthy("noise", stretch)], tmp_path)


# --- Through the sandbox ------------------------------------------------------

#: What may become of the page that means harm; nothing else may happen.
HARM = {
    "HTML: 10 MB on one line": {"page"},
    "HTML: nested 100,000 deep": {"too-deep", "extractor-timeout", "extractor-crashed"},
    "HTML: never closed": {"too-deep"},
    "HTML: 100,000 attributes": {"too-deep"},
    "HTML: NULs": {"no-text"},
}


@pytest.mark.process
@pytest.mark.parametrize("hostile", list(html_files()), ids=lambda hostile: hostile.name)
def test_only_the_hostile_page_is_set_aside(hostile: Hostile, tmp_path: Path) -> None:
    told = hostile.write(tmp_path / "a.warc.gz")
    # The nested one takes whatever it is given.
    seconds = 2 if "nested" in hostile.name else Extract().max_page_seconds
    rows, (outcome,) = extracted(tmp_path / "a.warc.gz", told[4][0], seconds)
    assert outcome in HARM[hostile.name]
    twin_folder = tmp_path / "twin"
    twin_folder.mkdir()
    hostile.write_twin(twin_folder / "a.warc.gz")
    assert rows == extracted(twin_folder / "a.warc.gz", -1)[0]


@pytest.mark.process
def test_a_bomb_is_set_aside_before_the_sandbox(tmp_path: Path) -> None:
    hostile = next(encoded_bombs(50))
    told = hostile.write(tmp_path / "a.warc.gz")
    rows, outcomes = extracted(tmp_path / "a.warc.gz", told[4][0])
    assert len(rows) == 8
    assert outcomes == ["too-large"]


@pytest.mark.process
@pytest.mark.parametrize("name", ["NULs in the body", "NULs in the HTTP head"])
def test_pages_with_nuls_are_pages(name: str, tmp_path: Path) -> None:
    (hostile,) = (one for one in nuls() if one.name == name)
    told = hostile.write(tmp_path / "a.warc.gz")
    assert extracted(tmp_path / "a.warc.gz", told[4][0])[1] == ["page"]


def extracted(
    path: Path, hostile_at: int, seconds: float = Extract().max_page_seconds
) -> tuple[list[tuple[str, str]], list[str]]:
    """Addresses and texts of the pages, and what became of the record at an offset.

    Also checks that the ledger accounts for every record.
    """
    extract = Extract(max_page_bytes=LARGE, max_page_seconds=seconds, min_words=1)
    warc = WarcFile(path.name, str(path), path.stat().st_size, "")
    pages: list[tuple[str, str]] = []
    outcomes: list[str] = []
    counts: dict[str, int] = {}
    aside = 0
    for row in extract_warc(warc, "hostile", extract, Read()):
        if row["table"] == "pages":
            if row["warc_offset"] == hostile_at:
                outcomes.append("page")
            else:
                pages.append((row["url"], row["text"]))
        elif row["kind"] == "count":
            counts[row["outcome"]] = row["records"]
        else:
            aside += 1
            assert row["warc_offset"] == hostile_at
            outcomes.append(row["outcome"])
    assert counts["read"] == len(pages) + outcomes.count("page") + aside
    assert counts["read"] == sum(counts.values()) - counts["read"]
    return pages, outcomes


# --- Both readers, and neither ------------------------------------------------


def carefully(data: bytes, cap: int) -> list[Item]:
    """What salvage alone tells of a file: for the fast ways, no more and no less is right."""
    items = salvaged(io.BytesIO(data), 0, cap + 2 * MAX_HEAD)
    return [one if isinstance(one, SetAside) else _judged(*one, cap) for one in items]


def read_all(data: bytes, reader: str, cap: int) -> list[Item]:
    with contextlib.redirect_stderr(io.StringIO()):
        return list(read_warc(io.BytesIO(data), reader=reader, max_page_bytes=cap))  # type: ignore[arg-type]


def files() -> Iterator[object]:
    crawl = SHARED / "crawl"
    for path in sorted([*crawl.glob("bad/*"), *crawl.glob("real/*"), *crawl.glob("small-*.gz")]):
        yield pytest.param(path, id=path.name)
    for path in sorted(crawl.glob("part-*.warc.gz")):
        yield pytest.param(path, id=path.name, marks=pytest.mark.slow)


@pytest.mark.skipif(not SHARED.exists(), reason="the real data are not here: no ../shared/crawl")
@pytest.mark.parametrize("path", list(files()))
def test_real_files_are_read_as_carefully_by_the_fast_ways(path: Path) -> None:
    data = path.read_bytes()
    expected = carefully(data, CAP)
    for reader in READERS:
        assert read_all(data, reader, CAP) == expected


@pytest.mark.process
@pytest.mark.skipif(not SHARED.exists(), reason="the real data are not here: no ../shared/crawl")
@pytest.mark.parametrize("reader", READERS)
def test_real_files_are_read_in_little_memory(reader: str) -> None:
    crawl = SHARED / "crawl"
    paths = [*crawl.glob("bad/*"), *crawl.glob("real/*"), *crawl.glob("*.warc.gz")]
    assert read_apart(reader, paths)[0] < MEMORY


def changed(raw: bytes, change: str) -> bytes:
    """A record that somebody wrote differently, or wrongly."""
    head, blank, block = raw.partition(b"\r\n\r\n")
    match change:
        case "LF":
            return head.replace(b"\r\n", b"\n") + b"\n\n" + block
        case "LF last":
            return head + b"\r\n\n" + block
        case "CRLF last":
            return head + b"\n\r\n" + block
        case "LF mixed":
            return with_line_ends(raw, b"\r\n", b"\n", b"\r\n", b"\r\n", b"\n")
        case "LF after":
            return raw.removesuffix(b"\r\n\r\n") + b"\n\n"
        case "nothing after":
            return raw.removesuffix(b"\r\n\r\n")
        case "LF block":
            return head + blank + block.replace(b"\r\n", b"\n")
        case "odd case":
            return raw.replace(b"WARC-T", b"warc-t")
        case "two kinds":
            return raw.replace(b"WARC-Type", b"WARC-Type: request\r\nWARC-Type")
        case "two lengths":
            return raw.replace(b"Content-Length", b"Content-Length: 7\r\nContent-Length", 1)
        case "signed":
            return raw.replace(b"Content-Length: ", b"Content-Length: +", 1)
        case "zeros":
            return raw.replace(b"Content-Length: ", b"Content-Length: 00", 1)
        case "folded":
            return raw.replace(b"WARC-Date: ", b"WARC-Date:\r\n\t ")
        case "no UTF-8":
            return raw.replace(b"a.example/", b"a.example/ \xff \xe4")
        case "angle brackets":
            return raw.replace(b"WARC-Target-URI: ", b"WARC-Target-URI: <").replace(
                b"\r\nContent-L", b">\r\nContent-L", 1
            )
        case "no colon":
            return raw.replace(b"WARC-Date", b"X\0: \0\r\nno colon\r\nWARC-Date")
        case "blank line first":
            return raw.replace(b"\r\n", b"\r\n\n", 1)
        case version if version.startswith("WARC/"):
            return raw.replace(b"WARC/1.0", version.encode(), 1)
    return raw


CHANGES = (
    "LF", "LF last", "CRLF last", "LF mixed", "LF after", "nothing after", "LF block", "odd case",
    "two kinds", "two lengths", "signed", "zeros", "folded", "no UTF-8", "angle brackets",
    "no colon", "blank line first", "WARC/1.1", "WARC/0.18", "WARC/2.0", "warc/1.0", "WARC/1.0 ",
    "WARC/1", "none", "none", "none",
)  # fmt: skip


def plain_page(n: int) -> bytes:
    return http(page(n))


def page_about_warc(n: int) -> bytes:
    return http(page(n) + b"\n\nWARC/1.0\r\nWARC-Type: x\r\nContent-Length: 3\r\n\r\nabc</pre>")


def written(n: int, kind: str) -> bytes:
    """A record of a healthy kind, or that lies about its length."""
    url = f"http://a.example/{n}"
    match kind:
        case "page with a length":
            block = http(page(n), f"Content-Length: {len(page(n))}")
            return record(block, url=url, digest=True)
        case "request":
            return record(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", url=url, kind="request")
        case "post":
            post = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd"
            return record(post, url=url, kind="request")
        case "nothing":
            return record(b"", url=url, kind="revisit")
        case "dns":
            return record(b"203.0.113.1\n", url="dns:a.example")
        case "swallows the next":
            return record(plain_page(n), url=url, length=len(plain_page(n)) + len(good(1)))
        case "too short":
            return record(plain_page(n), url=url, length=len(plain_page(n)) - 30)
        case "about WARC":
            return record(page_about_warc(n), url=url)
    return good(n)


KINDS = (
    "page", "page", "page with a length", "request", "post", "nothing", "dns",
    "swallows the next", "too short", "about WARC",
)  # fmt: skip


@settings(max_examples=250)
@given(
    file=st.lists(
        st.tuples(st.sampled_from(KINDS), st.sampled_from(CHANGES)), min_size=3, max_size=6
    ),
    form=st.sampled_from(["members", "plain", "single", "pairs"]),
)
def test_the_fast_ways_tell_no_more_and_no_less(file: list[tuple[str, str]], form: str) -> None:
    records = [changed(written(n, kind), change) for n, (kind, change) in enumerate(file)]
    size = {"members": 1, "pairs": 2}.get(form, len(records))
    groups = [records[at : at + size] for at in range(0, len(records), size)]
    data = b"".join(records) if form == "plain" else b"".join(gz(*group) for group in groups)
    expected = carefully(data, CAP)
    for reader in READERS:
        assert read_all(data, reader, CAP) == expected


def test_a_crowded_member_gives_no_offset_twice(tmp_path: Path) -> None:
    # Its records outnumber its bytes, and more members follow.
    crowd = gz(record(b"", url=None, kind="x") * 5_000)
    assert len(crowd) < 2_500
    path = tmp_path / "x.warc.gz"
    stretches = [as_it_is(crowd), healthy(1), healthy(2), as_it_is(crowd)]
    write_stretches(stretches, "members", path)
    for reader in READERS:
        items = list(read_file(path, reader))
        offsets = [item.offset for item in items]
        assert len(items) == 10_002
        assert len(set(offsets)) == 10_002
        assert [one.url for one in captures(items)] == ["http://a.example/1", "http://a.example/2"]


def test_every_reason_is_of_the_closed_list() -> None:
    told = {outcome for one in quick_files() for part in one.stretches for outcome in part.told}
    assert told <= {str(outcome) for outcome in Outcome}
    assert {"bad-record", "truncated-record", "bad-http", "other-record", "empty-body"} <= told
