"""What the steps of one run share: its configuration, its workspace and Spark."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.config.settings import Config
from pipeline.workspace.partitions import forget_reads
from pipeline.workspace.places import Workspace
from pipeline.workspace.session import start_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


T = TypeVar("T")


def open_workspace(uri: str) -> Workspace:
    """A workspace before its run is known; one that is not local starts Spark to be read."""
    return Workspace(uri, lambda: start_session(Path(uri).name).sparkContext)


@dataclass
class Run:
    """Everything that the steps of one run share."""

    config: Config
    uri: str
    #: how the loop treats domains that nobody has tagged: wait, auto or skip
    tags: str = "wait"
    force: bool = False
    #: whether what could not be read is tried again
    retry_failed: bool = False
    #: from this round on rounds take the newest generation of the pool, begun or not
    from_round: int | None = None
    #: whether that round keeps the model that it has, which then scores what is new
    keep_model: bool = False
    #: what is done now, as Spark's own pages and logs call its jobs
    doing: str = ""
    #: the same when Spark was last asked for
    _did: str = field(default="", init=False, repr=False, compare=False)
    _remembered: dict[Hashable, Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace(self.uri, lambda: self.spark.sparkContext)

    @property
    def spark(self) -> SparkSession:
        """Started when first used: a run with nothing to do needs no Spark."""
        self._session.sparkContext.setJobDescription(self.doing)
        if self.doing != self._did:
            forget_reads(self._session)
            self._did = self.doing
        return self._session

    @cached_property
    def _session(self) -> SparkSession:
        return start_session(
            Path(self.uri).name,
            self.config.shuffle.partition_bytes,
            self.config.extract.max_page_memory,
        )

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, which reads the workspace, until the next table is put in place."""
        if key not in self._remembered:
            self._remembered[key] = make()
        value: T = self._remembered[key]
        return value

    def forget(self) -> None:
        """What is remembered holds no longer."""
        self._remembered.clear()
