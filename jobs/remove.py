"""Take pages out of a workspace, for good: an address, a host, a pattern, or a file of these.

Rewrites the files of tables that have rows of them, looks through every table for what may be
left, and puts the request on a list that later crawls and rounds obey. --dry-run tells what it
would do. --undo takes a removal back as long as no other job has worked here since.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import change
from pipeline.loop.removal import asked_for, carried_out


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", nargs="+", default=[], help="addresses, in any usual spelling")
    parser.add_argument("--host", nargs="+", default=[], help="hosts, and all that is under them")
    parser.add_argument(
        "--pattern", nargs="+", default=[], help="host and path prefix, as in example.org/users/*"
    )
    parser.add_argument(
        "--file", type=Path, help="lines of items, each with its reason and date if you like (TSV)"
    )
    parser.add_argument("--reason", default="", help="why, for whoever finds it later")
    parser.add_argument(
        "--date",
        default=datetime.now(UTC).date().isoformat(),
        help="day of the request (default: %(default)s)",
    )
    parser.add_argument(
        "--copies", action="store_true", help="pages at other addresses go too that are the same"
    )
    parser.add_argument("--undo", type=int, metavar="ID", help="take a removal back")
    parser.add_argument(
        "--final",
        action="store_true",
        help="delete at once what would stay on the disk for --undo; alone: of the last removal",
    )


if __name__ == "__main__":
    sys.exit(change(__doc__, _arguments, lambda run, given: carried_out(run, asked_for(given))))
