"""A limit on the CPU time that an iterator may take from one item to the next."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TypeVar

Item = TypeVar("Item")

# Of CPU, as no other process can use that up, and no silence of the network.
_TIMER, _SIGNAL = signal.ITIMER_VIRTUAL, signal.SIGVTALRM
# What a library makes of the first alarm is its own; a later one ends it too.
_AGAIN = 0.1


class OutOfTime(BaseException):
    """No item came in time. No ``Exception``, so that no reader takes it for damage."""


def in_time(items: Iterator[Item], seconds: float) -> Iterator[Item]:
    """``items``, each within ``seconds`` of this process's CPU time.

    Raises ``OutOfTime`` where one is not; then ``items`` is at its end. Signals reach the
    main thread alone, where Spark runs its tasks: in another there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield from items
        return
    # It stays: another reading may be at work when this one ends.
    signal.signal(_SIGNAL, _alarm)
    while True:
        signal.setitimer(_TIMER, seconds, _AGAIN)
        try:
            item = next(items)
        except StopIteration:
            return
        finally:
            signal.setitimer(_TIMER, 0)
        yield item


def _alarm(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
