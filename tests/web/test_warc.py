"""Healthy WARC files: what each record becomes."""

from __future__ import annotations

import gzip
import io
import zlib
from datetime import UTC, datetime

import brotli
import pytest
from fastwarc.stream_io import ZstdWriter
from warcs import CAP, HTML, asides, captures, good, gz, http, members, outcomes, page, read, record

from pipeline.base.outcomes import SetAside
from pipeline.web.warc import Capture

pytestmark = pytest.mark.parametrize("reader", ["fastwarc", "warcio"])


def only(block: bytes, reader: str, *headers: str, **fields: object) -> Capture | SetAside:
    """What one record becomes, between two good ones that must not notice."""
    data = members(good(1), record(block, *headers, **fields), good(2))  # type: ignore[arg-type]
    first, item, last = read(data, reader)
    assert isinstance(first, Capture)
    assert isinstance(last, Capture)
    return item


def outcome(block: bytes, reader: str, *headers: str, **fields: object) -> str:
    item = only(block, reader, *headers, **fields)
    return "page" if isinstance(item, Capture) else str(item.outcome)


def body(block: bytes, reader: str, *headers: str, **fields: object) -> bytes:
    item = only(block, reader, *headers, **fields)
    assert isinstance(item, Capture), item
    return item.body


def zstd(data: bytes) -> bytes:
    class Kept(io.BytesIO):
        def close(self) -> None:
            pass

    target = Kept()
    writer = ZstdWriter(target)
    writer.write(data)
    writer.close()
    return target.getvalue()


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


def test_a_page_comes_with_all_that_is_known_of_it(reader: str) -> None:
    data = members(
        good(1),
        record(
            http(page(7), content_type="text/html; charset=euc-kr"),
            "WARC-Truncated: length",
            url="https://b.example/7?x=1",
            date="2024-03-01T12:34:56.5+01:00",
        ),
        good(2),
    )
    capture = captures(read(data, reader))[1]
    assert capture == Capture(
        url="https://b.example/7?x=1",
        offset=len(gz(good(1))),
        length=len(data) - len(gz(good(1))) - len(gz(good(2))),
        fetch_time=datetime(2024, 3, 1, 11, 34, 56, 500_000, tzinfo=UTC),
        content_type="text/html; charset=euc-kr",
        body=page(7),
        truncated="length",
    )


def test_plain_files_give_what_compressed_ones_give(reader: str) -> None:
    records = [good(n) for n in range(4)]
    plain, packed = read(b"".join(records), reader), read(members(*records), reader)
    assert [capture.body for capture in captures(plain)] == [page(n) for n in range(4)]
    assert [c.body for c in captures(packed)] == [c.body for c in captures(plain)]
    starts = [sum(map(len, records[:n])) for n in range(4)]
    assert [(item.offset, item.length) for item in captures(plain)] == [
        (start, len(stored)) for start, stored in zip(starts, records, strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("warcinfo", None, "warcinfo"),
        ("request", "http://a.example/", "request"),
        ("metadata", "http://a.example/", "metadata"),
        ("revisit", "http://a.example/", "revisit"),
        ("resource", "http://a.example/", "other-record"),
        ("conversion", "http://a.example/", "other-record"),
        ("unheard-of", "http://a.example/", "other-record"),
        ("response", "dns:a.example", "not-http"),
        ("response", "http://a.example/robots.txt?x", "robots-txt"),
        ("response", "http://a.example/about/robots.txt", "page"),
        ("response", "<http://a.example/>", "page"),
        ("response", None, "bad-url"),
    ],
)
def test_each_kind_of_record(reader: str, kind: str, url: str | None, expected: str) -> None:
    assert outcome(http(page()), reader, kind=kind, url=url) == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (http(page(), status="404 Not Found"), "http-status"),
        (http(b"", status="301 Moved"), "http-status"),
        (http(page(), content_type="application/pdf"), "not-html"),
        (http(page(), content_type="application/xhtml+xml"), "page"),
        (http(page(), content_type="TEXT/HTML;charset=x"), "page"),
        (http(page(), content_type=None), "page"),
        (http(page(), content_type=""), "page"),
        (http(b"\xef\xbb\xbf\n<!-- a comment --> <HTML>x", content_type=None), "page"),
        (http(b"%PDF-1.7 <html>", content_type=None), "not-html"),
        (http(b"plain words", content_type=None), "not-html"),
        (http(b""), "empty-body"),
        (http(b" \r\n\t"), "empty-body"),
        (b"", "bad-http"),
        (b"<html>no status line</html>", "bad-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html", "bad-http"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 150_000 + b"\r\n\r\n" + HTML, "bad-http"),
        (b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + HTML + b"\r\n\r\nx", "page"),
        (b"HTTP/1.1 200 OK\r\nContent-Type:\r\n text/html\r\nno colon\r\n\r\n" + HTML, "page"),
    ],
)
def test_each_kind_of_response(reader: str, block: bytes, expected: str) -> None:
    assert outcome(block, reader) == expected


def test_an_identified_type_stands_in_for_a_missing_one(reader: str) -> None:
    block = http(b"words without a tag", content_type=None)
    assert outcome(block, reader, "WARC-Identified-Payload-Type: text/html") == "page"


def test_a_record_without_a_readable_date_is_bad(reader: str) -> None:
    assert outcome(http(page()), reader, date="yesterday") == "bad-record"


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("zstd", zstd),
        ("identity", bytes),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    ],
)
def test_content_encodings_are_undone(reader: str, name: str, encode: object) -> None:
    encoded = encode(page(3))  # type: ignore[operator]
    assert body(http(encoded, f"Content-Encoding: {name}"), reader) == page(3)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "unheard-of", "gzip, br"])
def test_a_body_that_the_crawler_decoded_already_is_left_alone(reader: str, name: str) -> None:
    assert body(http(page(3), f"Content-Encoding: {name}"), reader) == page(3)


@pytest.mark.parametrize(
    ("name", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress), ("zstd", zstd)],
)
def test_broken_encodings_are_set_aside(reader: str, name: str, encode: object) -> None:
    encoded = encode(page(3, 4000))  # type: ignore[operator]
    broken = bytearray(encoded)
    for at in range(40, 60):
        broken[at] ^= 0xFF
    header = f"Content-Encoding: {name}"
    assert outcome(http(bytes(broken), header), reader) == "bad-content-encoding"
    assert outcome(http(encoded[:-300], header), reader) == "bad-content-encoding"


def test_unknown_encodings_of_binary_bodies_are_set_aside(reader: str) -> None:
    block = http(bytes(range(256)), "Content-Encoding: sdch")
    assert outcome(block, reader) == "bad-content-encoding"
    many = http(bytes(range(256)), "Content-Encoding: " + "gzip, " * 50 + "gzip")
    assert outcome(many, reader) == "bad-content-encoding"


def test_what_the_crawler_itself_cut_is_taken_as_far_as_it_goes(reader: str) -> None:
    encoded = gzip.compress(page(3, 4000))[:-300]
    got = body(http(encoded, "Content-Encoding: gzip"), reader, "WARC-Truncated: length")
    assert got
    assert page(3, 4000).startswith(got)


def test_chunks_are_joined(reader: str) -> None:
    data = page(3)
    chunked = b"%x;ext=1\r\n%s\r\nB\r\n%s\r\n%x\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (
        100, data[:100], data[100:111], len(data) - 111, data[111:],
    )  # fmt: skip
    assert body(http(chunked, "Transfer-Encoding: chunked"), reader) == data
    assert body(http(data, "Transfer-Encoding: chunked"), reader) == data
    both = gzip.compress(data)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(both), both)
    headers = ("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    assert body(http(chunked, *headers), reader) == data


def test_chunks_broken_in_the_middle_are_bad_http(reader: str) -> None:
    chunked = b"5\r\n<html\r\nthis is no size\r\n0\r\n\r\n"
    assert outcome(http(chunked, "Transfer-Encoding: chunked"), reader) == "bad-http"


def test_bodies_over_the_cap_are_set_aside_and_others_are_not(reader: str) -> None:
    assert outcome(http(HTML.ljust(CAP)), reader) == "page"
    assert outcome(http(HTML.ljust(CAP + 1)), reader) == "too-large"
    assert outcome(http(HTML.ljust(10 * CAP)), reader) == "too-large"
    assert outcome(http(bytes(10 * CAP), content_type="video/mp4"), reader) == "not-html"
    assert outcome(http(gzip.compress(HTML.ljust(CAP)), "Content-Encoding: gzip"), reader) == "page"
    packed = http(gzip.compress(HTML.ljust(CAP + 1)), "Content-Encoding: gzip")
    assert outcome(packed, reader) == "too-large"


def test_a_record_longer_than_what_is_read_of_it_keeps_its_place(reader: str) -> None:
    data = members(good(1), record(http(HTML.ljust(50 * CAP)), url="http://a.example/big"), good(2))
    items = read(data, reader)
    assert outcomes(items) == {"too-large": 1}
    assert asides(items)[0].offset == len(gz(good(1)))
    assert captures(items)[1].offset == len(data) - len(gz(good(2)))


def test_urls_that_are_no_utf8_do_not_end_the_file(reader: str) -> None:
    odd = good(2).replace(b"a.example/2", b"a.example/\xff")
    items = read(members(good(1), odd, good(3)), reader)
    assert len(captures(items)) == 3


def test_a_page_about_warc_files_is_a_page(reader: str) -> None:
    text = HTML + b"\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
    data = members(good(1), record(http(text), digest=True), good(2))
    for stored in (data, gzip.decompress(data)):
        items = read(stored, reader)
        assert [capture.body for capture in captures(items)] == [page(1), text, page(2)]
        assert not asides(items)
