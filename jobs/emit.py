"""Write the corpus: Parquet shards in the order of rank, and their card.

Reads rounds/N/collected and contamination; writes corpus/data, corpus/README.md and
corpus/manifest.json.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.emit import EMIT

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(EMIT)))
