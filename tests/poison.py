"""Work that dies of its input, for tests of the sandbox: importable, as its child must."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from pipeline.base.errors import SetupError
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.extract.sandbox_child import SIZE


def _segfault():
    ctypes.string_at(0)


def _endless():
    while True:
        pass


def _endless_in_native_code():
    # strlen's caller never comes back, and the interpreter lock is held all the time.
    block = b"x" * 50_000_000
    libc = ctypes.PyDLL(None)
    while True:
        libc.strlen(block)


def _sleep():
    time.sleep(600)


def _ten_gigabytes():
    return len(b"x" * 10_000_000_000)


def _ever_more():
    kept = []
    while True:
        kept.append("x" * 10_000_000)


def _native_memory():
    """As a C library does that does not look at what malloc gave it."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    ctypes.memset(libc.malloc(ctypes.c_size_t(10_000_000_000)), 1, 10)


def _garbage():
    print("garbage " * 1_000, flush=True)
    os.write(1, b"\0\1\2\3" * 10_000)


def _fork():
    os.fork()


def _fork_and_die():
    """The copy lives on with the pipes open."""
    if os.fork() == 0:
        time.sleep(8)
        os._exit(0)
    os.abort()


def _close_everything():
    os.closerange(0, 256)


def _close_everything_slowly():
    """As where the machine's other work leaves the end of a process little time."""
    _close_everything()
    end = time.process_time() + 1.5
    while time.process_time() < end:
        pass


def _close_everything_and_loop():
    _close_everything()
    _endless()


def _close_everything_and_sleep():
    _close_everything()
    _sleep()


def _claim_more_than_is_sent():
    """Bytes before the answer that say it is longer than it is."""
    for fd in range(3, 64):
        with suppress(OSError):
            os.write(fd, SIZE.pack(1_000))


def _garble_the_pipes():
    """Write into every pipe that is open, as memory gone wrong may."""
    for fd in range(3, 64):
        with suppress(OSError):
            os.write(fd, b"\xff" * 100)


def _raise():
    raise RecursionError("deep")


def _exit():
    sys.exit("bye")


def _set_aside():
    raise SetAside(Outcome.NO_TEXT, "0 words")


def _unpicklable():
    return lambda: None


def _enormous_text():
    return "x" * 70_000_000


def _no_setup():
    raise SetupError("no such library", remedy="install it")


POISONS: dict[str, Callable[[], object]] = {
    "segfault": _segfault,
    "abort": os.abort,
    "exit-3": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "endless": _endless,
    "endless-in-native-code": _endless_in_native_code,
    "sleep": _sleep,
    "ten-gigabytes": _ten_gigabytes,
    "ever-more": _ever_more,
    "native-memory": _native_memory,
    "garbage": _garbage,
    "fork": _fork,
    "fork-and-die": _fork_and_die,
    "close-everything": _close_everything,
    "close-everything-slowly": _close_everything_slowly,
    "close-everything-and-loop": _close_everything_and_loop,
    "close-everything-and-sleep": _close_everything_and_sleep,
    "claim-more-than-is-sent": _claim_more_than_is_sent,
    "garble-the-pipes": _garble_the_pipes,
    "raise": _raise,
    "exit": _exit,
    "set-aside": _set_aside,
    "unpicklable": _unpicklable,
    "enormous-text": _enormous_text,
    "no-setup": _no_setup,
}


def deadly_row_maker(extractor, min_words):
    """The job's own, but for what the environment names: ``DEADLY="segfault=<page_id> …"``."""
    from pipeline.extract.page_row import row_maker
    from pipeline.web.urls import page_id

    make = row_maker(extractor, min_words)
    pairs = (pair.split("=") for pair in os.environ.get("DEADLY", "").split())
    deadly = {page: poison for poison, page in pairs}

    def row(work):
        poison = deadly.get(page_id(work.warc, work.capture.offset))
        return POISONS[poison]() if poison else make(work)

    return row
