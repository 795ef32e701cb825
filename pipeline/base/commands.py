"""The command that comes next, as the person at the terminal would type it.

By make where make started this program, by ``mathmine`` where the project is installed, and by
Python and the job's file in a checkout.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.base.printing import masked, visible
from pipeline.base.project import checkout

#: What make passes on of its command line that the next command needs too.
_PASSED_ON = ("MASTER", "SPARK_ARGS")


def job_command(
    job: str, workspace: str, number: int, *, tags: str = "", config: str | None = None
) -> str:
    """To run ``jobs/<job>.py`` of a workspace for a round.

    ``tags``: what to do about domains that nobody has tagged, if not to wait; ``config``: the
    run's TOML, where the workspace keeps none.
    """
    if _by_make() and job in ("round", "rounds", "tags"):
        more = [f"TAGS={tags}"] if tags else []
        more += [f"CONFIG={config}"] if config else []
        return _make(job, workspace, number, _PASSED_ON, more)
    where = ["--workspace", masked(workspace), "--round", str(number)]
    where += ["--tags", tags] if tags else []
    where += ["--config", config] if config else []
    if checkout() is None:
        return _line(["mathmine", job, *where])
    return _line([_shown(sys.executable), _shown(str(_root() / "jobs" / f"{job}.py")), *where])


def tagging_command(workspace: str, number: int) -> str:
    """To open the page on which the domains of a round are tagged."""
    if _by_make():
        return _make("tag", workspace, number, ())
    module = [_shown(sys.executable), "-m", "pipeline.tagging"]
    return _line([*module, "--workspace", masked(workspace), "--round", str(number)])


def _by_make() -> bool:
    return "MAKELEVEL" in os.environ and checkout() is not None


def _make(
    target: str,
    workspace: str,
    number: int,
    passed_on: tuple[str, ...],
    more: Sequence[str] = (),
) -> str:
    words = ["make", target, f"N={number}"]
    if workspace != str(_root() / "build" / "workspace") and workspace != "build/workspace":
        words.append(f"WORKSPACE={masked(workspace)}")
    words += [f"{name}={masked(os.environ[name])}" for name in passed_on if os.environ.get(name)]
    words += more
    return _line(words)


def _root() -> Path:
    root = checkout()
    assert root is not None
    return root


def _shown(path: str) -> str:
    """Relative to the folder that the person is in, where it is under it."""
    here = os.getcwd()  # noqa: PTH109
    return os.path.relpath(path, here) if path.startswith(f"{here}{os.sep}") else path


def _line(words: list[str]) -> str:
    return visible(" ".join(map(shlex.quote, words)))
