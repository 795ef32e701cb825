"""Signs of life while a step runs: lines on standard error, so logs have them too."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.base.printing import sentence

if TYPE_CHECKING:
    from pyspark import SparkContext

#: Seconds between two lines.
EVERY_SECONDS = 10.0


class Progress:
    """Tells, every ten seconds, what the step does and how many of Spark's tasks are done."""

    def __init__(self, step: str, *, every: float = EVERY_SECONDS) -> None:
        self._step = step
        self._every = every
        self._doing = ""
        self._context: SparkContext | None = None
        self._measure: Callable[[], str] = str
        self._started = time.monotonic()
        self._done = threading.Event()
        self._telling = threading.Lock()
        self._thread = threading.Thread(target=self._tell_regularly, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def watch(self, context: SparkContext) -> None:
        """Count this context's tasks from now on."""
        self._context = context

    def note(self, doing: str) -> None:
        """Say at once what goes on now, and again with every further line."""
        self._doing = doing
        self._tell()

    def measure(self, by: Callable[[], str]) -> None:
        """Say from now on in each line what ``by`` gives: how much is done, and how fast."""
        self._measure = by

    def _tell_regularly(self) -> None:
        while not self._done.wait(self._every):
            self._tell()

    def _tell(self) -> None:
        with self._telling:
            self._tell_now()

    def _tell_now(self) -> None:
        parts = [f"{self._step}:", self._doing or "working"]
        if measured := self._measure():
            parts.append(f"– {measured}")
        if tasks := self._tasks():
            parts.append(f"[{tasks}]")
        parts.append(f"({time.monotonic() - self._started:.0f} s)")
        print(sentence(" ".join(parts)), file=sys.stderr, flush=True)

    def _tasks(self) -> str:
        if self._context is None:
            return ""
        try:
            tracker = self._context.statusTracker()
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        except Exception:  # a context that is stopping; progress must never end a run
            return ""
        running = [stage for stage in stages if stage is not None]
        done = sum(stage.numCompletedTasks for stage in running)
        total = sum(stage.numTasks for stage in running)
        return f"{done} of {total} tasks" if total else ""
