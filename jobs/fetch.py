"""Fetch the pages that URL patterns match out of a crawl's columnar index, one by one.

For each crawl of the configuration with an index and patterns it looks the pages up and
fetches their records alone, by byte range; writes crawls/<crawl>/pages and
crawls/<crawl>/ledger as extraction does, and crawls/<crawl>/hosts: how many pages each
host has in the whole crawl. With --dry-run it tells how many records and megabytes.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import fetching

if __name__ == "__main__":
    sys.exit(run_job(__doc__, fetching))
