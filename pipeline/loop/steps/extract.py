"""WARC files to pages: read whole, a batch of them at a time."""

from __future__ import annotations

import hashlib
import heapq
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import pyarrow as pa
import xxhash

from pipeline.base.live_counts import Address, LiveCounts, counted, pace
from pipeline.base.printing import masked
from pipeline.config.settings import Extract
from pipeline.config.sources import Read
from pipeline.extract.page_row import Row, RowMaker
from pipeline.extract.warc_rows import batches_of, extract_warc
from pipeline.loop.batches import Batches, committed, pages_step
from pipeline.loop.connection_shares import shared_among_machines
from pipeline.loop.removal_list import Removed, removed
from pipeline.loop.run import Run
from pipeline.loop.signing import signing_row_maker
from pipeline.loop.step import Build, Step
from pipeline.loop.warc_lists import WarcLists
from pipeline.web.listing import WarcFile, same_file
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.table_schemas import extracted_schema, spark_schema

#: WARCs of a batch where the configuration names no number: a core, and at least.
_WARCS_A_CORE = 4
_LEAST_WARCS = 32


def extract_step(crawl: str, warcs: WarcLists) -> Step:
    """The step for one crawl of the configuration."""
    return pages_step(
        "extract",
        crawl,
        inputs=lambda _: {"warcs": _digest(warcs.identities[crawl])},
        build=lambda build: _build(build, crawl, warcs),
        cost=lambda run, recipe: _cost(run, recipe, crawl, warcs),
    )


def _digest(identities: Mapping[str, str]) -> str:
    lines = "\n".join(f"{name}\t{identity}" for name, identity in sorted(identities.items()))
    return f"{len(identities)} files {hashlib.sha256(lines.encode()).hexdigest()[:32]}"


def _cost(run: Run, recipe: Recipe, crawl: str, warcs: WarcLists) -> str:
    done: set[str] = set()
    if not run.force:
        for manifest in committed(run, recipe, crawl).values():
            if _still_asked_for(manifest, warcs.identities[crawl]):
                done.update(manifest.recipe.inputs)
    missing = [warc for warc in warcs.files[crawl] if warc.name not in done]
    size = sum(warc.bytes for warc in missing)
    return f"{len(missing):,} WARCs to read, {size / 1e6:,.0f} MB; {len(done):,} done"


def _still_asked_for(manifest: Manifest, identities: Mapping[str, str]) -> bool:
    return all(
        name in identities and same_file(identity, identities[name])
        for name, identity in manifest.recipe.inputs.items()
    )


def _build(build: Build, crawl: str, lists: WarcLists) -> Counts:
    warcs, identities = lists.files[crawl], lists.identities[crawl]
    is_removed = removed(build.workspace)
    with Batches(build, crawl, lambda _, made: _still_asked_for(made, identities)) as batches:
        done = batches.names()
        groups = _groups(build, [warc for warc in warcs if warc.name not in done])
        maker = signing_row_maker(build.config.dedupe)
        with _live_counts(build, groups) as live:
            for index, group in enumerate(groups, start=1):
                megabytes = sum(warc.bytes for warc in group) / 1e6
                build.progress.note(
                    f"batch {index} of {len(groups)}: {len(group)} WARCs, {megabytes:,.0f} MB; "
                    f"{len(batches.names()):,} of {len(warcs):,} WARCs done"
                )
                read = shared_among_machines(build.config.read, build.spark)
                # One task a WARC.
                rows = build.spark.range(0, len(group), 1, len(group)).mapInArrow(
                    partial(
                        _extract_some,
                        group,
                        crawl,
                        build.config.extract,
                        read,
                        maker,
                        live,
                        is_removed,
                    ),
                    spark_schema(extracted_schema()),
                )
                batches.add(rows, {warc.name: identities[warc.name] for warc in group})
            counts = batches.finish(
                nothing=f"no page in the {len(warcs)} WARCs of crawl {crawl}",
                expected="WARC files with HTML responses",
                look_at=f"crawls.{crawl}.warcs in the configuration, and for the reasons at "
                + build.workspace.ledger_of_batches(crawl),
            )
    build.stage_rows(build.workspace.warcs(crawl), map(_warc_row, warcs))
    return counts


def _warc_row(warc: WarcFile) -> dict[str, str | int | None]:
    address, identity = masked(warc.path), masked(warc.identity)
    return {
        "name": warc.name,
        "address": address,
        "bytes": warc.bytes or None,
        "identity": identity,
    }


def _groups(build: Build, warcs: Sequence[WarcFile]) -> list[list[WarcFile]]:
    """The WARCs of each batch: by default several a core, as one WARC is slower than another."""
    if not warcs:  # and no need of Spark to know how many cores there are
        return []
    size = build.config.extract.batch_warcs or max(
        _LEAST_WARCS, _WARCS_A_CORE * build.spark.sparkContext.defaultParallelism
    )
    return balanced(warcs, size)


def balanced(warcs: Sequence[WarcFile], size: int) -> list[list[WarcFile]]:
    """Groups of at most ``size`` WARCs and about as many bytes each, largest WARCs first.

    So no batch is much longer than another, and no task of a batch begins last that
    takes longest. WARCs whose size nobody told count alike.
    """
    groups: list[list[WarcFile]] = [[] for _ in range(-(-len(warcs) // size))]
    # Groups that are not full: bytes, WARCs, number.
    lightest = [(0, 0, index) for index in range(len(groups))]
    for warc in sorted(warcs, key=lambda warc: (-warc.bytes, warc.name)):
        weight, count, index = heapq.heappop(lightest)
        groups[index].append(warc)
        if count + 1 < size:
            heapq.heappush(lightest, (weight + warc.bytes, count + 1, index))
    return groups


def _extract_some(
    warcs: list[WarcFile],
    crawl: str,
    settings: Extract,
    read: Read,
    maker: RowMaker,
    live: Address | None,
    is_removed: Removed,
    batches: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for index in batch.column(0).to_pylist():
            warc = warcs[index]
            rows = extract_warc(warc, crawl, settings, read, maker, is_removed=is_removed or None)
            task = xxhash.xxh3_64_intdigest(warc.name.encode())
            yield from batches_of(counted(rows, live, task, _measure, warc.bytes))


def _measure(row: Row) -> tuple[int, int | None]:
    return row["table"] == "pages", row.get("warc_offset")


@contextmanager
def _live_counts(build: Build, groups: Sequence[Sequence[WarcFile]]) -> Iterator[Address | None]:
    """Where tasks tell how far they are; meanwhile each line of progress has it."""
    host = build.spark.sparkContext.getConf().get("spark.driver.host") if groups else None
    try:
        live = LiveCounts(host) if host else None
    except OSError:  # no name of this machine that can be bound
        live = None
    if live is None:
        yield None
        return
    size = sum(warc.bytes for group in groups for warc in group)
    started = time.monotonic()
    with live:
        build.progress.measure(lambda: pace(*live.totals(), size, time.monotonic() - started))
        yield live.address
