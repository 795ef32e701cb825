"""Find mathematical domains: those of which a round took over a tenth.

Reads rounds/N/collected; writes rounds/N/domains and rounds/N/prefixes, from which
people tag URL patterns for the next round.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import mining

if __name__ == "__main__":
    sys.exit(run_job(__doc__, mining))
