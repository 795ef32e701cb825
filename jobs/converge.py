"""Compare a round's collection with those of the rounds before.

Reads rounds/1 to N/collected; writes rounds/N/convergence: what is new, by host and
language, and how many pages each earlier round had already.
"""

import os
import sys

# The project instead of this folder, whose select.py would hide the standard library's.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.command import run_job
from pipeline.rounds import only
from pipeline.steps.converge import CONVERGE

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(CONVERGE)))
