"""Tell the whole story of an address: what became of it, and why. Changes nothing.

Which records of it were read, and why they made no page; of each page its text and what was
left out of that by which rule, of what it is a copy, its score and rank in each round, what it
holds of benchmarks, and where in the corpus it is, or why not. Where no record has the address,
what is near it.
"""

import argparse
import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import answer
from pipeline.loop.address_lookup import look_up
from pipeline.loop.stored_record import with_text
from pipeline.report.address_story import story_lines


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url", required=True, nargs="+", help="an address, or several, in any usual spelling"
    )


if __name__ == "__main__":
    sys.exit(
        answer(
            __doc__,
            _arguments,
            lambda run, given: (
                line
                for story in look_up(run, given.url)
                for line in story_lines(with_text(run, story))
            ),
        )
    )
