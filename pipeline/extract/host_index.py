"""Common Crawl's host index: a row a host, with how many pages the crawl has of it.

Some 7 GB a crawl where the columnar index has 300. (github.com/commoncrawl/cc-host-index has
its schema: ``surt_host_name`` is a host turned round, ``fetch_200`` its pages of status 200, of
whatever type.) One table holds many crawls, each in a folder ``crawl=CC-MAIN-2024-10``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.config.sources import CRAWL_ID, Crawl, Read
from pipeline.extract.columnar_index import (
    index_place,
    is_read_by_range,
    over_parts,
    parts_of,
    read_by_spark,
)
from pipeline.web.parquet_ranges import OF_HOSTS, Hosts, opened_part, rows_of_hosts, turned

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_COLUMNS = ("surt_host_name", "fetch_200")
_CRAWL_FOLDER = re.compile(r"/crawl=([^/]+)/")
_ROWS = pa.schema([("host", pa.string()), ("pages", pa.int64())])


def pages_of_hosts(spark: SparkSession, crawl: Crawl, hosts: Hosts | None, read: Read) -> DataFrame:
    """How many pages each of ``hosts`` (None: all) has: ``host`` (without ``www.``) and ``pages``.

    Of a table of many crawls those are read whose ids ``crawl`` names. Raises ``InputMissing``
    where there is nothing, ``InputMalformed`` for Parquet of another kind.
    """
    if is_read_by_range(crawl.host_index, read):
        rows = _by_range(spark, _of_crawl(parts_of(crawl.host_index, read), crawl), hosts, read)
    else:
        rows = _by_spark(spark, crawl, hosts, read)
    return rows.where("pages > 0").groupBy("host").agg(F.sum("pages").alias("pages"))


def _of_crawl(parts: Sequence[str], crawl: Crawl) -> list[str]:
    ids = {name for name in (*crawl.index, *crawl.warcs) if CRAWL_ID.fullmatch(name)}
    folders = {part: _CRAWL_FOLDER.search(part) for part in parts}
    chosen = [part for part, folder in folders.items() if folder is None or folder[1] in ids]
    if not chosen:
        raise InputMissing(
            f"the host index {', '.join(crawl.host_index)} has nothing of {', '.join(ids) or 'it'}",
            remedy="name the part files themselves, or use index instead",
        )
    return chosen


def _by_range(
    spark: SparkSession, parts: Sequence[str], hosts: Hosts | None, read: Read
) -> DataFrame:
    def looked_up(part: str) -> Iterator[pa.RecordBatch]:
        for table in rows_of_hosts(opened_part(part, read), part, hosts, _COLUMNS, keys=OF_HOSTS):
            names = [turned(name) if name else None for name in table[0].to_pylist()]
            columns = [pa.array(names, pa.string()), table[1].cast(pa.int64())]
            yield from pa.table(columns, schema=_ROWS).to_batches()

    return over_parts(spark, parts, looked_up, "host string, pages long").dropna()


def _by_spark(spark: SparkSession, crawl: Crawl, hosts: Hosts | None, read: Read) -> DataFrame:
    places = [index_place(name, read) for name in crawl.host_index]
    rows = read_by_spark(spark, places, read, "host index", "host_index in [crawls]")
    if missing := [name for name in _COLUMNS if name not in rows.columns]:
        raise InputMalformed(
            f"{', '.join(places)} is no host index: it has no {', '.join(missing)}",
            expected="Parquet with the columns of Common Crawl's host index",
        )
    ids = [name for name in (*crawl.index, *crawl.warcs) if CRAWL_ID.fullmatch(name)]
    if "crawl" in rows.columns and ids:
        rows = rows.where(F.col("crawl").isin(ids))
    if hosts is not None:
        wanted = F.udf(lambda name: name is not None and turned(name) in hosts, "boolean")
        rows = rows.where(wanted("surt_host_name"))
    host = F.array_join(F.reverse(F.split("surt_host_name", ",")), ".")
    return rows.select(host.alias("host"), F.col("fetch_200").cast("long").alias("pages")).dropna()
