"""Where tables live: the one module that builds their paths.

    run.json
    crawls/<crawl>/pages/  crawls/<crawl>/ledger/
    crawls/<crawl>/batches/<batch>/table=pages/  table=ledger/  manifest.json
    crawls/<crawl>/warcs/
    crawls/<crawl>/hosts/
    crawls/<crawl>/signatures/
    pool/
    page_topics/
    rounds/N/seed/  patterns.tsv  model/  report.html  scores/  candidates/
    rounds/N/collected/  convergence/
    rounds/N/domains/  prefixes/  samples/  sample_pages/  topics/  judgement/
    contamination/  let_pass/  exempted/
    corpus_topics/  corpus_report/
    corpus/data/*.parquet  corpus/manifest.json
    corpus/README.md  croissant.json  domains.csv  budgets.json  report.html
    removals/NNNN.json  removals/undo/NNNN.json
    views.sql

In a table's place are its ``manifest.json`` and what that names, a folder ``data-<id>``
(``tables.py``). Of ``pages`` and ``ledger`` of a crawl these are folders of its batches; of the
corpus, which people open by its place, the files themselves. Older pools that rounds stand on, and
their topics, are named by ``manifest-<G>.json``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.workspace.hadoop import hadoop_storage
from pipeline.workspace.manifest import Manifest
from pipeline.workspace.storage import LocalStorage, Storage, local_path
from pipeline.workspace.table_schemas import TableSchema, schema
from pipeline.workspace.tables import MANIFEST, Table

#: Below it each run has a folder for what it writes down on its way.
SCRATCH = "_staging"
#: Where in a batch each of its tables is.
PAGES_PART, LEDGER_PART = "table=pages", "table=ledger"


@dataclass(frozen=True)
class Kind:
    """All tables of one schema in a workspace."""

    schema: TableSchema
    #: what each of them is of: a ``crawl``, a ``round``, or, of the only one, nothing
    each: str
    #: by the name of the crawl, or the number of the round
    tables: Mapping[str, Table]

    @classmethod
    def of(cls, each: str, tables: Mapping[str, Table], like: Table) -> Kind:
        """The tables, of the schema of one that is ``like`` them."""
        assert like.declared is not None
        return cls(like.declared, each, tables)


def _of_generation(table: Table, generation: int | None) -> Table:
    if generation is None:
        return table
    return replace(table, manifest_path=f"{table.path}/manifest-{generation}.json")


class Workspace:
    """One URI with all tables of a run."""

    def __init__(self, uri: str, jvm: Callable[[], Any]) -> None:
        """``jvm`` gives the SparkContext; only what is not local asks for it."""
        local = local_path(uri)
        self.storage: Storage = LocalStorage(local.resolve()) if local else hadoop_storage(uri, jvm)
        # A folder of its own a run: what is left of a killed run's Spark may still
        # write for seconds.
        self._own = f"{SCRATCH}/{uuid.uuid4().hex}"

    def __str__(self) -> str:
        return self.storage.root

    def crawls(self) -> list[str]:
        """Names of the crawls of which there is something."""
        return self.storage.names("crawls")

    def pages(self, crawl: str) -> Table:
        return self._table("pages", f"crawls/{crawl}/pages", "extract")

    def ledger(self, crawl: str) -> Table:
        return self._table("ledger", f"crawls/{crawl}/ledger", "extract")

    def batches(self, crawl: str) -> list[str]:
        """Names of all batches of pages and ledger that were begun, committed or not."""
        return self.storage.names(f"crawls/{crawl}/batches")

    def ledger_of_batches(self, crawl: str) -> str:
        """Where a person finds why a crawl has no page, before its tables are in place."""
        return self.storage.place(f"crawls/{crawl}/batches/*/{LEDGER_PART}")

    def batch(self, crawl: str, name: str) -> Table:
        """A batch: parts of both tables, ``PAGES_PART`` and ``LEDGER_PART`` in its place."""
        return self._folder(f"crawls/{crawl}/batches/{name}", "extract")

    def warcs(self, crawl: str) -> Table:
        return self._table("warcs", f"crawls/{crawl}/warcs", "extract")

    def hosts(self, crawl: str) -> Table:
        return self._table("hosts", f"crawls/{crawl}/hosts", "fetch")

    def signatures(self, crawl: str) -> Table:
        return self._table("signatures", f"crawls/{crawl}/signatures", "dedupe")

    def pool(self, generation: int | None = None) -> Table:
        """The newest pool, or an older generation's, which rounds still stand on."""
        return _of_generation(self._table("pool", "pool", "dedupe"), generation)

    def page_topics(self, generation: int | None = None) -> Table:
        """Of the newest pool, or of an older generation's."""
        return _of_generation(self._table("page_topics", "page_topics", "topics"), generation)

    def older_generations(self) -> list[int]:
        """Numbers of the pools that are kept beside the newest."""
        names = self.storage.names("pool")
        matches = (re.fullmatch(r"manifest-(\d+)\.json", name) for name in names)
        return sorted(int(match[1]) for match in matches if match)

    def keep_as(self, table: Table, older: Table) -> None:
        """Let what a table is now be that of an older generation too: one more name for it."""
        if (text := self.storage.read(table.manifest_path)) is not None:
            self.storage.write(older.manifest_path, text)

    def drop_generation(self, generation: int) -> None:
        """An older generation is no more; its contents go when the next ones are built."""
        for table in (self.pool(generation), self.page_topics(generation)):
            self.storage.delete(table.manifest_path)

    def rounds(self) -> list[int]:
        """Numbers of the rounds that were begun."""
        return sorted(int(name) for name in self.storage.names("rounds") if name.isdecimal())

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

    def candidates(self, number: int) -> Table:
        return self._table("candidates", f"rounds/{number}/candidates", "select_pages")

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
        path, manifest = "corpus/data", "corpus/manifest.json"
        return Table(self.storage, path, "emit", schema("corpus"), manifest, in_the_open=True)

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

    def budgets_file(self) -> str:
        """Where each budget of the corpus ends."""
        return "corpus/budgets.json"

    def removals(self) -> list[int]:
        """Numbers of the removals that were ever made."""
        matches = (re.fullmatch(r"(\d{4,})\.json", name) for name in self.storage.names("removals"))
        return sorted(int(match[1]) for match in matches if match)

    def removal_file(self, number: int) -> str:
        """What was asked to be removed, and is never to be here again."""
        return f"removals/{number:04d}.json"

    def removal_journals(self) -> list[str]:
        """What is written down of removals that are under way, or may still be undone."""
        return [f"removals/undo/{name}" for name in self.storage.names("removals/undo")]

    def removal_journal(self, number: int) -> str:
        return f"removals/undo/{number:04d}.json"

    def kinds(self) -> list[Kind]:
        """All tables that there may be here, of the crawls and rounds that were begun."""
        crawls = self.storage.names("crawls")
        rounds = [str(number) for number in self.rounds()]
        kinds = []
        for make in (self.pages, self.ledger, self.warcs, self.signatures, self.hosts):
            kinds.append(Kind.of("crawl", {crawl: make(crawl) for crawl in crawls}, make("_")))
        for of_round in (
            *(self.seed, self.scores, self.candidates, self.collected, self.domains, self.verdicts),
            *(self.prefixes, self.samples, self.sample_pages, self.topics),
        ):
            tables = {number: of_round(int(number)) for number in rounds}
            kinds.append(Kind.of("round", tables, of_round(1)))
        for table in (
            *(self.pool(), self.page_topics(), self.annotations(), self.contamination()),
            *(self.let_pass(), self.exempted(), self.corpus(), self.corpus_topics()),
        ):
            kinds.append(Kind.of("", {"": table}, table))
        return kinds

    def manifests(self, tables: Sequence[Table]) -> list[Manifest | None]:
        """``Table.manifest`` of each, read side by side."""
        texts = self.storage.read_all([table.manifest_path for table in tables])
        return [table.manifest_of(text) for table, text in zip(tables, texts, strict=True)]

    def scratch(self, name: str) -> str:
        """A folder for what a step writes down on its way."""
        return f"{self._own}/{name}"

    def clear_scratch(self) -> None:
        """What this run has written down on its way."""
        self.storage.delete(self._own)
        if not self.storage.names(SCRATCH):
            self.storage.delete(SCRATCH)

    def clear_left_overs(self) -> None:
        """What runs that were killed have written down; only under the lock."""
        for name in self.storage.names(SCRATCH):
            if (place := f"{SCRATCH}/{name}") != self._own:
                self.storage.delete(place)

    def _table(self, name: str, path: str, made_by: str) -> Table:
        return Table(self.storage, path, made_by, schema(name), f"{path}/{MANIFEST}")

    def _folder(self, path: str, made_by: str) -> Table:
        return Table(self.storage, path, made_by, None, f"{path}/{MANIFEST}")
