from __future__ import annotations

import pickle
import random
import ssl
from datetime import UTC, datetime
from socket import EAI_AGAIN, EAI_NONAME, gaierror
from types import SimpleNamespace

import pytest
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NameResolutionError, SSLError

from pipeline.config.sources import Read
from pipeline.web.attempts import Pace, Patience
from pipeline.web.remote import (
    Trouble,
    Version,
    extent,
    failure,
    is_transient,
    retry_after,
    wait_before,
)
from pipeline.web.s3 import fits
from pipeline.web.streams import ReadFailed
from tests.web.network import READ


@pytest.mark.parametrize(
    ("status", "transient"),
    [(408, True), (429, True), (500, True), (502, True), (503, True), (599, True)]
    + [(code, False) for code in (301, 400, 401, 403, 404, 410, 412, 416)],
)
def test_statuses_are_judged_by_number(status: int, transient: bool) -> None:
    assert is_transient(status) is transient


def test_waits_grow_up_to_the_longest_and_are_random_from_nothing() -> None:
    most = [wait_before(n, 0, 60, lambda _, high: high) for n in range(1, 12)]
    assert most == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert wait_before(9, 0, 60, lambda low, _: low) == 0
    assert wait_before(100_000, 0, 60) <= 60
    chance = random.Random(1).uniform
    assert len({wait_before(5, 0, 60, chance) for _ in range(10)}) == 10


def test_what_the_server_asks_for_is_waited_for_in_full() -> None:
    assert 7 <= wait_before(1, 7, 60) <= 7.5
    assert 3_600 <= wait_before(1, 3_600, 60) <= 3_600.5


def test_retry_after_is_a_number_or_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2024, 3, 1, 12, 0, 0, tzinfo=UTC).timestamp()
    monkeypatch.setattr("urllib3.util.retry.time", SimpleNamespace(time=lambda: now))
    assert [retry_after(text) for text in ("120", " 7 ")] == [120, 7]
    assert retry_after("Fri, 01 Mar 2024 12:01:30 GMT") == 90
    assert retry_after("Friday, 01-Mar-24 12:01:30 GMT") == 90
    assert retry_after("Fri, 01 Mar 2024 11:00:00 GMT") == 0
    hostile = ("9" * 5_000, "Fri, 01 Mar 99999999 12:00:00 GMT", "Fri, 99 Mar 2024 99:99:99 GMT")
    assert all(retry_after(text) >= 0 for text in hostile)
    assert [retry_after(text) for text in (None, "", "soon", "-3", "1.5e3")] == [0] * 5


def test_an_answer_tells_which_bytes_it_brings() -> None:
    whole = extent(200, {"content-length": "10", "etag": '"a"'}, 4, None)
    assert (whole.start, whole.end, whole.version) == (0, 10, Version(10, '"a"'))
    part = extent(206, {"content-length": "6", "content-range": "bytes 4-9/10"}, 4, None)
    assert (part.start, part.end, part.version.bytes) == (4, 10, 10)
    endless = extent(206, {"content-range": "bytes 4-9/*"}, 4, None)
    assert (endless.end, endless.version.bytes) == (10, None)


def test_a_length_that_no_file_has_is_none() -> None:
    endless = extent(200, {"content-length": "9" * 5_000}, 0, None)
    assert (endless.end, endless.version.bytes) == (None, None)


@pytest.mark.parametrize(
    "told",
    [
        *("bytes 3-9/10", "bytes 5-9/10", "", "bytes */10", "items 4-9/10", "bytes 4-/10"),
        f"bytes 4-9/{'9' * 5_000}",
    ],
)
def test_another_part_than_was_asked_for_is_not_taken(told: str) -> None:
    with pytest.raises(Trouble, match="another part") as caught:
        extent(206, {"content-range": told}, 4, None)
    assert not caught.value.lasting


@pytest.mark.parametrize(
    ("later", "other"),
    [
        (Version(10, '"a"', "monday"), False),
        (Version(10, 'W/"a"', "tuesday"), False),
        (Version(None, "", ""), False),
        (Version(None, "", "monday"), False),
        (Version(11, '"a"', "monday"), True),
        (Version(10, '"b"', "monday"), True),
        (Version(10, "", "tuesday"), True),
    ],
)
def test_versions_differ_where_both_tell(later: Version, other: bool) -> None:
    assert Version(10, '"a"', "monday").is_of_another_file(later) is other


@pytest.mark.usefixtures("own_connections")
def test_patience_ends_on_the_clock_and_not_by_count() -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    pace = Pace(clock=lambda: now, sleep=sleep, uniform=lambda _, high: high)
    settings = Read(patience_seconds=100, longest_wait_seconds=10)
    patience = Patience("https://a.example/", settings, pace)
    waits = 0
    while patience.wait(Trouble("")):
        waits += 1
    assert now == 100
    assert waits == 14
    # Nothing is asked while the server wants to be left alone, so it is over at once.
    brief = Patience("https://a.example/", Read(patience_seconds=30), pace)
    assert not brief.wait(Trouble("", asked=45))


@pytest.mark.parametrize(
    ("pattern", "path", "fit"),
    [
        ("a/*.gz", "a/b.gz", True),
        ("a/*.gz", "a/b/c.gz", False),
        ("a/**/*.gz", "a/c.gz", True),
        ("a/**/*.gz", "a/b/b/c.gz", True),
        ("a/**/b/*.gz", "a/b/c/d.gz", False),
        ("a/**", "a/b/c", True),
        ("[ab]?/x", "bc/x", True),
        ("[!ab]?/x", "bc/x", False),
    ],
)
def test_patterns(pattern: str, path: str, fit: bool) -> None:
    assert fits(path.split("/"), pattern.split("/")) is fit


def test_a_failure_survives_the_way_from_worker_to_driver() -> None:
    failed = pickle.loads(pickle.dumps(ReadFailed("s3://b/k", 12, "it is not there")))
    assert (failed.path, failed.offset, failed.cause) == ("s3://b/k", 12, "it is not there")
    assert isinstance(failed, OSError)
    assert "s3://b/k beyond byte 12: it is not there" in str(failed)


def test_a_host_that_was_reached_before_is_not_unknown() -> None:
    error = NameResolutionError("a.example", HTTPConnection("a.example"), gaierror(EAI_NONAME))
    error.__cause__ = gaierror(EAI_NONAME, "Name or service not known")
    assert failure(error, READ, reached=False).lasting
    assert not failure(error, READ, reached=True).lasting
    error.__cause__ = gaierror(EAI_AGAIN, "Temporary failure in name resolution")
    assert not failure(error, READ, reached=False).lasting


def test_a_certificate_that_is_not_trusted_will_not_be() -> None:
    error = SSLError()
    error.__context__ = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.__context__.verify_message = "self-signed certificate"
    trouble = failure(error, READ, reached=False)
    assert trouble.lasting
    assert "not trusted: self-signed" in trouble.cause
