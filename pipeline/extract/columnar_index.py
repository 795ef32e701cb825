"""Common Crawl's columnar index: which pages a crawl has, and where in its WARC files.

Parquet with a row a capture (github.com/commoncrawl/cc-index-table has its schema); of
its many columns the ten named here are read. Rows are told by host first, which
Parquet's statistics answer for most of the table, and then by the patterns themselves.
Over HTTPS, where Spark reads no Parquet, its tasks read ranges of the part files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

from pipeline.base.errors import ConfigError, InputMalformed, InputMissing
from pipeline.config.sources import CRAWL_ID, S3, Crawl, Read
from pipeline.web.crawls import at_common_crawl, crawl_paths, listed_paths
from pipeline.web.parquet_ranges import Hosts, opened_part, rows_of_hosts
from pipeline.workspace.session import condition_of
from pipeline.workspace.storage import for_spark

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

#: Columns that are read, of the type or castable to the type that is given.
COLUMNS = {
    "url": "string",
    "url_host_name": "string",
    "fetch_status": "int",
    "content_mime_type": "string",
    "content_mime_detected": "string",
    "warc_filename": "string",
    "warc_record_offset": "long",
    "warc_record_length": "long",
}
#: Columns by which a record is known again, which an index may lack.
CLAIMS = {"fetch_time": "timestamp", "content_digest": "string"}
_HTML = ("text/html", "application/xhtml+xml")
#: With so many hosts, a list in the query is slower than a join.
_MOST_LISTED = 1_000

_PLACES = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("fetch_time", pa.timestamp("us", "UTC")),
        pa.field("digest", pa.string()),
    ]
)
_PLACES_DDL = (
    "path string NOT NULL, offset long NOT NULL, length long NOT NULL, url string, "
    "fetch_time timestamp, digest string"
)
#: Rows of an index about one place that are looked at; a sound index has one.
_MOST_CLAIMS = 16


#: Where Spark reads no Parquet.
_BY_RANGE = ("http://", "https://", "hf://")
#: What a row is that stands for a part file: what it is, and what was asked for of it, in bytes.
_PART = {"part": "string", "part_bytes": "long", "asked_bytes": "long"}
_ARROW = {
    "string": pa.string(),
    "int": pa.int32(),
    "long": pa.int64(),
    "timestamp": pa.timestamp("us", "UTC"),
}
_LOOKED_UP = pa.schema([(name, _ARROW[kind]) for name, kind in (COLUMNS | CLAIMS | _PART).items()])


def index_parts(crawl: Crawl, read: Read) -> list[str]:
    """Addresses of the part files of a crawl's index that are read by range.

    Empty where Spark reads the index itself. Raises ``InputMissing`` for crawls that are not
    there, ``ConfigError`` where some of an index is over HTTPS and some is not.
    """
    return parts_of(crawl.index, read) if is_read_by_range(crawl.index, read) else []


def parts_of(names: Sequence[str], read: Read) -> list[str]:
    """The part files over HTTPS that ``names`` stand for. Raises ``InputMissing``."""
    parts: list[str] = []
    for name in names:
        if CRAWL_ID.fullmatch(name):
            parts += crawl_paths(name, "cc-index-table", read)
        elif name.endswith((".paths", ".paths.gz", ".txt", ".txt.gz")):
            parts += listed_paths(name, read)
        else:
            parts.append(name)
    return parts


def is_read_by_range(names: Sequence[str], read: Read) -> bool:
    """Whether an index is over HTTPS. Raises ``ConfigError`` where only a part of it is."""
    places = [read.common_crawl if CRAWL_ID.fullmatch(name) else name for name in names]
    ways = {place.startswith(_BY_RANGE) for place in places}
    if len(ways) > 1:
        raise ConfigError(
            f"an index is partly over HTTPS and partly not: {', '.join(names)}",
            expected="an index in one way",
            remedy="make two crawls of it",
        )
    return ways == {True}


def look_up(spark: SparkSession, parts: Sequence[str], hosts: Hosts, read: Read) -> DataFrame:
    """The rows of ``hosts`` in the part files of an index, read by range: a task each.

    Columns of ``COLUMNS`` and ``CLAIMS``; and for each part file a row with ``part``,
    ``part_bytes`` and ``asked_bytes`` alone. Its tasks raise as ``rows_of_hosts`` does.
    """
    ddl = ", ".join(f"{name} {kind}" for name, kind in (COLUMNS | CLAIMS | _PART).items())
    return over_parts(spark, parts, partial(_looked_up, hosts=hosts, read=read), ddl)


def _looked_up(part: str, hosts: Hosts, read: Read) -> Iterator[pa.RecordBatch]:
    file = opened_part(part, read)
    for table in rows_of_hosts(file, part, hosts, list(COLUMNS), list(CLAIMS)):
        columns = [
            table[field.name].cast(field.type, safe=False)
            if field.name in table.column_names
            else pa.nulls(len(table), field.type)
            for field in _LOOKED_UP
        ]
        yield from pa.table(columns, schema=_LOOKED_UP).to_batches()
    row = {"part": part, "part_bytes": file.bytes, "asked_bytes": file.asked}
    yield pa.RecordBatch.from_pylist([row], schema=_LOOKED_UP)


def asked_of_parts(looked_up: DataFrame) -> tuple[int, int, int]:
    """Of a :func:`look_up`: part files, their bytes, and the bytes that were asked for."""
    row = (
        looked_up.where("part is not null")
        .agg(F.count("*"), F.sum("part_bytes"), F.sum("asked_bytes"))
        .collect()[0]
    )
    return row[0], row[1] or 0, row[2] or 0


def html_pages(rows: DataFrame) -> DataFrame:
    """The rows of an index that are HTML pages, with the columns of ``COLUMNS``, ``CLAIMS``."""
    pages = rows.where((F.col("fetch_status") == 200) & _is_html())
    return pages.select(*COLUMNS, *CLAIMS)


def read_index(spark: SparkSession, crawl: Crawl, read: Read) -> DataFrame:
    """All rows of an index that Spark reads itself, with the columns of ``COLUMNS`` and ``CLAIMS``.

    Raises ``InputMissing`` where there is nothing, ``InputMalformed`` for Parquet of
    another kind.
    """
    places = [index_place(name, read) for name in crawl.index]
    rows = read_by_spark(spark, places, read, "columnar index", "index in [crawls]")
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise InputMalformed(
            f"{', '.join(places)} is no columnar index: it has no {', '.join(missing)}",
            expected="Parquet with the columns of Common Crawl's index",
            remedy="name the index's table, such as .../crawl=CC-MAIN-2024-10/subset=warc/",
        )
    claims = (
        F.col(name).cast(kind) if name in rows.columns else F.lit(None).cast(kind).alias(name)
        for name, kind in CLAIMS.items()
    )
    return rows.select(*(F.col(name).cast(kind) for name, kind in COLUMNS.items()), *claims)


def read_by_spark(
    spark: SparkSession, places: Sequence[str], read: Read, kind: str, setting: str
) -> DataFrame:
    """The Parquet files at ``places``, whatever their columns.

    Raises ``InputMissing`` where there are none: no ``kind`` there, a ``setting`` to correct.
    """
    try:
        return spark.read.options(**s3a_options(read.s3)).parquet(*places)
    except AnalysisException as error:
        if condition_of(error) in ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"):
            raise InputMissing(
                f"no {kind} at {', '.join(places)}",
                remedy=f"correct {setting} in the configuration",
            ) from None
        raise


def over_parts(
    spark: SparkSession,
    parts: Sequence[str],
    rows_of: Callable[[str], Iterator[pa.RecordBatch]],
    schema: str | StructType,
) -> DataFrame:
    """The rows of each of ``parts``, a task each."""

    def read_some(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for part in batch["part"].to_pylist():
                yield from rows_of(part)

    names = spark.createDataFrame([(part,) for part in parts], "part string")
    return names.repartition(len(parts)).mapInArrow(read_some, schema)


def index_place(name: str, read: Read) -> str:
    """Where the index called ``name`` is, as an address that Spark can read.

    ``name``: the id of a Common Crawl crawl (``CC-MAIN-2024-10``), a path, or an address.
    """
    if CRAWL_ID.fullmatch(name):
        name = at_common_crawl(f"cc-index/table/cc-main/warc/crawl={name}/subset=warc/", read)
    if name.startswith("s3://"):
        return f"s3a://{name.removeprefix('s3://')}"
    return for_spark(name)


def s3a_options(s3: S3) -> dict[str, str]:
    """``[read.s3]`` as Hadoop's own settings (``fs.s3a.…``, see hadoop-aws), by name."""
    options: dict[str, str] = {}
    if s3.endpoint:
        options["fs.s3a.endpoint"] = s3.endpoint
        options["fs.s3a.path.style.access"] = "true"
        options["fs.s3a.connection.ssl.enabled"] = str(s3.endpoint.startswith("https")).lower()
    if s3.region:
        options["fs.s3a.endpoint.region"] = s3.region
    if s3.anonymous:
        options["fs.s3a.aws.credentials.provider"] = (
            "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
        )
    if s3.requester_pays:
        options["fs.s3a.requester.pays.enabled"] = "true"
    return options


def index_identity(indexes: Sequence[str]) -> str:
    """The names of ``indexes``, with the files of those on this machine: size, time of change.

    So it changes when one of these does, if only in a byte; what is published never changes.
    """
    names = []
    for name in indexes:
        path = Path(name)
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        states = [_state(file) for file in files if file.is_file()]
        names.append(f"{name} ({', '.join(states)})" if states else name)
    return "; ".join(names)


def _state(file: Path) -> str:
    status = file.stat()
    return f"{file.name} {status.st_size} {status.st_mtime_ns}"


def matching(
    index: DataFrame, hosts: Sequence[str], wanted: Callable[[str], bool], max_bytes: int
) -> DataFrame:
    """Where the pages are of which ``wanted`` says so by their URL.

    A row a place, each once: ``path`` of the WARC file as the index has it, ``offset`` and
    ``length`` of the record in it, in bytes, and ``claims``: what the index's rows say of the
    record (``url``, ``fetch_time``, ``digest``; a row a place in a sound index). A row that
    names no file, offset or length has an empty path, or a negative or no length.
    ``hosts``, without ``www.``, are those of all such pages; ``wanted`` goes to Spark's workers.
    Where rows differ about a length, it is the greatest one of up to ``max_bytes``.
    """
    names = [name for host in hosts for name in (host, f"www.{host}")]
    host = F.col("url_host_name")
    if len(names) <= _MOST_LISTED:
        rows = index.where(host.isin(names))
    else:
        named = index.sparkSession.createDataFrame([(name,) for name in names], "name string")
        rows = index.join(F.broadcast(named), host == F.col("name"), "left_semi")

    def matched(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            chosen = pa.array([wanted(url) for url in batch["url"].to_pylist()], pa.bool_())
            columns = [batch[name].filter(chosen) for name in _PLACES.names]
            yield pa.RecordBatch.from_arrays(columns, schema=_PLACES)

    sources = rows.where(F.col("url").isNotNull()).select(
        F.coalesce("warc_filename", F.lit("")).alias("path"),
        F.when(F.col("warc_filename").isNull(), -1)
        .otherwise(F.coalesce("warc_record_offset", F.lit(-1)))
        .cast("long")
        .alias("offset"),
        F.coalesce("warc_record_length", F.lit(0)).cast("long").alias("length"),
        "url",
        "fetch_time",
        F.col("content_digest").alias("digest"),
    )
    sane = F.when(F.col("length") <= max_bytes, F.col("length"))
    claims = F.array_sort(F.collect_set(F.struct("url", "fetch_time", "digest")))
    return (
        sources.mapInArrow(matched, _PLACES_DDL)
        .groupBy("path", "offset")
        .agg(
            F.coalesce(F.max(sane), F.max("length")).alias("length"),
            F.slice(claims, 1, _MOST_CLAIMS).alias("claims"),
        )
    )


def host_pages(index: DataFrame) -> DataFrame:
    """How many HTML pages each host has: a row a ``host`` (without ``www.``), and ``pages``."""
    name = F.lower("url_host_name")
    rest = F.regexp_replace(name, r"^www\.", "")
    # "www.com" is a host of its own, as in pipeline.web.urls.
    host = F.when(F.contains(rest, F.lit(".")), rest).otherwise(name)
    return (
        index.select(host.alias("host"))
        .dropna()
        .groupBy("host")
        .agg(F.count(F.lit(1)).alias("pages"))
    )


def _is_html() -> Column:
    declared, detected = F.col("content_mime_type"), F.col("content_mime_detected")
    return F.coalesce(detected, declared, F.lit("")).isin(*_HTML) | declared.isin(*_HTML)
