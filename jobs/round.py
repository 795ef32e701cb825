"""Bring a workspace to the end of round N, doing what is missing.

Runs every step from WARC files to the corpus, round after round. With nothing given
it works on the sample web (make sample-web makes it).
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import whole_loop

if __name__ == "__main__":
    sys.exit(run_job(__doc__, whole_loop))
