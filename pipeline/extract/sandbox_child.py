"""The far side of ``pipeline.extract.sandbox``: the process that works on hostile pages.

It reads tasks from one pipe and writes an answer to another after each, before it
looks at the next: whoever reads them knows at any moment which task it is at. Its
limits and its end with the parent are the kernel's to see to, so that native code in
an endless loop is ended like any other. Tasks that only wait are the parent's to end
(``pipeline.extract.child_process``).
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import pickle
import resource
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.base.errors import MathmineError, SetupError
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.base.printing import print_visibly

#: Before each answer: how many bytes it has.
SIZE = struct.Struct("<I")
#: Before each task: of how many parts it is. Their sizes follow.
_PARTS = struct.Struct("<I")
_PART_SIZE = struct.Struct("<Q")
#: No page of a few million bytes has an answer near this; the parent need hold no more.
MAX_ANSWER = 1 << 26
#: Exit status of a process that a task asked for more memory than it may have.
OUT_OF_MEMORY = 86
#: What stops a task that has used its time. CPU time is what a limit means, as no
#: other process can use it up.
CPU_SIGNAL = signal.SIGPROF

_READ_AHEAD = 1 << 18


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` of CPU for one task; ``memory``: bytes beyond what the process starts with."""

    seconds: float
    memory: int


def framed(task: Any) -> list[bytes | memoryview]:
    """A task as it goes through the pipe: its pickle, and behind it, not copied, what that
    leaves out of itself as ``pickle.PickleBuffer``.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(task, protocol=5, buffer_callback=buffers.append)
    parts: list[bytes | memoryview] = [head]
    parts.extend(buffer.raw() for buffer in buffers)
    sizes = b"".join(_PART_SIZE.pack(len(part)) for part in parts)
    return [_PARTS.pack(len(parts)) + sizes, *parts]


def _next_task(tasks: BinaryIO) -> Any:
    """Raises ``EOFError`` where there is none, or not all of one."""
    (count,) = _PARTS.unpack(_exactly(tasks, _PARTS.size))
    sizes = _exactly(tasks, count * _PART_SIZE.size)
    head, *buffers = [_exactly(tasks, size) for (size,) in _PART_SIZE.iter_unpack(sizes)]
    return pickle.loads(head, buffers=buffers)  # noqa: S301 (from the parent)


def _exactly(tasks: BinaryIO, size: int) -> bytes:
    read = tasks.read(size)
    if len(read) < size:
        raise EOFError
    return read


def serve(tasks_fd: int, answers_fd: int, life_fd: int) -> None:
    """Work until there are no more tasks, which is when the parent closes its pipe or dies.

    The arguments are numbers of open pipes: for tasks to come, for answers to go, and one that
    is never written to, and closes when the parent is gone. First comes a pair: a function that
    makes the function for tasks, and ``Limits``. It is answered by None once all is ready, by
    the error where it cannot be.
    """
    for number in (CPU_SIGNAL, signal.SIGIO):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (CPU_SIGNAL, signal.SIGIO))
    # What libraries say of a page holds what the page says.
    print_visibly()
    # Ctrl-C is for the parent, whose end is then this process's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for fd in (tasks_fd, answers_fd, life_fd):
        os.set_inheritable(fd, False)
    _die_with(life_fd)
    _be_the_first_to_die()
    with os.fdopen(tasks_fd, "rb", _READ_AHEAD) as tasks:
        try:
            make, limits = _next_task(tasks)
            work = make()
            _limit_memory(limits.memory)
            # What there is now is there to the end, and need not be looked through again.
            gc.freeze()
        except MathmineError as error:
            _send(answers_fd, pickle.dumps(error))
            return
        except Exception as error:
            failure = SetupError(f"extraction cannot start: {type(error).__name__}: {error}")
            _send(answers_fd, pickle.dumps(failure))
            return
        _send(answers_fd, pickle.dumps(None))
        with contextlib.suppress(EOFError, BrokenPipeError):
            _work_on(tasks, answers_fd, work, limits)


def _work_on(tasks: BinaryIO, answers_fd: int, work: Callable[[Any], Any], limits: Limits) -> None:
    process = os.getpid()
    while True:
        task = _next_task(tasks)
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)
        answer = _answer(work, task)
        # Not off, as what is left to do is to end too; but all of it again, so that what
        # this task has used is never the next one's.
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)
        if os.getpid() != process:  # a copy that the task made: one answer is enough
            os._exit(0)
        _send(answers_fd, answer)


def _answer(work: Callable[[Any], Any], task: Any) -> bytes:
    try:
        answer = pickle.dumps(work(task), protocol=5)
        if len(answer) > MAX_ANSWER:
            raise SetAside(Outcome.EXTRACTOR_FAILED, f"an answer of {len(answer) >> 20} MiB")
    except (SetAside, MathmineError) as reason:
        return pickle.dumps(reason)
    except MemoryError:
        # What a library does after that is anybody's guess: a new process knows nothing of it.
        os._exit(OUT_OF_MEMORY)
    except BaseException as error:
        # Whatever a hostile page may set off, it costs that page alone.
        detail = f"{type(error).__name__}: {error}"
        return pickle.dumps(SetAside(Outcome.EXTRACTOR_FAILED, detail))
    return answer


def _send(fd: int, answer: bytes) -> None:
    rest = memoryview(SIZE.pack(len(answer)) + answer)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _limit_memory(extra: int) -> None:
    """``extra`` bytes over what is mapped now; no limit where the system does not tell that."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return
    most = pages * resource.getpagesize() + extra
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _die_with(pipe: int) -> None:
    """Once nobody can write to ``pipe`` any more the kernel sends SIGIO, which is the end."""
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)


def _be_the_first_to_die() -> None:
    """Where memory runs out, this process is the one to take, and nobody wants its core."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
