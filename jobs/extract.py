"""Read WARC files and write their pages as text that keeps its mathematics.

Reads each WARC of the configuration once; writes crawls/<crawl>/pages and
crawls/<crawl>/ledger, a batch of WARCs at a time. A second run reads only WARCs
that are new or changed. Every record that is no page is in the ledger.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import extraction

if __name__ == "__main__":
    sys.exit(run_job(__doc__, extraction))
