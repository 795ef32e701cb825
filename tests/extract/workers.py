"""Work for the sandbox's child in tests: little to import, as each child that starts does it."""

import os
import signal
import time
from functools import partial
from pathlib import Path

from pipeline.base.errors import SetupError
from tests.poison import POISONS


def make_worker():
    return work


def work(task):
    """What a page is: bytes that say what becomes of it."""
    name = task.partition(b" ")[0].decode()
    if name not in POISONS:
        return name, len(task), os.getpid()
    return POISONS[name]()


def wait_for(path):
    while not path.exists():
        time.sleep(0.01)


def make_waiting_worker(path=None):
    """Each page waits for ``path``, or for the one that it names itself."""
    return lambda task: wait_for(path or Path(task.decode()))


def make_one_that_dies_of_its_third_task():
    """As where one page ruins the memory and another meets the ruin."""
    count = 0

    def work(task):
        nonlocal count
        count += 1
        if count == 3:
            os.abort()
        return task

    return work


def make_nothing():
    raise SetupError("no such library", remedy="install it")


def make_import_error():
    import no_such_module  # noqa: F401


def make_crash():
    POISONS["segfault"]()


def starve(core, seconds, task):
    """Be about to work for so long by the clock, in which next to no work is done."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.sched_setaffinity(0, before)
    return len(task)


def make_starving(core, seconds):
    return partial(starve, core, seconds)


def die_often(path, times, task):
    """As where others fill the memory and the system takes it from this process."""
    died = len(path.read_bytes())
    if task == b"victim" and died < times:
        path.write_bytes(b"x" * (died + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return died


def make_one_that_dies_often(path, times):
    return partial(die_often, path, times)
