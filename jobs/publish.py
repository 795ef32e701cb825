"""Write the corpus as others take it, to a folder or to the Hugging Face Hub (hf://datasets/…).

Files by budget and language, with indexes and checksums, beside a card and metadata: what
load_dataset streams by name. --shuffle SEED mixes the pages, for training. What was published
there before is replaced.
"""

import argparse
import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import change
from pipeline.loop.publishing import publish


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", required=True, help="a folder, or hf://datasets/OWNER/NAME, with @BRANCH or without"
    )
    parser.add_argument(
        "--shuffle", type=int, metavar="SEED", help="mix the pages: the same seed, the same order"
    )
    parser.add_argument(
        "--public", action="store_true", help="a data set that is new on the Hub is open to all"
    )


if __name__ == "__main__":
    sys.exit(
        change(
            __doc__,
            _arguments,
            lambda run, given: publish(run, given.to, seed=given.shuffle, public=given.public),
        )
    )
