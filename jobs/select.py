"""Rank pages by score and take them down to the token budget.

Reads rounds/N/scores; writes rounds/N/collected. Pages below the score floor are
never taken.
"""

import os
import sys

# The project instead of this folder, whose select.py would hide the standard library's.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.command import run_job
from pipeline.rounds import only
from pipeline.steps.select import SELECT

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(SELECT)))
