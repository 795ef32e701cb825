"""Whether a record that was fetched by its place is the one that an index means.

An index says of each record its address, when it was fetched, and the digest of its payload.
What is at the place that it names may be another record all the same: an index of other files,
a damaged row, a file that was written anew.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.web.canonical import canonical_url
from pipeline.web.headers import GZIP_MAGIC, HEADER_STOP, declared_length, header_fields
from pipeline.web.http import parse_response, without_chunks
from pipeline.web.warc import Capture

#: Seconds by which an index, which has whole ones, may differ from a record.
_ROUNDED = 1.0
#: By the length of a digest in bytes, the name of what made it.
_ALGORITHMS = {20: "sha1", 32: "sha256"}
#: Characters of these digests in hexadecimal.
_HEXADECIMAL = frozenset(2 * length for length in _ALGORITHMS)


class Claim(NamedTuple):
    """What a row of an index says of the record at a place; None where it says nothing.

    ``fetch_time`` without a zone is in UTC. ``digest``: of the payload (WARC 1.1, section 5.9),
    with or without the name of its algorithm, in base32 with or without padding, or in
    hexadecimal digits, in any case.
    """

    url: str | None = None
    fetch_time: datetime | None = None
    digest: str | None = None


def checked_record(
    item: Capture | SetAside, stored: bytes, claims: Sequence[Claim], most: int
) -> Capture | SetAside:
    """``item``, which was read of the ``stored`` bytes, if it is what one of ``claims`` says.

    Else what it is set aside for, ``WRONG_RECORD``. So are bytes that are no record, and a
    record of a kind that holds no response, which no index of pages means. Without claims
    there is nothing else to check. ``most``: bytes of a record that are inflated.
    """
    if isinstance(item, SetAside) and item.outcome.kind == "count":
        return _wrong(item, f"a record of type {item.outcome}")
    if isinstance(item, SetAside) and item.outcome is Outcome.BAD_RECORD and item.url is None:
        return _wrong(item, item.detail)
    doubts = [_doubt(item, stored, claim, most) for claim in claims]
    return _wrong(item, doubts[0]) if doubts and all(doubts) else item


def _wrong(item: Capture | SetAside, doubt: str) -> SetAside:
    return SetAside(Outcome.WRONG_RECORD, doubt, item.offset, item.url)


def _doubt(item: Capture | SetAside, stored: bytes, claim: Claim, most: int) -> str:
    """What speaks against the claim; empty where nothing does."""
    url = item.url
    if claim.url is not None and url is not None and not _is_same(url, claim.url):
        return f"the index says {claim.url}"
    if isinstance(item, SetAside):
        return ""
    if claim.fetch_time is not None:
        apart = abs((item.fetch_time - _utc(claim.fetch_time)).total_seconds())
        if apart > _ROUNDED:
            return f"fetched {item.fetch_time:%Y-%m-%d %H:%M:%S}, the index says {claim.fetch_time}"
    if claim.digest is not None and (digest := digest_bytes(claim.digest)) is not None:
        name = _ALGORITHMS[len(digest)]
        payloads = _payloads(item, stored, most)
        if all(hashlib.new(name, payload).digest() != digest for payload in payloads):
            return f"another payload than the one whose digest is {claim.digest}"
    return ""


def digest_bytes(text: str) -> bytes | None:
    """A digest of SHA-1 or SHA-256 as bytes, however it is spelt; None for any other text."""
    name, colon, digits = text.strip().rpartition(":")
    try:
        if len(digits) in _HEXADECIMAL:
            digest = bytes.fromhex(digits)
        else:
            bare = digits.rstrip("=").upper()
            digest = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except ValueError:
        return None
    known = _ALGORITHMS.get(len(digest))
    return digest if known and (not colon or name.lower().replace("-", "") == known) else None


def _payloads(capture: Capture, stored: bytes, most: int) -> Iterator[bytes]:
    """What writers of WARC files may have taken a digest of, the likeliest first."""
    yield capture.body
    try:
        response = parse_response(_block(stored, most))
        yield response.body
        if "chunked" in response.transfer_encoding:
            yield without_chunks(response.body, cut=True)
    except (zlib.error, SetAside):
        return


def _block(stored: bytes, most: int) -> bytes:
    """The block of the record in the ``stored`` bytes, a gzip member or plain."""
    record = stored
    if stored.startswith(GZIP_MAGIC):
        record = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stored, most)
    header = HEADER_STOP.search(record)
    if header is None:
        return b""
    length = declared_length(header_fields(record[: header.end()])) or 0
    return record[header.end() : header.end() + length]


def _is_same(url: str, other: str) -> bool:
    return url == other or canonical_url(url) == canonical_url(other)


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
