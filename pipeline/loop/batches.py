"""Pages and ledger of a crawl, committed a batch at a time: little is ever done twice.

A batch is a folder with parts of both tables and a manifest, whose inputs name what the batch
was read from. The rows of both come out of one pass, which writes them where they stay: the
manifests of the two tables name the parts of all batches. WARCs that could not be read to their
end are a batch of their own, without pages: it stands for work that was tried, until somebody
asks to try it again.

Two batches are under way at a time, so that no core waits for a batch's last WARC, for its
counts, or for its manifest.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from pyspark.sql import functions as F

from pipeline.base.errors import InputEmpty
from pipeline.config.settings import Config
from pipeline.loop.batch_tally import TALLIED, TALLY, Tally, tally_rows
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Contents, Provenance, Step
from pipeline.text.words import WORDS_VERSION
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.notes import Notes
from pipeline.workspace.places import LEDGER_PART, PAGES_PART
from pipeline.workspace.table_schemas import extracted_schema, spark_schema
from pipeline.workspace.tables import MANIFEST, Table, read_parquet, write_parquet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Raised whenever the same records give other pages than before.
_VERSION = 9
#: Batches that are made at the same time.
UNDER_WAY = 2


class BatchNotes(Notes):
    """Of a batch: its part of the ledger, and in a batch of failures its WARCs, with the
    offsets that they failed at. (What else its manifest says is of its pages.) ``ledger_parts``:
    where that part lies; None: where it was written first.
    """

    ledger_rows: int
    ledger_files: int
    ledger_bytes: int
    failed: Mapping[str, int | None] | None = None
    ledger_parts: tuple[str, ...] | None = None


class CrawlNotes(Notes):
    """Of both tables of a crawl: its WARCs that could not be read; None where all could be.

    Of an index that was looked up by range: the bytes of its part files, and those of them
    that were asked for; None of any other.
    """

    failed: int | None = None
    index_bytes: int | None = None
    index_bytes_asked: int | None = None


def pages_step(
    name: str,
    crawl: str,
    *,
    inputs: Callable[[Run], Mapping[str, str]],
    build: Callable[[Build], Counts],
    cost: Callable[[Run, Recipe], str],
) -> Step:
    """A step that makes pages and ledger of a crawl, wherever the records come from."""
    return Step(
        name=name,
        version=_VERSION,
        outputs=lambda run, _: [
            run.workspace.pages(crawl),
            run.workspace.ledger(crawl),
            run.workspace.warcs(crawl),
        ],
        settings=_page_settings,
        inputs=lambda run, _: inputs(run),
        build=build,
        cost=cost,
        unfinished=lambda run, _: _retry_reason(run, run.workspace.pages(crawl)),
        per_round=False,
        of_pages=True,
        scope=crawl,
    )


def _page_settings(config: Config, _: int) -> Mapping[str, Any]:
    """What makes a page out of a record."""
    # How WARCs are grouped changes no row.
    extract = config.extract.model_dump(exclude={"batch_warcs"})
    return {"extract": extract, "words": WORDS_VERSION}


def committed(run: Run, whole: Recipe, crawl: str) -> dict[str, Manifest]:
    """Batches by name that were made the way that ``whole`` says, from whatever inputs."""
    workspace = run.workspace
    names = workspace.batches(crawl)
    manifests = workspace.manifests([workspace.batch(crawl, name) for name in names])
    return {
        name: manifest
        for name, manifest in zip(names, manifests, strict=True)
        if manifest and manifest.recipe == replace(whole, inputs=manifest.recipe.inputs)
    }


def failed(manifest: Manifest) -> bool:
    """Whether the batch is one of WARCs that could not be read."""
    return bool(BatchNotes.of(manifest).failed)


def ledger_parts(manifest: Manifest) -> tuple[str, ...]:
    """Where the ledger's part of a batch lies."""
    return BatchNotes.of(manifest).ledger_parts or (f"{manifest.table}/{LEDGER_PART}",)


def _retry_reason(run: Run, table: Table) -> str:
    """Why a table that is up to date is built again: what failed is to be tried again."""
    manifest = table.manifest() if run.retry_failed else None
    number = CrawlNotes.of(manifest).failed if manifest else None
    return f"{number} WARCs failed" if number else ""


class Batches:
    """The batches of one crawl while its step is at work."""

    def __init__(self, build: Build, crawl: str, keep: Callable[[str, Manifest], bool]) -> None:
        """Takes away what ``keep`` (name, manifest) does not want, and what is unfinished."""
        self._build = build
        self._crawl = crawl
        workspace = build.workspace
        self.pages, self.ledger = workspace.pages(crawl), workspace.ledger(crawl)
        known = {} if build.run.force else committed(build.run, build.recipe, crawl)
        self.manifests = {
            name: manifest
            for name, manifest in known.items()
            if keep(name, manifest) and not (failed(manifest) and build.run.retry_failed)
        }
        unwanted = [name for name in workspace.batches(crawl) if name not in self.manifests]
        tables = (self.pages, self.ledger)
        # Batches lay in their tables' places once.
        of_before = any(set(workspace.storage.names(t.path)) - {MANIFEST} for t in tables)
        if of_before:
            build.progress.note("batches as an earlier version laid them are read again")
        if of_before or {*unwanted} & self._in_tables():
            # Until the last batch is in place there are no such tables.
            for table in tables:
                table.remove()
        for name in unwanted:
            workspace.batch(crawl, name).remove()
        # Numbers are for people; what is left of a killed run may still write for seconds.
        self._numbers = count(1 + max((int(name[:5]) for name in self.manifests), default=-1))
        self._pool = ThreadPoolExecutor(UNDER_WAY)
        self._running: list[Future[None]] = []

    def _in_tables(self) -> set[str]:
        """The batches that the tables are made of now."""
        manifest = self.ledger.manifest()
        # crawls/<crawl>/batches/<batch>/…
        return {part.split("/")[3] for part in manifest.parts or ()} if manifest else set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever has happened, what is under way ends: its batch is kept."""
        self._pool.shutdown()

    def names(self) -> set[str]:
        """What the batches were read from."""
        return {name for made in [*self.manifests.values()] for name in made.recipe.inputs}

    def add(self, rows: DataFrame, inputs: Mapping[str, str]) -> None:
        """Have rows of both tables (``warc_rows.extracted_schema``) made, as the next batch.

        Waits until no more than one other batch is under way; raises what one before raised,
        such as ``CountsDisagree``. ``inputs`` are identities by WARC; one that failed goes, with
        nothing that was read of it, into a batch of failures.
        """
        while len(self._running) >= UNDER_WAY:
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            self._ended(done)
        self._running.append(self._pool.submit(self._make, rows, inputs))

    def _ended(self, batches: Iterable[Future[None]]) -> None:
        for batch in batches:
            self._running.remove(batch)
            batch.result()

    def _make(self, rows: DataFrame, inputs: Mapping[str, str]) -> None:
        started = time.monotonic()
        batch, tally = self._write(rows)
        failures = tally.failures
        if not failures:
            self._put(batch, tally, inputs, started)
            return
        # Written once more, as what was read of such a WARC is not to be kept. This is rare.
        written = self._read(batch)
        of_failed = F.col("warc").isin(list(failures))
        whole = {name: identity for name, identity in inputs.items() if name not in failures}
        if whole:
            self._put(*self._write(written.where(~of_failed)), whole, started)
        endings = of_failed & F.col("kind").isin("warc", "count")
        lost = {name: inputs[name] for name in failures}
        self._put(*self._write(written.where(endings)), lost, started, failures)
        batch.remove()

    def _write(self, rows: DataFrame) -> tuple[Table, Tally]:
        """The rows in the folder of a new batch, and how many there are."""
        name = f"{next(self._numbers):05d}-{uuid.uuid4().hex[:12]}"
        batch = self._build.workspace.batch(self._crawl, name)
        spark, place = self._build.spark, batch.storage.uri(batch.path)
        write_parquet(rows, place, parted_by=["table"])
        spark.sparkContext.setLocalProperty("spark.scheduler.pool", "counts")
        try:
            counted = self._read(batch).select(*TALLIED)
            groups = counted.mapInArrow(tally_rows, spark_schema(TALLY)).collect()
        finally:
            spark.sparkContext.setLocalProperty("spark.scheduler.pool", "default")
        return batch, Tally.of(group.asDict() for group in groups)

    def finish(
        self, *, nothing: str, expected: str, look_at: str, asked: CrawlNotes | None = None
    ) -> Counts:
        """Put both tables in place, which all batches together are.

        ``asked``: notes of an index, which go with those of the tables.
        Raises ``InputEmpty`` where there is no page: ``nothing`` says so, then what was
        ``expected``, and what of the configuration a person is to ``look_at``.
        """
        while self._running:
            self._ended(self._running[:1])
        counts = _sum_of(self.manifests.values())
        if not counts.rows_out:
            raise InputEmpty(
                f"{nothing}: {dict(counts.set_aside) or 'no record'}",
                expected=expected,
                remedy=f"look at {look_at}; WARCs that could not be read are tried again with "
                "--retry-failed",
            )
        build = self._build
        batches = [self.manifests[name] for name in sorted(self.manifests)]
        notes = [BatchNotes.of(manifest) for manifest in batches]
        failures = sum(len(one.failed or ()) for one in notes) or None
        build.notes = (asked or CrawlNotes()).model_copy(update={"failed": failures})
        if failures:
            # The same WARCs are other pages once what failed is read.
            names = sorted(name for one in notes for name in one.failed or ())
            build.content = hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]
        parts = [part for manifest in batches for part in manifest.parts or ()]
        size = sum(one.files for one in batches), sum(one.bytes for one in batches)
        build.staged(self.pages, parts, counts.rows_out, size)
        parts = [part for manifest in batches for part in ledger_parts(manifest)]
        size = sum(one.ledger_files for one in notes), sum(one.ledger_bytes for one in notes)
        build.staged(self.ledger, parts, sum(one.ledger_rows for one in notes), size)
        return counts

    def _read(self, batch: Table) -> DataFrame:
        place = batch.storage.uri(batch.path)
        return read_parquet(self._build.spark, [place], spark_schema(extracted_schema()))

    def _put(
        self,
        batch: Table,
        tally: Tally,
        inputs: Mapping[str, str],
        started: float,
        failures: Mapping[str, int | None] | None = None,
    ) -> None:
        """Let a batch that is written be one, by its manifest. Raises ``CountsDisagree``."""
        name = batch.path.rpartition("/")[2]
        title = f"{self._build.step.title(0)}, batch {name}"
        tally.check(title)
        counts = tally.counts()
        counts.reconcile(title)
        pages, ledger = f"{batch.path}/{PAGES_PART}", f"{batch.path}/{LEDGER_PART}"
        files, size = batch.storage.size(ledger)
        notes = BatchNotes(
            ledger_rows=tally.ledger_rows, ledger_files=files, ledger_bytes=size, failed=failures
        )
        # Without pages there is no such folder.
        parts = [pages] if counts.rows_out else []
        contents = Contents(parts, counts.rows_out, *batch.storage.size(pages))
        made = Provenance(replace(self._build.recipe, inputs=dict(inputs)), counts, started, notes)
        self.manifests[name] = self._build.put_in_place(batch, contents, made)


def _sum_of(manifests: Iterable[Manifest]) -> Counts:
    rows_in = rows_out = 0
    aside: Counter[str] = Counter()
    for manifest in manifests:
        rows_in += manifest.counts.rows_in
        rows_out += manifest.counts.rows_out
        aside.update(manifest.counts.set_aside)
    return Counts(rows_in, rows_out, dict(sorted(aside.items())), unit="records")
