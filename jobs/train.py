"""Choose a round's seed and train its fastText classifier.

Round 1 learns from the configured seed; a later round also from pages under
tagged URL patterns that the round before did not collect. Writes rounds/N/seed
and rounds/N/model with its evaluation on held-out hosts.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.train import TRAIN

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(TRAIN)))
