"""Where tables live: the one module that builds their paths.

    crawls/<crawl>/pages/batch=NNNNN/   crawls/<crawl>/ledger/batch=NNNNN/
    crawls/<crawl>/hosts/
    crawls/<crawl>/signatures/
    pool/
    page_topics/
    rounds/N/seed/  patterns.tsv  model/  report.html  scores/  collected/  convergence/
    rounds/N/domains/  prefixes/  samples/  sample_pages/  topics/  judgement/
    contamination/  let_pass/  exempted/
    corpus_topics/  corpus_report/
    corpus/data/*.parquet  corpus/manifest.json
    corpus/README.md  croissant.json  domains.csv  report.html

A table exists when its ``manifest.json`` does, whatever files lie there. New
contents are staged under ``_staging/`` and renamed into place between taking the
old manifest away and writing the new one, so no reader meets half a table.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.base.errors import InputMissing, SchemaMismatch, WorkspaceError
from pipeline.workspace.hadoop import hadoop_storage
from pipeline.workspace.manifest import Manifest
from pipeline.workspace.storage import LocalStorage, Storage, local_path
from pipeline.workspace.table_schemas import TableSchema, schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

STAGING = "_staging"


@dataclass(frozen=True)
class Table:
    """A table, or another folder of files (``declared`` None), in a workspace."""

    storage: Storage
    path: str
    made_by: str
    declared: TableSchema | None
    manifest_path: str

    @property
    def place(self) -> str:
        """Where it is, as people write it."""
        return self.storage.place(self.path)

    @property
    def schema_version(self) -> int:
        return self.declared.version if self.declared else 1

    def manifest(self) -> Manifest | None:
        """None where the table does not exist; ``SchemaMismatch`` for another version's."""
        text = self.storage.read(self.manifest_path)
        if text is None:
            return None
        try:
            version = json.loads(text)["schema_version"]
            manifest = Manifest.from_json(text) if version == self.schema_version else None
        except (ValueError, KeyError, TypeError) as error:
            raise WorkspaceError(
                f"{self.storage.place(self.manifest_path)} is no manifest: {error!r}",
                remedy="delete that file; the table is then built again",
            ) from None
        if manifest is None:
            raise SchemaMismatch(
                f"{self.place} has schema version {version}",
                expected=f"version {self.schema_version}, which this code reads and writes",
                remedy="use another workspace, or the version of mathmine that wrote this one, "
                f"or delete {self.storage.place(self.manifest_path)} to have the table built again",
            )
        return manifest

    def existing(self) -> Manifest:
        """The manifest; ``InputMissing`` says which job makes the table."""
        manifest = self.manifest()
        if manifest is None:
            raise InputMissing(
                f"there is no {self.path} in {self.storage.root}",
                remedy=f"run jobs/{self.made_by}.py first, or jobs/round.py, which runs "
                "whatever is missing",
            )
        return manifest

    def read(self, spark: SparkSession) -> DataFrame:
        """All rows, with the declared columns only."""
        self.existing()
        assert self.declared is not None
        rows = read_parquet(spark, self.storage.uri(self.path), self.declared.spark())
        # Partitioned tables have their folders' column too.
        return rows.select(*self.declared.names)

    def put_in_place(
        self, staged: str, manifest: Manifest, side_files: Mapping[str, str] | None = None
    ) -> None:
        """Replace the table by the folder ``staged``, and text files that go with it."""
        self.remove()
        self.storage.move(staged, self.path)
        for path, text in (side_files or {}).items():
            self.storage.write(path, text)
        self.storage.write(self.manifest_path, manifest.to_json())

    def remove(self) -> None:
        """The manifest goes first: from then on the table does not exist."""
        self.storage.delete(self.manifest_path)
        self.storage.delete(self.path)


def read_parquet(spark: SparkSession, uri: str, columns: StructType) -> DataFrame:
    """The rows of one folder, whatever it is called.

    To Spark every path is a pattern (``[``, ``{``, ``*``) unless it is told otherwise.
    """
    # Manifests lie among the Parquet files.
    options = {"__globPaths__": "false", "pathGlobFilter": "*.parquet"}
    return spark.read.options(**options).schema(columns).parquet(uri)


class Workspace:
    """One URI with all tables of a run."""

    def __init__(self, uri: str, jvm: Callable[[], Any]) -> None:
        """``jvm`` gives the SparkContext; only what is not local asks for it."""
        local = local_path(uri)
        self.storage: Storage = LocalStorage(local.resolve()) if local else hadoop_storage(uri, jvm)
        # A folder of its own a run: what is left of a killed run's Spark may still
        # write for seconds.
        self._staging = f"{STAGING}/{uuid.uuid4().hex}"

    def __str__(self) -> str:
        return self.storage.root

    def pages(self, crawl: str) -> Table:
        return self._table("pages", f"crawls/{crawl}/pages", "extract")

    def ledger(self, crawl: str) -> Table:
        return self._table("ledger", f"crawls/{crawl}/ledger", "extract")

    def batches(self, crawl: str) -> list[int]:
        """Numbers of all batches that were begun, committed or not."""
        numbers = {
            name
            for table in (self.pages(crawl), self.ledger(crawl))
            for name in self.storage.names(table.path)
            if name.startswith("batch=")
        }
        return sorted(int(name.removeprefix("batch=")) for name in numbers)

    def pages_batch(self, crawl: str, batch: int) -> Table:
        return self._table("pages", f"crawls/{crawl}/pages/batch={batch:05d}", "extract")

    def ledger_batch(self, crawl: str, batch: int) -> Table:
        return self._table("ledger", f"crawls/{crawl}/ledger/batch={batch:05d}", "extract")

    def hosts(self, crawl: str) -> Table:
        return self._table("hosts", f"crawls/{crawl}/hosts", "fetch")

    def signatures(self, crawl: str) -> Table:
        return self._table("signatures", f"crawls/{crawl}/signatures", "dedupe")

    def pool(self) -> Table:
        return self._table("pool", "pool", "dedupe")

    def page_topics(self) -> Table:
        return self._table("page_topics", "page_topics", "topics")

    def seed(self, number: int) -> Table:
        return self._table("seed", f"rounds/{number}/seed", "train")

    def patterns_file(self, number: int) -> str:
        return f"rounds/{number}/patterns.tsv"

    def model(self, number: int) -> Table:
        return self._folder(f"rounds/{number}/model", "train")

    def report(self, number: int) -> str:
        """The page for people about a round's classifier."""
        return f"rounds/{number}/report.html"

    def scores(self, number: int) -> Table:
        return self._table("scores", f"rounds/{number}/scores", "classify")

    def collected(self, number: int) -> Table:
        return self._table("collected", f"rounds/{number}/collected", "select_pages")

    def convergence(self, number: int) -> Table:
        return self._folder(f"rounds/{number}/convergence", "converge")

    def domains(self, number: int) -> Table:
        return self._table("domains", f"rounds/{number}/domains", "mine")

    def annotations(self) -> Table:
        return self._table("annotations", "annotations", "mine")

    def verdicts(self, number: int) -> Table:
        return self._table("verdicts", f"rounds/{number}/verdicts", "annotation")

    def prefixes(self, number: int) -> Table:
        return self._table("prefixes", f"rounds/{number}/prefixes", "mine")

    def topics(self, number: int) -> Table:
        return self._table("topics", f"rounds/{number}/topics", "topics")

    def samples(self, number: int) -> Table:
        return self._table("samples", f"rounds/{number}/samples", "mine")

    def sample_pages(self, number: int) -> Table:
        return self._table("sample_pages", f"rounds/{number}/sample_pages", "mine")

    def judgement(self, number: int) -> Table:
        return self._folder(f"rounds/{number}/judgement", "judge")

    def contamination(self) -> Table:
        return self._table("contamination", "contamination", "decontaminate")

    def let_pass(self) -> Table:
        return self._table("let_pass", "let_pass", "decontaminate")

    def exempted(self) -> Table:
        return self._table("exempted", "exempted", "decontaminate")

    def corpus(self) -> Table:
        return Table(self.storage, "corpus/data", "emit", schema("corpus"), "corpus/manifest.json")

    def corpus_report(self) -> Table:
        """What the report of the corpus shows."""
        return self._folder("corpus_report", "report")

    def corpus_report_page(self) -> str:
        """The same as a page for people."""
        return "corpus/report.html"

    def corpus_topics(self) -> Table:
        return self._table("corpus_topics", "corpus_topics", "round")

    def corpus_card(self) -> str:
        return "corpus/README.md"

    def croissant(self) -> str:
        """The corpus's metadata for programs."""
        return "corpus/croissant.json"

    def domains_file(self) -> str:
        """Every host of the corpus."""
        return "corpus/domains.csv"

    def staged(self, table: Table) -> str:
        """Where a table's next contents are written before they are put in place."""
        return f"{self._staging}/{table.path}"

    def scratch(self, name: str) -> str:
        """A folder for what a step writes down on its way."""
        return f"{self._staging}/scratch/{name}"

    def clear_scratch(self) -> None:
        self.storage.delete(f"{self._staging}/scratch")

    def clear_staging(self) -> None:
        """Left-overs of this run and of runs that were killed; only under the lock."""
        self.storage.delete(STAGING)

    def _table(self, name: str, path: str, made_by: str) -> Table:
        return Table(self.storage, path, made_by, schema(name), f"{path}/manifest.json")

    def _folder(self, path: str, made_by: str) -> Table:
        return Table(self.storage, path, made_by, None, f"{path}/manifest.json")
