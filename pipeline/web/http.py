"""HTTP responses as WARC records store them: head, body, and whether it is HTML.

One parser for every reader, so that the choice of reader cannot change a page.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.base.outcomes import Outcome, SetAside

#: A response's head longer than this, in bytes, is not looked through.
MAX_HEAD = 128 * 1024
#: Bytes that undeclared content is judged by.
_SNIFFED = 2_048

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)", re.IGNORECASE)
#: Of interim responses (RFC 9110, section 15.2), which some crawlers store before the one.
_INTERIM = range(100, 200)
_MOST_INTERIM = 8
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
# The fields that matter, with the lines that continue them.
_FIELD = re.compile(
    rb"\n(?=[CcTt])((?i:Content-(?:Type|Encoding)|Transfer-Encoding))[ \t]*:"
    rb"([^\n]*(?:\n[ \t][^\n]*)*)"
)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# The tags by which the WHATWG MIME Sniffing Standard (section 7.1) knows HTML.
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)*"
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)"
    rb"[\t\n\f\r />]",
    re.IGNORECASE | re.DOTALL,
)


class Response(NamedTuple):
    """A parsed response; ``body`` is still as it was sent. Absent headers are empty."""

    status: int
    content_type: str
    transfer_encoding: str
    content_encoding: str
    body: bytes


def parse_response(block: bytes) -> Response:
    """Split a record's block into the head's fields and the body.

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
    end = block.find(b"\r\n\r\n", 0, MAX_HEAD)
    body_at = end + 4
    if end < 0 or block.find(b"\n\n", 0, end) >= 0:
        blank = _END_OF_HEAD.search(block, 0, MAX_HEAD)
        if blank is None:
            raise SetAside(Outcome.BAD_HTTP, "no empty line after the HTTP headers")
        end, body_at = blank.span()
    fields = _fields(block[:end])
    return Response(
        status=int(status[1]),
        content_type=fields.get(b"content-type", ""),
        transfer_encoding=fields.get(b"transfer-encoding", "").lower(),
        content_encoding=fields.get(b"content-encoding", "").lower(),
        body=block[body_at:],
    )


def declares_html(content_type: str) -> bool | None:
    """Whether a Content-Type is one of HTML; None where it declares nothing.

    Of several in one value, as of a header that came twice, the last one counts.
    """
    declared: bool | None = None
    for one in content_type.split(",") if "," in content_type else (content_type,):
        essence = one.partition(";")[0].strip().lower()
        if "/" in essence:
            declared = essence in _HTML_TYPES
    return declared


def looks_like_html(body: bytes) -> bool:
    """Whether undeclared content begins as HTML does."""
    return _HTML_START.match(body[:_SNIFFED]) is not None


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
