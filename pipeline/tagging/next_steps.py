"""The commands to go on with once the page's queue is empty, as they are to be typed."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.base.commands import job_command


@dataclass(frozen=True)
class NextSteps:
    """Of the round ``number`` in a workspace.

    ``config``: the run's TOML, None where the workspace keeps its own. ``copied``: the
    workspace is a copy of another's rounds, in which no round can be run.
    """

    workspace: str
    number: int
    config: str | None = None
    copied: bool = False

    def document(self, *, waits: bool) -> dict[str, object]:
        """For the page; ``waits``: whether the next round would wait for people's word."""
        workspace = "URI" if self.copied else self.workspace
        after = self.number + 1
        config = self.config
        return {
            "round": after,
            "copied": self.copied,
            "review": job_command("tags", workspace, self.number, config=config),
            "go_on": job_command("round", workspace, after, config=config),
            "without": job_command("round", workspace, after, tags="skip", config=config)
            if waits
            else None,
        }
