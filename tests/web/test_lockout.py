"""Lock-outs: told from other refusals, waited out by all of a machine's processes, ended slowly."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from pipeline.config.sources import Read
from pipeline.web.https import WebFile
from pipeline.web.lockout import LockOut, State, locks_out, paused_again
from pipeline.web.remote import refusal
from pipeline.web.streams import ReadFailed, RemoteStream, open_stream, read_all, stat
from tests.places import PROJECT
from tests.servers import CDN_FIELDS, LOCKED_OUT, Web
from tests.web.network import DATA, READ, Clock

pytestmark = pytest.mark.usefixtures("own_connections")

DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
BY_COUNTRY = LOCKED_OUT.replace(
    b"Request blocked.", b"The distribution is configured to block access from your country."
)


def test_too_much_traffic_is_told_from_other_refusals() -> None:
    assert locks_out(403, CDN_FIELDS, LOCKED_OUT)
    assert locks_out(403, {}, LOCKED_OUT)
    assert not locks_out(403, CDN_FIELDS, DENIED)
    assert not locks_out(403, CDN_FIELDS, BY_COUNTRY)
    assert not locks_out(404, CDN_FIELDS, LOCKED_OUT)
    other = b"<h1>Request blocked</h1> There might be too much traffic."
    assert not locks_out(403, {"server": "nginx"}, other)
    assert locks_out(403, {"x-cache": "Error from CloudFront"}, other)
    assert not refusal(403, CDN_FIELDS, "", DENIED).locked_out
    assert refusal(403, CDN_FIELDS, "", DENIED).lasting
    for status, fields in ((429, {}), (403, {"retry-after": "30"})):
        trouble = refusal(status, fields)
        assert (trouble.locked_out, trouble.lasting) == (True, False)
        assert trouble.asked == (30 if fields else 0)
    assert not refusal(503, {"retry-after": "30"}).locked_out


def test_pauses_grow_while_refusals_go_on_and_begin_anew_later() -> None:
    state = paused_again(None, 100, asked_at=99, wished=0, first=60)
    assert (state.paused, state.until) == (100, 160)
    # What was on its way when the pause began is no news.
    assert paused_again(state, 101, asked_at=99.5, wished=0, first=60) == state
    lengths = []
    for _ in range(7):
        now = state.until
        state = paused_again(state, now, asked_at=now, wished=0, first=60)
        lengths.append(state.until - now)
    assert lengths == [120, 240, 480, 960, 960, 960, 960]
    assert state.began == 100
    named = paused_again(state, state.until, asked_at=state.until, wished=5, first=60)
    assert named.until - state.until == 5
    assert paused_again(state, 9_999, asked_at=9_999, wished=0, first=60).pause == 60


def test_connections_come_back_one_by_one() -> None:
    state = State(began=0, paused=0, pause=60, until=60, ended=100.0)
    assert [state.allowed(32, now) for now in (100, 105.9, 106, 112, 1_000)] == [1, 1, 2, 3, 32]


def test_a_lock_out_is_waited_out_and_costs_no_patience(web: Web, capfd) -> None:
    web.lock_out_after, web.locked_requests = 0, 4
    clock = Clock()
    source = WebFile(web.url("file"), Read(patience_seconds=1))
    with RemoteStream(source, pace=clock.pace) as stream:
        assert stream.read() == DATA
    assert len(web.requests) == 5
    assert 60 + 120 + 240 + 480 <= clock.now < 910
    said = capfd.readouterr().err.splitlines()
    assert "asks too much" in said[0]
    assert "answers again" in said[-1]
    # One line a minute at most.
    assert len(said) <= 1 + clock.now / 60 + 1


def test_what_the_server_names_is_waited_for_by_everybody(web: Web) -> None:
    web.fail_next, web.failure, web.retry_after = 1, 429, "7"
    clock = Clock()
    with RemoteStream(WebFile(web.url("file"), Read()), pace=clock.pace) as stream:
        assert stream.read() == DATA
    assert 7 <= clock.now < 8
    state = LockOut(web.url("other"), clock.pace.clock).state()
    assert state is not None
    assert state.ended == pytest.approx(7, abs=1)


def test_a_lock_out_without_end_ends_with_its_cause(web: Web) -> None:
    web.lock_out_after, web.locked_requests = 0, 10**9
    clock = Clock()
    source = WebFile(web.url("file"), Read(longest_lockout_seconds=3_600))
    with (
        RemoteStream(source, pace=clock.pace) as stream,
        pytest.raises(ReadFailed, match="locks this machine out for asking too much"),
    ):
        stream.read()
    assert clock.now < 3_600 + 960
    assert len(web.requests) < 10


def test_a_refusal_that_is_one_is_no_lock_out(web: Web) -> None:
    web.forbidden = frozenset({"file"})
    with pytest.raises(ReadFailed, match=r"403 Forbidden.*not open to all"):
        read_all(web.url("file"), READ)
    assert LockOut(web.url("file"), lambda: 0.0).state() is None
    assert len(web.requests) == 1


def test_size_of_a_file_is_told_after_a_lock_out(web: Web) -> None:
    web.lock_out_after, web.locked_requests = 0, 3
    assert stat(web.url("file"), READ).bytes == len(DATA)


def test_a_state_of_an_earlier_start_of_the_machine_is_none(web: Web) -> None:
    LockOut(web.url("file"), lambda: 1_000.0).refused(999.0, 0, 60)
    assert LockOut(web.url("file"), lambda: 1_001.0).state() is not None
    assert LockOut(web.url("file"), lambda: 10.0).state() is None
    assert LockOut("https://another.example/", lambda: 1_001.0).state() is None
    # Nor is the pause of a run that was ended in it.
    assert LockOut(web.url("file"), lambda: 1_060.0 + 16 * 60).state() is not None
    assert LockOut(web.url("file"), lambda: 1_061.0 + 16 * 60).state() is None


def test_a_state_that_cannot_be_read_is_none(web: Web, tmp_path: Path) -> None:
    LockOut(web.url("file"), lambda: 1.0).refused(0.0, 0, 60)
    [file] = tmp_path.glob("mathmine-connections-*/lockout-*.json")
    for text in ("", "[]", '{"began": 1}', "\xff"):
        file.write_text(text)
        assert LockOut(web.url("file"), lambda: 1.0).state() is None


_READER = """
import sys
from pipeline.config.sources import Read
from pipeline.web.streams import open_stream
read = Read(connections=4, lockout_seconds=0.2, longest_wait_seconds=0.05)
for at in range(0, 40_000, 1_000):
    with open_stream(sys.argv[1], read, start=at, end=at + 500) as stream:
        assert len(stream.read()) == 500
"""


@pytest.mark.process
def test_all_processes_of_a_machine_leave_the_server_alone(web: Web) -> None:
    """Three processes, four connections; a lock-out begins after 30 requests."""
    web.lock_out_after, web.locked_requests = 30, 7
    environment = {**os.environ, "TMPDIR": tempfile.gettempdir(), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", _READER, web.url("file")]
    readers = [
        subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [reader.communicate()[1] for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * 3
    # Each request that was served, and those that the lock-out refuses before it ends.
    assert len(web.requests) == 3 * 40 + 7
    assert sum(text.count("answers again") for text in said) == 1


def test_threads_share_the_pause(web: Web) -> None:
    web.lock_out_after, web.locked_requests = 20, 5
    read = READ.model_copy(update={"connections": 3, "lockout_seconds": 0.05})
    wrong: list[object] = []

    def reader(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(20):
            at = chance.randrange(len(DATA) - 500)
            with open_stream(web.url("file"), read, start=at, end=at + 500) as stream:
                if stream.read() != DATA[at : at + 500]:
                    wrong.append(at)

    threads = [threading.Thread(target=reader, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(web.requests) == 85
