"""Count the tokens of pages over the floor, rank them, and take them down to the token budget.

Reads the pool and rounds/N/scores; writes rounds/N/candidates and rounds/N/collected. Pages
below the score floor are never taken.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.count import TOKENS
from pipeline.loop.steps.select import SELECT

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(TOKENS, SELECT)))
