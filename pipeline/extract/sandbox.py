"""Work on hostile pages, in a process that may die of them.

A page may crash a library, keep it busy for ever or have it fill the memory. So
pages are worked on by a child process, started anew (nothing of this process is
in it: no threads, no open files) and used for one page after another. What kills
it costs the page that it was at, and no other:

- a page that used up its CPU time is set aside at once, as its time is its own;
- a page at which the child died otherwise is tried again alone in a new child,
  and set aside if that dies too. So what is set aside does not depend on what
  pages before it did to the child;
- a page at which that new child too was killed from outside, as where memory runs
  out, is tried some times more, later and later: others may have filled it.

How a child ends, and how little the machine's other work has to say in that, is
``pipeline.extract.child_process``'s.

Tasks and answers go through pipes, many at a time and some way ahead of each other, so
that this process reads pages while the child works, and neither waits for the other
page by page.
"""

from __future__ import annotations

import atexit
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pipeline.base.errors import MathmineError
from pipeline.base.outcomes import SetAside
from pipeline.extract.child_process import Child
from pipeline.extract.sandbox_child import Limits, framed

__all__ = ["Limits", "Sandbox", "sandbox"]

Tag = TypeVar("Tag")
Task = TypeVar("Task")
Answer = TypeVar("Answer")

#: Bytes of tasks that the child has, or will have, before this process waits for it, and
#: things that wait for the answers before them. Then it waits until half of that is done.
_WINDOW = 1 << 20
_MOST_WAITING = 1_024
#: Bytes of tasks that are handed over at once.
_LOAD = 1 << 17
#: Seconds before a page is tried again at which a child was killed from outside.
_PAUSES = (1.0, 3.0, 9.0)


@contextmanager
def sandbox(
    make: Callable[[], Callable[[Task], Answer]], limits: Limits
) -> Iterator[Sandbox[Task, Answer]]:
    """A sandbox for what ``make`` makes: the one that this process used before, or a new one.

    ``make`` is pickled by its name, and called in the child; what it raises there
    is raised here: errors of ours as they are, any other as ``SetupError``.
    """
    start = b"".join(framed((make, limits)))
    idle: Sandbox[Task, Answer] | None = None
    with suppress(IndexError):
        idle = _idle.pop()
        if idle.start != start:
            idle.close()
            idle = None
    box: Sandbox[Task, Answer] = idle or Sandbox(start, limits)
    try:
        yield box
    finally:
        if box.is_idle and not _idle:
            _idle.append(box)
        else:
            box.close()


#: Sandboxes between two uses; one, save where several are in use at once.
_idle: list[Sandbox[Any, Any]] = []


def _close_idle() -> None:
    while _idle:
        _idle.pop().close()


atexit.register(_close_idle)
# A copy of this process is not the child's parent, and must not hold its pipes.
os.register_at_fork(after_in_child=_idle.clear)


@dataclass(slots=True)
class _Entry:
    """Something that goes through in order: its task as it is sent while that is unanswered."""

    tag: Any
    task: Sequence[bytes | memoryview] | None
    #: Bytes of the task.
    size: int = 0
    answer: Any = None
    suspect: bool = False
    #: How often a child that it was alone with was killed from outside.
    kills: int = 0


class Sandbox(Generic[Task, Answer]):
    """A child process and its successors. Taken from :func:`sandbox`."""

    def __init__(self, start: bytes, limits: Limits) -> None:
        self.start = start
        self._limits = limits
        self._unsent: deque[_Entry] = deque()
        self._sent: deque[_Entry] = deque()
        #: Of all tasks that are unanswered, and of those that no child has.
        self._bytes = self._gathered = 0
        self._child = Child(start, limits)

    @property
    def is_idle(self) -> bool:
        return not self._unsent and not self._sent

    def close(self) -> None:
        """End the child, whatever it is at."""
        self._child.end()

    def answers(
        self, tasks: Iterable[tuple[Tag, Task | None]]
    ) -> Iterator[tuple[Tag, Answer | SetAside | None]]:
        """Each tag with the answer to its task, in order; None where the task is None.

        ``SetAside`` is the answer where the task raised that, or anything that is no
        error of ours, or was the end of the child. Errors of ours are raised.
        """
        queue: deque[_Entry] = deque()
        for tag, task in tasks:
            if task is None:
                queue.append(_Entry(tag, None))
            else:
                parts = framed(task)
                entry = _Entry(tag, parts, sum(map(len, parts)))
                queue.append(entry)
                self._ask(entry)
                if self._gathered >= _LOAD:
                    self._exchange(wait=False)
            yield from _finished(queue)
            if self._bytes > _WINDOW or len(queue) > _MOST_WAITING:
                while self._bytes > _WINDOW // 2 or len(queue) > _MOST_WAITING // 2:
                    self._exchange(wait=True)
                    yield from _finished(queue)
        while queue:
            self._exchange(wait=True)
            yield from _finished(queue)

    def _ask(self, entry: _Entry) -> None:
        self._unsent.append(entry)
        self._bytes += entry.size
        self._gathered += entry.size

    def _exchange(self, *, wait: bool) -> None:
        # A suspect is alone with its child.
        while self._unsent and not (self._sent and self._sent[0].suspect):
            entry = self._unsent.popleft()
            assert entry.task is not None
            self._child.send(entry.task)
            self._sent.append(entry)
        self._gathered = 0
        for answer in self._child.exchange(wait=wait):
            if isinstance(answer, MathmineError):
                raise answer
            self._answered(answer)
        if self._child.is_over:
            self._replace()

    def _answered(self, answer: Any) -> None:
        entry = self._sent.popleft()
        self._bytes -= entry.size
        entry.task, entry.answer = None, answer

    def _replace(self) -> None:
        end = self._child.end()
        if self._sent:
            first = self._sent[0]
            if end.own:
                self._answered(end.reason)
            elif not first.suspect:
                first.suspect = True
            elif end.from_outside and first.kills < len(_PAUSES):
                time.sleep(_PAUSES[first.kills])
                first.kills += 1
            else:
                self._answered(end.reason)
        self._unsent.extendleft(reversed(self._sent))
        self._sent.clear()
        self._child = Child(self.start, self._limits)


def _finished(queue: deque[_Entry]) -> Iterator[tuple[Any, Any]]:
    while queue and queue[0].task is None:
        entry = queue.popleft()
        yield entry.tag, entry.answer
