from __future__ import annotations

import io
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.sources import Read
from pipeline.web.https import WebFile
from pipeline.web.streams import KEPT, ReadFailed, RemoteStream, Stat, open_stream, read_all, stat
from pipeline.web.warc import read_warc
from tests.servers import LOOPBACK, Web, free_ports
from tests.web.network import DATA, IMPATIENT, READ, RESTLESS, Clock
from tests.web.warcs import CAP, gz, http, members, page, record
from tests.wire import unreliable_wire

pytestmark = pytest.mark.usefixtures("own_connections")


def test_a_file_is_read_with_one_request(web: Web) -> None:
    with open_stream(web.url("file"), READ) as stream:
        assert not web.requests
        assert stream.read(10) == DATA[:10]
        buffer = bytearray(5)
        assert stream.readinto(buffer) == 5  # type: ignore[attr-defined]
        assert bytes(buffer) == DATA[10:15]
        assert stream.tell() == 15
        assert stream.read() == DATA[15:]
        assert stream.read(1) == stream.read() == b""
    assert web.ranges() == [""]
    with pytest.raises(ValueError, match="closed"):
        stream.read(1)


def test_an_empty_file(web: Web) -> None:
    web.files["empty"] = b""
    assert read_all(web.url("empty"), READ) == b""
    assert stat(web.url("empty"), READ).bytes == 0


def test_a_local_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA)
    with open_stream(str(tmp_path / "file"), READ, start=1_000) as stream:
        assert (stream.tell(), stream.read(10)) == (1_000, DATA[1_000:1_010])


@pytest.mark.parametrize("faulty", [False, True])
def test_any_seeks_give_the_bytes_of_the_file(web: Web, faulty: bool) -> None:
    data = web.files["file"] = DATA * 8
    chance = random.Random(3)
    web.failing = 0.3 if faulty else 0
    web.cut_after = 400_000 if faulty else None
    with open_stream(web.url("file"), READ) as stream:
        assert stream.seek(0, os.SEEK_END) == len(data)
        for _ in range(60):
            at = chance.choice([stream.tell() - 70_000, chance.randrange(len(data) + 100_000)])
            at = stream.seek(max(0, at))
            size = chance.choice([1, 100, 80_000, 700_000])
            assert stream.read(size) == data[at : at + size]
        stream.seek(-7, os.SEEK_END)
        assert stream.read() == data[-7:]
        stream.seek(-3, os.SEEK_CUR)
        assert stream.read(2) == data[-3:-1]


def test_going_back_a_little_needs_no_request(web: Web) -> None:
    data = web.files["file"] = DATA * 8
    with open_stream(web.url("file"), READ) as stream:
        stream.read(10_000_000)
        stream.seek(-KEPT, os.SEEK_CUR)
        assert stream.read(KEPT + 5) == data[10_000_000 - KEPT : 10_000_005]
        assert web.ranges() == [""]
        stream.seek(10)
        assert stream.read(5) == data[10:15]
        assert web.ranges() == ["", "bytes=10-"]


def test_memory_stays_flat(web: Web) -> None:
    web.files["file"] = DATA * 40
    with open_stream(web.url("file"), READ) as stream:
        tracemalloc.start()
        while stream.read(100_000):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert stream.tell() == len(DATA) * 40
    assert most < 6 * KEPT


def test_a_part_is_asked_for_alone(web: Web) -> None:
    with open_stream(web.url("file"), READ, start=1_000, end=2_000) as stream:
        assert stream.tell() == 1_000
        stream.seek(1_500)
        assert stream.read(100) == DATA[1_500:1_600]
        assert stream.read() == DATA[1_600:2_000]
        assert stream.seek(0, os.SEEK_END) == 2_000
    assert web.ranges() == ["bytes=1500-1999"]
    with open_stream(web.url("file"), READ, start=len(DATA) - 5, end=len(DATA) + 5) as stream:
        assert stream.read() == DATA[-5:]


def test_size_and_identity(web: Web) -> None:
    its = stat(web.url("file"), READ)
    assert its.bytes == len(DATA)
    assert [method for method, _, _ in web.requests] == ["HEAD"]
    web.files["file"] = DATA[::-1]
    assert stat(web.url("file"), READ).identity != its.identity
    web.methods_refused = frozenset({"HEAD"})
    assert stat(web.url("file"), READ).bytes == len(DATA)
    web.anonymous_files = True
    assert stat(web.url("file"), READ) == Stat(len(DATA), str(len(DATA)))
    web.chunked = True
    with pytest.raises(ReadFailed, match="does not tell its size"):
        stat(web.url("file"), READ)


def test_reading_goes_on_behind_the_last_byte_of_the_same_version(web: Web) -> None:
    web.cut_after = 600_000
    assert read_all(web.url("file"), READ) == DATA
    assert web.ranges() == ["", "bytes=600000-", "bytes=1200000-"]
    etags = {head.get("if-match", "") for _, _, head in web.requests[1:]}
    assert len(etags) == 1
    assert all(etags)


def test_a_file_without_length_or_version(web: Web) -> None:
    web.chunked = web.anonymous_files = True
    assert read_all(web.url("file"), READ) == DATA
    web.cut_after = 600_000
    assert read_all(web.url("file"), READ) == DATA
    with open_stream(web.url("file"), READ, end=1_000_000) as stream:
        assert stream.read() == DATA[:1_000_000]


def test_a_server_that_ignores_range(web: Web) -> None:
    web.ignores_range = True
    with unreliable_wire(web.port, seed=1, whole=(100_000, 2_500_000)) as wire:
        assert read_all(f"http://{LOOPBACK}:{wire.port}/file", READ) == DATA
        assert wire.cuts
    with open_stream(web.url("file"), READ, start=1_000, end=2_000) as stream:
        assert stream.read() == DATA[1_000:2_000]


def impatient(web: Web) -> RemoteStream:
    """The file, for one whose patience only waiting uses up."""
    return RemoteStream(WebFile(web.url("file"), IMPATIENT), pace=Clock().pace)


def test_bytes_that_were_read_before_are_no_progress(web: Web) -> None:
    web.ignores_range, web.cut_after = True, 100_000
    with impatient(web) as stream:
        assert stream.read(100_000) == DATA[:100_000]
        with pytest.raises(ReadFailed, match=r"cut.* for 0\.3 seconds") as caught:
            stream.read(1)
    assert caught.value.offset == 100_000
    assert len(web.requests) > 1


def test_a_server_that_sends_another_part(web: Web) -> None:
    web.cut_after, web.range_error = 600_000, 3
    with impatient(web) as stream, pytest.raises(ReadFailed, match="another part") as caught:
        stream.read()
    assert caught.value.offset == 600_000


def test_a_length_that_is_too_great(web: Web) -> None:
    web.length_error = 1_000
    with pytest.raises(ReadFailed, match="416") as caught:
        read_all(web.url("file"), READ)
    assert caught.value.offset == len(DATA)


@pytest.mark.parametrize("ignores_if_match", [False, True])
@pytest.mark.parametrize("changed", [DATA[::-1], DATA + b"more"])
def test_a_file_that_changes_is_not_mixed(web: Web, ignores_if_match: bool, changed: bytes) -> None:
    web.cut_after, web.ignores_if_match = 600_000, ignores_if_match
    with open_stream(web.url("file"), READ) as stream:
        assert stream.read(600_000) == DATA[:600_000]
        web.files["file"] = changed
        with pytest.raises(ReadFailed, match="changed while it was being read"):
            stream.read(1)


def test_a_file_without_version_that_changes_its_length(web: Web) -> None:
    web.cut_after, web.anonymous_files = 600_000, True
    with open_stream(web.url("file"), READ) as stream:
        stream.read(600_000)
        web.files["file"] = DATA + b"more"
        with pytest.raises(ReadFailed, match="changed while it was being read"):
            stream.read(1)


@pytest.mark.parametrize("failure", [429, 500, 503])
def test_a_server_that_turns_away_half_of_all(web: Web, failure: int) -> None:
    web.failing, web.failure, web.cut_after = 0.5, failure, 100_000
    assert read_all(web.url("file"), READ) == DATA


@pytest.mark.parametrize("longest", [60, 2])
def test_retry_after_is_honoured(web: Web, longest: float) -> None:
    web.fail_next, web.failure, web.retry_after = 1, 503, "7"
    clock = Clock()
    source = WebFile(web.url("file"), Read(longest_wait_seconds=longest))
    with RemoteStream(source, pace=clock.pace) as stream:
        assert stream.read() == DATA
    assert 7 <= clock.now <= 7.5


def test_a_server_that_never_recovers(web: Web) -> None:
    web.failing = 1
    told = r"503 Service Unavailable; so for 0\.3 sec"
    with impatient(web) as stream, pytest.raises(ReadFailed, match=told) as caught:
        stream.read()
    assert (caught.value.path, caught.value.offset) == (web.url("file"), 0)
    assert len(web.requests) > 1


def test_refusals_that_last_fail_at_once(web: Web) -> None:
    web.forbidden = frozenset({"file"})
    with pytest.raises(ReadFailed, match=r"403 Forbidden.*not open to all"):
        read_all(web.url("file"), READ)
    with pytest.raises(ReadFailed, match=r"404 Not Found.*correct the address"):
        read_all(web.url("nothing"), READ)
    assert len(web.requests) == 2
    with pytest.raises(ReadFailed, match="403 Forbidden"):
        stat(web.url("file"), READ)


def test_hosts_and_addresses_that_are_none() -> None:
    with pytest.raises(ReadFailed, match="unknown host"):
        read_all("https://no-such-host.invalid/file", IMPATIENT)
    with pytest.raises(ReadFailed, match="the address is none"):
        read_all("ftp://example.org/file", READ)
    with pytest.raises(ReadFailed, match="cannot be reached"):
        read_all(f"http://{LOOPBACK}:{free_ports(1)[0]}/file", IMPATIENT)


def test_redirections_are_followed(web: Web) -> None:
    web.redirections = {"old": web.url("file"), "circle": "/circle"}
    with open_stream(web.url("old"), READ, start=10, end=20) as stream:
        assert stream.read() == DATA[10:20]
    with pytest.raises(ReadFailed, match="redirects without end"):
        read_all(web.url("circle"), READ)


def test_a_proxy_of_the_environment_is_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", web.url(""))
    assert read_all("http://no-such-host.invalid/file", READ) == DATA
    monkeypatch.setenv("no_proxy", ".invalid")
    with pytest.raises(ReadFailed, match="unknown host"):
        read_all("http://no-such-host.invalid/file", IMPATIENT)


def test_connections_that_are_alive_serve_again(web: Web) -> None:
    with unreliable_wire(web.port, seed=1, whole=(10**9, 10**9)) as wire:
        address = f"http://{LOOPBACK}:{wire.port}/file"
        for at in range(5):
            assert stat(address, READ).bytes == len(DATA)
            with open_stream(address, READ, start=at, end=at + 1_000) as stream:
                assert stream.read(1_000) == DATA[at : at + 1_000]
            web.fail_next = 1
        assert wire.connections == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_wire_that_cuts_and_stalls(web: Web, seed: int) -> None:
    with unreliable_wire(web.port, seed=seed, stalled=0.3) as wire:
        with open_stream(f"http://{LOOPBACK}:{wire.port}/file", RESTLESS) as stream:
            chunks = iter(lambda: stream.read(30_000), b"")
            assert b"".join(chunks) == DATA
        assert wire.cuts
        assert wire.connections > 3


def _warc(damage: bool) -> bytes:
    captures = [
        record(http(page(n, 20_000)), url=f"http://a.example/{n}", digest=n % 2 == 0)
        for n in range(100)
    ]
    stored = bytearray(members(*captures[:60]) + gz(*captures[60:70]) + members(*captures[70:]))
    if damage:
        for at in (50_000, 300_000, 700_000):
            stored[at : at + 40] = bytes(40)
        del stored[-3_000:]
    return bytes(stored)


@pytest.mark.parametrize("reader", ["fastwarc", "warcio"])
@pytest.mark.parametrize("damage", [False, True])
def test_a_warc_over_a_bad_wire_reads_as_from_the_disk(web: Web, damage: bool, reader: Any) -> None:
    stored = web.files["a.warc.gz"] = _warc(damage)
    local = list(read_warc(io.BytesIO(stored), reader=reader, max_page_bytes=CAP))
    with unreliable_wire(web.port, seed=11, stalled=0.1) as wire:
        with open_stream(f"http://{LOOPBACK}:{wire.port}/a.warc.gz", RESTLESS) as stream:
            assert list(read_warc(stream, reader=reader, max_page_bytes=CAP)) == local
        assert wire.cuts
    assert len(local) > 80
