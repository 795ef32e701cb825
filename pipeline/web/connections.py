"""No more responses open at once on one machine than was agreed, over all its processes.

A place is a file of which its holder has the lock, so that a process that is killed
gives its place back by being gone. Who finds none free asks again a little later.
"""

from __future__ import annotations

import fcntl
import os
import random
import stat
import tempfile
import time
from pathlib import Path

from pipeline.base.errors import SetupError

#: Seconds between two looks for a free place; each wait is random up to this.
_LOOK_AGAIN = 0.2


class Connection:
    """A place that is held until it is given back, or its ``with`` block ends."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        _held.add(self)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_error: object) -> None:
        self.give_back()

    def give_back(self) -> None:
        # In a forked child those of its parent are closed, and their numbers may be another's.
        if self in _held:
            _held.discard(self)
            os.close(self.descriptor)


_held: set[Connection] = set()


def take_connection(limit: int) -> Connection:
    """One of the machine's ``limit`` places, waiting for it as long as it takes.

    Places are shared by all processes of this user that see the same folder for
    temporary files. Who holds all of them and asks for one more waits for ever.
    Raises ``SetupError`` where the folder is not ours alone.
    """
    while True:
        for number in random.sample(range(limit), limit):
            if (descriptor := _lock(number)) is not None:
                return Connection(descriptor)
        time.sleep(random.uniform(0, _LOOK_AGAIN))  # noqa: S311


def _lock(number: int) -> int | None:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(_folder() / str(number), flags, 0o600)
    except FileNotFoundError:
        # Someone tidied up between the two calls; the next look makes it anew.
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _folder() -> Path:
    """Where the places are: a folder of this user's that nobody else can write to."""
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


def _forget_parents() -> None:
    """In a forked child: its copies of the parent's places would keep them taken."""
    for connection in _held:
        os.close(connection.descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_parents)
