"""What the command lines of this project share: how they are read, and how they end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from pipeline.base.errors import MathmineError, full_disk
from pipeline.base.printing import print_visibly, sentence

#: What a process that Ctrl-C has ended gives back.
_INTERRUPTED = 130
#: What finds an error of ours in one of another's.
Reader = Callable[[Exception], MathmineError | None]
_readers: list[Reader] = [full_disk]


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
        return work()
    except MathmineError as error:
        return _status_of(error)
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        return _INTERRUPTED
    except Exception as error:
        ours = next((ours for reader in _readers if (ours := reader(error))), None)
        if ours is None:
            raise
        return _status_of(ours)


def _status_of(error: MathmineError) -> int:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    return error.exit_status
