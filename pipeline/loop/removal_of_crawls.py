"""A removal in the tables of a crawl: pages, ledger and signatures, and the batches they are of.

Each record of a removed address counts as ``removed`` in the ledger, whatever it was before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.base.errors import WorkspaceError
from pipeline.base.outcomes import Outcome
from pipeline.dedupe.pool_notes import SignatureNotes
from pipeline.loop.batches import BatchNotes, ledger_parts
from pipeline.loop.removal_list import Removed
from pipeline.loop.removal_rewriting import REMOVAL, Rewriting, path_of, shifted
from pipeline.workspace.manifest import Counts, Manifest
from pipeline.workspace.table_schemas import schema
from pipeline.workspace.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: By WARC and outcome, how many records become ``removed``.
_Moved = Counter[tuple[str, str]]


def rewrite_crawl(
    rewriting: Rewriting, crawl: str, pages: DataFrame, records: DataFrame, wanted: Removed
) -> None:
    """Write pages and ledger of a crawl anew where they have removed ``pages`` and ``records``."""
    workspace, storage = rewriting.workspace, rewriting.storage
    table, ledger = workspace.pages(crawl), workspace.ledger(crawl)
    moved: dict[str, _Moved] = {}
    files: dict[str, set[str]] = {}
    for rows, outcome in ((pages, F.lit(str(Outcome.PAGE))), (records, F.col("outcome"))):
        of_crawl = rows.where(F.col("crawl") == crawl)
        grouped = of_crawl.groupBy("_file", "warc", outcome.alias("outcome")).count()
        for row in grouped.collect():
            path = path_of(storage, row["_file"])
            batch = _batch_of(path, crawl)
            moved.setdefault(batch, Counter())[row["warc"], row["outcome"]] += row["count"]
            if rows is pages:
                files.setdefault(batch, set()).add(path)
    if not moved:
        return
    left_ids = pages.select("page_id").distinct()
    ledger_rows = 0
    for batch, of_batch in moved.items():
        own = workspace.batch(crawl, batch)
        manifest = own.existing()
        _sweep(own, manifest)
        if batch in files:
            rewriting.rewrite(
                table,
                manifest,
                files[batch],
                lambda rows: rows.join(left_ids, "page_id", "left_anti"),
            )
        notes = BatchNotes.of(manifest)
        rows = _ledger_without(rewriting, ledger_parts(manifest), of_batch, wanted, crawl)
        parts = rewriting.replace_whole(ledger_parts(manifest), rows)
        number = rewriting.rows_of(schema("ledger"), parts).count()
        ledger_rows += number - notes.ledger_rows
        count, size = storage.size(parts[0])
        rewriting.put(
            own,
            manifest,
            rows=manifest.rows - _pages_in(of_batch),
            counts=_moved_counts(manifest.counts, of_batch),
            notes=notes.model_copy(
                update={
                    "ledger_parts": tuple(parts),
                    "ledger_rows": number,
                    "ledger_files": count,
                    "ledger_bytes": size,
                }
            ),
        )
    whole: _Moved = sum(moved.values(), Counter())
    for one, rows_more in ((table, -_pages_in(whole)), (ledger, ledger_rows)):
        manifest = one.existing()
        counts = _moved_counts(manifest.counts, whole)
        rewriting.put(one, manifest, rows=manifest.rows + rows_more, counts=counts)
    signatures = workspace.signatures(crawl)
    # Rows of it go as those of any table do; what it was made of has other names from now on.
    if (signed := signatures.manifest()) and (parts_signed := SignatureNotes.of(signed).parts):
        renamed = SignatureNotes(parts=tuple(rewriting.expanded(parts_signed)))
        rewriting.renamed[signatures.path] = replace(signed, notes=renamed.document())


def _sweep(batch: Table, manifest: Manifest) -> None:
    """Delete what a removal has left in a batch that was killed before it held."""
    parts = (*batch.named_by(manifest), *ledger_parts(manifest))
    for name in batch.storage.names(batch.path):
        folder = f"{batch.path}/{name}/"
        if name.startswith(REMOVAL) and not any(part.startswith(folder) for part in parts):
            batch.storage.delete(folder.rstrip("/"))


def _batch_of(path: str, crawl: str) -> str:
    of_batches = f"crawls/{crawl}/batches/"
    if not path.startswith(of_batches):
        raise WorkspaceError(
            f"pages of {crawl} lie where an earlier version laid them: {path}",
            remedy=f"run jobs/extract.py, which reads crawl {crawl} again, and then this",
        )
    return path.removeprefix(of_batches).partition("/")[0]


def _pages_in(moved: Mapping[tuple[str, str], int]) -> int:
    return sum(number for (_, outcome), number in moved.items() if outcome == Outcome.PAGE)


def _moved_counts(counts: Counts, moved: Mapping[tuple[str, str], int]) -> Counts:
    aside = Counter({Outcome.REMOVED.value: sum(moved.values())})
    for (_, outcome), number in moved.items():
        if outcome != Outcome.PAGE:
            aside[outcome] -= number
    return shifted(counts, 0, -_pages_in(moved), aside)


def _ledger_without(
    rewriting: Rewriting, parts: tuple[str, ...], moved: _Moved, wanted: Removed, crawl: str
) -> DataFrame:
    """The ledger's rows of a batch, with what is removed as a number alone."""
    is_removed = F.udf(lambda url: wanted(url), "boolean")
    names = schema("ledger").names
    rows = rewriting.rows_of(schema("ledger"), parts).select(*names)
    changes = [(crawl, warc, outcome, -number) for (warc, outcome), number in moved.items()]
    for warc in {warc for warc, _ in moved}:
        number = sum(number for (of, _), number in moved.items() if of == warc)
        changes.append((crawl, warc, str(Outcome.REMOVED), number))
    more = rewriting.run.spark.createDataFrame(
        changes, "crawl string, warc string, outcome string, records long"
    )
    counted = rows.where("kind = 'count'").select("crawl", "warc", "outcome", "records")
    summed = (
        counted.unionByName(more)
        .groupBy("crawl", "warc", "outcome")
        .agg(F.sum("records").alias("records"))
        .where("records <> 0")
        .withColumn("kind", F.lit("count"))
    )
    others = rows.where("kind <> 'count'")
    others = others.where(
        ~((F.col("kind") == "record") & F.coalesce(is_removed("url"), F.lit(False)))
    )
    return others.unionByName(summed, allowMissingColumns=True).select(*names)
