"""WARC records as Common Crawl writes them: headers, digests, one gzip member each."""

from __future__ import annotations

import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta

from pipeline.sampleweb.dice import Dice

_START = datetime(2024, 5, 18, tzinfo=UTC)
#: Quick rather than small: the sample serves as a load generator too.
_COMPRESSION_LEVEL = 4

Headers = list[tuple[str, str]]


def sha1(data: bytes) -> str:
    """As WARC digests are written: ``sha1:`` and Base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def record_id(*key: str | int) -> str:
    """A record id that depends on nothing but ``key``."""
    digits = hashlib.blake2b("\0".join(map(str, key)).encode(), digest_size=16).hexdigest()
    return f"<urn:uuid:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}>"


def fetch_time(visit: int) -> datetime:
    """When the crawler made that visit: three a second, over days."""
    return _START + timedelta(seconds=visit // 3)


def warc_date(visit: int) -> str:
    """The visit's time as WARC headers have it."""
    return fetch_time(visit).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(visit: int, offset_days: int = 0) -> str:
    """The visit's time, or some days before, as HTTP headers have it."""
    moment = fetch_time(visit) - timedelta(days=offset_days)
    day = "Mon Tue Wed Thu Fri Sat Sun".split()[moment.weekday()]
    month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[moment.month - 1]
    return f"{day}, {moment.day:02d} {month} {moment:%Y %H:%M:%S} GMT"


def record(kind: str, headers: Headers, block: bytes) -> bytes:
    """A whole WARC record; ``Content-Length`` comes last unless ``headers`` has one."""
    lines = [("WARC-Type", kind), *headers]
    if not any(name == "Content-Length" for name, _ in headers):
        lines.append(("Content-Length", str(len(block))))
    head = "".join([f"{name}: {value}\r\n" for name, value in lines if value])
    return b"WARC/1.0\r\n" + head.encode("utf-8") + b"\r\n" + block + b"\r\n\r\n"


def member(data: bytes) -> bytes:
    """One gzip member, without a time in it."""
    packer = zlib.compressobj(_COMPRESSION_LEVEL, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def http(status: str, headers: Headers, body: bytes) -> bytes:
    """An HTTP response."""
    head = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1", "replace") + body


def chunked(body: bytes, dice: Dice) -> bytes:
    """The body in chunks, as servers send it."""
    out = []
    at = 0
    while at < len(body):
        size = dice.between(500, 16000)
        piece = body[at : at + size]
        out.append(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        at += size
    return b"".join(out) + b"0\r\n\r\n"


def server_headers(dice: Dice, visit: int) -> Headers:
    """What a server says about itself and its caches."""
    kind = dice.below(4)
    date = http_date(visit)
    if kind == 0:
        return [
            ("Server", f"nginx/1.{dice.between(14, 25)}.{dice.below(4)}"),
            ("Date", date),
            ("Connection", "keep-alive"),
            ("Vary", "Accept-Encoding"),
            ("X-Frame-Options", "SAMEORIGIN"),
        ]
    if kind == 1:
        return [
            ("Date", date),
            ("Server", f"Apache/2.4.{dice.between(29, 59)} (Debian)"),
            ("X-Powered-By", f"PHP/{dice.between(5, 8)}.{dice.below(5)}.{dice.below(30)}"),
            ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"),
            ("Set-Cookie", f"PHPSESSID={dice.hex(26)}; path=/"),
            ("Link", '<https://api.example/>; rel="https://api.w.org/"'),
        ]
    if kind == 2:
        return [
            ("date", date),
            ("cf-cache-status", dice.pick(("HIT", "DYNAMIC", "MISS"))),
            ("cf-ray", f"{dice.hex(16)}-{dice.pick(('IAD', 'FRA', 'SIN'))}"),
            ("server", "cloudflare"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
            ("alt-svc", 'h3=":443"; ma=86400'),
        ]
    return [
        ("Cache-Control", "private"),
        ("Server", "Microsoft-IIS/10.0"),
        ("X-AspNet-Version", "4.0.30319"),
        ("Date", date),
        ("Last-Modified", http_date(visit, dice.between(1, 900))),
    ]


def address_of(host: str) -> str:
    """An address of the ranges kept for documentation."""
    dice = Dice("ip", host)
    return f"{dice.pick(('192.0.2', '198.51.100', '203.0.113'))}.{dice.between(1, 254)}"
