"""Write the corpus: Parquet shards in the order of rank, and their card.

Reads rounds/N/collected and contamination; writes corpus/data, corpus/README.md and
corpus/manifest.json.
"""

import os
import sys

# The project instead of this folder, whose select.py would hide the standard library's.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.command import run_job
from pipeline.rounds import only
from pipeline.steps.emit import EMIT

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(EMIT)))
