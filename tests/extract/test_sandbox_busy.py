"""What becomes of a page does not depend on how busy the machine is with other work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from pipeline.base.outcomes import Outcome
from pipeline.extract import child_process
from pipeline.extract import sandbox as module
from pipeline.extract.sandbox import Limits
from tests.extract.test_sandbox import LIMITS, SHORT, plain, run
from tests.extract.workers import make_one_that_dies_often, make_starving

pytestmark = pytest.mark.process

CRASHED, TIMEOUT = Outcome.EXTRACTOR_CRASHED, Outcome.EXTRACTOR_TIMEOUT


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(child_process, "_WAIT_FACTOR", 2)
    monkeypatch.setattr(child_process, "_SILENCE", 0.2)
    monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.03))


@pytest.mark.parametrize(
    ("poison", "limits", "told"),
    [
        ("close-everything-slowly", LIMITS, (CRASHED, "the process ended with status 1")),
        ("close-everything-and-loop", SHORT, (TIMEOUT, "over 0.4 s of CPU")),
        ("close-everything-and-sleep", SHORT, (TIMEOUT, "over 0.8 s of waiting")),
    ],
)
def test_child_without_pipes_is_left_to_end_by_itself(poison, limits, told):
    """However much longer that takes it than one silence."""
    pages = plain(run([b"page", poison.encode(), b"page"], limits))
    assert [answer for _, answer in pages] == [("page", 4), told, ("page", 4)]


@contextmanager
def competitor(core: int) -> Iterator[None]:
    """A process that leaves next to nothing of a core to whoever wants it only when idle."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            os.sched_setaffinity(process.pid, {core})
            yield
        finally:
            process.kill()


def test_page_that_gets_no_processor_is_not_set_aside():
    core = min(os.sched_getaffinity(0))
    limits = Limits(seconds=0.3, memory=250_000_000)
    with competitor(core):
        # More than six times the limit, which would be over if it were of the clock.
        pages = run([b"page"], limits, partial(make_starving, core, 2.5))
    assert pages == [(0, 4)]


IN_STATE = {
    # Computes, or would if it were its turn.
    "R": "while True: pass",
    # Waits for what other threads compute.
    "S, with work in a thread": """
import threading
def work():
    while True: pass
threading.Thread(target=work).start()
""",
    # Waits for a disk, or as here for a process that is about to start.
    "D": """
import os, sys
actions = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)]
os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}, file_actions=actions)
""",
    "Z": "",
    "S": "import time; time.sleep(600)",
    "T": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
}


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def until(condition):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("name", IN_STATE)
def test_only_a_process_that_has_nothing_to_do_waits(name, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    program = "print(flush=True)\n" + IN_STATE[name]
    line = [sys.executable, "-c", program, str(tmp_path / "fifo")]
    with subprocess.Popen(line, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            process.stdout.readline()
            until(lambda: state(process.pid) == name[0])
            assert child_process._waits(process.pid) is (name in "ST")
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("times", [1, 4, 5])
def test_page_is_tried_again_while_others_may_have_killed_its_child(times, tmp_path):
    kills = tmp_path / "kills"
    kills.write_bytes(b"")
    tasks = [b"page", b"victim", b"page"]
    _, victim, last = run(tasks, make=partial(make_one_that_dies_often, kills, times))
    assert last == (2, times)
    if times < 5:
        assert victim == (1, times)
    else:
        assert plain([victim]) == [(1, (CRASHED, "the process died of SIGKILL"))]


@pytest.mark.parametrize("others", [0, 50])
def test_answer_that_does_not_come_whole_is_not_waited_for_without_end(others):
    tasks = [b"claim-more-than-is-sent"] + [b"page"] * others
    pages = [answer for _, answer in plain(run(tasks, SHORT))]
    assert pages == [(TIMEOUT, "over 0.8 s of waiting")] + [("page", 4)] * others
