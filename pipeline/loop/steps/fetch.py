"""Pages out of a crawl's columnar index: those under URL patterns, and how many each host has.

Pages that patterns match are fetched one by one, by byte range, so that they cost their own
bytes and not a whole crawl's. More patterns later fetch what they add, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from pipeline.base.errors import ConfigError, InputMissing
from pipeline.base.printing import masked, named
from pipeline.config.settings import Extract
from pipeline.config.sources import PATTERN_FILES, Read
from pipeline.extract.columnar_index import (
    asked_of_parts,
    host_pages,
    html_pages,
    index_identity,
    index_parts,
    is_read_by_range,
    look_up,
    matching,
    read_index,
)
from pipeline.extract.host_index import pages_of_hosts
from pipeline.extract.page_row import RowMaker
from pipeline.extract.warc_rows import batches_of, extract_records, readable
from pipeline.loop.batches import Batches, CrawlNotes, committed, failed, pages_step
from pipeline.loop.connection_shares import shared_among_machines
from pipeline.loop.removal_list import Removed, removed
from pipeline.loop.run import Run
from pipeline.loop.signing import signing_row_maker
from pipeline.loop.step import Build, Step
from pipeline.loop.warc_lists import WarcLists
from pipeline.mine.patterns import Patterns
from pipeline.web.crawls import at_common_crawl
from pipeline.web.parquet_ranges import Hosts
from pipeline.web.ranges import Place, read_places
from pipeline.web.record_checks import Claim
from pipeline.workspace.manifest import Counts, Manifest
from pipeline.workspace.table_schemas import Checkpoint, extracted_schema, spark_schema
from pipeline.workspace.tables import read_parquet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Records that are committed together, about.
_RECORDS_A_BATCH = 200_000
#: WARCs that a message names.
_NAMED = 5
#: Records of one task, about, where there are more than a task a core has of a batch: what a
#: task has fetched is a file, and small files cost whoever reads them.
_RECORDS_A_TASK = 2_000


def fetch_step(crawl: str, warcs: WarcLists) -> Step:
    """The step for one crawl that has an index and patterns."""
    return pages_step(
        "fetch",
        crawl,
        inputs=lambda run: _inputs(run, crawl, warcs),
        build=lambda build: _build(build, crawl, warcs),
        cost=lambda run, _: _cost(run, crawl, warcs),
    )


def hosts_step(crawl: str) -> Step:
    """The step that counts each host's pages in the whole crawl."""
    return Step(
        name="hosts",
        version=1,
        outputs=lambda run, _: [run.workspace.hosts(crawl)],
        settings=lambda _, __: {},
        inputs=lambda run, _: _hosts_inputs(run, crawl),
        build=lambda build: _build_hosts(build, crawl),
        per_round=False,
        of_pages=True,
        scope=crawl,
    )


def _hosts_inputs(run: Run, crawl: str) -> dict[str, str]:
    settings = run.config.crawls[crawl]
    inputs = {"index": index_identity(settings.host_index or settings.index)}
    if is_read_by_range(settings.host_index or settings.index, run.config.read):
        hosts = ",".join(_hosts(run, url_patterns(settings.patterns)).key_prefixes())
        inputs["hosts"] = hashlib.sha256(hosts.encode()).hexdigest()[:32]
    return inputs


def url_patterns(names: tuple[str, ...]) -> Patterns:
    """The patterns that a configuration names, itself or by files of them."""
    files_patterns: list[Patterns] = []
    for name in names:
        if not name.endswith(PATTERN_FILES):
            files_patterns.append(Patterns.of([name], "patterns in [crawls]"))
        elif name.endswith(".tsv"):
            files_patterns.append(Patterns.read(Path(name)))
        else:
            files_patterns.append(Patterns.of(_lines(Path(name)), name))
    return Patterns(pattern for patterns in files_patterns for pattern in patterns)


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputMissing(
            f"no URL patterns at {path}: {error.strerror}",
            remedy="correct patterns in the configuration's [crawls] table",
        ) from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _inputs(run: Run, crawl: str, warcs: WarcLists) -> dict[str, str]:
    settings = run.config.crawls[crawl]
    patterns = url_patterns(settings.patterns)
    digest = hashlib.sha256(patterns.tsv().encode()).hexdigest()[:32]
    elsewhere = "\n".join(_read_whole(warcs))
    return {
        "index": index_identity(settings.index),
        "patterns": f"{len(patterns)} patterns {digest}",
        "WARCs read whole": hashlib.sha256(elsewhere.encode()).hexdigest()[:32],
    }


def _read_whole(warcs: WarcLists) -> list[str]:
    """Names of the WARCs that other crawls read whole: their pages are there already."""
    return sorted(warc.name for of_crawl in warcs.files.values() for warc in of_crawl)


def _wanted(run: Run, crawl: str, warcs: WarcLists, checkpoint: Checkpoint) -> DataFrame:
    """What the index has under the patterns: path, offset, length, claims, warc."""
    settings = run.config.crawls[crawl]
    patterns = url_patterns(settings.patterns)
    index = _index(run, crawl, patterns, checkpoint)
    wanted = matching(
        index,
        patterns.hosts(),
        partial(_is_wanted, patterns, removed(run.workspace)),
        run.config.extract.max_page_bytes,
    )
    wanted = wanted.withColumn("warc", F.element_at(F.split("path", "/"), -1))
    if names := _read_whole(warcs):
        whole = run.spark.createDataFrame([(name,) for name in names], "warc string")
        wanted = wanted.join(F.broadcast(whole), "warc", "left_anti")
    return wanted


def _index(run: Run, crawl: str, patterns: Patterns, checkpoint: Checkpoint) -> DataFrame:
    """The pages that the index has: all, or those of the patterns' hosts where it is on the web."""
    settings, config = run.config.crawls[crawl], run.config
    parts = index_parts(settings, config.read)
    if not parts:
        return html_pages(read_index(run.spark, settings, config.read))
    if not patterns.hosts():
        raise ConfigError(
            f"crawl {crawl} counts the pages of all hosts, in an index that is read by range",
            expected="patterns beside such an index, so that their hosts alone are read",
            remedy='read.common_crawl = "s3://commoncrawl/", or host_index in place of index',
        )
    hosts = _hosts(run, patterns)
    read = shared_among_machines(config.read, run.spark)
    return html_pages(checkpoint(look_up(run.spark, parts, hosts, read), "index"))


def _hosts(run: Run, patterns: Patterns) -> Hosts:
    """The hosts that are looked up: those of the patterns, or all of their domains."""
    return Hosts(frozenset(patterns.hosts()), run.config.mine.domain == "registered_domain")


def _is_wanted(patterns: Patterns, is_removed: Removed, url: str) -> bool:
    pattern = patterns.match(url)
    return pattern is not None and pattern.mathematical and not is_removed(url)


def _cost(run: Run, crawl: str, warcs: WarcLists) -> str:
    """What the index says: asking it is cheap beside what it saves."""
    row = (
        _wanted(run, crawl, warcs, lambda frame, _: frame)
        .agg(
            F.count(F.lit(1)).alias("records"),
            F.sum("length").alias("bytes"),
            F.countDistinct("warc").alias("warcs"),
        )
        .collect()[0]
    )
    megabytes = (row["bytes"] or 0) / 1e6
    return f"{row['records']:,} records in {row['warcs']:,} WARCs match, {megabytes:,.1f} MB"


def _build(build: Build, crawl: str, lists: WarcLists) -> Counts:
    build.progress.note("looking for the patterns' pages in the index")
    asked: list[CrawlNotes] = []
    wanted = build.checkpoint(_wanted(build.run, crawl, lists, _telling(build, asked)), "wanted")
    known = committed(build.run, build.recipe, crawl)
    places = _places(build, known.values())
    unwanted = places.join(wanted, ["warc", "offset"], "left_anti").select("batch").distinct()
    stale = {row["batch"] for row in unwanted.collect()}

    def keep(name: str, manifest: Manifest) -> bool:
        if name in stale or not failed(manifest):
            return name not in stale
        # What failed is tried again where anything else is asked of it than was then.
        still_wanted = wanted.where(F.col("warc").isin(list(manifest.recipe.inputs)))
        left = places.where(~F.col("batch").isin(list(stale)))
        asked_now = still_wanted.join(left, ["warc", "offset"], "left_anti")
        return _asked(asked_now) == manifest.recipe.inputs

    with Batches(build, crawl, keep) as batches:
        tried: list[str] = []
        fetched: list[str] = []
        for name, manifest in batches.manifests.items():
            if failed(manifest):
                tried += manifest.recipe.inputs
            else:
                fetched.append(name)
        done = places.where(F.col("batch").isin(fetched))
        todo = wanted.join(done, ["warc", "offset"], "left_anti")
        if tried:
            of_tried = F.col("warc").isin(tried)
            build.progress.note(
                f"{todo.where(of_tried).count():,} records are left out, in {len(tried):,} WARCs "
                f"that could not be read ({named(sorted(tried)[:_NAMED])}): --retry-failed tries "
                "them again"
            )
            todo = todo.where(~of_tried)
        _fetch(build, crawl, build.checkpoint(todo, "todo"), batches)
        counts = batches.finish(
            nothing=f"no page of the index is under the patterns of crawl {crawl}",
            expected="an index with records of HTML under the patterns",
            look_at=f"crawls.{crawl}.patterns and .index in the configuration",
            asked=asked[0] if asked else None,
        )
    build.stage(build.workspace.warcs(crawl), _warcs(wanted, build.config.read))
    return counts


def _warcs(wanted: DataFrame, read: Read) -> DataFrame:
    """Table ``warcs`` of the files that hold what is wanted: only records of them are read."""
    address = F.udf(lambda path: masked(_address(path, read)), "string")
    return (
        wanted.select("path", "warc")
        .distinct()
        .select(
            F.col("warc").alias("name"),
            address("path").alias("address"),
            F.lit(None).cast("long").alias("bytes"),
            F.lit(None).cast("string").alias("identity"),
        )
    )


def _address(path: str, read: Read) -> str:
    """Where a WARC is that an index names."""
    return path if "://" in path or path.startswith("/") else at_common_crawl(path, read)


def _fetch(build: Build, crawl: str, todo: DataFrame, batches: Batches) -> None:
    """Fetch what is to do, a batch at a time."""
    count = todo.count()
    groups = -(-count // _RECORDS_A_BATCH)
    read = shared_among_machines(build.config.read, build.spark)
    maker = signing_row_maker(build.config.dedupe)
    for group in range(groups):
        part = todo.where(F.pmod(F.xxhash64("warc"), F.lit(groups)) == group)
        warcs = _asked(part)
        if not warcs:
            continue
        records = sum(int(asked.split()[0]) for asked in warcs.values())
        build.progress.note(
            f"batch {group + 1} of {groups}: {records:,} records of {len(warcs):,} "
            f"WARCs; {count:,} to fetch in all"
        )
        tasks = max(-(-records // _RECORDS_A_TASK), build.spark.sparkContext.defaultParallelism)
        rows = (
            part.repartition(min(tasks, len(warcs)), "path")
            .sortWithinPartitions("path", "offset")
            .mapInArrow(
                partial(
                    _fetch_some,
                    crawl,
                    build.config.extract,
                    read,
                    maker,
                    removed(build.workspace),
                ),
                spark_schema(extracted_schema()),
            )
        )
        batches.add(rows, warcs)


def _asked(records: DataFrame) -> dict[str, str]:
    """What is asked of each WARC, as the inputs of a batch have it: a digest of the places."""
    digest = F.hex(F.bit_xor(F.xxhash64("offset")))
    counted = records.groupBy("warc").agg(F.count(F.lit(1)).alias("records"), digest.alias("at"))
    return {row["warc"]: f"{row['records']} records at {row['at']}" for row in counted.collect()}


def _telling(build: Build, asked: list[CrawlNotes]) -> Checkpoint:
    """Checkpoints of the build; of what was looked up by range it tells how much that was.

    And notes it in ``asked``.
    """

    def checkpoint(looked_up: DataFrame, name: str) -> DataFrame:
        rows = build.checkpoint(looked_up, name)
        parts, whole, asked_bytes = asked_of_parts(rows)
        asked.append(CrawlNotes(index_bytes=whole, index_bytes_asked=asked_bytes))
        build.progress.note(
            f"{parts:,} part files of the index, {whole / 1e6:,.1f} MB: "
            f"{asked_bytes / 1e6:,.1f} MB of them were asked for "
            f"({asked_bytes / max(whole, 1):.1%})"
        )
        return rows

    return checkpoint


def _places(build: Build, batches: Iterable[Manifest]) -> DataFrame:
    """The records that batches hold, as pages or set aside: batch, warc, offset.

    One reading of all batches, however many: a reading each would be a plan that grows.
    """
    workspace = build.workspace
    folders = [workspace.storage.uri(batch.table) for batch in batches]
    if not folders:  # and so no file that a row could be of
        return build.spark.createDataFrame([], "batch string, warc string, offset bigint")
    columns = spark_schema(extracted_schema())
    rows = read_parquet(build.spark, folders, columns, folders_are_columns=False)
    place = r"/batches/([^/]+)/(?:[^/]+/)?table=([^/]+)/"
    batch, table = (F.regexp_extract("_metadata.file_path", place, group) for group in (1, 2))
    of_record = (table == "pages") | (F.col("kind") == "record")
    return rows.where(of_record).select(
        batch.alias("batch"), "warc", F.col("warc_offset").alias("offset")
    )


def _fetch_some(
    crawl: str,
    settings: Extract,
    read: Read,
    maker: RowMaker,
    is_removed: Removed,
    batches: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """Rows of both tables, from places in the order of their WARCs."""
    rows = (
        row
        for batch in batches
        for row in batch.select(["path", "offset", "length", "claims"]).to_pylist()
    )
    for path, of_one in groupby(rows, key=itemgetter("path")):
        places: list[Place] = []
        claims: dict[int, list[Claim]] = {}
        for row in of_one:
            places.append((row["offset"], row["length"]))
            claims[row["offset"]] = [Claim(**claim) for claim in row["claims"]]
        place = _address(path, read)
        records = read_places(
            place,
            places,
            read,
            claims=claims,
            reader=settings.reader,
            max_page_bytes=settings.max_page_bytes,
        )
        # A record may have another address than its index says.
        name = PurePosixPath(path).name
        captures = readable(records, place)
        yield from batches_of(
            extract_records(captures, name, crawl, settings, maker, is_removed=is_removed or None)
        )


def _build_hosts(build: Build, crawl: str) -> Counts:
    build.progress.note("counting each host's pages in the index")
    settings = build.config.crawls[crawl]
    patterns = url_patterns(settings.patterns)
    if settings.host_index:
        hosts_of_patterns = _hosts(build.run, patterns) if settings.patterns else None
        read = shared_among_machines(build.config.read, build.spark)
        pages = pages_of_hosts(build.spark, settings, hosts_of_patterns, read)
    else:
        pages = host_pages(_index(build.run, crawl, patterns, _telling(build, [])))
    hosts = build.stage(build.workspace.hosts(crawl), pages)
    number = hosts.count()
    return Counts(number, number, unit="hosts")
