"""Look for benchmark items in a round's collection.

Reads rounds/N/collected, the configured benchmarks, the list of allowed grams and a
reviewer's rulings; writes contamination, one row a trace that condemns its page, let_pass,
those that say too little, and exempted, those that the list lets pass. Says at
the end what of each benchmark can be found and was, and which grams hit most. Pages are
removed from the corpus by jobs/emit.py.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.decontaminate import DECONTAMINATE

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(DECONTAMINATE)))
