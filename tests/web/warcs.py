"""WARC files made by hand, so that they can be wrong in every way."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
from collections import Counter

from pipeline.base.outcomes import SetAside
from pipeline.web.warc import Capture, read_warc

CAP = 200_000
HTML = b"<!DOCTYPE html><html><head><title>t</title></head><body>"


def page(n: int = 0, size: int = 300) -> bytes:
    """An HTML body that compresses badly and differs for each ``n``."""
    noise = hashlib.shake_256(str(n).encode()).hexdigest(size // 2).encode()
    return HTML + b"<p>page %d " % n + noise + b"</p></body></html>"


def http(
    body: bytes, *headers: str, status: str = "200 OK", content_type: str | None = "text/html"
) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    lines += headers
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    block: bytes,
    *headers: str,
    kind: str = "response",
    url: str | None = "http://a.example/",
    date: str = "2024-03-01T12:34:56Z",
    length: int | str | None = None,
    digest: bool = False,
) -> bytes:
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"WARC-Date: {date}"]
    if url is not None:
        lines.append(f"WARC-Target-URI: {url}")
    if digest:
        sha1 = base64.b32encode(hashlib.sha1(block).digest()).decode()
        lines.append(f"WARC-Block-Digest: sha1:{sha1}")
    lines += headers
    lines.append(f"Content-Length: {len(block) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def good(n: int) -> bytes:
    return record(http(page(n)), url=f"http://a.example/{n}")


def gz(*records: bytes) -> bytes:
    """One gzip member."""
    return gzip.compress(b"".join(records), mtime=0)


def members(*records: bytes) -> bytes:
    """One gzip member a record."""
    return b"".join(map(gz, records))


def read(data: bytes, reader: str = "fastwarc", cap: int = CAP) -> list[Capture | SetAside]:
    return list(read_warc(io.BytesIO(data), reader=reader, max_page_bytes=cap))


def captures(items: list[Capture | SetAside]) -> list[Capture]:
    return [item for item in items if isinstance(item, Capture)]


def asides(items: list[Capture | SetAside]) -> list[SetAside]:
    return [item for item in items if isinstance(item, SetAside)]


def urls(items: list[Capture | SetAside]) -> list[str]:
    return [capture.url.rpartition("/")[2] for capture in captures(items)]


def outcomes(items: list[Capture | SetAside]) -> dict[str, int]:
    return dict(Counter(str(aside.outcome) for aside in asides(items)))
