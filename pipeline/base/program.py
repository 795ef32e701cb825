"""What the command lines of this project share: how they are read, and how they end."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from pipeline.base.errors import MathmineError, full_disk, refused_file
from pipeline.base.printing import print_visibly, sentence

#: What a process that Ctrl-C has ended gives back.
_INTERRUPTED = 130
#: What one gives back that writes to a pipe which nobody reads any more, as a shell has it.
_UNREAD = 141
#: What finds an error of ours in one of another's.
Reader = Callable[[Exception], MathmineError | None]
_readers: list[Reader] = [full_disk, refused_file]


def read_errors_by(reader: Reader) -> None:
    """Have programs tell as ours the errors that ``reader`` knows, such as Spark's once it runs."""
    _readers.append(reader)


class Parser(argparse.ArgumentParser):
    """A command line whose help is a module's docstring, and which tells errors in one line."""

    def __init__(self, description: str | None, prog: str | None = None) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        super().error(sentence(message))


def run_program(work: Callable[[], int], *, interrupted: str = "interrupted") -> int:
    """Do the ``work`` of a program; the exit status, its own or that of what went wrong.

    Errors of this project, and those of others that are known to be one of them, are told
    without a traceback. ``interrupted`` is said after Ctrl-C.
    """
    print_visibly()
    try:
        status = work()
        # Here, where it can be told: not when Python has ended already.
        sys.stdout.flush()
        return status
    except MathmineError as error:
        return tell_error(error)
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        _leave_pipe()
        return _UNREAD
    except Exception as error:
        ours = next((ours for reader in _readers if (ours := reader(error))), None)
        if ours is None:
            raise
        return tell_error(ours)


def _leave_pipe() -> None:
    """Say, where that can be said, that nobody reads what is printed; print no more of it."""
    with contextlib.suppress(OSError):
        print(
            "what reads this program's output has ended, and so it ends too: run the same command "
            "again to go on",
            file=sys.stderr,
            flush=True,
        )
    # Python flushes both once more at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
            continue
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())


def tell_error(error: MathmineError, *, status: int | None = None) -> int:
    """Print an error for people; the exit status, its own unless another is given."""
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    return error.exit_status if status is None else status
