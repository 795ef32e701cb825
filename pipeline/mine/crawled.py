"""How many pages a domain has in whole crawls, as their columnar indexes tell."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from pipeline.config.settings import Mine
from pipeline.mine.domains import domain_name


def crawled_pages(indexed: DataFrame, fetched: DataFrame, settings: Mine) -> DataFrame:
    """domain, crawled_pages, pages_a_fetched_page.

    ``indexed`` has crawl, host and pages, each crawl's table of hosts; ``fetched``
    crawl and host, a row for each page that was fetched by pattern, duplicates too.

    ``crawled_pages`` is the sum over the crawls. ``pages_a_fetched_page`` is how many
    pages of the domain the index has for each that was fetched, at least 1, over
    the crawls of which pages of the domain were fetched; null where none was. A
    ratio, and no number of pages: two crawls hold much the same pages, of which
    deduplication keeps one, so their numbers may not be added to it.
    """

    def domain_of(host: str) -> str:
        return domain_name(host, settings)

    domain = F.udf(domain_of, StringType(), useArrow=True)("host").alias("domain")
    of_crawl = (
        indexed.select("crawl", domain, "pages")
        .groupBy("domain", "crawl")
        .agg(F.sum("pages").alias("pages"))
    )
    # Counted by host first: the domain is looked up once a host, not once a page.
    hosts_fetched = fetched.groupBy("crawl", "host").agg(F.count("*").alias("fetched"))
    fetched_of_crawl = (
        hosts_fetched.select("crawl", domain, "fetched")
        .groupBy("domain", "crawl")
        .agg(F.sum("fetched").alias("fetched"))
    )
    counted_pages = F.sum(F.when(F.col("fetched").isNotNull(), F.col("pages")))
    ratio = counted_pages / F.sum("fetched")
    return (
        of_crawl.join(fetched_of_crawl, ["domain", "crawl"], "left")
        .groupBy("domain")
        .agg(
            F.sum("pages").alias("crawled_pages"),
            # An index may lack pages that it once told of.
            F.when(ratio < 1, F.lit(1.0)).otherwise(ratio).alias("pages_a_fetched_page"),
        )
    )
