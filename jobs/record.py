"""Write the WARC record of an address to a file, as its WARC has it. Changes no table.

Only the record's own bytes are read. Of several records of the address it is the newest page.
"""

import argparse
import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import answer
from pipeline.loop.stored_record import write_record


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="the address, in any usual spelling")
    parser.add_argument(
        "--out",
        default="record.warc.gz",
        metavar="FILE",
        help="the file to write (default: %(default)s)",
    )


if __name__ == "__main__":
    sys.exit(
        answer(__doc__, _arguments, lambda run, given: write_record(run, given.url, given.out))
    )
