"""What a round's classifier learns from: which pages and texts, and on which side.

Nothing is drawn at random: who is taken follows from a hash of the id and the
configured seed, so the choice is the same with any number of partitions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from pipeline.classify.copies import without_copies
from pipeline.classify.drawing import (
    at_most,
    at_most_per_host,
    fraction,
    host_or_id,
    place_of,
    row_id,
)
from pipeline.classify.features import features
from pipeline.classify.untagged import (
    of_crawl,
    random_negatives,
    spared,
    suspected_hosts,
    suspected_positives,
)
from pipeline.config.settings import Train
from pipeline.config.tag_settings import Suspects
from pipeline.workspace.table_schemas import Checkpoint, schema

#: With fewer, holding out whole hosts would take most of what there is to learn from.
MIN_MATHEMATICAL_HOSTS = 5
#: A host is too large to be held out when it alone gives so many times the share that is
#: held out: it would take with it what is to be learnt.
TOO_LARGE = 2
#: The same holds of what it gives of the label's examples in a language with so many.
LEAST_OF_LANGUAGE = 50


def choose_seed(
    *,
    pages: DataFrame,
    kept: Callable[[DataFrame], DataFrame],
    keys: DataFrame,
    texts: DataFrame | None,
    tagged: DataFrame,
    already_collected: DataFrame | None,
    settings: Train,
    suspects: Suspects,
    checkpoint: Checkpoint,
    previous_seed: DataFrame | None = None,
    text_languages: Mapping[str, float] | None = None,
) -> DataFrame:
    """The table of schemas/seed.toml.

    ``pages`` (page_id, host, language, and what ``mine.suspects`` calls ``strongly_suspected``)
    are all pages with their copies, ``kept`` gives those of its rows (page_id, …) that are of
    the deduplicated pool, ``keys`` (page_id, url_key, text_key)
    is what the pool was made by, ``texts`` (source_id, host, url, text) the outside texts,
    ``tagged`` (page_id, host, pattern, mathematical, automatic) the pattern that each page
    of the pool falls under, at most one row a page.

    Mathematical are the outside texts and those pages under mathematical patterns
    that the round before did not take (``already_collected``, ``None`` in round 1:
    then all of them); see DeepSeekMath, section 2.1. A seed grows, so such pages in
    ``previous_seed`` stay even though the model trained on them has since found
    them. Texts and pages are each capped at ``settings.positives``, and one host's
    at what :func:`host_cap` says. To these come, with ``suspects.positives``, pages that
    are strongly suspected, see :func:`suspected_positives`.

    Other are at most ``settings.negatives`` pages, and ``negatives_per_positive`` times
    the positives, with ``suspects.spare`` ``suspects.negatives`` times them more: first
    those that people tagged as not mathematical, because the classifier took them or pages
    beside them for mathematics, up to
    ``max_tagged_negatives`` of all and with the cap on hosts; then random pages of
    hosts with no page under a mathematical pattern, in the languages of the positives, see
    :func:`random_negatives`; with ``suspects.spare`` only :func:`spared` ones.
    ``text_languages`` is the share of each language in ``texts``.

    A page that is one of the chosen texts again, by its URL or its words, is left
    out, whichever label it would have.

    Held out are whole hosts, ``settings.held_out`` of them; a text without a host
    counts as a host of its own. A host that alone gives more than ``TOO_LARGE`` times
    that share of a label's examples cannot be spared, nor, where languages play a part, of
    those in a language; nor one of fewer than ``MIN_MATHEMATICAL_HOSTS``. Of a label of
    which no host is held out, single pages are.
    """
    by = F.when(F.col("automatic"), "auto:").otherwise("pattern:")
    mathematical = tagged.where("mathematical")
    # Looked at from all sides below; few beside the pages of a crawl.
    under_patterns = checkpoint(of_crawl(mathematical, F.concat(by, "pattern")), "mathematical")
    collected_before = _collected_unaided(already_collected, previous_seed)
    fresh = (
        under_patterns
        if collected_before is None
        else checkpoint(under_patterns.join(collected_before, "page_id", "left_anti"), "fresh")
    )
    positives, count = _capped(fresh, settings.positives, settings)
    of_texts = 0
    if texts is not None:
        # The ids are digests of the texts: made once.
        outside = checkpoint(_outside(texts), "outside")
        outside, of_texts = _capped(outside, settings.positives, settings)
        positives, count = positives.unionByName(outside), count + of_texts
    hosts = suspected_hosts(pages, suspects, checkpoint)
    suspected = suspected_positives(
        pages,
        hosts,
        tagged,
        kept,
        min(settings.positives, int(count * suspects.positives)),
        suspects,
        seed=settings.seed,
        checkpoint=checkpoint,
    )
    positives = checkpoint(positives.unionByName(suspected), "positives")
    for_each = settings.negatives_per_positive + suspects.negatives * suspects.spare
    count = min(settings.negatives, math.ceil(count * for_each))
    rejected = of_crawl(
        tagged.where("NOT mathematical AND NOT automatic"), F.concat(F.lit("not:"), "pattern")
    )
    most = int(count * settings.max_tagged_negatives)
    tagged_negatives, taken = _capped(rejected, most, settings)
    others = _elsewhere(pages, under_patterns, tagged_negatives.unionByName(suspected))
    if suspects.spare:
        others = spared(others, hosts)
    languages: dict[str, float] = {}
    if suspects.other_languages < 1:
        languages = _languages(positives, pages, text_languages or {}, of_texts)
    negatives = tagged_negatives.unionByName(
        random_negatives(
            others,
            kept,
            count - taken,
            languages,
            suspects,
            for_each=for_each,
            seed=settings.seed,
            checkpoint=checkpoint,
        )
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
    language_of = pages if suspects.other_languages < 1 else None
    return _with_held_out(chosen, language_of, settings).select(*schema("seed").names)


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


def _elsewhere(pages: DataFrame, mathematical: DataFrame, taken: DataFrame) -> DataFrame:
    """Those of ``pages`` on hosts with no ``mathematical`` page, less those ``taken``."""
    # The hosts are as many as people tagged, so they fit everywhere; a shuffle by
    # host would send all pages of the largest one to a single task.
    hosts = F.broadcast(mathematical.select("host").distinct())
    others = pages.join(hosts, "host", "left_anti")
    return others.join(F.broadcast(taken.select("page_id")), "page_id", "left_anti")


def _languages(
    positives: DataFrame, pages: DataFrame, text_languages: Mapping[str, float], texts: int
) -> dict[str, float]:
    """How many positives there are in each language."""
    ids = positives.where("page_id IS NOT NULL").select("page_id")
    counted = pages.join(F.broadcast(ids), "page_id", "left_semi").groupBy("language")
    counts = {row["language"]: float(row["count"]) for row in counted.count().collect()}
    for language, share in text_languages.items():
        counts[language] = counts.get(language, 0.0) + share * texts
    return counts


def _with_held_out(chosen: DataFrame, language_of: DataFrame | None, settings: Train) -> DataFrame:
    """``chosen`` with a column ``held_out``, see :func:`choose_seed`.

    Nobody has said of suspected pages what they are, so no classifier is tried on them.
    """
    suspected = F.col("origin") == "suspected"
    chosen, untold = chosen.where(~suspected), chosen.where(suspected)
    share = settings.held_out
    hosts = chosen.groupBy("label", host_or_id().alias("group")).agg(F.count("*").alias("size"))
    totals = {
        row["label"]: row["n"]
        for row in chosen.groupBy("label").agg(F.count("*").alias("n")).collect()
    }
    of_label = F.when(F.col("label") == "math", totals.get("math")).otherwise(totals.get("other"))
    # No more than a few, as each has its share.
    large = hosts.where(F.col("size") > of_label * share * TOO_LARGE).select("group")
    if language_of is not None:
        large = large.union(_large_in_a_language(chosen, language_of, share * TOO_LARGE))
    large = F.broadcast(large.distinct().withColumn("large", F.lit(True)))
    by_host = ~F.coalesce("large", F.lit(False)) & (
        fraction(place_of("held out", settings.seed, F.col("group"))) < share
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
    by_page = fraction(place_of("held out", settings.seed, row_id())) < share
    rows = chosen.withColumn("group", host_or_id()).join(large, "group", "left")
    rows = rows.withColumn(
        "held_out", F.when(F.col("label").isin(by_host_labels), by_host).otherwise(by_page)
    )
    return rows.unionByName(untold.withColumn("held_out", F.lit(False)), allowMissingColumns=True)


def _large_in_a_language(chosen: DataFrame, pages: DataFrame, share: float) -> DataFrame:
    """Hosts (group) that give more than ``share`` of a label's examples in some language.

    Without them there would be little to learn of that language, on that side.
    """
    ids = F.broadcast(chosen.where("page_id IS NOT NULL").select("page_id", "label", "host"))
    examples = pages.select("page_id", "language").join(ids, "page_id")
    sizes = examples.groupBy("label", "language", "host").agg(F.count("*").alias("size"))
    total = F.sum("size").over(Window.partitionBy("label", "language"))
    sizes = sizes.withColumn("total", total).where(
        (F.col("total") >= LEAST_OF_LANGUAGE) & (F.col("size") > F.col("total") * share)
    )
    return sizes.select(F.col("host").alias("group"))


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
    hosts = rows.groupBy(host_or_id().alias("group")).agg(F.count("*").alias("size"))
    sizes = hosts.groupBy("size").agg(F.count("*").alias("hosts"))
    # Sizes that occur are few: a billion rows have no more than some 45,000.
    counted = [(row["size"], row["hosts"]) for row in sizes.collect()]
    cap = host_cap(counted, most, settings)
    if any(size > cap for size, _ in counted):
        rows = at_most_per_host(rows, cap, settings.seed)
    left = sum(min(size, cap) * hosts for size, hosts in counted)
    return at_most(rows, left, most, settings.seed), min(left, most)


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
