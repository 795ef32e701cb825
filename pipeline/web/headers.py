"""The header of a WARC record: where it begins and ends, and what its fields say (WARC 1.1, 4, 5).

Every way of reading takes these for the header, so that none believes what another doubts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any, NamedTuple

GZIP_MAGIC = b"\x1f\x8b\x08"
PLAIN_MAGIC = b"WARC/"
#: The line that begins each record, and the bytes that it has at most.
VERSION = re.compile(rb"WARC/\d\.\d{1,2}[ \t]{0,4}\r?\n")
VERSION_BYTES = 16
#: A longer header, in bytes, is no header.
MAX_HEADER = 128 * 1024
#: Bytes that are looked through at once, of what is too long to be held.
PIECE = 256 * 1024
_MAX_LENGTH_DIGITS = 15
#: Where a header ends: at an empty line, or cut short by the next record's version line.
HEADER_STOP = re.compile(rb"\n(?:\r?\n|(?=%s))" % VERSION.pattern)
_ADDRESS = re.compile(rb"^WARC-Target-URI[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"[ \t\r]*\n[ \t]+")
#: The type of records that hold pages.
RESPONSE = "response"
#: Type, address, date, identified type and truncation: what is read of a header.
FIELD_NAMES = (
    "warc-type",
    "warc-target-uri",
    "warc-date",
    "warc-identified-payload-type",
    "warc-truncated",
)


class Record(NamedTuple):
    """One record. Only responses keep their block, up to a limit.

    ``offset``: where it begins in the file as stored, in bytes. ``kind``: its WARC-Type in
    lower case. ``length``: the declared Content-Length. ``block``: the bytes of the block or
    their beginning. ``url``, ``date``, ``identified_type``, ``truncated``: header fields as
    they are written, None where absent.
    """

    offset: int
    kind: str
    length: int
    block: bytes
    url: str | None
    date: str | None = None
    identified_type: str | None = None
    truncated: str | None = None


def record_of(
    offset: int,
    length: int,
    block: bytes,
    header: Callable[[Any], str | None],
    names: tuple[Any, ...] = FIELD_NAMES,
) -> Record:
    """The record at ``offset`` whose fields ``header`` gives.

    ``header`` is asked for each of ``names``, which stand for those of ``FIELD_NAMES`` in
    their order; None where there is no such field.
    """
    kind_name, url_name, *others = names
    kind = (header(kind_name) or "").strip().lower()
    url = header(url_name)
    if kind != RESPONSE:
        return Record(offset, kind, length, b"", url)
    return Record(offset, kind, length, block, url, *map(header, others))


def cut_within(header: bytes) -> int | None:
    """Where in a line of ``header`` another record begins, in bytes; None where none does.

    An address may well end like a version line. But if fields come again behind it
    that came before, then those are the next record's; and no header has two of such,
    nor one before which there is no field's name.
    """
    versions = list(islice(VERSION.finditer(header, 1), 2))
    if not versions:
        return None
    cut = versions[0].start()
    if len(versions) == 1 and b":" in header[header.rfind(b"\n", 0, cut) : cut]:
        before = header_fields(header[:cut]).keys()
        if before.isdisjoint(header_fields(header[cut:])):
            return None
    return cut


def is_doubtful(header: bytes) -> bool:
    """Whether a header holds more than one record's fields, or seems to."""
    if header.find(PLAIN_MAGIC, 1) >= 0 and VERSION.search(header, 1):
        return True
    return header.lower().count(b"warc-target-uri") > 1 and len(addresses(header)) > 1


def header_fields(header: bytes) -> dict[str, str]:
    """The fields of a record's header: values by name in lower case, without white space around.

    Of a repeated field the first; folded lines are one (WARC 1.0, section 4). Never raises:
    what is no UTF-8 is replaced, and a line without a colon passed over.
    """
    text = header.decode("utf-8", "replace")
    fields: dict[str, str] = {}
    for line in _FOLD.sub(" ", text).split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def addresses(header: bytes) -> set[bytes]:
    """The different values of WARC-Target-URI; of two nobody knows which is the page's."""
    return set(_ADDRESS.findall(header))


def declared_length(fields: dict[str, str]) -> int | None:
    """The Content-Length of a record with these ``fields``, in bytes; None where it is none."""
    length = fields.get("content-length", "")
    if length.isdecimal() and length.isascii() and len(length) <= _MAX_LENGTH_DIGITS:
        return int(length)
    return None
