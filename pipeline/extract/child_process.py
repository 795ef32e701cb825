"""A child process that works on tasks, and what its parent can tell of its end.

Other work may keep the machine busy for as long as it likes, so nothing here is
judged by the clock. A child that computes is ended by the kernel once it has used
up its CPU time. One that waits, which text extraction never does, is ended by this
process, which looks at it after each silence; one that is only kept from the
processor is left to take its time. Nor is a child that has closed its pipe, and so
is about to end, hurried to another end than its own.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.base.errors import MathmineError, SetupError
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.extract.sandbox_child import CPU_SIGNAL, MAX_ANSWER, OUT_OF_MEMORY, SIZE, Limits

#: What a pipe is asked to hold; Linux gives 64 kB unasked, less than two pages.
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
#: Parts of tasks that one call writes.
_PARTS = 256
#: Seconds in which a few answers gather: being woken for each costs more than reading it.
_GATHER = 0.01
#: Seconds of silence after which the child is looked at. Its end is known at once by
#: that of its pipe, unless it has left the pipe to a child of its own.
_SILENCE = 1.0
#: A task that waits uses no CPU: this many times the limit on that, spent waiting, ends it too.
_WAIT_FACTOR = 6
#: What the system, or whoever watches over its memory, ends processes with. No page does.
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM)
_NONSENSE = "the process gave no answer that can be read"

# The code may lie in an archive that only this process's path names.
_START = (
    "import sys; sys.path[:] = sys.argv[4:]; "
    "from pipeline.extract.sandbox_child import serve; serve(*map(int, sys.argv[1:4]))"
)


@dataclass(frozen=True, slots=True)
class End:
    """Why a child ended, as what its task is set aside for if that is to blame.

    It is where the end is its ``own``, whatever became of the child before; it may
    not be where that came ``from_outside``.
    """

    reason: SetAside
    own: bool = False
    from_outside: bool = False


class Child:
    """One process, ready to work, and the pipes to it."""

    def __init__(self, start: bytes, limits: Limits) -> None:
        """Raises what kept it from getting ready, ``SetupError`` where it cannot say."""
        self._limits = limits
        tasks_end, tasks = os.pipe()
        answers, answers_end = os.pipe()
        # Nothing is ever written to it: the child dies with it, and so with this process.
        life_end, life = os.pipe()
        child_ends = (tasks_end, answers_end, life_end)
        self._tasks = os.fdopen(tasks, "wb", 0)
        self._answers = os.fdopen(answers, "rb", 0)
        self._life = os.fdopen(life, "wb", 0)
        try:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and words)
                [sys.executable, "-c", _START, *map(str, child_ends), *sys.path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=child_ends,
            )
        except OSError as error:
            raise SetupError(
                f"no process for extraction can be started with {sys.executable}: {error}",
                remedy="see that this machine has memory, and room for more processes",
            ) from None
        finally:
            for fd in child_ends:
                os.close(fd)
        for pipe in (self._tasks, self._answers):
            os.set_blocking(pipe.fileno(), False)
            _enlarge(pipe.fileno())
        self._both, self._incoming = select.poll(), select.poll()
        self._both.register(self._tasks, select.POLLOUT)
        self._both.register(self._answers, select.POLLIN)
        self._incoming.register(self._answers, select.POLLIN)
        self._unsent: deque[memoryview] = deque()
        self._space = memoryview(bytearray(1 << 18))
        self._received = bytearray()
        #: The process is dead or about to be, or this process has seen enough of it.
        self.is_over = False
        self._verdict: SetAside | None = None
        self._is_ready = False
        #: Seconds of silence in which it was found waiting, since its last answer.
        self._waited = 0.0
        try:
            self._get_ready(start)
        except BaseException:
            self.end()
            raise

    def _get_ready(self, start: bytes) -> None:
        self.send([start])
        while not (answers := self.exchange(wait=True)):
            if self.is_over:
                raise SetupError(
                    f"the process for extraction cannot start: {self.end().reason.detail}",
                    remedy="see what it said on standard error (Spark: the executor's log)",
                )
        if isinstance(answers[0], MathmineError):
            raise answers[0]
        self._is_ready = True

    def send(self, task: Iterable[bytes | memoryview]) -> None:
        """What ``framed`` made of a task, to be sent with the next exchanges."""
        self._unsent.extend(map(memoryview, task))

    def exchange(self, *, wait: bool) -> list[Any]:
        """Send and receive what the pipes take and have; ``wait`` until they do."""
        self._write()
        if wait:
            self._wait()
        return self._read()

    def _write(self) -> None:
        try:
            while self._unsent:
                written = os.writev(self._tasks.fileno(), [*islice(self._unsent, _PARTS)])
                while self._unsent and written >= len(self._unsent[0]):
                    written -= len(self._unsent.popleft())
                if written:
                    self._unsent[0] = self._unsent[0][written:]
        except BlockingIOError:  # the pipe is full
            return
        except BrokenPipeError:
            # It reads no more. What it still answers, or that it is dead, comes by the other pipe.
            self._unsent.clear()

    def _wait(self) -> None:
        poll = self._both if self._unsent else self._incoming
        if not poll.poll(_SILENCE * 1_000):
            self._look()
        elif not self._unsent:
            time.sleep(_GATHER)

    def _look(self) -> None:
        """See why the child is silent."""
        if self._process.poll() is not None:
            # What it said before its end may have come after the silence.
            self.is_over = not self._incoming.poll(0)
        elif self._is_ready:
            self._look_for_waiting()

    def _look_for_waiting(self) -> None:
        """One look counts for one silence, however late this process came to it itself."""
        if _waits(self._process.pid):
            self._waited += _SILENCE
        most = self._limits.seconds * _WAIT_FACTOR
        if self._waited >= most:
            self._decide(Outcome.EXTRACTOR_TIMEOUT, f"over {most:g} s of waiting")

    def _decide(self, outcome: Outcome, detail: str) -> None:
        """The end of it, whatever it might still do."""
        self._verdict = SetAside(outcome, detail)
        self.is_over = True

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
                self._decide(Outcome.EXTRACTOR_CRASHED, _NONSENSE)
                break
            if len(self._received) < end:
                break
            try:
                answers.append(pickle.loads(self._received[start + SIZE.size : end]))  # noqa: S301
            except Exception:
                self._decide(Outcome.EXTRACTOR_CRASHED, _NONSENSE)
                break
            start = end
        del self._received[:start]
        if answers:
            self._waited = 0.0
        return answers

    def end(self) -> End:
        """End the process if it has not ended."""
        self._tasks.close()
        self._answers.close()
        # One that has closed its pipe ends by itself, by its limits at the latest. How it
        # does tells more than that it was killed, and is the same however long it takes.
        while self.is_over and self._verdict is None:
            try:
                self._process.wait(_SILENCE)
                break
            except subprocess.TimeoutExpired:
                self._look_for_waiting()
        self._process.kill()
        status = self._process.wait()
        self._life.close()
        if self._verdict is not None:
            return End(self._verdict)
        reason = _reason(status, self._limits)
        return End(reason, own=status == -CPU_SIGNAL, from_outside=-status in _FROM_OUTSIDE)


def _reason(status: int, limits: Limits) -> SetAside:
    if status == -CPU_SIGNAL:
        return SetAside(Outcome.EXTRACTOR_TIMEOUT, f"over {limits.seconds:g} s of CPU")
    if status == OUT_OF_MEMORY:
        return SetAside(Outcome.OUT_OF_MEMORY, f"over {limits.memory} bytes")
    return SetAside(Outcome.EXTRACTOR_CRASHED, _end_of(status))


def _end_of(status: int) -> str:
    if status >= 0:
        return f"the process ended with status {status}"
    try:
        return f"the process died of {signal.Signals(-status).name}"
    except ValueError:
        return f"the process died of signal {-status}"


def _waits(pid: int) -> bool:
    """Whether a process lives of which no thread has work for a processor or a disk.

    That it has not got them yet is not its fault. Where the system does not tell,
    silence counts as waiting.
    """
    states = set()
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):  # a thread that has just ended
            states.add(stat.read_bytes().rpartition(b")")[2].split()[0])
    return states != {b"Z"} and not states & {b"R", b"D"}


def _enlarge(pipe: int) -> None:
    with suppress(OSError):
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_BYTES)
