"""What the tests of reading over the network share."""

from __future__ import annotations

import random

from pipeline.config.sources import Read
from pipeline.web.attempts import Pace

DATA = random.Random(7).randbytes(1_500_000)
#: Quick to try again. A server to which a busy machine leaves no time has not gone silent.
READ = Read(
    timeout_seconds=60, patience_seconds=120, longest_wait_seconds=0.05, lockout_seconds=0.01
)
#: For wires on which nothing more comes, which this is to find out.
RESTLESS = READ.model_copy(update={"timeout_seconds": 0.5})
IMPATIENT = READ.model_copy(update={"patience_seconds": 0.3})


class Clock:
    """A clock on which only waiting takes time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pace = Pace(clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
