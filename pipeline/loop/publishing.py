"""The workspace's corpus written as others take it, into a folder or to the Hugging Face Hub.

Spark's tasks write the files; the driver holds no row.
"""

from __future__ import annotations

import shutil
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from pipeline.base.errors import ConfigError, CountsDisagree, InputError
from pipeline.base.small_files import json_text
from pipeline.base.version import __version__
from pipeline.corpus.published import (
    MIXED,
    OTHERS,
    PUBLISHED_FILES,
    WRITTEN,
    Cell,
    Written,
    configurations,
    own_groups,
    placed,
    write_files,
)
from pipeline.corpus.shards import EmitNotes, ShardFile
from pipeline.loop.corpus_description import Description, Size, describe, side_files
from pipeline.loop.run import Run
from pipeline.report.corpus_facts import Configuration
from pipeline.web.hub_upload import check_library, data_set_of, upload
from pipeline.workspace.manifest import Manifest
from pipeline.workspace.partitions import into_partitions
from pipeline.workspace.storage import local_path
from pipeline.workspace.table_schemas import schema, spark_schema

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_HUB = "hf://"
MANIFEST = "manifest.json"
#: Ranges of the order that are counted on the way, and so how even files can be.
_PLACES = 1_000
#: Of pages left out, what is no setting's doing.
_NOT_LEFT_OUT = ("contaminated", "nothing left of it")


@dataclass(frozen=True)
class Order:
    """Pages by rank, or mixed as ``seed`` says."""

    seed: int | None = None

    def column(self) -> Column:
        """By what rows are sorted: ranks, or numbers of 63 bits out of seed and page."""
        if self.seed is None:
            return F.col("rank")
        return F.xxhash64(F.lit(self.seed), F.col("page_id")).bitwiseAND(F.lit((1 << 63) - 1))

    def place(self, last_rank: int) -> Column:
        """In which of the ranges a row is, from 0."""
        if self.seed is None:
            place = F.floor((F.col("rank") - 1) * _PLACES / F.lit(max(last_rank, 1)))
        else:
            place = F.floor(self.column() / F.lit(float(1 << 63)) * _PLACES)
        return F.least(place, F.lit(_PLACES - 1)).cast("int")


def publish(run: Run, to: str, *, seed: int | None, public: bool) -> Iterator[str]:
    """Write the corpus to the folder or the data set ``to``; lines that tell of it.

    With ``seed`` its pages are mixed. What was published there before is replaced, whole or not at
    all. Raises ``ConfigError`` where something else is there.
    """
    run.doing = "publish"
    if to.startswith(_HUB):
        data_set_of(to)
        check_library()
        with TemporaryDirectory(prefix="mathmine-") as folder:
            written = write_published(run, Path(folder) / "corpus", seed)
            yield from _lines(written)
            message = f"{sum(one.rows for one in written):,} pages by mathmine {__version__}"
            yield upload(Path(folder) / "corpus", to, private=not public, message=message)
        return
    place = local_path(to)
    if place is None:
        raise ConfigError(f"nothing can be published to {to}", expected="a folder, or hf://…")
    _check_free(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    new = place.with_name(f".{place.name}.{uuid.uuid4().hex[:8]}")
    try:
        written = write_published(run, new, seed)
        old = place.with_name(f"{new.name}.old")
        if place.exists():
            place.rename(old)
        new.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    yield from _lines(written)
    yield str(place)


def write_published(run: Run, folder: Path, seed: int | None) -> list[Written]:
    """Write all files into a folder that is not there yet; those of pages, in their order."""
    corpus = run.workspace.corpus()
    manifest = corpus.existing()
    rows, order = corpus.read(run.spark), Order(seed)
    ends, budgets = _parts(EmitNotes.of(manifest))
    part = F.lit(1)
    for end in ends:
        part += (F.col("rank") > end).cast("int")
    file_bytes = run.config.emit.shard_bytes
    last_rank = rows.agg(F.max("rank")).collect()[0][0] or 0
    ordered = rows.withColumns(
        {"part": part, "place": order.place(last_rank), "order": order.column()}
    )
    # The one reading of all texts before that which writes them.
    counted = (
        ordered.groupBy("part", "language", "place")
        .agg(
            F.sum(F.octet_length("text")).alias("bytes"),
            F.sum("tokens").alias("tokens"),
            F.count("*").alias("pages"),
        )
        .collect()
    )
    size = Size(*(sum(row[name] for row in counted) for name in ("pages", "tokens", "bytes")))
    bytes_of: Counter[str] = Counter()
    for row in counted:
        bytes_of[row["language"]] += row["bytes"]
    groups = own_groups(bytes_of, file_bytes)
    cells = [
        Cell(row["part"], _group(row["language"], groups, seed), row["place"], row["bytes"])
        for row in counted
    ]
    own = F.when(F.col("language").isin(groups), F.col("language")).otherwise(F.lit(OTHERS))
    grouped = ordered.withColumn("group", own if seed is None else F.lit(MIXED))
    written = _written(grouped, placed(cells, file_bytes), folder, by_rank=seed is None)
    if sum(one.rows for one in written) != manifest.rows:
        raise CountsDisagree(
            f"{sum(one.rows for one in written):,} pages were written of {manifest.rows:,}",
            expected="all of the corpus",
            remedy="this is a defect of mathmine, please report it",
        )
    _check_whole(folder, written)
    described = describe(
        run,
        EmitNotes.of(manifest).round or 1,
        rows,
        size,
        files=[
            ShardFile(
                name=one.path.removeprefix("data/"),
                rows=one.rows,
                first_rank=one.first_rank,
                last_rank=one.last_rank,
            )
            for one in written
        ],
        budgets=EmitNotes.of(manifest).ends,
        contaminated=_contaminated(run),
        left_out={
            why: pages
            for why, pages in manifest.counts.set_aside.items()
            if why not in _NOT_LEFT_OUT
        },
    )
    named = configurations(budgets, groups, mixed=seed is not None)
    facts = replace(
        described.facts,
        data_files=PUBLISHED_FILES,
        configurations=[Configuration(*one) for one in named],
    )
    _describe(run, manifest, folder, written, replace(described, facts=facts), seed)
    return written


def _group(language: str, groups: Sequence[str], seed: int | None) -> str:
    if seed is not None:
        return MIXED
    return language if language in groups else OTHERS


def _contaminated(run: Run) -> int:
    return run.workspace.contamination().existing().counts.set_aside.get("contaminated", 0)


def _parts(notes: EmitNotes) -> tuple[list[int], list[tuple[str, int]]]:
    """Ranks at which parts end; and by budgets' names how many parts each is."""
    ends = sorted({budget.last_rank for budget in notes.ends})
    return ends, [(one.name, 1 + ends.index(one.last_rank)) for one in notes.ends]


def _written(
    rows: DataFrame, paths: dict[tuple[int, str, int], str], folder: Path, *, by_rank: bool
) -> list[Written]:
    files = {path: number for number, path in enumerate(sorted({*paths.values()}))}
    listed = [(*cell, path, files[path]) for cell, path in paths.items()]
    names = rows.sparkSession.createDataFrame(
        listed, "part int, group string, place int, path string, file int"
    )
    # Languages that share a file lie beside each other, for the statistics of row groups.
    first = F.when(F.col("group") == OTHERS, F.col("language")).otherwise(F.lit(""))
    named = rows.join(F.broadcast(names), ["part", "group", "place"])
    ordered = (
        into_partitions(named, max(len(files), 1), F.col("file"))
        .sortWithinPartitions(first, "order", "page_id")
        .select(*schema("corpus").names, "path")
    )
    write = partial(_write, str(folder), by_rank)
    made = [
        Written(**row.asDict())
        for row in ordered.mapInArrow(write, spark_schema(WRITTEN)).collect()
    ]
    return sorted(made, key=lambda one: one.path)


def _write(
    folder: str, by_rank: bool, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for one in write_files(Path(folder), batches, sorted_by_rank=by_rank):
        yield pa.RecordBatch.from_pylist([asdict(one)], WRITTEN)


def _describe(
    run: Run,
    manifest: Manifest,
    folder: Path,
    written: list[Written],
    described: Description,
    seed: int | None,
) -> None:
    """Card, metadata and list of hosts of this form, and its manifest with a checksum a file."""
    number = EmitNotes.of(manifest).round or 1
    now = datetime.now(UTC)
    texts = side_files(run, number, described, manifest.recipe, now)
    for path, text in texts.items():
        (folder / Path(path).name).write_text(text, encoding="utf-8")
    document = {
        "made_by": f"mathmine {__version__}",
        "made": now.isoformat(timespec="seconds"),
        "corpus": manifest.identity,
        "order": "rank" if seed is None else f"shuffled by seed {seed}",
        "rows": manifest.rows,
        "files": [asdict(one) for one in written],
    }
    (folder / MANIFEST).write_text(json_text(document), encoding="utf-8")


def _check_free(place: Path) -> None:
    if (
        place.exists()
        and not (place / MANIFEST).exists()
        and (not place.is_dir() or any(place.iterdir()))
    ):
        raise ConfigError(
            f"{place} holds something else than a published corpus",
            expected="a new or empty folder, or one in which a corpus was published before",
        )


def _check_whole(folder: Path, written: list[Written]) -> None:
    for one in written:
        file = folder / one.path
        if not file.is_file() or file.stat().st_size != one.bytes:
            raise InputError(
                f"{file} is not here whole: an executor wrote it elsewhere",
                expected="on a cluster, a folder that all machines see",
            )


def _lines(written: list[Written]) -> Iterator[str]:
    size = sum(one.bytes for one in written)
    rows = sum(one.rows for one in written)
    yield f"{rows:,} pages in {len(written):,} files, {size / 1e6:,.1f} MB"
