"""Compare a round's collection with those of the rounds before.

Reads rounds/1 to N/collected; writes rounds/N/convergence: what is new, by host and
language, and how many pages each earlier round had already.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.converge import CONVERGE

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(CONVERGE)))
