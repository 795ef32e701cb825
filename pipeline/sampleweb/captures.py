"""Captures: what the crawler stored of a visit, as WARC records with their expected outcome."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pipeline.base.outcomes import Outcome
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.warc_records import (
    Headers,
    address_of,
    chunked,
    http,
    record,
    record_id,
    server_headers,
    sha1,
    warc_date,
)


@dataclass(frozen=True)
class Stored:
    """A record's bytes, not yet compressed, and what may become of it.

    More than one outcome where readers may rightly differ. ``may_vanish``: damage
    before it can swallow the record. ``ready``: bytes for the file as they are.
    """

    data: bytes
    outcomes: tuple[Outcome, ...]
    damage: str = ""
    may_vanish: bool = False
    ready: bool = False


@dataclass(frozen=True)
class Visit:
    """Where and when, and the warcinfo record that the visit's records name."""

    number: int
    name: str
    host: str
    url: str
    info: str

    def headers(self, kind: str, block: bytes, payload: bytes | None, msgtype: str) -> Headers:
        """The WARC headers of one of the visit's records."""
        out = [
            ("WARC-Date", warc_date(self.number)),
            ("WARC-Record-ID", record_id(kind, self.name)),
            ("Content-Type", msgtype),
            ("WARC-Warcinfo-ID", self.info),
        ]
        if kind != "request":
            before = "request" if kind != "metadata" else "response"
            out.append(("WARC-Concurrent-To", record_id(before, self.name)))
        if kind != "metadata":
            out.append(("WARC-IP-Address", address_of(self.host)))
        out.append(("WARC-Target-URI", self.url))
        if payload is not None:
            out.append(("WARC-Payload-Digest", sha1(payload)))
        out.append(("WARC-Block-Digest", sha1(block)))
        return out


def request(visit: Visit) -> Stored:
    """What the crawler asked."""
    path = "/" + visit.url.partition("://")[2].partition("/")[2].partition("#")[0]
    block = (
        f"GET {path} HTTP/1.1\r\nUser-Agent: SampleBot/1.0 (https://sample.example/bot)\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: br,gzip\r\n"
        f"Host: {visit.host}\r\nConnection: Keep-Alive\r\n\r\n"
    ).encode()
    headers = visit.headers("request", block, b"", "application/http; msgtype=request")
    return Stored(record("request", headers, block), (Outcome.REQUEST,))


def metadata(visit: Visit, may_vanish: bool = False) -> Stored:
    """What the crawler found out about the fetch."""
    dice = Dice("metadata", visit.name)
    block = f"fetchTimeMs: {dice.between(20, 3000)}\r\ncharset-detected: UTF-8\r\n\r\n".encode()
    headers = visit.headers("metadata", block, None, "application/warc-fields")
    return Stored(record("metadata", headers, block), (Outcome.METADATA,), may_vanish=may_vanish)


def response(
    visit: Visit,
    block: bytes,
    body: bytes,
    outcomes: tuple[Outcome, ...],
    *,
    identified: str = "text/html",
    extra: Headers | None = None,
    damage: str = "",
) -> Stored:
    """A response record with this HTTP message; ``body`` is digested as its payload."""
    headers = visit.headers("response", block, body, "application/http; msgtype=response")
    headers += [("WARC-Identified-Payload-Type", identified), *(extra or [])]
    return Stored(record("response", headers, block), outcomes, damage)


def page(visit: Visit, body: bytes, content_type: str) -> Stored:
    """A page: mostly decoded as Common Crawl stores them, some as the server sent them."""
    dice = Dice("response", visit.name)
    headers = server_headers(dice, visit.number)
    headers.append(("Content-Type", content_type))
    roll = dice.random()
    stored = body
    if roll < 0.03:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        stored = packer.compress(body) + packer.flush()
        headers.append(("Content-Encoding", "gzip"))
    elif roll < 0.04:
        stored = zlib.compress(body, 6)
        headers.append(("Content-Encoding", "deflate"))
    elif roll < 0.7:
        headers.append(("X-Crawler-Content-Encoding", "gzip"))
    sent = stored
    if roll < 0.02 or roll > 0.97:
        headers.append(("Transfer-Encoding", "chunked"))
        sent = chunked(stored, dice)
    else:
        headers.append(("Content-Length", str(len(stored))))
    return response(visit, http("200 OK", headers, sent), stored, (Outcome.PAGE,))


def warcinfo(name: str, file_name: str, visit: int, pages: int, seed: int) -> Stored:
    """The record that opens a WARC."""
    block = (
        "isPartOf: SAMPLE-WEB\r\npublisher: mathmine\r\n"
        f"description: a simulated web of {pages} pages from seed {seed}\r\n"
        "software: pipeline.sampleweb\r\nformat: WARC File Format 1.0\r\n"
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/"
        "warc-1.0/\r\n\r\n"
    ).encode()
    headers = [
        ("WARC-Date", warc_date(visit)),
        ("WARC-Record-ID", record_id("warcinfo", name)),
        ("Content-Type", "application/warc-fields"),
        ("WARC-Filename", file_name),
        ("WARC-Block-Digest", sha1(block)),
    ]
    return Stored(record("warcinfo", headers, block), (Outcome.WARCINFO,))
