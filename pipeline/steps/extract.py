"""WARC files to pages: committed batch by batch, so that little is ever done twice."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.config import Config, Extract
from pipeline.errors import InputEmpty
from pipeline.extraction import READ, extract_batches, extracted_ddl
from pipeline.ledger import Outcome
from pipeline.manifest import Manifest, Recipe
from pipeline.step import Build, Counts, Run, Step
from pipeline.text.words import WORDS_VERSION
from pipeline.web.listing import WarcFile

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Bytes of Parquet in one file of pages, about.
_FILE_BYTES = 256_000_000
#: WARCs of a batch where the configuration names no number: a core, and at least.
_WARCS_A_CORE = 4
_LEAST_WARCS = 32


def extract_step(crawl: str) -> Step:
    """The step for one crawl of the configuration."""
    return Step(
        name="extract",
        version=2,
        outputs=lambda run, _: [run.workspace.pages(crawl), run.workspace.ledger(crawl)],
        settings=_settings,
        inputs=lambda run, _: {"warcs": _digest(run.warc_identities[crawl])},
        build=lambda build: _build(build, crawl),
        cost=lambda run, recipe: _cost(run, recipe, crawl),
        per_round=False,
        scope=crawl,
    )


def _settings(config: Config, _: int) -> Mapping[str, Any]:
    # How WARCs are grouped changes no row.
    extract = config.extract.model_dump(exclude={"batch_warcs"})
    return {"extract": extract, "words": WORDS_VERSION}


def _digest(identities: Mapping[str, str]) -> str:
    lines = "\n".join(f"{name}\t{identity}" for name, identity in sorted(identities.items()))
    return f"{len(identities)} files {hashlib.sha256(lines.encode()).hexdigest()[:32]}"


def _cost(run: Run, recipe: Recipe, crawl: str) -> str:
    done = set() if run.force else _names(_committed(run, recipe, crawl))
    missing = [warc for warc in run.warcs[crawl] if warc.name not in done]
    size = sum(warc.bytes for warc in missing)
    return f"{len(missing):,} WARCs to read, {size / 1e6:,.0f} MB; {len(done):,} done"


def _build(build: Build, crawl: str) -> Counts:
    workspace = build.workspace
    pages, ledger = workspace.pages(crawl), workspace.ledger(crawl)
    # From here until the last batch is in place the tables do not exist.
    workspace.storage.delete(pages.manifest_path)
    workspace.storage.delete(ledger.manifest_path)
    warcs, identities = build.run.warcs[crawl], build.run.warc_identities[crawl]
    committed = {} if build.run.force else _committed(build.run, build.recipe, crawl)
    for number in workspace.batches(crawl):
        if number not in committed:
            workspace.pages_batch(crawl, number).remove()
            workspace.ledger_batch(crawl, number).remove()
    done = _names(committed)
    missing = [warc for warc in warcs if warc.name not in done]
    groups = _groups(build, missing)
    number = max(committed, default=-1)
    for index, group in enumerate(groups):
        number += 1
        megabytes = sum(warc.bytes for warc in group) / 1e6
        build.progress.note(
            f"batch {index + 1} of {len(groups)}: {len(group)} WARCs, {megabytes:,.0f} MB; "
            f"{len(done):,} of {len(warcs):,} WARCs done"
        )
        committed[number] = _extract_batch(build, crawl, number, group, identities)
        done.update(warc.name for warc in group)
    counts = _sum_of(committed.values())
    if not counts.rows_out:
        raise InputEmpty(
            f"no page in the {len(warcs)} WARCs of crawl {crawl}: {dict(counts.set_aside)}",
            expected="WARC files with HTML responses",
            remedy=f"look at crawls.{crawl}.warcs in the configuration, and at {ledger.place}",
        )
    build.in_place(pages, counts.rows_out)
    build.in_place(ledger, sum(m.notes["ledger_rows"] for m in committed.values()))
    return counts


def _groups(build: Build, warcs: Sequence[WarcFile]) -> list[Sequence[WarcFile]]:
    """The WARCs of each batch: by default several a core, as one WARC is slower than another."""
    if not warcs:  # and no need of Spark to know how many cores there are
        return []
    size = build.config.extract.batch_warcs or max(
        _LEAST_WARCS, _WARCS_A_CORE * build.spark.sparkContext.defaultParallelism
    )
    return [warcs[first : first + size] for first in range(0, len(warcs), size)]


def _committed(run: Run, whole: Recipe, crawl: str) -> dict[int, Manifest]:
    """Batches that still hold: made the same way, from WARCs that are still asked for."""
    valid = {}
    identities = run.warc_identities[crawl]
    for number in run.workspace.batches(crawl):
        manifest = run.workspace.pages_batch(crawl, number).manifest()
        beside = run.workspace.ledger_batch(crawl, number).manifest()
        if manifest is None or beside is None or manifest.recipe != beside.recipe:
            continue
        inputs = manifest.recipe.inputs
        if manifest.recipe == _batch_recipe(whole, inputs) and inputs.items() <= identities.items():
            valid[number] = manifest
    return valid


def _names(batches: Mapping[int, Manifest]) -> set[str]:
    return {name for manifest in batches.values() for name in manifest.recipe.inputs}


def _batch_recipe(whole: Recipe, inputs: Mapping[str, str]) -> Recipe:
    return replace(whole, inputs=dict(inputs))


def _extract_batch(
    build: Build,
    crawl: str,
    number: int,
    group: Sequence[WarcFile],
    identities: Mapping[str, str],
) -> Manifest:
    started = time.monotonic()
    workspace, spark = build.workspace, build.spark
    place = workspace.scratch("extracted")
    # One task a WARC. The rows of both tables come out of one pass, so they are
    # written down once before they part.
    rows = spark.range(0, len(group), 1, len(group)).mapInArrow(
        partial(_extract_some, list(group), crawl, build.config.extract), extracted_ddl()
    )
    rows.write.mode("overwrite").partitionBy("table").parquet(workspace.storage.uri(place))
    pages, ledger = workspace.pages_batch(crawl, number), workspace.ledger_batch(crawl, number)
    frames = {}
    for table in (pages, ledger):
        assert table.declared is not None
        name = table.declared.name
        folder = f"{place}/table={name}"
        _, size = workspace.storage.size(folder)
        if size:
            part = spark.read.schema(table.declared.ddl()).parquet(workspace.storage.uri(folder))
            part = part.coalesce(1 + size // _FILE_BYTES)
        else:
            part = spark.createDataFrame([], table.declared.ddl())
        frames[name] = build.write_staged(table, part)
    counts = _count(frames["ledger"], frames["pages"].count())
    counts.reconcile(f"extract {crawl}, batch {number}")
    recipe = _batch_recipe(build.recipe, {warc.name: identities[warc.name] for warc in group})
    notes = {"ledger_rows": frames["ledger"].count()}
    manifests = [
        build.put_in_place(table, rows, counts, started, recipe=recipe, notes=notes)
        for table, rows in ((ledger, notes["ledger_rows"]), (pages, counts.rows_out))
    ]
    workspace.storage.delete(place)
    return manifests[-1]


def _extract_some(
    warcs: list[WarcFile], crawl: str, settings: Extract, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        chosen = [warcs[index] for index in batch.column(0).to_pylist()]
        yield from extract_batches(chosen, crawl, settings)


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
        rows_in += manifest.counts["in"]
        rows_out += manifest.counts["out"]
        aside.update(manifest.counts["set_aside"])
    return Counts(rows_in, rows_out, dict(sorted(aside.items())), unit="records")
