"""CPU time of a program and of all that it has started, on Linux."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

from pipeline.base.errors import SetupError


def cpu_seconds() -> float:
    """Of this process and all below it, the living and the dead.

    Raises ``SetupError`` where the system does not tell (proc(5), ``children``).
    """
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        raise SetupError(
            "this system does not tell the CPU time of other processes",
            expected="Linux, with /proc/PID/task/TID/children",
        )
    own = resource.getrusage(resource.RUSAGE_SELF)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    ticks, below = 0, _children("self")
    while below:
        child = below.pop()
        try:
            # utime, stime and those of its ended children, after "pid (name) state".
            text = Path(f"/proc/{child}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        ticks += sum(int(field) for field in text.rpartition(")")[2].split()[11:15])
        below += _children(child)
    return spent + ticks / os.sysconf("SC_CLK_TCK")


def _children(process: str) -> list[str]:
    pids: list[str] = []
    with suppress(OSError):
        for thread in list(Path(f"/proc/{process}/task").iterdir()):
            # A thread may end meanwhile; its children then are another's.
            with suppress(OSError):
                pids += (thread / "children").read_text(encoding="ascii").split()
    return pids
