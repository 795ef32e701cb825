"""Tell what pages are about, and how much of each topic a round takes.

Reads the pool and a round's collection; writes page_topics, once a pool, and
rounds/N/topics, which marks topics that the selection starves.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import run_job
from pipeline.loop.rounds import only
from pipeline.loop.steps.topics import PAGE_TOPICS, TOPICS

if __name__ == "__main__":
    sys.exit(run_job(__doc__, only(PAGE_TOPICS, TOPICS)))
