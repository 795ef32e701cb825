"""What the steps of one run share: its configuration, its workspace and Spark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.base.errors import InputError
from pipeline.config.settings import Config
from pipeline.web.listing import WarcFile, find_warcs
from pipeline.workspace.places import Table, Workspace
from pipeline.workspace.session import start_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


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

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace(self.uri, lambda: self.spark.sparkContext)

    @cached_property
    def spark(self) -> SparkSession:
        """Started when first used: a run with nothing to do needs no Spark."""
        return start_session(Path(self.uri).name)

    @cached_property
    def warcs(self) -> dict[str, list[WarcFile]]:
        """The WARC files of each crawl; no two of any crawls may share a name."""
        read = self.config.read
        found = {name: find_warcs(crawl, read) for name, crawl in self.config.crawls.items()}
        owners: dict[str, str] = {}
        for crawl, warcs in found.items():
            for warc in warcs:
                other = owners.setdefault(warc.name, crawl)
                if other != crawl:
                    raise InputError(
                        f"crawls {other} and {crawl} both have a WARC called {warc.name}",
                        expected="names that differ: page ids are made of them",
                        remedy="name the file in one crawl only, or rename one of them",
                    )
        return found

    @cached_property
    def warc_identities(self) -> dict[str, dict[str, str]]:
        """For each crawl the identity of each WARC file, by its name."""
        return {
            crawl: {warc.name: warc.identity for warc in warcs}
            for crawl, warcs in self.warcs.items()
        }

    def pages(self) -> DataFrame:
        """All pages of all crawls."""
        return self._of_all_crawls(self.workspace.pages)

    def signatures(self) -> DataFrame:
        """What deduplication compares of them."""
        return self._of_all_crawls(self.workspace.signatures)

    def _of_all_crawls(self, table: Callable[[str], Table]) -> DataFrame:
        tables = [table(crawl).read(self.spark) for crawl in self.config.crawls]
        return reduce(lambda whole, more: whole.unionByName(more), tables)

    def kept_pages(self) -> DataFrame:
        """One copy of each page: those that the pool keeps."""
        pool = self.workspace.pool().read(self.spark)
        kept = pool.where("page_id = kept_page_id").select("page_id")
        return self.pages().join(kept, "page_id")

    def page_inputs(self) -> dict[str, str]:
        """Identities of all crawls' pages."""
        return {
            f"pages of {crawl}": self.workspace.pages(crawl).existing().identity
            for crawl in self.config.crawls
        }
