"""Write the report of the corpus: one page for people, without scripts.

Reads the corpus and the tables that it was made of; writes corpus/report.html, and what it
shows as corpus_report/figures.json.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.report import REPORT

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(REPORT)))
