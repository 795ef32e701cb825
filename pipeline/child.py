"""A child process that works on tasks, and what its parent can tell of its end."""

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
from contextlib import suppress
from typing import Any

from pipeline.errors import MathmineError, SetupError
from pipeline.sandboxed import MAX_ANSWER, SIZE

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


class Child:
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
        while not (answers := self.exchange(wait=True)):
            if self.is_over:
                raise SetupError(
                    f"the process for extraction cannot start: {told(self.end())}",
                    remedy="see what it said on standard error (Spark: the executor's log)",
                )
        if isinstance(answers[0], MathmineError):
            raise answers[0]

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


def told(status: int) -> str:
    """The end of a process in words, by its status as ``subprocess`` gives it."""
    if status >= 0:
        return f"the process ended with status {status}"
    try:
        return f"the process died of {signal.Signals(-status).name}"
    except ValueError:
        return f"the process died of signal {-status}"


def _enlarge(pipe: int) -> None:
    with suppress(OSError):
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE_BYTES)
