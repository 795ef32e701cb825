"""HTTP responses as WARC records store them: head, body as a browser sees it, whether it is HTML.

One parser for every reader, so that the choice of reader cannot change a page.

Crawlers often store a body already decoded and keep the header that says otherwise, so a
declared encoding is undone only where the bytes bear it. No more than ``limit + 1`` bytes
are ever inflated, whatever a few bytes promise.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import NamedTuple

from fastwarc.stream_io import BrotliReader, ZstdReader

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.web.rights import FIELDS

#: A response's head longer than this, in bytes, is not looked through.
MAX_HEAD = 128 * 1024
#: Bytes that undeclared content is judged by.
_SNIFFED = 2_048
#: As many bytes Apache Tika looks at, by which Common Crawl identifies types.
_IDENTIFIED = 8_192

# RFC 9112 section 4, and what servers make of it: any case, no version, ICY of SHOUTcast, empty
# lines before it (section 2.2 has them passed over).
_STATUS = re.compile(
    rb"[ \t\r\n]{0,64}(?:HTTPS?(?:/\d{1,2}(?:\.\d{1,2})?)?|ICY)[ \t]+(\d{3})(?!\d)", re.IGNORECASE
)
#: Of interim responses (RFC 9110, section 15.2), which some crawlers store before the one.
_INTERIM = range(100, 200)
_MOST_INTERIM = 8
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
# The fields that matter, with the lines that continue them.
_FIELD = re.compile(
    rb"\n(?=[CcTtXxLl])((?i:Content-(?:Type|Encoding|Signal|Usage)|Transfer-Encoding"
    rb"|X-Robots-Tag|TDM-Reservation|Link))[ \t]*:"
    rb"([^\n]*(?:\n[ \t][^\n]*)*)"
)
_SIGNALS = [(name.encode(), name) for name in FIELDS]
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# The tags by which the WHATWG MIME Sniffing Standard (section 7.1) knows HTML.
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)*"
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)"
    rb"[\t\n\f\r />]",
    re.IGNORECASE | re.DOTALL,
)
_HTML_ANYWHERE = re.compile(rb"<(?:!doctype html|html|head|body|title)[\t\n\f\r />]", re.IGNORECASE)
#: By what a file of another kind begins with, what it is; none of them is text of a page.
_OTHER_KINDS = {
    b"%PDF-": "PDF", b"%!PS": "PostScript", b"{\\rtf": "RTF", b"PK\x03\x04": "a ZIP archive",
    b"\x89PNG\r\n": "a PNG image", b"GIF8": "a GIF image", b"\xff\xd8\xff": "a JPEG image",
    b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a": "a RAR archive", b"\x28\xb5\x2f\xfd": "Zstandard", b"\xfd7zXZ\x00": "xz",
    b"\x7fELF": "a program", b"OggS\x00": "Ogg", b"ID3": "MP3", b"wOFF": "a font",
    b"wOF2": "a font", b"\x00asm": "WebAssembly", b"\xd0\xcf\x11\xe0": "an old Office document",
}  # fmt: skip
_BEGINNINGS = tuple(_OTHER_KINDS)
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
#: Encodings one on another; nobody honest sends more.
_MAX_ENCODINGS = 3
#: gzip members in one body; each costs a copy of what follows it.
_MAX_MEMBERS = 256
_PIECE = 64 * 1024
# Bytes that no text has, save for UTF-16 and UTF-32, which begin with a mark.
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Response(NamedTuple):
    """A parsed response; ``body`` is still as it was sent. Absent headers are empty.

    ``signals``: the header fields that speak of rights in the page (``FIELDS`` of
    ``pipeline.web.rights``), names in lower case.
    """

    status: int
    content_type: str
    transfer_encoding: str
    content_encoding: str
    body: bytes
    signals: tuple[tuple[str, str], ...] = ()


def parse_response(block: bytes) -> Response:
    """``block`` of a WARC record, split into the head's fields and the body.

    Folded and repeated fields are allowed (of a repeated Content-Type the last
    counts; encodings add up, RFC 9110 section 5.3); lines without a colon are
    skipped. Of interim responses ("100 Continue") the one after them counts. Raises
    ``SetAside(BAD_HTTP)`` where there is no status line or no end.
    """
    for _ in range(_MOST_INTERIM):
        response = _parsed(block)
        if response.status not in _INTERIM or not _STATUS.match(response.body):
            break
        block = response.body
    return response


def _parsed(block: bytes) -> Response:
    status = _STATUS.match(block)
    if status is None:
        raise SetAside(Outcome.BAD_HTTP, "no HTTP status line")
    begin = status.end()
    end = block.find(b"\r\n\r\n", begin, MAX_HEAD)
    body_at = end + 4
    if end < 0 or block.find(b"\n\n", begin, end) >= 0:
        blank = _END_OF_HEAD.search(block, begin, MAX_HEAD)
        if blank is None:
            raise SetAside(Outcome.BAD_HTTP, "no empty line after the HTTP headers")
        end, body_at = blank.span()
    fields = _fields(block[begin:end])
    return Response(
        status=int(status[1]),
        content_type=fields.get(b"content-type", ""),
        transfer_encoding=fields.get(b"transfer-encoding", "").lower(),
        content_encoding=fields.get(b"content-encoding", "").lower(),
        body=block[body_at:],
        signals=tuple((name, fields[key]) for key, name in _SIGNALS if key in fields),
    )


def declares_html(content_type: str) -> bool | None:
    """Whether the value of a Content-Type is HTML's or XHTML's; None where it declares nothing.

    Of several in one value, as of a header that came twice, the last one counts.
    """
    declared: bool | None = None
    for one in content_type.split(",") if "," in content_type else (content_type,):
        essence = one.partition(";")[0].strip().lower()
        if "/" in essence:
            declared = essence in _HTML_TYPES
    return declared


def looks_like_html(body: bytes) -> bool:
    """Whether ``body`` begins as HTML does (WHATWG MIME Sniffing, section 7.1).

    For content of which no Content-Type says what it is; looks at 2,048 bytes.
    """
    return _HTML_START.match(body[:_SNIFFED]) is not None


def holds_html(body: bytes) -> bool:
    """Whether HTML begins in ``body``, be it behind other text: looks at 8,192 bytes.

    For content that the crawler itself identified as HTML by its bytes.
    """
    return looks_like_html(body) or _HTML_ANYWHERE.search(body, 0, _IDENTIFIED) is not None


def kind_of_file(body: bytes) -> str:
    """What ``body`` is by its first bytes, where it is the file of another kind; else empty."""
    if not body.startswith(_BEGINNINGS):
        return ""
    return next(kind for begin, kind in _OTHER_KINDS.items() if body.startswith(begin))


def _fields(head: bytes) -> dict[bytes, str]:
    fields: dict[bytes, str] = {}
    for name, value in _FIELD.findall(head):
        name = name.lower()
        # Latin-1 cannot fail, and header values that matter are ASCII.
        text = value.decode("latin-1").strip()
        if "\n" in text:
            text = " ".join(text.split())
        if name in fields and name != b"content-type":
            text = f"{fields[name]}, {text}"
        fields[name] = text
    return fields


def decoded_body(
    body: bytes, *, transfer_encoding: str, content_encoding: str, limit: int, cut: bool
) -> bytes:
    """``body`` with Transfer-Encoding, then Content-Encoding undone (RFC 9110, 9112).

    The encodings are the header fields' values in lower case, empty where absent; ``limit``
    is in bytes. ``cut`` says that the crawler itself cut the response short; then what came is
    taken. Raises ``SetAside``: ``TOO_LARGE`` over ``limit`` bytes, ``BAD_HTTP`` for
    broken chunking, ``BAD_CONTENT_ENCODING`` for an encoding that is broken or
    unknown.
    """
    if "chunked" in transfer_encoding:
        body = without_chunks(body, cut=cut)
    names = [name.strip() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity", "none", "utf-8")]
    if len(names) > _MAX_ENCODINGS:
        raise SetAside(Outcome.BAD_CONTENT_ENCODING, f"{len(names)} encodings")
    for name in reversed(names):
        if not body:
            break
        body = _decoded(body, name, limit=limit, cut=cut)
        if len(body) > limit:
            break
    # Undeclared, or packed once more than was declared; no text begins so.
    for _ in range(_MAX_ENCODINGS - len(names)):
        if len(body) > limit or not (name := _undeclared(body)):
            break
        body = _decoded(body, name, limit=limit, cut=cut)
    if len(body) > limit:
        raise SetAside(Outcome.TOO_LARGE, f"body over {limit} bytes")
    return body


def _undeclared(body: bytes) -> str:
    """The encoding that ``body`` bears by its first bytes; empty where it bears none."""
    if body.startswith(_GZIP):
        return "gzip"
    if body.startswith(_ZSTD):
        return "zstd"
    # zlib's two bytes (RFC 1950, section 2.2) may begin a text: "x" and a letter.
    if body[:1] == b"x" and int.from_bytes(body[:2], "big") % 31 == 0 and not _is_plain(body):
        return "deflate" if _NOT_TEXT.search(body[:64]) else ""
    return ""


def without_chunks(body: bytes, *, cut: bool) -> bytes:
    """``body`` without its chunk framing (RFC 9112, section 7.1).

    One that has none is one that the crawler has unchunked already. ``cut`` and errors are
    those of :func:`decoded_body`.
    """
    if not _CHUNK_SIZE.match(body):
        return body
    pieces: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(pieces)
        begin, end = size.end(), size.end() + length
        pieces.append(body[begin:end])
        if end > len(body):
            break
        at = end + (2 if body.startswith(b"\r\n", end) else body.startswith(b"\n", end))
    if at == 0 and not cut and not looks_like_html(body[begin:]):
        # One line of hex digits, but no chunk: text that begins with a number.
        return body
    if cut or at == len(body):
        return b"".join(pieces)
    raise SetAside(Outcome.BAD_HTTP, f"chunked body broken at byte {at}")


def _decoded(body: bytes, name: str, *, limit: int, cut: bool) -> bytes:
    name = name.removeprefix("x-")
    decode = _DECODERS.get(name)
    if decode is None:
        if _is_plain(body):
            return body
        raise SetAside(Outcome.BAD_CONTENT_ENCODING, f"unknown encoding {name[:40]!r}")
    try:
        decoded, whole = decode(body, limit)
    except (zlib.error, OSError) as error:
        if _is_plain(body):
            return body
        raise SetAside(Outcome.BAD_CONTENT_ENCODING, f"{name}: {error}") from None
    if whole or cut or len(decoded) > limit:
        return decoded
    raise SetAside(Outcome.BAD_CONTENT_ENCODING, f"{name}: stream ends early")


def _is_plain(body: bytes) -> bool:
    head = body[:1024]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b"<" in head
    return b"<" in head and _NOT_TEXT.search(head) is None


def _inflate(body: bytes, limit: int, wbits: int) -> tuple[bytes, bool]:
    inflater = zlib.decompressobj(wbits)
    return inflater.decompress(body, limit + 1), inflater.eof


def _gzip(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Several members, one after another, are one body (RFC 1952, section 2.2)."""
    pieces: list[bytes] = []
    room = limit + 1
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        pieces.append(inflater.decompress(body, room))
        room -= len(pieces[-1])
        body = inflater.unused_data
        if not inflater.eof or room <= 0 or not body.startswith(_GZIP):
            return b"".join(pieces), inflater.eof
    return b"".join(pieces), False


def _deflate(body: bytes, limit: int) -> tuple[bytes, bool]:
    """With zlib's wrapper, as the standard says, or without, as many servers do it."""
    try:
        return _inflate(body, limit, zlib.MAX_WBITS)
    except zlib.error:
        if _is_plain(body):
            raise
        return _inflate(body, limit, -zlib.MAX_WBITS)


def _brotli(body: bytes, limit: int) -> tuple[bytes, bool]:
    return _read(BrotliReader(io.BytesIO(body)), limit)


def _zstd(body: bytes, limit: int) -> tuple[bytes, bool]:
    if not body.startswith(_ZSTD):
        raise OSError("no zstd frame")
    return _read(ZstdReader(io.BytesIO(body)), limit)


def _read(reader: BrotliReader | ZstdReader, limit: int) -> tuple[bytes, bool]:
    """What comes before the end, the limit or an error; an error at the start is raised."""
    pieces: list[bytes] = []
    room = limit + 1
    while room > 0:
        try:
            piece = reader.read(min(room, _PIECE))
        except OSError:
            if not pieces:
                raise
            return b"".join(pieces), False
        if not piece:
            break
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces), True


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
