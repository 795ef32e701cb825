"""How far tasks on any machine have come, while they are at it: pages, and bytes read.

Spark's accumulators say so only when a task has ended, which for a WARC is minutes. Each task
sends its totals so far in a datagram (UDP) to the driver, every second or so. One that is lost
is made good by the next, and where none comes through there are no numbers, and nothing else
is the worse for it.
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

_Row = TypeVar("_Row")
#: The run's token; the task; pages and bytes of it so far.
_DATAGRAM = struct.Struct("!16sQQQ")
#: Seconds between two of a task.
_EVERY = 1.0
#: Datagrams that are read at a time, and tasks that are kept in mind.
_MOST_READ, _MOST_TASKS = 100_000, 1_000_000


@dataclass(frozen=True)
class Address:
    """Where totals are sent; goes to Spark's workers."""

    host: str
    port: int
    token: bytes


class LiveCounts:
    """The driver's side. ``host`` is the one that workers know the driver by."""

    def __init__(self, host: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.address = Address(host, self._socket.getsockname()[1], secrets.token_bytes(16))
        self._of_task: dict[int, tuple[int, int]] = {}

    def totals(self) -> tuple[int, int]:
        """Pages and bytes of all tasks, as far as is known."""
        for _ in range(_MOST_READ):
            try:
                datagram = self._socket.recv(_DATAGRAM.size + 1)
            except OSError:  # nothing more to read
                break
            if len(datagram) != _DATAGRAM.size:
                continue
            token, task, pages, size = _DATAGRAM.unpack(datagram)
            if not secrets.compare_digest(token, self.address.token):
                continue
            if task in self._of_task or len(self._of_task) < _MOST_TASKS:
                # Datagrams may overtake each other, and a task may be run again.
                self._of_task[task] = max(self._of_task.get(task, (0, 0)), (pages, size))
        of_tasks = self._of_task.values()
        return sum(pages for pages, _ in of_tasks), sum(size for _, size in of_tasks)

    def __enter__(self) -> LiveCounts:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def counted(
    rows: Iterable[_Row],
    address: Address | None,
    task: int,
    measure: Callable[[_Row], tuple[int, int | None]],
    size: int,
) -> Iterator[_Row]:
    """The rows as they are; the totals of ``task`` are sent meanwhile.

    ``measure`` gives of a row the pages that it is and how many bytes were read before it, None
    where that is not known; ``size`` are all bytes that the task reads.
    """
    if address is None:
        yield from rows
        return
    pages = place = 0
    last = 0.0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for row in rows:
            more, offset = measure(row)
            pages += more
            place = max(place, offset or 0)
            if time.monotonic() - last >= _EVERY:
                last = time.monotonic()
                _send(sender, address, task, pages, place)
            yield row
        _send(sender, address, task, pages, max(place, size))


def _send(sender: socket.socket, address: Address, task: int, pages: int, size: int) -> None:
    try:
        datagram = _DATAGRAM.pack(address.token, task, pages, size)
        sender.sendto(datagram, (address.host, address.port))
    except OSError:  # no way there: numbers are missing, and no page is
        pass


def pace(pages: int, done: int, size: int, seconds: float) -> str:
    """``1,234 pages, 130 pages a second, 31%, 2 min left``; what is not known is left out.

    ``done`` of ``size`` bytes were read in ``seconds``.
    """
    if not pages or seconds <= 0:
        return ""
    parts = [f"{pages:,} pages", f"{pages / seconds:,.0f} pages a second"]
    if size and done:
        share = min(1.0, done / size)
        parts += [f"{share:.0%}", f"{duration(seconds * (1 - share) / share)} left"]
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """``42 s``, ``16 min`` or ``2.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"
