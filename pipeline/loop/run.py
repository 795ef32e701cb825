"""What the steps of one run share: its configuration, its workspace and Spark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config.settings import Config
from pipeline.workspace.partitions import forget_reads
from pipeline.workspace.places import Workspace
from pipeline.workspace.session import start_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
    #: what is done now, as Spark's own pages and logs call its jobs
    doing: str = ""
    #: the same when Spark was last asked for
    _did: str = ""

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
        return start_session(Path(self.uri).name, self.config.shuffle.partition_bytes)
