"""Mathematical domains: those of whose pages a round took more than a share.

The share is 10% in DeepSeekMath (arXiv 2402.03300, section 2.1). All counting is
by partial aggregation: no task ever holds a host.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import Column, DataFrame, GroupedData
from pyspark.sql import functions as F

from pipeline.config import Mine
from pipeline.mine.patterns import Patterns
from pipeline.mine.prefixes import url_prefixes
from pipeline.tables import schema

#: A prefix of one page says no more than the page.
_MIN_PREFIX_PAGES = 2

_EXPLODED = pa.schema(
    [
        pa.field("domain", pa.string(), nullable=False),
        pa.field("prefix", pa.string(), nullable=False),
        pa.field("depth", pa.int32(), nullable=False),
        pa.field("taken", pa.int64(), nullable=False),
    ]
)
_EXPLODED_DDL = (
    "domain string NOT NULL, prefix string NOT NULL, depth int NOT NULL, taken bigint NOT NULL"
)


def domain_table(pages: DataFrame, collected: DataFrame, settings: Mine) -> DataFrame:
    """The table of domains from ``pages`` (page_id, host, registered_domain), the kept ones.

    ``collected`` (page_id, …) are the pages that the round took. A domain is
    mathematical when its share is over ``settings.share`` and it has at least
    ``settings.min_pages`` pages.
    """
    counted = _counted(
        _marked(pages, collected).select(_domain(settings), "taken").groupBy("domain")
    )
    mathematical = (F.col("share") > settings.share) & (F.col("pages") >= settings.min_pages)
    return counted.withColumn("mathematical", mathematical).select(*schema("domains").names)


def prefix_table(
    pages: DataFrame, collected: DataFrame, domains: DataFrame, settings: Mine
) -> DataFrame:
    """The table of prefixes of the mathematical ``domains``, ``settings.prefix_depth`` deep.

    ``pages`` has page_id, url, host, registered_domain. A prefix's pages are exactly
    those that it matches as a URL pattern. Prefixes of a single page are left
    out, save for whole hosts. (By registered domain, each of its hosts has its
    own row of depth 0.)
    """
    depth = settings.prefix_depth

    def exploded(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = [
                {"domain": domain, "prefix": prefix, "depth": length, "taken": taken}
                for domain, url, taken in zip(
                    *(batch[name].to_pylist() for name in ("domain", "url", "taken")), strict=True
                )
                for length, prefix in enumerate(url_prefixes(url, depth))
            ]
            yield pa.RecordBatch.from_pylist(rows, schema=_EXPLODED)

    mathematical = domains.where("mathematical").select("domain")
    of_domains = (
        _marked(pages, collected)
        .select(_domain(settings), "url", "taken")
        .join(mathematical, "domain", "left_semi")
    )
    counted = _counted(
        of_domains.mapInArrow(exploded, _EXPLODED_DDL).groupBy("domain", "prefix", "depth")
    )
    worth_it = (F.col("depth") == 0) | (F.col("pages") >= _MIN_PREFIX_PAGES)
    return counted.where(worth_it).select(*schema("prefixes").names)


def untagged_domains(domains: DataFrame, prefixes: DataFrame, patterns: Patterns) -> DataFrame:
    """Mathematical domains of which no pattern, yes or no, speaks: what to tag next.

    Columns domain, pages, collected, share, uncollected, and as a hint the
    prefix under which most of the collected pages lie (of several, that with the
    largest share) and which is no whole host, null where there is none; most
    uncollected pages first. A pattern speaks of a domain when it is on its
    host, or on one of its hosts.
    """
    spark = domains.sparkSession
    hosts = spark.createDataFrame([(host,) for host in patterns.hosts()], "prefix string")
    tagged = prefixes.where("depth = 0").join(hosts, "prefix", "left_semi").select("domain")
    hint = F.max_by("prefix", F.struct("collected", "share", "prefix")).alias("prefix")
    hints = prefixes.where("depth > 0").groupBy("domain").agg(hint)
    return (
        domains.where("mathematical")
        .join(tagged, "domain", "left_anti")
        .join(hints, "domain", "left")
        .withColumn("uncollected", F.col("pages") - F.col("collected"))
        .select("domain", "pages", "collected", "share", "uncollected", "prefix")
        .orderBy(F.desc("uncollected"), "domain")
    )


def _marked(pages: DataFrame, collected: DataFrame) -> DataFrame:
    """``pages`` with ``taken``: 1 where the round took the page, else 0."""
    taken = collected.select("page_id", F.lit(1).cast("long").alias("taken"))
    return pages.join(taken, "page_id", "left").withColumn(
        "taken", F.coalesce("taken", F.lit(0).cast("long"))
    )


def _domain(settings: Mine) -> Column:
    return F.col(settings.domain).alias("domain")


def _counted(groups: GroupedData) -> DataFrame:
    counts = groups.agg(F.count("*").alias("pages"), F.sum("taken").alias("collected"))
    return counts.withColumn("share", F.col("collected") / F.col("pages"))
