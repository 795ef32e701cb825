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
#: How often within the limit it is looked whether there was an item.
_LOOKS = 4


class OutOfTime(BaseException):
    """No item came in time. No ``Exception``, so that no reader takes it for damage."""


class _Watched:
    """An iterator at work: whether it is asked for an item now, and how many looks ago it was."""

    def __init__(self) -> None:
        self.asked = False
        self.looks = 0


#: Those that a limit is kept on; one, save where several readings take turns.
_watched: list[_Watched] = []


def in_time(items: Iterator[Item], seconds: float) -> Iterator[Item]:
    """``items``, each within ``seconds`` of this process's CPU time, or a quarter more.

    Raises ``OutOfTime`` where one is not; then ``items`` is at its end. Signals reach the
    main thread alone, where Spark runs its tasks: in another there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield from items
        return
    signal.signal(_SIGNAL, _look)
    watched = _Watched()
    _watched.append(watched)
    signal.setitimer(_TIMER, seconds / _LOOKS, seconds / _LOOKS)
    try:
        while True:
            # Setting a timer for each item would cost as much as parsing it.
            watched.looks, watched.asked = 0, True
            try:
                item = next(items)
            except StopIteration:
                return
            watched.asked = False
            yield item
    finally:
        watched.asked = False
        _watched.remove(watched)
        if not _watched:
            signal.setitimer(_TIMER, 0)


def _look(_number: int, _frame: FrameType | None) -> None:
    for watched in _watched:
        watched.looks += 1
        if watched.asked and watched.looks > _LOOKS:
            raise OutOfTime
