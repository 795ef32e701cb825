"""What a round's classifier learns from: which pages and texts, and on which side.

Nothing is drawn at random: who is taken follows from a hash of the id and the
configured seed, so the choice is the same with any number of partitions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipeline.classify.copies import without_copies
from pipeline.classify.features import features
from pipeline.config.settings import Train
from pipeline.workspace.table_schemas import Checkpoint, schema

#: With fewer, holding out whole hosts would take most of what there is to learn from.
MIN_MATHEMATICAL_HOSTS = 5
#: A host is too large to be held out when it alone gives so many times the share that is
#: held out: it would take with it what is to be learnt.
TOO_LARGE = 2


def choose_seed(
    *,
    pages: DataFrame,
    kept: Callable[[DataFrame], DataFrame],
    keys: DataFrame,
    texts: DataFrame | None,
    tagged: DataFrame,
    already_collected: DataFrame | None,
    settings: Train,
    checkpoint: Checkpoint,
    previous_seed: DataFrame | None = None,
) -> DataFrame:
    """The table of schemas/seed.toml.

    ``pages`` (page_id, host) are all pages with their copies, ``kept`` gives those of its
    rows (page_id, …) that are of the deduplicated pool, ``keys`` (page_id, url_key, text_key)
    is what the pool was made by, ``texts`` (source_id, host, url, text) the outside texts,
    ``tagged`` (page_id, host, pattern, mathematical, automatic) the pattern that each page
    of the pool falls under, at most one row a page.

    Mathematical are the outside texts and those pages under mathematical patterns
    that the round before did not take (``already_collected``, ``None`` in round 1:
    then all of them); see DeepSeekMath, section 2.1. A seed grows, so such pages in
    ``previous_seed`` stay even though the model trained on them has since found
    them. Texts and pages are each capped at ``settings.positives``, and one host's
    at what :func:`host_cap` says.

    Other are at most ``settings.negatives`` pages, and ``negatives_per_positive`` times
    the positives: first those that people tagged as not mathematical, because the
    classifier took them or pages beside them for mathematics, up to
    ``max_tagged_negatives`` of all and with the cap on hosts; then random pages of
    hosts with no page under a mathematical pattern.

    A page that is one of the chosen texts again, by its URL or its words, is left
    out, whichever label it would have.

    Held out are whole hosts, ``settings.held_out`` of them; a text without a host
    counts as a host of its own. A host that alone gives more than ``TOO_LARGE`` times
    that share of a label's examples cannot be spared, nor one of fewer than
    ``MIN_MATHEMATICAL_HOSTS``. Of a label of which no host is held out, single pages are.
    """
    by = F.when(F.col("automatic"), "auto:").otherwise("pattern:")
    mathematical = tagged.where("mathematical")
    # Looked at from all sides below; few beside the pages of a crawl.
    under_patterns = checkpoint(_of_crawl(mathematical, F.concat(by, "pattern")), "mathematical")
    collected_before = _collected_unaided(already_collected, previous_seed)
    fresh = (
        under_patterns
        if collected_before is None
        else under_patterns.join(collected_before, "page_id", "left_anti")
    )
    positives, count = _capped(fresh, settings.positives, settings)
    if texts is not None:
        # The ids are digests of the texts: made once.
        outside = checkpoint(_outside(texts), "outside")
        outside, more = _capped(outside, settings.positives, settings)
        positives, count = positives.unionByName(outside), count + more
    count = min(settings.negatives, math.ceil(count * settings.negatives_per_positive))
    rejected = _of_crawl(
        tagged.where("NOT mathematical AND NOT automatic"), F.concat(F.lit("not:"), "pattern")
    )
    most = int(count * settings.max_tagged_negatives)
    tagged_negatives, taken = _capped(rejected, most, settings)
    others = _elsewhere(pages, under_patterns, tagged_negatives)
    negatives = tagged_negatives.unionByName(
        _random(others, kept, count - taken, settings, checkpoint)
    )

    chosen = checkpoint(
        positives.withColumn("label", F.lit("math")).unionByName(
            negatives.withColumn("label", F.lit("other"))
        ),
        "examples",
    )
    if texts is not None:
        chosen = without_copies(chosen, keys, texts)
        chosen = checkpoint(chosen, "chosen")
    return _with_held_out(chosen, settings).select(*schema("seed").names)


def seed_lines(
    seed: DataFrame, pages: DataFrame, texts: DataFrame | None, settings: Train
) -> DataFrame:
    """The seed with what fastText reads of each example.

    ``pages`` has page_id, url, language, notations and text, ``texts`` source_id and text;
    the result has id, label, held_out, host, url and notations (null for outside texts),
    language (``und`` for these) and line. Meant for ``toLocalIterator``: the seed goes to
    the machine that trains, a partition at a time.
    """
    # As many rows as the settings allow, however large the crawl; the texts beside
    # them are never shuffled.
    chosen = F.broadcast(seed)
    columns = ["label", "held_out", "host"]
    rows = pages.join(chosen.where("page_id IS NOT NULL").drop("source_id"), "page_id").select(
        F.col("page_id").alias("id"),
        *(chosen[name] for name in columns),
        *("url", "notations", "language", "text"),
    )
    if texts is not None:
        outside = texts.select("source_id", "text").join(
            chosen.where("source_id IS NOT NULL").drop("page_id"), "source_id"
        )
        # A text that a file holds twice is one example.
        outside = outside.dropDuplicates(["source_id"]).select(
            F.col("source_id").alias("id"),
            *columns,
            *(F.lit(None).cast("string").alias(name) for name in ("url", "notations")),
            F.lit("und").alias("language"),
            "text",
        )
        rows = rows.unionByName(outside)
    max_words = settings.max_words

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            lines = [features(text.as_py(), max_words) for text in batch.column("text")]
            labels = batch.drop_columns(["text"])
            yield labels.append_column("line", pa.array(lines, type=pa.string()))

    ddl = (
        "id string, label string, held_out boolean, host string, url string, notations string, "
        "language string, line string"
    )
    return rows.mapInArrow(read, ddl)


def _of_crawl(pages: DataFrame, origin: Column) -> DataFrame:
    """Pages with their host as rows of a seed."""
    source = F.lit(None).cast("string")
    return pages.select("page_id", source.alias("source_id"), "host", origin.alias("origin"))


def _elsewhere(pages: DataFrame, mathematical: DataFrame, taken: DataFrame) -> DataFrame:
    """Rows of a seed: pages of hosts with no ``mathematical`` page, less those ``taken``."""
    # The hosts are as many as people tagged, so they fit everywhere; a shuffle by
    # host would send all pages of the largest one to a single task.
    hosts = F.broadcast(mathematical.select("host").distinct())
    others = pages.join(hosts, "host", "left_anti")
    others = others.join(F.broadcast(taken.select("page_id")), "page_id", "left_anti")
    return _of_crawl(others, F.lit("random"))


def _with_held_out(chosen: DataFrame, settings: Train) -> DataFrame:
    """``chosen`` with a column ``held_out``, see :func:`choose_seed`."""
    share = settings.held_out
    hosts = chosen.groupBy("label", _host_or_id().alias("group")).agg(F.count("*").alias("size"))
    totals = {
        row["label"]: row["n"]
        for row in chosen.groupBy("label").agg(F.count("*").alias("n")).collect()
    }
    of_label = F.when(F.col("label") == "math", totals.get("math")).otherwise(totals.get("other"))
    # No more than a few, as each has its share.
    large = hosts.where(F.col("size") > of_label * share * TOO_LARGE).select("group").distinct()
    large = F.broadcast(large.withColumn("large", F.lit(True)))
    by_host = ~F.coalesce("large", F.lit(False)) & (
        _fraction(_place("held out", settings.seed, F.col("group"))) < share
    )
    hosts_by_label = (
        hosts.join(large, "group", "left")
        .groupBy("label")
        .agg(F.count("*").alias("hosts"), F.count_if(by_host).alias("held out"))
    )
    least = {"math": MIN_MATHEMATICAL_HOSTS, "other": 1}
    by_host_labels = [
        row["label"]
        for row in hosts_by_label.collect()
        if row["held out"] and row["hosts"] >= least[row["label"]]
    ]
    by_page = _fraction(_place("held out", settings.seed, _id())) < share
    rows = chosen.withColumn("group", _host_or_id()).join(large, "group", "left")
    return rows.withColumn(
        "held_out", F.when(F.col("label").isin(by_host_labels), by_host).otherwise(by_page)
    )


def _collected_unaided(
    collected: DataFrame | None, previous_seed: DataFrame | None
) -> DataFrame | None:
    """Pages that the model found by itself: collected, and not because it trained on them."""
    if collected is None:
        return None
    page_ids = collected.select("page_id")
    if previous_seed is None:
        return page_ids
    learnt = previous_seed.where("label = 'math' AND page_id IS NOT NULL").select("page_id")
    return page_ids.join(learnt, "page_id", "left_anti")


def _outside(texts: DataFrame) -> DataFrame:
    once = texts.select("source_id", "host").groupBy("source_id").agg(F.min("host").alias("host"))
    return once.select(
        F.lit(None).cast("string").alias("page_id"),
        "source_id",
        "host",
        F.lit("seed").alias("origin"),
    )


def _capped(rows: DataFrame, most: int, settings: Train) -> tuple[DataFrame, int]:
    """At most so many rows, and of one host what :func:`host_cap` says; and their number."""
    hosts = rows.groupBy(_host_or_id().alias("group")).agg(F.count("*").alias("size"))
    sizes = hosts.groupBy("size").agg(F.count("*").alias("hosts"))
    # Sizes that occur are few: a billion rows have no more than some 45,000.
    counted = [(row["size"], row["hosts"]) for row in sizes.collect()]
    cap = host_cap(counted, most, settings)
    if any(size > cap for size, _ in counted):
        rows = _at_most_per_host(rows, cap, settings.seed)
    left = sum(min(size, cap) * hosts for size, hosts in counted)
    return _at_most(rows, left, most, settings.seed), min(left, most)


def host_cap(sizes: Sequence[tuple[int, int]], most: int, settings: Train) -> int:
    """How many of ``most`` examples one host may give.

    ``sizes`` are pairs of a size and how many hosts have it. The largest number that is
    no more than ``settings.max_host_share`` of the examples when every host is capped at
    it, and ``settings.min_host_cap`` where that is more: three hosts can never give a
    tenth each.
    """

    def fits(cap: int) -> bool:
        capped = sum(min(size, cap) * hosts for size, hosts in sizes)
        return cap <= settings.max_host_share * min(capped, most)

    # What is left grows ever slower with the cap, so caps fit up to a point and not
    # beyond it; one over the largest size caps nothing.
    low, high = 0, max((size for size, _ in sizes), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return max(low, settings.min_host_cap)


def _at_most(rows: DataFrame, count: int, limit: int, seed: int) -> DataFrame:
    """The ``limit`` of ``count`` rows whose ids hash lowest.

    Only about as many rows as are wanted get sorted.
    """
    if count <= limit:
        return rows
    place = _place("sample", seed, _id())
    near = rows.where(_fraction(place) < (1.2 * limit + 1_000) / count)
    return near.orderBy(place, _id()).limit(limit)


def _random(
    pages: DataFrame,
    kept: Callable[[DataFrame], DataFrame],
    limit: int,
    settings: Train,
    checkpoint: Checkpoint,
) -> DataFrame:
    """The ``limit`` pages whose ids hash lowest, of those that are ``kept``, or all.

    Whether a page is kept is asked of little more than are wanted.
    """
    if limit <= 0:
        return pages.limit(0)
    place = _place("sample", settings.seed, _id())
    share = (1.2 * limit + 1_000) / max(pages.count(), 1)
    while True:
        near = checkpoint(kept(pages.where(_fraction(place) < share)), "random")
        if share >= 1 or near.count() >= limit:
            return near.orderBy(place, _id()).limit(limit)
        # Many copies.
        share *= 2


def _at_most_per_host(rows: DataFrame, limit: int, seed: int) -> DataFrame:
    """The ``limit`` rows of each host whose ids hash lowest.

    Large hosts are thinned by their counts first, so that no task ever ranks more
    than some 1.5 times ``limit`` rows of one host.
    """
    place = _place("host", seed, _id())
    rows = rows.withColumn("group", _host_or_id())
    large = rows.groupBy("group").agg(F.count("*").alias("size")).where(F.col("size") > limit)
    near = rows.join(F.broadcast(large), "group", "left").where(
        F.col("size").isNull() | (_fraction(place) < (1.5 * limit + 100) / F.col("size"))
    )
    ranked = near.withColumn(
        "rank", F.row_number().over(Window.partitionBy("group").orderBy(place, _id()))
    )
    return ranked.where(F.col("rank") <= limit).drop("group", "size", "rank")


def _id() -> Column:
    return F.coalesce("page_id", "source_id")


def _host_or_id() -> Column:
    return F.when(F.col("host") == "", _id()).otherwise(F.col("host"))


def _place(purpose: str, seed: int, key: Column) -> Column:
    """A hash to sort and cut by; one a purpose, so that no choice leans on another."""
    return F.xxhash64(F.lit(purpose), F.lit(seed), key)


def _fraction(place: Column) -> Column:
    """Where a 64-bit hash lies in its range, 0 to 1."""
    return place.cast("double") / F.lit(2.0**64) + F.lit(0.5)
