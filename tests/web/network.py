"""What the tests of reading over the network share."""

from __future__ import annotations

import random

from pipeline.config.settings import Read

DATA = random.Random(7).randbytes(1_500_000)
#: Quick to try again and quick to give up.
READ = Read(timeout_seconds=0.5, patience_seconds=20, longest_wait_seconds=0.05)
IMPATIENT = READ.model_copy(update={"patience_seconds": 0.3})
