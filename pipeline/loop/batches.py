"""Pages and ledger of a crawl, committed a batch at a time: little is ever done twice.

A batch is two tables with a manifest each, whose inputs name what the batch was read
from. WARCs that could not be read to their end are a batch of their own, without pages:
it stands for work that was tried, until somebody asks to try it again.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from pipeline.base.errors import CountsDisagree, InputEmpty
from pipeline.base.outcomes import READ, Outcome
from pipeline.config.settings import Config
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Provenance, Step
from pipeline.text.words import WORDS_VERSION
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.notes import Notes
from pipeline.workspace.places import Table, read_parquet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Raised whenever the same records give other pages than before.
_VERSION = 7
#: Bytes of Parquet in one file of pages, about.
_FILE_BYTES = 256_000_000
#: WARCs that a message names.
_NAMED = 5


class BatchNotes(Notes):
    """Of a batch: rows of its ledger, and in a batch of failures its WARCs, with the offsets
    that they failed at.
    """

    ledger_rows: int
    failed: Mapping[str, int | None] | None = None


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
        outputs=lambda run, _: [run.workspace.pages(crawl), run.workspace.ledger(crawl)],
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


def committed(run: Run, whole: Recipe, crawl: str) -> dict[int, Manifest]:
    """Batches that were made the way that ``whole`` says, from whatever inputs."""
    manifests = {}
    for number in run.workspace.batches(crawl):
        manifest = run.workspace.pages_batch(crawl, number).manifest()
        ledger_manifest = run.workspace.ledger_batch(crawl, number).manifest()
        if manifest is None or ledger_manifest is None or manifest.recipe != ledger_manifest.recipe:
            continue
        if manifest.recipe == replace(whole, inputs=manifest.recipe.inputs):
            manifests[number] = manifest
    return manifests


def failed(manifest: Manifest) -> bool:
    """Whether the batch is one of WARCs that could not be read."""
    return bool(BatchNotes.of(manifest).failed)


def _retry_reason(run: Run, table: Table) -> str:
    """Why a table that is up to date is built again: what failed is to be tried again."""
    manifest = table.manifest() if run.retry_failed else None
    number = CrawlNotes.of(manifest).failed if manifest else None
    return f"{number} WARCs failed" if number else ""


class Batches:
    """The batches of one crawl while its step is at work."""

    def __init__(self, build: Build, crawl: str, keep: Callable[[int, Manifest], bool]) -> None:
        """Takes away what ``keep`` (number, manifest) does not want, and what is unfinished."""
        self._build = build
        self._crawl = crawl
        workspace = build.workspace
        self.pages, self.ledger = workspace.pages(crawl), workspace.ledger(crawl)
        # From here until the last batch is in place the tables do not exist.
        workspace.storage.delete(self.pages.manifest_path)
        workspace.storage.delete(self.ledger.manifest_path)
        known = {} if build.run.force else committed(build.run, build.recipe, crawl)
        self.manifests = {
            number: manifest
            for number, manifest in known.items()
            if keep(number, manifest) and not (failed(manifest) and build.run.retry_failed)
        }
        for number in workspace.batches(crawl):
            if number not in self.manifests:
                workspace.pages_batch(crawl, number).remove()
                workspace.ledger_batch(crawl, number).remove()

    def names(self) -> set[str]:
        """What the batches were read from."""
        return {name for manifest in self.manifests.values() for name in manifest.recipe.inputs}

    def commit(self, rows: DataFrame, inputs: Mapping[str, str]) -> None:
        """Write rows of both tables (``warc_rows.extracted_schema``) as the next batch.

        ``inputs`` are identities by WARC; one that failed goes, with nothing that was
        read of it, into a batch of failures. Raises ``CountsDisagree``.
        """
        workspace = self._build.workspace
        started = time.monotonic()
        place = workspace.scratch("extracted")
        # The rows of both tables come out of one pass: written down once before they part.
        rows.write.mode("overwrite").partitionBy("table").parquet(workspace.storage.uri(place))
        pages = self._read(place, "pages")
        ledger = self._read(place, "ledger")
        failures = {
            row["warc"]: row["warc_offset"]
            for row in ledger.where(F.col("outcome") == Outcome.READ_FAILED.value)
            .where("kind = 'warc'")
            .select("warc", "warc_offset")
            .collect()
        }
        of_failed = F.col("warc").isin(list(failures))
        if failures:
            pages = pages.where(~of_failed)
        whole = {name: identity for name, identity in inputs.items() if name not in failures}
        if whole:
            kept = ledger.where(~of_failed) if failures else ledger
            self._put(pages, kept, whole, started, None)
        if failures:
            failed_rows = ledger.where(of_failed).where(
                (F.col("kind") == "warc") | (F.col("kind") == "count")
            )
            lost = {name: inputs[name] for name in failures}
            self._put(pages.limit(0), failed_rows, lost, started, failures)
        workspace.storage.delete(place)

    def finish(
        self, *, nothing: str, expected: str, look_at: str, asked: CrawlNotes | None = None
    ) -> Counts:
        """Put both tables in place, which all batches together are.

        ``asked``: notes of an index, which go with those of the tables.
        Raises ``InputEmpty`` where there is no page: ``nothing`` says so, then what was
        ``expected``, and what of the configuration a person is to ``look_at``.
        """
        counts = _sum_of(self.manifests.values())
        if not counts.rows_out:
            raise InputEmpty(
                f"{nothing}: {dict(counts.set_aside) or 'no record'}",
                expected=expected,
                remedy=f"look at {look_at}; WARCs that could not be read are tried again with "
                "--retry-failed",
            )
        build = self._build
        notes = [BatchNotes.of(manifest) for manifest in self.manifests.values()]
        failures = sum(len(one.failed or ()) for one in notes) or None
        build.notes = (asked or CrawlNotes()).model_copy(update={"failed": failures})
        if failures:
            # The same WARCs are other pages once what failed is read.
            names = sorted(name for one in notes for name in one.failed or ())
            build.content = hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]
        build.in_place(self.pages, counts.rows_out)
        build.in_place(self.ledger, sum(one.ledger_rows for one in notes))
        return counts

    def _read(self, place: str, name: str) -> DataFrame:
        table = self.pages if name == "pages" else self.ledger
        assert table.declared is not None
        build = self._build
        storage = build.workspace.storage
        folder = f"{place}/table={name}"
        _, size = storage.size(folder)
        if not size:
            return build.spark.createDataFrame([], table.declared.spark())
        part = read_parquet(build.spark, storage.uri(folder), table.declared.spark())
        return part.coalesce(1 + size // _FILE_BYTES)

    def _put(
        self,
        pages: DataFrame,
        ledger: DataFrame,
        inputs: Mapping[str, str],
        started: float,
        failures: Mapping[str, int | None] | None,
    ) -> None:
        build, crawl = self._build, self._crawl
        number = max(self.manifests, default=-1) + 1
        page_table = build.workspace.pages_batch(crawl, number)
        ledger_table = build.workspace.ledger_batch(crawl, number)
        ledger = build.write_staged(ledger_table, ledger)
        pages = build.write_staged(page_table, pages)
        _check_each_warc(pages, ledger, f"{build.step.title(0)}, batch {number}")
        counts = _count(ledger, pages.count())
        counts.reconcile(f"{build.step.title(0)}, batch {number}")
        notes = BatchNotes(ledger_rows=ledger.count(), failed=failures)
        made = Provenance(replace(build.recipe, inputs=dict(inputs)), counts, started, notes)
        build.put_in_place(ledger_table, notes.ledger_rows, made)
        self.manifests[number] = build.put_in_place(page_table, counts.rows_out, made)


def _check_each_warc(pages: DataFrame, ledger: DataFrame, title: str) -> None:
    """``CountsDisagree`` where the records of one WARC are not its pages and what was set aside."""
    by_warc = ledger.where("kind = 'count'").groupBy("warc")
    counted = by_warc.agg(
        F.sum(F.when(F.col("outcome") == READ, F.col("records"))).alias("read"),
        F.sum(F.when(F.col("outcome") != READ, F.col("records"))).alias("ended"),
        F.sum(F.when(F.col("outcome") == Outcome.PAGE.value, F.col("records"))).alias("told"),
    )
    kept = pages.groupBy("warc").agg(F.count(F.lit(1)).alias("pages"))
    wrong = (
        counted.join(kept, "warc", "full_outer")
        .na.fill(0)
        .where("read != ended or told != pages")
        .limit(_NAMED)
        .collect()
    )
    if wrong:
        raise CountsDisagree(
            f"{title}: records read are not pages and records set aside in {wrong}",
            expected="read = pages + set aside, in each WARC",
            remedy="nothing was committed; this is a defect of mathmine, please report it",
        )


def _count(ledger: DataFrame, pages: int) -> Counts:
    """From the ledger's count rows; the pages are counted in their own table."""
    rows = ledger.where("kind = 'count'").groupBy("outcome").sum("records").collect()
    outcomes: dict[str, int] = dict(rows)
    read = outcomes.pop(READ, 0)
    outcomes.pop(Outcome.PAGE, 0)
    return Counts(read, pages, dict(sorted(outcomes.items())), unit="records")


def _sum_of(manifests: Iterable[Manifest]) -> Counts:
    rows_in = rows_out = 0
    aside: Counter[str] = Counter()
    for manifest in manifests:
        rows_in += manifest.counts.rows_in
        rows_out += manifest.counts.rows_out
        aside.update(manifest.counts.set_aside)
    return Counts(rows_in, rows_out, dict(sorted(aside.items())), unit="records")
