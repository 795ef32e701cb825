"""Whatever a page does to the process that works on it costs that page alone."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from pipeline.base.errors import SetupError
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.extract import child_process
from pipeline.extract import sandbox as module
from pipeline.extract.sandbox import Limits, sandbox
from tests.extract.workers import (
    make_crash,
    make_import_error,
    make_nothing,
    make_one_that_dies_of_its_third_task,
    make_waiting_worker,
    make_worker,
)

pytestmark = pytest.mark.process

LIMITS = Limits(seconds=5, memory=250_000_000)
#: For pages that use up all their time.
SHORT = Limits(seconds=0.4, memory=250_000_000)
HEALTHY = 200


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Little time for pages that use none, and for memory to become free."""
    monkeypatch.setattr(child_process, "_WAIT_FACTOR", 2)
    monkeypatch.setattr(child_process, "_SILENCE", 0.2)
    monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.03))


@pytest.fixture(autouse=True)
def none_left():
    """Each test begins and ends without a child, and leaks no open file."""
    module._close_idle()
    gc.collect()
    others[:] = all_children()
    before = open_files()
    yield
    module._close_idle()
    gc.collect()
    assert children() == []
    assert open_files() <= before


def open_files():
    """By number and by what they are: others may close theirs meanwhile."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the folder's own
            found.add((entry.name, entry.readlink()))
    return found


#: Children that other tests left to run, such as Spark's.
others = []


def children():
    return [pid for pid in all_children() if pid not in others]


def all_children():
    mine = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in mine]


def run(tasks, limits=LIMITS, make=make_worker):
    with sandbox(make, limits) as box:
        return list(box.answers((index, task) for index, task in enumerate(tasks)))


def healthy(number):
    """Pages of all sizes, one of them larger than all that goes ahead of the child."""
    tasks = [b"page-%d " % index + b"x" * (index * index * 3) for index in range(number)]
    tasks[number // 3] += b"x" * 3_000_000
    return tasks


def plain(answers):
    """Without the process numbers, and with reasons as they are written down."""
    return [
        (tag, (answer.outcome, answer.detail) if isinstance(answer, SetAside) else answer[:2])
        for tag, answer in answers
    ]


CRASHED, TIMEOUT = Outcome.EXTRACTOR_CRASHED, Outcome.EXTRACTOR_TIMEOUT
FAILED, MEMORY = Outcome.EXTRACTOR_FAILED, Outcome.OUT_OF_MEMORY
#: What becomes of a page with each poison; None: it is a page like any other.
ENDS = {
    "segfault": (CRASHED, "the process died of SIGSEGV"),
    "abort": (CRASHED, "the process died of SIGABRT"),
    "exit-3": (CRASHED, "the process ended with status 3"),
    "kill": (CRASHED, "the process died of SIGKILL"),
    "endless": (TIMEOUT, "over 0.4 s of CPU"),
    "endless-in-native-code": (TIMEOUT, "over 0.4 s of CPU"),
    "sleep": (TIMEOUT, "over 0.8 s of waiting"),
    "ten-gigabytes": (MEMORY, "over 250000000 bytes"),
    "ever-more": (MEMORY, "over 250000000 bytes"),
    "native-memory": (CRASHED, "the process died of SIGSEGV"),
    "fork-and-die": (CRASHED, "the process died of SIGABRT"),
    "close-everything": (CRASHED, "the process ended with status 1"),
    "raise": (FAILED, "RecursionError: deep"),
    "exit": (FAILED, "SystemExit: bye"),
    "set-aside": (Outcome.NO_TEXT, "0 words"),
    "enormous-text": (FAILED, "an answer of 66 MiB"),
}


@pytest.fixture(scope="module")
def undisturbed():
    answers = plain(run(healthy(HEALTHY)))
    assert [tag for tag, _ in answers] == list(range(HEALTHY))
    return [answer for _, answer in answers]


@pytest.mark.parametrize("poison", ENDS)
def test_poison_costs_its_page_and_no_other(poison, undisturbed):
    places = (0, 77, 78, HEALTHY + 3)
    tasks, expected = healthy(HEALTHY), list(undisturbed)
    for place in places:
        tasks.insert(place, poison.encode())
        expected.insert(place, ENDS[poison])
    found = plain(run(tasks, SHORT if ENDS[poison][0] is TIMEOUT else LIMITS))
    assert [tag for tag, _ in found] == list(range(HEALTHY + len(places)))
    assert [answer for _, answer in found] == expected


def test_many_poisons_in_one_run(undisturbed):
    tasks, expected = healthy(HEALTHY), list(undisturbed)
    quick = [poison for poison, (outcome, _) in ENDS.items() if outcome is not TIMEOUT]
    for place, poison in enumerate(quick):
        tasks.insert(7 * place, poison.encode())
        expected.insert(7 * place, ENDS[poison])
    assert [answer for _, answer in plain(run(tasks))] == expected


@pytest.mark.parametrize("harmless", ["garbage", "fork"])
def test_page_that_prints_or_forks_is_answered_once(harmless, undisturbed, capfd):
    tasks = healthy(HEALTHY)
    tasks[50] = harmless.encode()
    found = [answer for _, answer in run(tasks)]
    assert found.pop(50) is None
    expected = list(undisturbed)
    del expected[50]
    assert [answer[:2] for answer in found] == expected
    assert capfd.readouterr().out == ""


def test_page_that_garbles_the_pipes_is_set_aside(undisturbed):
    tasks = healthy(HEALTHY)
    tasks[50] = b"garble-the-pipes"
    found = [answer for _, answer in plain(run(tasks))]
    assert found.pop(50) == (CRASHED, "the process gave no answer that can be read")
    expected = list(undisturbed)
    del expected[50]
    assert found == expected


def test_answer_that_cannot_be_sent_is_the_page_s_failure():
    [(_, first), (_, second)] = run([b"unpicklable", b"page"])
    assert first.outcome == FAILED
    assert second[0] == "page"


def test_things_without_a_task_keep_their_place():
    with sandbox(make_worker, LIMITS) as box:
        tasks = [(n, b"page" if n % 3 == 0 else None) for n in range(5_000)]
        found = list(box.answers(iter(tasks)))
    assert [tag for tag, _ in found] == list(range(5_000))
    assert all((answer is None) == (tag % 3 > 0) for tag, answer in found)


def test_one_child_for_every_use_and_a_new_one_only_for_other_work():
    [(_, (_, _, first))] = run([b"page"])
    [(_, (_, _, second))] = run([b"page"])
    assert first == second
    assert children() == [first]
    [(_, (_, _, third))] = run([b"page"], Limits(1, 1 << 30))
    assert children() == [third] != [first]


def test_pages_are_read_while_others_are_worked_on_but_not_without_end(tmp_path):
    read = []
    # The first page is worked on until the second has been read.
    second_is_read = tmp_path / "second"

    def tasks():
        for number in range(1_000):
            read.append(number)
            if number == 1:
                second_is_read.touch()
            yield number, b"page " + b"x" * 40_000

    with sandbox(partial(make_waiting_worker, second_is_read), LIMITS) as box:
        answers = box.answers(tasks())
        next(answers)
        assert 1 < len(read) < 60
        list(answers)
    assert len(read) == 1_000


def test_uses_may_overlap_and_end_early(tmp_path):
    with sandbox(make_worker, LIMITS) as one, sandbox(make_worker, LIMITS) as other:
        pairs = zip(
            one.answers(enumerate(healthy(50))), other.answers(enumerate(healthy(50))), strict=True
        )
        processes = {(a[2], b[2]) for (_, a), (_, b) in pairs}
        assert len(processes) == 1
        assert len(children()) == 2
    assert len(children()) == 1
    first, second = tmp_path / "first", tmp_path / "second"

    def tasks():
        yield 1, bytes(first)
        first.touch()
        yield 2, bytes(second)

    with sandbox(make_waiting_worker, LIMITS) as box:
        next(box.answers(tasks()))
    assert children() == []  # one that is still at work is of no use to anybody else


def test_uses_in_threads_that_end():
    found = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: found.extend(run(healthy(50))))
        thread.start()
        thread.join()
    assert len({answer[2] for _, answer in found}) == 1
    assert len(found) == 100


def test_child_that_was_killed_between_two_uses_is_replaced():
    run([b"page"])
    os.kill(children()[0], signal.SIGKILL)
    assert [answer[0] for _, answer in run([b"page"] * 10)] == ["page"] * 10


def test_page_that_is_not_to_blame_is_not_set_aside():
    tasks = healthy(50)
    found = run(tasks, make=make_one_that_dies_of_its_third_task)
    assert [answer for _, answer in found] == tasks


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (make_nothing, "^no such library\n.*install it"),
        (make_import_error, "ModuleNotFoundError: No module named 'no_such_module'"),
        (make_crash, "cannot start: the process died of SIGSEGV"),
    ],
)
def test_what_cannot_start_is_an_error_and_no_page_is_blamed(make, told):
    with pytest.raises(SetupError, match=told):
        run([b"page"] * 10, make=make)


def test_child_without_the_code_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    with pytest.raises(SetupError, match="cannot start: the process ended with status 1"):
        run([b"page"])


def test_python_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SetupError, match="/nowhere/python"):
        run([b"page"])


def test_error_of_ours_is_raised_and_the_next_use_is_well():
    with pytest.raises(SetupError, match=r"(?s)no such library.*install it"):
        run([b"page", b"no-setup", b"page"])
    assert children() == []
    assert run([b"page"])[0][1][0] == "page"


def test_error_of_whoever_gives_the_tasks_passes_through():
    def tasks():
        yield 1, b"sleep"
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"), sandbox(make_worker, LIMITS) as box:
        list(box.answers(tasks()))
    assert children() == []


def test_copies_of_this_process_have_no_part_in_its_child():
    run([b"page"])
    [child_process] = children()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        [(_, (_, _, other))] = pool.apply(run, ([b"page"],))
    assert other != child_process
    assert run([b"page"])[0][1][2] == child_process
