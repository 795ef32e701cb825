"""Find duplicate pages: by URL, by exact text, by MinHash.

Signs the pages of each crawl, once; writes the pool, which names for every page the
copy that is kept.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import deduplication

if __name__ == "__main__":
    sys.exit(run_job(__doc__, deduplication))
