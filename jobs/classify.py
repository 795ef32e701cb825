"""Score every kept page with a round's model.

Reads the pool and rounds/N/model; writes rounds/N/scores.
"""

import os
import sys

# The project instead of this folder, whose select.py would hide the standard library's.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.command import run_job
from pipeline.rounds import only
from pipeline.steps.classify import CLASSIFY

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(CLASSIFY)))
