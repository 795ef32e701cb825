"""What an index says of a record is held against the record, however it is spelt."""

from __future__ import annotations

import base64
import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.config.sources import Read
from pipeline.web.ranges import read_places
from pipeline.web.record_checks import Claim, digest_bytes
from pipeline.web.warc import Capture
from tests.web.warcs import good, gz, http, members, page, record

LIMIT = 1_000_000
DATE = datetime(2024, 3, 1, 12, 34, 56)


def claim(n: int, **others: object) -> Claim:
    """What an index says of ``good(n)``."""
    digest = base64.b32encode(hashlib.sha1(page(n)).digest()).decode()
    return Claim(f"http://a.example/{n}", DATE, digest)._replace(**others)


def read(path: Path, place: tuple[int, int], *claims: Claim) -> Capture | SetAside:
    [item] = read_places(
        str(path), [place], Read(), claims={place[0]: claims}, max_page_bytes=LIMIT
    )
    return item


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(*map(good, range(3))))
    return path


SECOND = (len(gz(good(0))), len(gz(good(1))))


def assert_wrong(item: Capture | SetAside, detail: str) -> None:
    assert isinstance(item, SetAside)
    assert item.outcome is Outcome.WRONG_RECORD
    assert detail in item.detail


def test_the_record_that_is_meant_is_a_capture(warc: Path) -> None:
    item = read(warc, SECOND, claim(1))
    assert isinstance(item, Capture)
    assert item.url == "http://a.example/1"
    assert read(warc, SECOND, Claim()) == item
    # Of several rows about one place one is right.
    assert read(warc, SECOND, claim(2), claim(1)) == item
    # Two spellings of one address; another zone's clock; half a second.
    assert read(warc, SECOND, claim(1, url="HTTP://A.example:80/1")) == item
    assert read(warc, SECOND, claim(1, fetch_time=DATE.replace(tzinfo=UTC))) == item
    assert read(warc, SECOND, claim(1, fetch_time=DATE.replace(microsecond=500_000))) == item


def test_another_record_is_set_aside(warc: Path) -> None:
    offset, length = SECOND
    assert_wrong(read(warc, (offset + 4, length), claim(1)), "no WARC record")
    assert_wrong(read(warc, SECOND, claim(0)), "the index says http://a.example/0")
    late = claim(1, fetch_time=DATE.replace(year=2023))
    assert_wrong(read(warc, SECOND, late), "2024-03-01 12:34:56, the index says 2023")
    assert_wrong(read(warc, SECOND, claim(1, digest=claim(0).digest)), "another payload")


def test_a_changed_body_is_set_aside(tmp_path: Path) -> None:
    stored = gz(record(http(page(1).replace(b"page", b"cage")), url="http://a.example/1"))
    (tmp_path / "a.warc.gz").write_bytes(stored)
    assert_wrong(read(tmp_path / "a.warc.gz", (0, len(stored)), claim(1)), "another payload")


@pytest.mark.parametrize("kind", ["request", "metadata", "revisit"])
def test_a_record_that_holds_no_response_is_set_aside(tmp_path: Path, kind: str) -> None:
    stored = gz(record(b"", kind=kind, url="http://a.example/1"))
    (tmp_path / "a.warc.gz").write_bytes(stored)
    assert_wrong(read(tmp_path / "a.warc.gz", (0, len(stored)), claim(1)), kind)


def test_a_response_that_is_no_page_keeps_its_reason_if_it_is_the_one(tmp_path: Path) -> None:
    stored = gz(record(http(b"", status="404 Not Found"), url="http://a.example/1"))
    (tmp_path / "a.warc.gz").write_bytes(stored)
    item = read(tmp_path / "a.warc.gz", (0, len(stored)), claim(1))
    assert isinstance(item, SetAside)
    assert item.outcome is Outcome.HTTP_STATUS
    assert_wrong(read(tmp_path / "a.warc.gz", (0, len(stored)), claim(2)), "example/2")


def test_a_digest_may_be_of_the_payload_as_stored(tmp_path: Path) -> None:
    packed = gzip.compress(page(1), mtime=0)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    headers = ("Content-Encoding: gzip", "Transfer-Encoding: chunked")
    for plain in (True, False):
        stored = record(http(chunked, *headers), url="http://a.example/1")
        stored = stored if plain else gz(stored)
        (tmp_path / "a.warc").write_bytes(stored)
        for payload in (page(1), packed, chunked):
            digest = base64.b32encode(hashlib.sha1(payload).digest()).decode()
            item = read(tmp_path / "a.warc", (0, len(stored)), claim(1, digest=digest))
            assert isinstance(item, Capture), item


def test_a_digest_is_one_however_it_is_spelt() -> None:
    sha1, sha256 = hashlib.sha1(b"x").digest(), hashlib.sha256(b"x").digest()
    base32 = base64.b32encode(sha1).decode()
    for text in (base32, f"sha1:{base32}", f"SHA-1:{base32.lower()}", f" {base32} ", sha1.hex(),
                 sha1.hex().upper(), f"sha1:{sha1.hex()}", f"{base32}======"):  # fmt: skip
        assert digest_bytes(text) == sha1, text
    padded = base64.b32encode(sha256).decode()
    for text in (sha256.hex(), padded, padded.rstrip("="), f"sha256:{padded}"):
        assert digest_bytes(text) == sha256, text
    md5 = hashlib.md5(b"x").hexdigest()
    none = ("", "none", "=", "A" * 31, "1" * 32, "é" * 32, "sha1:", f"md5:{md5}", f"md5:{'A' * 32}")
    assert [digest_bytes(text) for text in none] == [None] * len(none)


def test_a_digest_that_nothing_can_be_told_by_costs_no_page(warc: Path) -> None:
    for digest in ("none", "md5:d41d8cd98f00b204e9800998ecf8427e", ""):
        assert isinstance(read(warc, SECOND, claim(1, digest=digest)), Capture)
