"""Write what a round found of each domain as an index annotation, for others to use.

Reads rounds/N/domains; writes rounds/N/verdicts: Parquet with surt_host_name, by which it
joins Common Crawl's host index, and columns that say how mathematical the domain is.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.annotate import VERDICTS

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(VERDICTS)))
