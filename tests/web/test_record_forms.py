"""Records as crawlers and servers really write them: pages, or set aside for what they are."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.web.warc import Capture
from tests.places import PROJECT
from tests.web.warcs import http, page, read, record

READERS = ["fastwarc", "warcio"]
IDENTIFIED = "WARC-Identified-Payload-Type: text/html"


def one(data: bytes, reader: str = "fastwarc") -> Capture | SetAside:
    [item] = read(data, reader)
    return item


def assert_aside(item: Capture | SetAside, outcome: Outcome, detail: str) -> None:
    assert isinstance(item, SetAside)
    assert item.outcome is outcome
    assert detail in item.detail


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "status",
    [
        *("http/1.1 200 ok", "Http/1.0 200 Document follows", "HTTP/1.1 200", "HTTP/2 200"),
        *("HTTP 200 OK", "HTTPS/1.1 200 OK", "ICY 200 OK", "icy 200 OK", " HTTP/1.1 200 OK"),
        *("\r\nHTTP/1.1 200 OK", "\n\nHTTP/1.1 200 OK", "HTTP/1.1  200 OK"),
        *("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", "HTTP/1.1 100\r\n\r\n\r\nHTTP/1.1 200"),
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK",
    ],
)
def test_a_status_line_is_one_in_any_case_and_behind_empty_lines(status: str, reader: str) -> None:
    block = f"{status}\r\nContent-Type: text/html\r\n\r\n".encode() + page()
    item = one(record(block), reader)
    assert isinstance(item, Capture)
    assert (item.body, item.content_type) == (page(), "text/html")


@pytest.mark.parametrize("status", ["HTTP/1.1 OK", "200 OK", "SPDY/3 200", "HTTP/1.1 2000", ""])
def test_what_is_no_status_line_is_told(status: str) -> None:
    block = f"{status}\r\nContent-Type: text/html\r\n\r\n".encode() + page()
    assert_aside(one(record(block)), Outcome.BAD_HTTP, "no HTTP status line")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("20240301123456", datetime(2024, 3, 1, 12, 34, 56)),
        ("20240301123456789", datetime(2024, 3, 1, 12, 34, 56)),
        ("20240301123456Z", datetime(2024, 3, 1, 12, 34, 56)),
        ("2024-03-01 12:34:56", datetime(2024, 3, 1, 12, 34, 56)),
        ("2024-03-01T12:34:56.123456789Z", datetime(2024, 3, 1, 12, 34, 56, 123456)),
        ("2024-03-01T12:34:56+01:00", datetime(2024, 3, 1, 11, 34, 56)),
        ("2024-03-01", datetime(2024, 3, 1)),
        ("2024-03", datetime(2024, 3, 1)),
        ("2024", datetime(2024, 1, 1)),
        ("Fri, 01 Mar 2024 12:34:56 GMT", datetime(2024, 3, 1, 12, 34, 56)),
    ],
)
def test_dates_are_read_in_the_forms_that_writers_use(
    date: str, time: datetime, reader: str
) -> None:
    item = one(record(http(page()), date=date), reader)
    assert isinstance(item, Capture)
    assert item.fetch_time == time.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["", "soon", "99999999999999", "20241399000000", "2024-13", "0000", "Fri, 99 Mar 2024"]
)
def test_a_date_that_is_none_is_told(date: str) -> None:
    assert_aside(one(record(http(page()), date=date)), Outcome.BAD_RECORD, "WARC-Date is")


@pytest.mark.parametrize(
    ("types", "is_page"),
    [
        (["text/html", "text/html; charset=utf-8"], True),
        (["text/plain", "text/html"], True),
        (["text/html", "text/html"], True),
        (["text/html", "image/png"], False),
        (["text/html, text/html; charset=utf-8"], True),
    ],
)
def test_a_content_type_may_stand_there_twice(types: list[str], is_page: bool) -> None:
    block = http(page(), *[f"Content-Type: {one}" for one in types], content_type=None)
    assert isinstance(one(record(block)), Capture) is is_page


def test_a_type_that_the_crawl_identified_counts_where_the_bytes_agree() -> None:
    behind_a_notice = b"Notice: Undefined index in /var/www/a.php on line 3\n" * 30 + page()
    for body in (page(), behind_a_notice):
        for declared in ("text/plain", "application/octet-stream", None):
            item = one(record(http(body, content_type=declared), IDENTIFIED))
            assert isinstance(item, Capture), declared
        assert_aside(
            one(record(http(body, content_type="text/plain"))), Outcome.NOT_HTML, "text/plain"
        )
    text = http(b"Only a text, about <p> as an element.", content_type="text/plain")
    assert_aside(one(record(text, IDENTIFIED)), Outcome.NOT_HTML, "does not begin like HTML")


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(page()),
        gzip.compress(gzip.compress(page())),
        zlib.compress(page()),
        zlib.compress(page(), 9),
        gzip.compress(page()[:90]) + gzip.compress(page()[90:]),
    ],
)
def test_a_body_that_is_packed_without_a_word_is_unpacked(packed: bytes) -> None:
    for headers in ((), ("Content-Encoding: identity",)):
        item = one(record(http(packed, *headers)))
        assert isinstance(item, Capture)
        assert item.body == page()


def test_a_body_that_was_packed_once_more_than_it_says_is_unpacked() -> None:
    packed = gzip.compress(gzip.compress(page()))
    item = one(record(http(packed, "Content-Encoding: gzip")))
    assert isinstance(item, Capture)
    assert item.body == page()
    # A bomb in a bomb is still one.
    bomb = gzip.compress(gzip.compress(bytes(10**7)))
    assert_aside(one(record(http(bomb))), Outcome.TOO_LARGE, "body over")
    assert_aside(
        one(record(http(gzip.compress(page())[:60]))), Outcome.BAD_CONTENT_ENCODING, "ends early"
    )


def test_a_text_that_begins_as_zlib_does_stays_as_it_is() -> None:
    for begin in (b"x^2 <b>is</b> a square", b"x\x9c<p>"):
        item = one(record(http(begin + page())))
        assert isinstance(item, Capture)
        assert item.body == begin + page()


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n", "PDF"),
        (b"%!PS-Adobe-3.0\n0 0 moveto\n", "PostScript"),
        (b"{\\rtf1\\ansi a text}", "RTF"),
        (b"PK\x03\x04" + bytes(20), "a ZIP archive"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
    ],
)
def test_files_of_other_kinds_are_never_text(begin: bytes, kind: str) -> None:
    for block in (
        http(begin * 20),
        http(gzip.compress(begin * 20)),
        http(begin * 20, content_type=None),
    ):
        assert_aside(one(record(block, IDENTIFIED)), Outcome.NOT_HTML, f"it is {kind}")


@pytest.mark.parametrize("reader", READERS)
def test_records_from_the_field_are_captures(reader: str) -> None:
    folder = PROJECT.parent / "shared" / "cases" / "records"
    if not folder.is_dir():
        pytest.skip("no ../shared/cases/records here")
    for path in sorted(Path(folder).glob("*.txt")):
        items = read(path.read_bytes(), reader)
        assert len(items) == 1
        assert isinstance(items[0], Capture), path.name
        assert b"is a formula" in items[0].body
