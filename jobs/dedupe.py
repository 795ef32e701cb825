"""Find duplicate pages: by URL, by exact text, by MinHash.

Signs the pages of each crawl, once; writes the pool, which names for every page the
copy that is kept.
"""

import os
import sys

# The project instead of this folder, whose select.py would hide the standard library's.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.command import run_job
from pipeline.rounds import deduplication
from pipeline.steps.dedupe import dedupe_lines

if __name__ == "__main__":
    sys.exit(run_job(__doc__, deduplication, closing=dedupe_lines))
