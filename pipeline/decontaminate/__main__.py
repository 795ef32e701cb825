"""Rule on traces of benchmarks, in the terminal.

    python -m pipeline.decontaminate review --workspace DIR

Shows pages and the benchmark texts that they hold a part of, side by side, the most
doubtful first. One key rules: leak, near (a variant of the item), chance. Rulings are kept
in the file that the configuration names ([decontaminate] rulings); the next run obeys them.
"""

from __future__ import annotations

import getpass
import shutil
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import NoReturn

from pipeline.base.errors import ConfigError, WorkspaceError
from pipeline.base.program import Parser, run_program
from pipeline.config.kept import KEPT, Kept
from pipeline.config.run_file import load_config
from pipeline.decontaminate.benchmarks import load_benchmarks
from pipeline.decontaminate.rulings import load_rulings
from pipeline.decontaminate.trace_review import doubtful, review, rows_of, summary, unruled
from pipeline.workspace.places import Workspace
from pipeline.workspace.storage import local_path
from pipeline.workspace.tables import Table


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    return run_program(
        lambda: _review(arguments), interrupted="stopped; every ruling so far is saved"
    )


def _review(arguments: Sequence[str] | None) -> int:
    asked = _parser().parse_args(arguments)
    workspace = Workspace(asked.workspace, _no_jvm)
    kept = Kept(asked.workspace, workspace.storage.read(KEPT))
    config = load_config(Path(asked.config)) if asked.config else kept.config(to_read=False)
    settings = config.decontaminate
    if not settings.rulings:
        raise ConfigError(
            "the configuration names no file for rulings",
            expected='rulings = "rulings.tsv" in its section [decontaminate]',
        )
    path = Path(settings.rulings)
    rulings = load_rulings(settings.rulings) if path.exists() else {}
    tables = {True: workspace.contamination(), False: workspace.let_pass()}
    if asked.only:
        tables = {which: table for which, table in tables.items() if table.path == asked.only}
    rows = chain.from_iterable(
        rows_of(_files(table, asked.workspace), condemned=which) for which, table in tables.items()
    )
    cases = unruled(doubtful(rows, settings.least_share), rulings)
    items = {(item.benchmark, item.split, item.id): item for item in load_benchmarks(settings)}
    width = min(160, shutil.get_terminal_size().columns)
    given = review(cases, items, path, asked.who, _asker(), width=width)
    print(f"{summary(given)}, in {path}")
    return 0


def _files(table: Table, workspace: str) -> list[Path]:
    if local_path(workspace) is None:
        raise WorkspaceError(
            f"the review reads a local folder, and {workspace} is none",
            remedy=f"copy {table.path} and its manifest to a local folder first",
        )
    return table.local_files()


def _no_jvm() -> NoReturn:
    raise AssertionError("a local workspace needs no Java")


def _asker() -> Callable[[str], str]:
    """What reads one key of a terminal, or a line of anything else."""
    if not sys.stdin.isatty():
        return _line
    import termios
    import tty

    def key(prompt: str) -> str:
        print(prompt, end="", flush=True)
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal)
            pressed = sys.stdin.read(1)
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        print(pressed if pressed.isalpha() else "")
        return pressed

    return key


def _line(prompt: str) -> str:
    print(prompt, end="", flush=True)
    return sys.stdin.readline()


def _parser() -> Parser:
    parser = Parser(__doc__, prog="python -m pipeline.decontaminate")
    parser.add_argument("command", choices=["review"])
    parser.add_argument("--workspace", required=True, help="local folder where tables live")
    parser.add_argument(
        "--config",
        metavar="TOML",
        help="the run's configuration (default: the one that the workspace keeps)",
    )
    parser.add_argument("--who", default=getpass.getuser(), help="the reviewer's name")
    parser.add_argument(
        "--only",
        choices=["contamination", "let_pass"],
        help="condemned pages alone, or those that were let pass",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
