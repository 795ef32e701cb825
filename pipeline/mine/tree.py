"""The path tree of each mathematical domain, and pages to look at in every node of it.

People say of its nodes whether they are mathematical. Everything is an aggregate that
Spark computes in parts, or the first few of a sort that it does on disk and before it
shuffles, so no task ever holds a host; what is shown of a node
is the same with any number of partitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from pipeline.config.settings import Mine
from pipeline.config.tag_settings import Suspects, Tags
from pipeline.mine.domains import domain_column, marked
from pipeline.mine.prefixes import url_prefixes
from pipeline.mine.suspects import strongly_suspected
from pipeline.workspace.table_schemas import schema

#: A prefix of one page says no more than the page.
_MIN_PREFIX_PAGES = 2
#: Scores are counted by hundredths: counts can be added up, quantiles cannot.
_STEPS = 100
_QUANTILES = {"score_10": 0.1, "score_50": 0.5, "score_90": 0.9}
#: Longer titles are nobody's titles.
_MAX_TITLE = 300

_DEEPEST = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in ("page_id", "domain", "deepest")),
        pa.field("suspected", pa.bool_(), nullable=False),
    ]
)
_DEEPEST_DDL = (
    "page_id string NOT NULL, domain string NOT NULL, deepest string NOT NULL, "
    "suspected boolean NOT NULL"
)


def pages_in(domains: DataFrame, pages: DataFrame, settings: Mine, suspects: Suspects) -> DataFrame:
    """Those of ``pages`` that are of queued ``domains``: page_id, url, domain, suspected.

    That is whether a page is strongly suspected.
    """
    # As many as people can be asked about, so they fit everywhere; a shuffle by
    # domain would send all pages of the largest one to a single task.
    queued = F.broadcast(domains.where("queued").select("domain"))
    suspected = strongly_suspected(suspects).alias("suspected")
    located = pages.select("page_id", "url", domain_column(settings), suspected)
    return located.join(queued, "domain", "left_semi")


def with_deepest(pages: DataFrame, settings: Mine) -> DataFrame:
    """``pages`` (see :func:`pages_in`) as page_id, domain, their deepest prefix, and suspected.

    That has ``settings.prefix_depth`` segments at most; what is longer than it stays where
    it is read. Pages without one are left out.
    """
    depth = settings.prefix_depth

    def deepest(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            prefixes = [url_prefixes(url, depth) for url in batch["url"].to_pylist()]
            deepest = pa.array([path[-1] if path else None for path in prefixes], pa.string())
            batch = batch.drop_columns(["url"]).append_column("deepest", deepest)
            yield batch.filter(deepest.is_valid()).select(_DEEPEST.names).cast(_DEEPEST)

    return pages.select("page_id", "domain", "url", "suspected").mapInArrow(deepest, _DEEPEST_DDL)


def placed_pages(located: DataFrame, collected: DataFrame, scores: DataFrame) -> DataFrame:
    """Those of ``located`` (see :func:`with_deepest`) that have a score.

    ``scores`` has page_id and score: a row for each page that the pool keeps. The result has
    page_id, domain, deepest, suspected, taken (0 or 1) and score, 0 where it is no number.
    """
    score = F.when(~F.isnan("score"), F.col("score"))
    # The many stand first: where Spark makes a filter of ids, it is for what stands there.
    of_located = scores.select("page_id", "score").join(located, "page_id")
    return (
        marked(of_located, collected)
        .withColumn("score", F.coalesce(score, F.lit(0)).cast("float"))
        .select("page_id", "domain", "deepest", "suspected", "taken", "score")
    )


def prefix_table(placed: DataFrame, settings: Mine) -> DataFrame:
    """The table of prefixes from :func:`placed_pages`.

    A prefix's pages are exactly those that it matches as a URL pattern. Prefixes of a
    single page are left out, save for whole hosts; of a domain's the
    ``settings.max_prefixes`` with most pages are kept, of equal ones the first by
    name, so a prefix is never kept without those above it. (By registered domain,
    each of its hosts has its own row of depth 0.)
    """
    step = F.round(F.greatest(F.least("score", F.lit(1.0)), F.lit(0.0)) * _STEPS).cast("int")
    by_step = (
        _in_every_prefix(placed)
        .groupBy("domain", "prefix", "depth", step.alias("step"))
        .agg(F.count("*").alias("pages"), F.sum("taken").alias("taken"))
    )
    counted = by_step.groupBy("domain", "prefix", "depth").agg(
        F.sum("pages").alias("pages"),
        F.sum("taken").alias("collected"),
        # No more than there are steps.
        F.sort_array(F.collect_list(F.struct("step", "pages"))).alias("steps"),
    )
    worth_it = (F.col("depth") == 0) | (F.col("pages") >= _MIN_PREFIX_PAGES)
    nodes = (
        counted.where(worth_it)
        .withColumn("share", F.col("collected") / F.col("pages"))
        .withColumns({name: _quantile(fraction) for name, fraction in _QUANTILES.items()})
    )
    largest_first = Window.partitionBy("domain").orderBy(F.desc("pages"), "prefix")
    kept = nodes.withColumn("place", F.row_number().over(largest_first))
    return kept.where(F.col("place") <= settings.max_prefixes).select(*schema("prefixes").names)


def automatic_prefixes(prefixes: DataFrame, settings: Tags, most: int) -> tuple[list[Row], int]:
    """The shallowest of ``prefixes`` that are fit to be taken without asking people.

    Those of ``automatic_patterns``, chosen in Spark: the ``most`` with most pages, and how many
    more there are. ``prefixes`` is the table of that name.
    """
    enough = (F.col("share") >= settings.auto_share) & (F.col("pages") >= settings.auto_min_pages)
    fit = prefixes.where(enough).select("prefix", "depth", "pages", "share")
    parts = F.split("prefix", "/")
    lengths = F.sequence(F.lit(1), F.size(parts) - 1)
    above = F.transform(lengths, lambda n: F.array_join(F.slice(parts, F.lit(1), n), "/"))
    shorter = fit.where("depth > 0").select("prefix", F.explode(above).alias("above"))
    covered = shorter.join(fit.select(F.col("prefix").alias("above")), "above", "left_semi")
    shallowest = fit.join(covered.select("prefix"), "prefix", "left_anti")
    rows = shallowest.orderBy(F.desc("pages"), "prefix").limit(most).collect()
    return rows, shallowest.count() - len(rows) if len(rows) == most else 0


def sample_table(placed: DataFrame, prefixes: DataFrame, settings: Mine) -> DataFrame:
    """The table of samples: pages of each of ``prefixes``.

    ``settings.samples`` that the round took and as many that it did not, or all where
    there are fewer: those whose ids hash lowest. Where it took fewer, strongly suspected pages
    stand in for those, and come before the others.
    """
    most = settings.samples
    kinds = F.when(F.col("taken") == 1, "collected").when(F.col("suspected"), "suspected")
    hashed = F.xxhash64(F.lit("sample"), F.col("page_id"))
    in_order = Window.partitionBy("prefix", "kind").orderBy("hash", "page_id")
    # Of a kind no more than that is shown, and each task passes on no more of what it reads.
    few = (
        _in_every_prefix(placed)
        .withColumns({"kind": F.coalesce(kinds, F.lit("other")), "hash": hashed})
        .withColumn("place", F.row_number().over(in_order))
        .where(F.col("place") <= 2 * most)
    )
    page = F.struct("hash", "page_id", "score")
    pages = {
        kind: F.sort_array(F.collect_list(F.when(F.col("kind") == kind, page))).alias(kind)
        for kind in ("collected", "suspected", "other")
    }
    chosen = (
        few.groupBy("prefix")
        .agg(*pages.values())
        .join(prefixes.select("prefix"), "prefix", "left_semi")
    )
    collected = F.slice("collected", 1, most)
    stand_ins = F.lit(most) - F.size(collected)
    suspected = F.slice("suspected", F.lit(1), stand_ins)
    left = F.slice("suspected", stand_ins + 1, F.lit(most))
    rest = F.slice(F.sort_array(F.concat(left, "other")), 1, most)
    sides = {True: collected, False: F.concat(suspected, rest)}
    both = F.concat(*(F.transform(pages, partial(_sample, side)) for side, pages in sides.items()))
    return chosen.select("prefix", F.inline(both)).select(*schema("samples").names)


def _sample(collected: bool, page: Column, before: Column) -> Column:
    return F.struct(
        page["page_id"].alias("page_id"),
        F.lit(collected).alias("collected"),
        page["score"].alias("score"),
        (before + 1).alias("place"),
    )


def sample_pages_columns(settings: Mine) -> list[Column]:
    """Table ``sample_pages`` out of table ``pages``: the beginnings of texts."""
    cut = {
        "title": F.substring("title", 1, _MAX_TITLE).alias("title"),
        "text": F.substring("text", 1, settings.sample_characters).alias("text"),
    }
    return [cut.get(name, F.col(name)) for name in schema("sample_pages").names]


def _in_every_prefix(placed: DataFrame) -> DataFrame:
    """A row for each prefix of each page: ``prefix`` and ``depth`` instead of ``deepest``."""
    parts = F.split("deepest", "/")
    prefixes = F.transform(
        F.sequence(F.lit(1), F.size(parts)),
        lambda length: F.array_join(F.slice(parts, F.lit(1), length), "/"),
    )
    columns = [name for name in placed.columns if name != "deepest"]
    return placed.select(*columns, F.posexplode(prefixes).alias("depth", "prefix"))


def _quantile(fraction: float) -> Column:
    """The first step at which ``fraction`` of the pages is reached, as a score."""
    target = F.lit(fraction) * F.col("pages")

    def step_reached(state: Column, one: Column) -> Column:
        pages_so_far = state["seen"] + one["pages"]
        reached = F.when(state["seen"] >= target, state["step"]).otherwise(one["step"])
        return F.struct(pages_so_far.alias("seen"), reached.alias("step"))

    start = F.struct(F.lit(0).cast("long").alias("seen"), F.lit(0).alias("step"))
    last = F.aggregate("steps", start, step_reached, lambda state: state["step"])
    return (last / F.lit(float(_STEPS))).cast("float")
