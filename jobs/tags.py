"""Say what each URL pattern would add to the seed of the round after N. Changes nothing.

For each pattern of the tags file and of the seed, and with --tags auto for those that
would be accepted by their share: the pages on which it decides, how many of them round
N did not collect, and how many the next seed takes of these, for a seed is capped. Then
what is to be said of it: dead (it matches no page), shadowed (longer patterns decide on
all that it matches), needless (a shorter one says the same), conflict (a shorter one, of
another person, says the contrary), not yet (it does not count in the next round), or a "no"
under or beside a "yes" of its host. Then what the decisions of each round are on, by the
reason why people were asked, and what the next ten would be on.
"""

import os
import sys

# The project, wherever it lies, instead of this folder.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from pipeline.cli import tell
from pipeline.loop.tag_review import tag_lines

if __name__ == "__main__":
    sys.exit(tell(__doc__, tag_lines))
