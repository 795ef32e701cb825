"""Work on hostile pages, in a process that may die of them.

A page may crash a library, keep it busy for ever or have it fill the memory. So
pages are worked on by a child process, started anew (nothing of this process is
in it: no threads, no open files) and used for one page after another. What kills
it costs the page that it was at, and no other:

- a page that used up its time is set aside at once, as its time is its own;
- a page at which the child died otherwise is tried again alone in a new child,
  and set aside if that dies too. So what is set aside does not depend on what
  pages before it did to the child, or the machine's other work to the memory.

Tasks and answers go through pipes, some way ahead of each other, so that this
process reads pages while the child works.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pipeline.errors import MathmineError, SetupError
from pipeline.ledger import Outcome, SetAside
from pipeline.sandboxed import (
    CLOCK_FACTOR,
    CLOCK_SIGNAL,
    CPU_SIGNAL,
    MAX_ANSWER,
    OUT_OF_MEMORY,
    SIZE,
    Limits,
)

__all__ = ["Limits", "Sandbox", "sandbox"]

Tag = TypeVar("Tag")
Task = TypeVar("Task")
Answer = TypeVar("Answer")

#: Bytes of tasks that the child has, or will have, before this process waits for it.
_WINDOW = 1 << 20
#: Things that wait for the answers before them.
_MOST_WAITING = 1_024
#: What a pipe is asked to hold; Linux gives 64 kB unasked, less than two pages.
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
#: Seconds in which a few answers gather: being woken for each costs more than reading it.
_GATHER = 0.005
#: Seconds of silence after which the child is looked at. Its end is known at once by
#: that of its pipe, unless it has left the pipe to a child of its own.
_SILENCE = 1.0

# The code may lie in an archive that only this process's path names.
_START = (
    "import sys; sys.path[:] = sys.argv[3:]; "
    "from pipeline.sandboxed import serve; serve(int(sys.argv[1]), int(sys.argv[2]))"
)


@contextmanager
def sandbox(
    make: Callable[[], Callable[[Task], Answer]], limits: Limits
) -> Iterator[Sandbox[Task, Answer]]:
    """A sandbox for what ``make`` makes: the one that this process used before, or a new one.

    ``make`` is pickled by its name, and called in the child; what it raises there
    is raised here: errors of ours as they are, any other as ``SetupError``.
    """
    start = pickle.dumps((make, limits), protocol=5)
    found: Sandbox[Task, Answer] | None = None
    with suppress(IndexError):
        found = _idle.pop()
        if found.start != start:
            found.close()
            found = None
    box: Sandbox[Task, Answer] = found or Sandbox(start, limits)
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
    """Something that goes through in order: its task as bytes while that is unanswered."""

    tag: Any
    task: bytes | None
    answer: Any = None
    suspect: bool = False


class Sandbox(Generic[Task, Answer]):
    """A child process and its successors. Taken from :func:`sandbox`."""

    def __init__(self, start: bytes, limits: Limits) -> None:
        self.start = start
        self._limits = limits
        self._unsent: deque[_Entry] = deque()
        self._sent: deque[_Entry] = deque()
        self._bytes = 0
        self._child = _Child(start)

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
                entry = _Entry(tag, pickle.dumps(task, protocol=5))
                queue.append(entry)
                self._ask(entry)
                self._exchange(wait=False)
            while self._bytes > _WINDOW or len(queue) > _MOST_WAITING:
                self._exchange(wait=True)
                yield from _finished(queue)
            yield from _finished(queue)
        while queue:
            self._exchange(wait=True)
            yield from _finished(queue)

    def _ask(self, entry: _Entry) -> None:
        assert entry.task is not None
        self._unsent.append(entry)
        self._bytes += len(entry.task)

    def _exchange(self, *, wait: bool) -> None:
        # A suspect is alone with its child.
        while self._unsent and not (self._sent and self._sent[0].suspect):
            entry = self._unsent.popleft()
            assert entry.task is not None
            self._child.send(entry.task)
            self._sent.append(entry)
        for answer in self._child.exchange(wait=wait):
            if isinstance(answer, MathmineError):
                raise answer
            self._answered(answer)
        if self._child.is_over:
            self._replace()

    def _answered(self, answer: Any) -> None:
        entry = self._sent.popleft()
        assert entry.task is not None
        self._bytes -= len(entry.task)
        entry.task, entry.answer = None, answer

    def _replace(self) -> None:
        reason = _reason(self._child.end(), self._limits)
        if self._sent:
            first = self._sent[0]
            if first.suspect or reason.outcome is Outcome.EXTRACTOR_TIMEOUT:
                self._answered(reason)
            else:
                first.suspect = True
        self._unsent.extendleft(reversed(self._sent))
        self._sent.clear()
        self._child = _Child(self.start)


def _finished(queue: deque[_Entry]) -> Iterator[tuple[Any, Any]]:
    while queue and queue[0].task is None:
        entry = queue.popleft()
        yield entry.tag, entry.answer


def _reason(status: int, limits: Limits) -> SetAside:
    if status == -CPU_SIGNAL:
        return SetAside(Outcome.EXTRACTOR_TIMEOUT, f"over {limits.seconds:g} s of CPU")
    if status == -CLOCK_SIGNAL:
        clock = limits.seconds * CLOCK_FACTOR
        return SetAside(Outcome.EXTRACTOR_TIMEOUT, f"over {clock:g} s by the clock")
    if status == OUT_OF_MEMORY:
        return SetAside(Outcome.OUT_OF_MEMORY, f"over {limits.memory} bytes")
    return SetAside(Outcome.EXTRACTOR_CRASHED, _told(status))


def _told(status: int) -> str:
    if status >= 0:
        return f"the process ended with status {status}"
    try:
        return f"the process died of {signal.Signals(-status).name}"
    except ValueError:
        return f"the process died of signal {-status}"


class _Child:
    """One process, ready to work, and the pipes to it."""

    def __init__(self, start: bytes) -> None:
        """Raises what kept it from getting ready, ``SetupError`` where it cannot say."""
        tasks_end, tasks = os.pipe()
        answers, answers_end = os.pipe()
        self._tasks = os.fdopen(tasks, "wb", 0)
        self._answers = os.fdopen(answers, "rb", 0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and words)
                [sys.executable, "-c", _START, str(tasks_end), str(answers_end), *sys.path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(tasks_end, answers_end),
            )
        except OSError as error:
            raise SetupError(
                f"no process for extraction can be started with {sys.executable}: {error}",
                remedy="see that this machine has memory, and room for more processes",
            ) from None
        finally:
            os.close(tasks_end)
            os.close(answers_end)
        for pipe in (self._tasks, self._answers):
            os.set_blocking(pipe.fileno(), False)
        _enlarge(self._tasks.fileno())
        self._both, self._incoming = select.poll(), select.poll()
        self._both.register(self._tasks, select.POLLOUT)
        self._both.register(self._answers, select.POLLIN)
        self._incoming.register(self._answers, select.POLLIN)
        self._unsent: deque[memoryview] = deque()
        self._space = memoryview(bytearray(1 << 18))
        self._received = bytearray()
        #: The process is dead, or makes no sense any more.
        self.is_over = False
        try:
            self._get_ready(start)
        except BaseException:
            self.end()
            raise

    def _get_ready(self, start: bytes) -> None:
        self.send(start)
        while not (told := self.exchange(wait=True)):
            if self.is_over:
                raise SetupError(
                    f"the process for extraction cannot start: {_told(self.end())}",
                    remedy="see what it said on standard error (Spark: the executor's log)",
                )
        if isinstance(told[0], MathmineError):
            raise told[0]

    def send(self, task: bytes) -> None:
        """Sent as far as the pipe takes it; the rest goes with the next exchange."""
        self._unsent.append(memoryview(task))

    def exchange(self, *, wait: bool) -> list[Any]:
        """Send and receive what the pipes take and have; ``wait`` until they do."""
        self._write()
        if wait:
            self._wait()
        return self._read()

    def _write(self) -> None:
        try:
            while self._unsent:
                written = self._tasks.write(self._unsent[0])
                if written is None:  # the pipe is full
                    return
                if written == len(self._unsent[0]):
                    self._unsent.popleft()
                else:
                    self._unsent[0] = self._unsent[0][written:]
        except BrokenPipeError:
            # It reads no more. What it still answers, or that it is dead, comes by the other pipe.
            self._unsent.clear()

    def _wait(self) -> None:
        poll = self._both if self._unsent else self._incoming
        if not poll.poll(_SILENCE * 1_000):
            self.is_over = self._process.poll() is not None
        elif not self._unsent:
            time.sleep(_GATHER)

    def _read(self) -> list[Any]:
        count = self._answers.readinto(self._space)
        if count is None:
            return []
        if count == 0:
            self.is_over = True
        self._received += self._space[:count]
        answers = []
        start = 0
        while len(self._received) >= start + SIZE.size:
            (size,) = SIZE.unpack_from(self._received, start)
            end = start + SIZE.size + size
            if size > MAX_ANSWER:
                self.is_over = True
                break
            if len(self._received) < end:
                break
            try:
                answers.append(pickle.loads(self._received[start + SIZE.size : end]))  # noqa: S301
            except Exception:
                # Its memory is no longer what it was.
                self.is_over = True
                break
            start = end
        del self._received[:start]
        return answers

    def end(self) -> int:
        """End the process if it has not ended; how it did, as ``subprocess`` tells it."""
        self._tasks.close()
        self._answers.close()
        if self.is_over:
            # One that has closed its pipe is about to end by itself, which says more.
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(_SILENCE)
        self._process.kill()
        return self._process.wait()


def _enlarge(pipe: int) -> None:
    with suppress(OSError):
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_BYTES)
