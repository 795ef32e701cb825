"""The commands to go on with once the page's queue is empty, as they are to be typed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from pipeline.base.project import checkout


@dataclass(frozen=True)
class Asked:
    """What the page was started with, as it was typed; ``config`` None where none was given.

    ``copied``: the workspace is a copy of another's rounds, in which no round can be run.
    """

    workspace: str
    config: str | None
    number: int
    copied: bool = False

    def review(self) -> str:
        """What the tags would add to the next seed, said and not done."""
        return self._command("tags", self.number)

    def next_round(self, tags: str = "") -> str:
        """The next round; ``tags``: wait (as without it), auto or skip."""
        return self._command("round", self.number + 1, tags)

    def _command(self, job: str, number: int, tags: str = "") -> str:
        workspace = "URI" if self.copied else self.workspace
        if checkout():
            given = {"N": str(number), "TAGS": tags, "WORKSPACE": workspace, "CONFIG": self.config}
            # To make a dollar sign begins a variable.
            words = [f"{key}={shlex.quote(v.replace('$', '$$'))}" for key, v in given.items() if v]
            return shlex.join(["make", job]) + " " + " ".join(words)
        options = {"--round": str(number), "--tags": tags, "--workspace": workspace}
        if self.config:
            options["--config"] = self.config
        words = [word for key, value in options.items() if value for word in (key, value)]
        return shlex.join(["mathmine", job, *words])
