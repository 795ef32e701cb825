"""Which patterns match each page, and which one decides: the Spark layer over ``Patterns``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.mine.patterns import Pattern, Patterns

_SCHEMA = pa.schema(
    [
        pa.field("page_id", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("pattern", pa.string(), nullable=False),
        pa.field("mathematical", pa.bool_(), nullable=False),
    ]
)
_DDL = (
    "page_id string NOT NULL, host string NOT NULL, pattern string NOT NULL, "
    "mathematical boolean NOT NULL"
)


def tag_pages(pages: DataFrame, patterns: Patterns) -> DataFrame:
    """``pages`` (page_id, host, url, …) as page_id, host, pattern, mathematical.

    Pages on which no pattern says anything are absent.
    """
    return _matched(pages, patterns, lambda url: [p] if (p := patterns.match(url)) else [])


def matching_patterns(pages: DataFrame, patterns: Patterns) -> DataFrame:
    """The same with a row for every pattern that matches a page, whichever decides."""
    return _matched(pages, patterns, patterns.all_matching)


def _matched(
    pages: DataFrame, patterns: Patterns, match: Callable[[str], list[Pattern]]
) -> DataFrame:
    def tagged(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            ids, of_hosts, names, words = [], [], [], []
            columns = (batch[name].to_pylist() for name in ("page_id", "host", "url"))
            for page_id, host, url in zip(*columns, strict=True):
                for pattern in match(url):
                    ids.append(page_id)
                    of_hosts.append(host)
                    names.append(pattern.pattern)
                    words.append(pattern.mathematical)
            yield pa.RecordBatch.from_arrays([ids, of_hosts, names, words], schema=_SCHEMA)

    # Python sees pages of these hosts only; they are as many as people spoke of.
    hosts = pages.sparkSession.createDataFrame([(h,) for h in patterns.hosts()], "host string")
    of_hosts = pages.select("page_id", "host", "url").join(F.broadcast(hosts), "host", "left_semi")
    return of_hosts.select("page_id", "host", "url").mapInArrow(tagged, _DDL)
