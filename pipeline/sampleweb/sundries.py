"""Everything in a crawl that is no whole HTML page: other files, refusals, damage."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from pipeline.base.outcomes import Outcome
from pipeline.sampleweb.captures import Stored, Visit, metadata, request, response
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.warc_records import (
    Headers,
    http,
    member,
    record,
    record_id,
    server_headers,
    sha1,
    warc_date,
)

_WORDS = "the ferry leaves at nine and the market opens later than the guide book says ".split()
#: Larger than any page that extraction should take on.
_OVERSIZE = 5_400_000


def _prose(dice: Dice, words: int) -> str:
    return " ".join([dice.pick(_WORDS) for _ in range(words)])


def _html(dice: Dice, words: int = 120) -> bytes:
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{_prose(dice, 4)}</title></head><body><main>"
        f"<p>{_prose(dice, words)}</p></main></body></html>"
    ).encode()


Maker = Callable[[Visit, Dice], Stored]


def _answered(
    status: str,
    content_type: str,
    outcomes: tuple[Outcome, ...],
    body: Callable[[Dice], bytes],
    *,
    headers: tuple[tuple[str, str], ...] = (),
    identified: str = "text/html",
    damage: str = "",
    extra: Headers | None = None,
) -> Maker:
    def make(visit: Visit, dice: Dice) -> Stored:
        content = body(dice)
        lines = server_headers(dice, visit.number)
        if content_type:
            lines.append(("Content-Type", content_type))
        lines += [*headers, ("Content-Length", str(len(content)))]
        return response(
            visit,
            http(status, lines, content),
            content,
            outcomes,
            identified=identified,
            extra=extra,
            damage=damage,
        )

    return make


def _robots(visit: Visit, dice: Dice) -> Stored:
    body = b"User-agent: *\nDisallow: /admin/\nCrawl-delay: 1\n"
    lines = [*server_headers(dice, visit.number), ("Content-Type", "text/plain")]
    return response(
        visit, http("200 OK", lines, body), body, (Outcome.ROBOTS_TXT,), identified="text/plain"
    )


def _revisit(visit: Visit, dice: Dice) -> Stored:
    block = http(
        "200 OK", [*server_headers(dice, visit.number), ("Content-Type", "text/html")], b""
    )
    headers = visit.headers("revisit", block, b"as before", "application/http; msgtype=response")
    headers += [
        (
            "WARC-Profile",
            "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",
        ),
        ("WARC-Refers-To", record_id("earlier", visit.name)),
    ]
    return Stored(record("revisit", headers, block), (Outcome.REVISIT,))


def _dns(visit: Visit, dice: Dice) -> Stored:
    block = f"20240518000000\n{visit.host}. 300 IN A 192.0.2.{dice.between(1, 254)}\n".encode()
    headers = [
        ("WARC-Date", warc_date(visit.number)),
        ("WARC-Record-ID", record_id("dns", visit.name)),
        ("Content-Type", "text/dns"),
        ("WARC-Target-URI", f"dns:{visit.host}"),
        ("WARC-Block-Digest", sha1(block)),
    ]
    return Stored(
        record("response", headers, block), (Outcome.NOT_HTTP, Outcome.OTHER_RECORD), "dns"
    )


def _other(kind: str, content_type: str) -> Maker:
    def make(visit: Visit, dice: Dice) -> Stored:
        block = _prose(dice, 60).encode()
        headers = visit.headers(kind, block, block, content_type)
        return Stored(record(kind, headers, block), (Outcome.OTHER_RECORD,))

    return make


def _bad_http(visit: Visit, dice: Dice) -> Stored:
    block = b"\x16\x03\x01\x02\x00" + bytes(dice.below(256) for _ in range(90))
    return response(visit, block, block, (Outcome.BAD_HTTP,))


def _no_target(visit: Visit, dice: Dice) -> Stored:
    body = _html(dice)
    lines = [*server_headers(dice, visit.number), ("Content-Type", "text/html")]
    block = http("200 OK", lines, body)
    headers = [
        pair
        for pair in visit.headers("response", block, body, "application/http; msgtype=response")
        if pair[0] != "WARC-Target-URI"
    ]
    return Stored(
        record("response", headers, block), (Outcome.BAD_URL, Outcome.BAD_RECORD), "no-target"
    )


def _bad_url(visit: Visit, dice: Dice) -> Stored:
    wrong = Visit(visit.number, visit.name, visit.host, f"http://[{visit.host}/%zz", visit.info)
    body = _html(dice)
    lines = [*server_headers(dice, visit.number), ("Content-Type", "text/html")]
    block = http("200 OK", lines, body)
    return response(wrong, block, body, (Outcome.BAD_URL, Outcome.PAGE), damage="bad-url")


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _noise(dice: Dice, count: int) -> bytes:
    return bytes(dice.below(256) for _ in range(count))


def _oversize(dice: Dice) -> bytes:
    piece = f"<p>{_prose(dice, 200)}</p>\n".encode()
    return b"<html><body>" + piece * (_OVERSIZE // len(piece) + 1) + b"</body></html>"


def _deep(dice: Dice) -> bytes:
    return b"<html><body>" + b"<div>" * 20000 + _prose(dice, 80).encode()


_HTML = "text/html; charset=utf-8"
_P, _NOT, _STATUS = (Outcome.PAGE,), (Outcome.NOT_HTML,), (Outcome.HTTP_STATUS,)
_SUNDRIES: dict[str, Maker] = {
    "robots": _robots,
    "moved": _answered(
        "301 Moved Permanently",
        _HTML,
        _STATUS,
        lambda d: _html(d, 8),
        headers=(("Location", "/x"),),
    ),
    "missing": _answered("404 Not Found", _HTML, _STATUS, lambda d: _html(d, 60)),
    "failed": _answered("500 Internal Server Error", _HTML, _STATUS, lambda d: _html(d, 20)),
    "unchanged": _answered("304 Not Modified", "", _STATUS, lambda _: b""),
    "pdf": _answered(
        "200 OK",
        "application/pdf",
        _NOT,
        lambda d: b"%PDF-1.5\n" + _noise(d, 2000),
        identified="application/pdf",
    ),
    "image": _answered(
        "200 OK",
        "image/jpeg",
        _NOT,
        lambda d: b"\xff\xd8\xff\xe0" + _noise(d, 2000),
        identified="image/jpeg",
    ),
    "json": _answered(
        "200 OK",
        "application/json",
        _NOT,
        lambda _: b'{"ok":true}',
        identified="application/json",
    ),
    "feed": _answered(
        "200 OK",
        "application/rss+xml",
        _NOT,
        lambda _: b"<?xml version='1.0'?><rss><channel/></rss>",
        identified="application/rss+xml",
    ),
    "revisit": _revisit,
    "dns": _dns,
    "resource": _other("resource", "text/plain"),
    "conversion": _other("conversion", "text/plain"),
    "empty": _answered("200 OK", _HTML, (Outcome.EMPTY_BODY,), lambda _: b""),
    "bad-http": _bad_http,
    "no-target": _no_target,
    "bad-url": _bad_url,
    "not-gzip": _answered(
        "200 OK",
        _HTML,
        (Outcome.BAD_CONTENT_ENCODING,),
        lambda d: b"\x1f\x8b\x08\x00" + _noise(d, 600),
        headers=(("Content-Encoding", "gzip"),),
    ),
    "half-gzip": _answered(
        "200 OK",
        _HTML,
        (Outcome.BAD_CONTENT_ENCODING, Outcome.PAGE),
        lambda d: _gzip(_html(d, 2000))[:-200],
        headers=(("Content-Encoding", "gzip"),),
        damage="half-gzip",
    ),
    "unknown-encoding": _answered(
        "200 OK",
        _HTML,
        (Outcome.BAD_CONTENT_ENCODING, Outcome.PAGE),
        _html,
        headers=(("Content-Encoding", "x-rot13"),),
        damage="unknown-encoding",
    ),
    "bad-chunks": _answered(
        "200 OK",
        _HTML,
        (Outcome.PAGE, Outcome.BAD_HTTP, Outcome.BAD_CONTENT_ENCODING),
        lambda d: b"zz\r\n" + _html(d),
        headers=(("Transfer-Encoding", "chunked"),),
        damage="bad-chunks",
    ),
    "oversize": _answered("200 OK", _HTML, (Outcome.TOO_LARGE,), _oversize),
    "deep": _answered(
        "200 OK",
        _HTML,
        (Outcome.TOO_DEEP, Outcome.PAGE, Outcome.NO_TEXT, Outcome.EXTRACTOR_FAILED),
        _deep,
        damage="deep",
    ),
    "shell": _answered(
        "200 OK",
        _HTML,
        (Outcome.NO_TEXT,),
        lambda _: b'<html><body><div id="root"></div><script src="/app.js"></script></body></html>',
    ),
    "noise": _answered(
        "200 OK",
        "text/html; charset=x-no-such",
        (Outcome.BAD_CHARSET, Outcome.PAGE, Outcome.NO_TEXT),
        lambda d: b"<html><body><p>" + _noise(d, 900) + b"</p></body></html>",
        damage="noise",
    ),
    "cut-page": _answered(
        "200 OK",
        _HTML,
        (Outcome.PAGE, Outcome.TRUNCATED_RECORD),
        lambda d: _html(d, 900)[:3000],
        extra=[("WARC-Truncated", "length")],
        damage="cut-page",
    ),
}
# Frequent kinds come round often, every kind at least once in fifty.
_COMMON = "robots moved missing moved robots missing revisit".split()
_ROUND = tuple(
    name for at, kind in enumerate(_SUNDRIES) for name in (kind, _COMMON[at % len(_COMMON)])
)


def sundry(seed: int, number: int, host: str, info: str, visit: int) -> Iterator[Stored]:
    """The records of sundry ``number``: request, response, metadata where there are such."""
    kind = _ROUND[number % len(_ROUND)]
    name = f"sundry {seed} {number}"
    path = "robots.txt" if kind == "robots" else f"{kind}/{number}"
    where = Visit(visit, name, host, f"https://{host}/{path}", info)
    made = _SUNDRIES[kind](where, Dice(name))
    if kind in ("dns", "resource", "conversion"):
        yield made
        return
    yield request(where)
    yield made
    yield metadata(where)


#: Damage to the file itself, each somewhere in the middle of a WARC.
DAMAGES = (
    "cut-member",
    "flipped-bytes",
    "long-length",
    "short-length",
    "zeros-between",
    "no-version",
    "no-length",
    "cut-header",
)


def damaged(seed: int, kind: str, host: str, info: str, visit: int) -> Iterator[Stored]:
    """A capture whose response is damaged in that way; what stands behind it is whole."""
    name = f"damaged {seed} {visit} {kind}"
    where = Visit(visit, name, host, f"https://{host}/damaged/{visit}", info)
    dice = Dice(name)
    body = _html(dice, 1500)
    lines = [*server_headers(dice, visit), ("Content-Type", _HTML)]
    warc_record = response(where, http("200 OK", lines, body), body, (Outcome.PAGE,)).data
    length = next(
        line for line in warc_record.split(b"\r\n") if line.startswith(b"Content-Length: ")
    )
    stated = int(length.split()[1])
    yield request(where)
    outcomes = (Outcome.BAD_RECORD, Outcome.TRUNCATED_RECORD, Outcome.PAGE)
    if kind == "long-length":
        warc_record = warc_record.replace(length, b"Content-Length: %d" % (stated + 700), 1)
    elif kind == "short-length":
        warc_record = warc_record.replace(length, b"Content-Length: %d" % (stated - 300), 1)
    elif kind == "no-version":
        warc_record = warc_record.replace(b"WARC/1.0", b"HARK/9.9", 1)
    elif kind == "no-length":
        warc_record = warc_record.replace(length + b"\r\n", b"", 1)
    elif kind == "cut-header":
        warc_record = warc_record[:150]
    packed = member(warc_record)
    if kind == "cut-member":
        packed = packed[: len(packed) * 6 // 10]
    elif kind == "flipped-bytes":
        middle = len(packed) // 2
        packed = (
            packed[:middle]
            + bytes(b ^ 0xA5 for b in packed[middle : middle + 8])
            + packed[middle + 8 :]
        )
    elif kind == "zeros-between":
        packed += b"\0" * 512
    yield Stored(packed, outcomes, kind, ready=True)
    yield metadata(where, may_vanish=True)
