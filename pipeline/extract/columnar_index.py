"""Common Crawl's columnar index: which pages a crawl has, and where in its WARC files.

Parquet with a row a capture (github.com/commoncrawl/cc-index-table has its schema); of
its many columns the eight named here are read. Rows are told by host first, which
Parquet's statistics answer for most of the table, and then by the patterns themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

from pipeline.base.errors import ConfigError, InputMalformed, InputMissing
from pipeline.config.sources import CRAWL_ID, S3, Crawl, Read
from pipeline.web.listing import at_common_crawl
from pipeline.workspace.storage import for_spark

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

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


def read_index(spark: SparkSession, crawl: Crawl, read: Read) -> DataFrame:
    """The rows of the crawl's index that are HTML pages, with the columns of ``COLUMNS`` and
    ``CLAIMS``.

    Raises ``InputMissing`` where there is nothing, ``InputMalformed`` for Parquet of
    another kind, ``ConfigError`` for an index that Spark cannot read.
    """
    places = [index_place(name, read) for name in crawl.index]
    try:
        rows = spark.read.options(**s3a_options(read.s3)).parquet(*places)
    except AnalysisException as error:
        if error.getCondition() in ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"):
            raise InputMissing(
                f"no columnar index at {', '.join(places)}",
                remedy="correct index in the configuration's [crawls] table",
            ) from None
        raise
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
    rows = rows.select(*(F.col(name).cast(kind) for name, kind in COLUMNS.items()), *claims)
    return rows.where((F.col("fetch_status") == 200) & _is_html())


def index_place(name: str, read: Read) -> str:
    """Where the index called ``name`` is, as an address that Spark can read.

    ``name``: the id of a Common Crawl crawl (``CC-MAIN-2024-10``), a path, or an address.
    Raises ``ConfigError`` for ``http(s)://``, over which Spark reads no Parquet.
    """
    if CRAWL_ID.fullmatch(name):
        name = at_common_crawl(f"cc-index/table/cc-main/warc/crawl={name}/subset=warc/", read)
    if name.startswith(("http://", "https://")):
        raise ConfigError(
            f"Spark reads no Parquet over HTTP: {name}",
            expected="an index on S3, or files of it on this machine",
            remedy='read.common_crawl = "s3://commoncrawl/", or name files that were downloaded',
        )
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


def index_identity(crawl: Crawl) -> str:
    """The names of the crawl's indexes, with files and sizes (bytes) of those on this machine.

    So it changes when one of these does; what is published never changes.
    """
    names = []
    for name in crawl.index:
        path = Path(name)
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        sizes = [f"{file.name} {file.stat().st_size}" for file in files if file.is_file()]
        names.append(f"{name} ({', '.join(sizes)})" if sizes else name)
    return "; ".join(names)


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
