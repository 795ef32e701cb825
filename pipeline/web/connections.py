"""No more responses open at once on one machine than was agreed, over all its processes.

A place is a file of which its holder has the lock, so that a process that is killed
gives its place back by being gone. Who finds none free asks again a little later.
"""

from __future__ import annotations

import os
import random
import stat
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.base.errors import SetupError

#: Seconds between two looks for a free place; each wait is random up to this.
LOOK_AGAIN = 0.2


class Connection:
    """A place that is held until it is given back, or its ``with`` block ends.

    A forked child holds nothing of its parent's.
    """

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_error: object) -> None:
        self.give_back()

    def give_back(self) -> None:
        self._lock.release()


def take_connection(limit: int) -> Connection:
    """One of the machine's ``limit`` places, waiting for it as long as it takes.

    Places are shared by all processes of this user that see the same folder for
    temporary files. Who holds all of them and asks for one more waits for ever.
    Raises ``SetupError`` where the folder is not ours alone.
    """
    while (connection := free_connection(limit)) is None:
        time.sleep(random.uniform(0, LOOK_AGAIN))  # noqa: S311
    return connection


def free_connection(limit: int) -> Connection | None:
    """As :func:`take_connection`, without waiting: None where all places are taken."""
    for number in random.sample(range(limit), limit):
        if (lock := _locked(number)) is not None:
            return Connection(lock)
    return None


def _locked(number: int) -> FileLock | None:
    # A response that one thread has opened may be closed by another.
    place = machine_folder() / str(number)
    lock = FileLock(place, mode=0o600, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except (Timeout, FileNotFoundError):
        # Taken; or someone tidied up after the folder was made, and the next look makes it anew.
        return None
    return lock


def machine_folder() -> Path:
    """Where processes meet: a folder of this user's that nobody else can write to."""
    folder = Path(tempfile.gettempdir()) / f"mathmine-connections-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise SetupError(
            f"no folder {folder} can be made: {error.strerror}",
            expected="a place where processes agree on how many connections they open",
            remedy="set TMPDIR to a folder that can be written to",
        ) from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise SetupError(
            f"{folder} is not this user's alone",
            expected="a folder of this user's with mode 0700",
            remedy="remove it, or set TMPDIR to a folder of your own",
        )
    return folder
