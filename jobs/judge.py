"""Compare a round's collection with known labels.

Needs labels.path in the configuration; writes rounds/N/judgement.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.judge import JUDGE

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(JUDGE)))
