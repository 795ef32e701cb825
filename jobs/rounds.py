"""Go on round after round until one finds almost nothing new, at most to round N.

Stops by the rule of loop.stop_share: that share of a round's pages was collected in
the round before. Where people have domains to tag it stops as jobs/round.py does,
with exit status 3; the same command goes on.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_rounds

if __name__ == "__main__":
    sys.exit(run_rounds(__doc__))
