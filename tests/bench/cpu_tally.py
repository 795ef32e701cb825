"""CPU time of a process and of all that were ever below it, whoever has waited for their end."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

#: Seconds between two looks: of a process that ends, what it does after the last one is lost.
_BETWEEN = 1.0


class CpuTally:
    """Looks at the processes below this one, and remembers what each has spent.

    Spark's daemon of Python workers ignores their end, so that the system adds the time of
    one that has been idle for a minute to nobody's.
    """

    def __init__(self) -> None:
        self._ticks = os.sysconf("SC_CLK_TCK")
        #: By process id and start, as ids are used again: ticks of its own.
        self._spent: dict[tuple[int, str], int] = {}
        self._lock, self._over = threading.Lock(), threading.Event()
        self._watch = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def seconds(self) -> float:
        """CPU seconds since this process began."""
        with self._lock:
            self._look()
            return sum(self._spent.values()) / self._ticks

    def _look_on(self) -> None:
        while not self._over.wait(_BETWEEN):
            with self._lock:
                self._look()

    def _look(self) -> None:
        processes: dict[int, tuple[str, int]] = {}
        below: dict[int, list[int]] = {}
        for place in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # a process that has just ended
                # The state comes first, after "pid (name)".
                fields = place.read_text(errors="replace").rpartition(")")[2].split()
                process = int(place.parent.name)
                processes[process] = fields[19], int(fields[11]) + int(fields[12])
                below.setdefault(int(fields[1]), []).append(process)
        todo = [os.getpid()]
        while todo:
            process = todo.pop()
            todo += below.get(process, [])
            if process in processes:
                started, ticks = processes[process]
                self._spent[process, started] = ticks
