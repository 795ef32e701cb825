"""Score every kept page with a round's model.

Reads the pool and rounds/N/model; writes rounds/N/scores.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.classify import CLASSIFY

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(CLASSIFY)))
