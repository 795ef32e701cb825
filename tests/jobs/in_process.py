"""Jobs as a person runs them, but within this process: no second to wait for another Python."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
from dataclasses import dataclass
from unittest import mock

from tests.places import PROJECT


@dataclass(frozen=True)
class Told:
    """How a job ended, and what it printed."""

    status: int
    out: str
    err: str


def job(name: str, *arguments: object) -> Told:
    """``jobs/<name>.py`` with these arguments; for jobs that end before there is work."""
    out, err = io.StringIO(), io.StringIO()
    line = [f"{name}.py", *map(str, arguments)]
    with (
        mock.patch.multiple(sys, argv=line, path=[*sys.path], excepthook=sys.excepthook),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            runpy.run_path(str(PROJECT / "jobs" / f"{name}.py"), run_name="__main__")
        except SystemExit as ended:
            return Told(int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("a job ends with an exit status")
