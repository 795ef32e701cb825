"""Mathematical domains: those of whose pages a round took more than a share.

The share is 10% in DeepSeekMath (arXiv 2402.03300, section 2.1). All counting is
by partial aggregation: no task ever holds a host.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Mine
from pipeline.mine.patterns import Patterns
from pipeline.mine.reasons import ANNOTATION, SHARE, SUSPECTED
from pipeline.mine.suspects import Asking, domains_to_ask
from pipeline.web.urls import registered_domain
from pipeline.workspace.table_schemas import schema


def domain_table(
    pages: DataFrame,
    collected: DataFrame,
    settings: Mine,
    crawled: DataFrame | None = None,
    chosen: DataFrame | None = None,
    asking: Asking | None = None,
) -> DataFrame:
    """The table of domains from ``pages``, the kept ones.

    ``pages`` has page_id, host, registered_domain, language, ``fetched``, whether
    the page was fetched by pattern, and ``suspected``, as
    :func:`pipeline.mine.suspects.strongly_suspected` has it; ``collected`` (page_id, …) are the
    pages that the round took, ``crawled`` what :func:`pipeline.mine.crawled.crawled_pages` makes of
    columnar indexes. A domain is mathematical when its share is over
    ``settings.share`` and it has at least ``settings.min_pages`` pages.

    The share is one of all pages that the domain has. Of a crawl whose WARC files
    were read, or some of them, the pages read are a fair sample. Of pages that were
    fetched by pattern each stands for ``pages_a_fetched_page`` pages, of which the
    others were not collected, unless ``settings.denominator`` is ``read``.

    For people to look at (``queued``) are mathematical domains, and of those with enough
    pages the ones of ``chosen`` (domain), since other people's annotations point at them, and
    with ``asking`` some that are suspected. ``reason`` says which.
    """
    by_language = (
        marked(pages, collected)
        .groupBy(domain_column(settings), "language")
        .agg(
            F.count("*").alias("of_language"),
            F.sum("taken").alias("taken"),
            F.count_if("fetched").alias("fetched"),
            F.count_if("suspected").alias("suspected"),
            F.count_if(F.col("suspected") & (F.col("taken") == 0)).alias("suspected_left"),
        )
    )
    counted = by_language.groupBy("domain").agg(
        F.sum("of_language").alias("pages"),
        F.sum("taken").alias("collected"),
        F.sum("fetched").alias("fetched"),
        F.sum("suspected").alias("suspected"),
        F.sum("suspected_left").alias("suspected_left"),
        F.max_by("language", F.struct("taken", "of_language", "language")).alias("language"),
    )
    if crawled is None:
        counted = counted.withColumn("crawled_pages", F.lit(None).cast("long"))
    else:
        counted = counted.join(crawled, "domain", "left")
    stands_for = F.lit(1.0)
    if crawled is not None and settings.denominator == "index":
        stands_for = F.coalesce("pages_a_fetched_page", F.lit(1.0))
    denominator = F.col("pages") - F.col("fetched") + F.col("fetched") * stands_for
    is_chosen = F.lit(False)
    if chosen is not None:
        marks = chosen.select("domain").distinct().withColumn("is_chosen", F.lit(True))
        counted = counted.join(marks, "domain", "left")
        is_chosen = F.coalesce("is_chosen", F.lit(False)) & (F.col("pages") >= settings.min_pages)
    mathematical = (F.col("share") > settings.share) & (F.col("pages") >= settings.min_pages)
    reasoned = (
        counted.withColumn("share", F.col("collected") / denominator)
        .withColumn("mathematical", mathematical)
        .withColumn("reason", F.when(F.col("mathematical"), SHARE).when(is_chosen, ANNOTATION))
    )
    if asking is not None:
        reasoned = asking.checkpoint(reasoned, "counted")
        names = domains_to_ask(reasoned.where("reason IS NULL"), settings, asking)
        suspected = F.when(F.col("domain").isin(names), SUSPECTED)
        reasoned = reasoned.withColumn("reason", F.coalesce("reason", suspected))
    return reasoned.withColumn("queued", F.col("reason").isNotNull()).select(
        *schema("domains").names
    )


def worth() -> Column:
    """As :func:`pipeline.mine.reasons.expected` of a row of table ``domains``."""
    uncollected = F.col("pages") - F.col("collected")
    of_suspected = F.floor(uncollected * F.col("suspected") / F.col("pages"))
    return F.when(F.col("reason") == SUSPECTED, of_suspected).otherwise(uncollected)


def untagged_domains(
    domains: DataFrame, prefixes: DataFrame, patterns: Patterns, settings: Mine
) -> DataFrame:
    """Queued domains of which no pattern, yes or no, speaks: what to tag next.

    Columns domain, pages, collected, share, reason, uncollected, and as a hint the
    prefix under which most of the collected pages lie (of several, that with the
    largest share) and which is no whole host, null where there is none; in
    the order of :func:`worth`. A pattern speaks of a domain when it is on its
    host, or on one of its hosts.
    """
    names = {domain_name(host, settings) for host in patterns.hosts()}
    tagged = domains.sparkSession.createDataFrame(
        [(name,) for name in sorted(names)], "domain string"
    )
    hint = F.max_by("prefix", F.struct("collected", "share", "prefix")).alias("prefix")
    hints = prefixes.where("depth > 0").groupBy("domain").agg(hint)
    return (
        domains.where("queued")
        .join(tagged, "domain", "left_anti")
        .join(hints, "domain", "left")
        .withColumn("uncollected", F.col("pages") - F.col("collected"))
        .withColumn("worth", worth())
        .select("domain", "pages", "collected", "share", "reason", "uncollected", "worth", "prefix")
        .orderBy(F.desc("worth"), "domain")
    )


def domain_name(host: str, settings: Mine) -> str:
    """The domain that ``host`` belongs to, as the settings have it."""
    return host if settings.domain == "host" else registered_domain(host)


def domain_column(settings: Mine) -> Column:
    """The domain of a row of pages."""
    return F.col(settings.domain).alias("domain")


def marked(pages: DataFrame, collected: DataFrame) -> DataFrame:
    """``pages`` with ``taken``: 1 where the round took the page, else 0."""
    taken = collected.select("page_id", F.lit(1).cast("long").alias("taken"))
    return pages.join(taken, "page_id", "left").withColumn(
        "taken", F.coalesce("taken", F.lit(0).cast("long"))
    )
