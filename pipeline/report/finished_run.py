"""What is told of at the end: a run, as far as telling needs to know it."""

from __future__ import annotations

from typing import Protocol

from pipeline.config.settings import Config
from pipeline.workspace.places import Workspace


class FinishedRun(Protocol):
    """The settings of a run, and the workspace whose manifests say how it went."""

    @property
    def config(self) -> Config: ...

    @property
    def workspace(self) -> Workspace: ...
