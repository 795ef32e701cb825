"""What a round's classifier learns from: which pages and texts, and on which side.

Nothing is drawn at random: who is taken follows from a hash of the id and the
configured seed, so the choice is the same with any number of partitions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from pipeline.classify.features import features
from pipeline.config import SeedTexts, Train
from pipeline.errors import InputEmpty, InputMalformed, InputMissing
from pipeline.ledger import SetAside
from pipeline.storage import for_spark
from pipeline.tables import schema
from pipeline.web.urls import host_of

#: With fewer, holding out whole hosts would take most of what there is to learn from.
MIN_MATHEMATICAL_HOSTS = 5
#: Lines of JSONL that are looked at to learn its columns.
LINES_LOOKED_AT = 100
#: Where Spark puts a line that is no JSON object.
_BROKEN = "_broken"


def choose_seed(
    *,
    pages: DataFrame,
    texts: DataFrame | None,
    tagged: DataFrame,
    already_collected: DataFrame | None,
    settings: Train,
    previous_seed: DataFrame | None = None,
) -> DataFrame:
    """The table of schemas/seed.toml.

    ``pages`` (page_id, host) is the deduplicated pool, ``texts`` (source_id, host)
    the outside texts, ``tagged`` (page_id, pattern, mathematical, automatic) the
    pattern that each page falls under, at most one row a page.

    Mathematical are the outside texts and those pages under mathematical patterns
    that the round before did not take (``already_collected``, ``None`` in round 1:
    then all of them); see DeepSeekMath, section 2.1. A seed grows, so such pages in
    ``previous_seed`` stay even though the model trained on them has since found
    them. Texts and pages are each capped at ``settings.positives``, and at
    ``settings.max_per_host`` a host.

    Other are random pages of hosts with no page under a mathematical pattern: at
    most ``settings.negatives``, and ``negatives_per_positive`` times the positives.

    Held out are whole hosts, ``settings.held_out`` of them; a text without a host
    counts as a host of its own. Of fewer than ``MIN_MATHEMATICAL_HOSTS`` none can be
    spared: then single mathematical pages are held out.
    """
    under_patterns = (
        tagged.where("mathematical")
        .join(pages.select("page_id", "host"), "page_id")
        .select(
            "page_id",
            F.lit(None).cast("string").alias("source_id"),
            "host",
            F.concat(
                F.when(F.col("automatic"), "auto:").otherwise("pattern:"), F.col("pattern")
            ).alias("origin"),
        )
    )
    known = _known(already_collected, previous_seed)
    fresh = under_patterns if known is None else under_patterns.join(known, "page_id", "left_anti")
    positives = _capped(fresh, settings)
    if texts is not None:
        positives = positives.unionByName(_capped(_outside(texts), settings))

    # The hosts are as many as people tagged, so they fit everywhere; a shuffle by
    # host would send all pages of the largest one to a single task.
    mathematical_hosts = F.broadcast(under_patterns.select("host").distinct())
    random_pages = pages.join(mathematical_hosts, "host", "left_anti").select(
        "page_id",
        F.lit(None).cast("string").alias("source_id"),
        "host",
        F.lit("random").alias("origin"),
    )
    wanted = math.ceil(positives.count() * settings.negatives_per_positive)
    negatives = _at_most(random_pages, min(settings.negatives, wanted), settings.seed)

    chosen = positives.withColumn("label", F.lit("math")).unionByName(
        negatives.withColumn("label", F.lit("other"))
    )
    hosts = positives.select(_host_or_id()).distinct().limit(MIN_MATHEMATICAL_HOSTS).count()
    by_page = (F.col("label") == "math") & F.lit(hosts < MIN_MATHEMATICAL_HOSTS)
    held_out_together = F.when(by_page, _id()).otherwise(_host_or_id())
    held_out = _fraction(_place("held out", settings.seed, held_out_together)) < settings.held_out
    return chosen.withColumn("held_out", held_out).select(*schema("seed").names)


def seed_lines(
    seed: DataFrame, pages: DataFrame, texts: DataFrame | None, settings: Train
) -> DataFrame:
    """The seed with what fastText reads of each example.

    ``pages`` has page_id, language and text, ``texts`` source_id and text; the
    result has id, label, held_out, host, language (``und`` for outside texts) and
    line. Meant for ``toLocalIterator``: the seed goes to the machine that trains,
    a partition at a time.
    """
    # As many rows as the settings allow, however large the crawl; the texts beside
    # them are never shuffled.
    chosen = F.broadcast(seed)
    columns = ["label", "held_out", "host"]
    rows = pages.join(chosen.where("page_id IS NOT NULL").drop("source_id"), "page_id").select(
        F.col("page_id").alias("id"), *(chosen[name] for name in columns), "language", "text"
    )
    if texts is not None:
        outside = texts.drop("host").join(
            chosen.where("source_id IS NOT NULL").drop("page_id"), "source_id"
        )
        # A text that a file holds twice is one example.
        outside = outside.dropDuplicates(["source_id"]).select(
            F.col("source_id").alias("id"), *columns, F.lit("und").alias("language"), "text"
        )
        rows = rows.unionByName(outside)
    max_words = settings.max_words

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            lines = [features(text.as_py(), max_words) for text in batch.column("text")]
            kept = batch.drop_columns(["text"])
            yield kept.append_column("line", pa.array(lines, type=pa.string()))

    ddl = "id string, label string, held_out boolean, host string, language string, line string"
    return rows.mapInArrow(read, ddl)


def _known(collected: DataFrame | None, previous_seed: DataFrame | None) -> DataFrame | None:
    """Pages that the model found by itself: collected, and not because it trained on them."""
    if collected is None:
        return None
    known = collected.select("page_id")
    if previous_seed is None:
        return known
    learnt = previous_seed.where("label = 'math' AND page_id IS NOT NULL").select("page_id")
    return known.join(learnt, "page_id", "left_anti")


def _outside(texts: DataFrame) -> DataFrame:
    once = texts.groupBy("source_id").agg(F.min("host").alias("host"))
    return once.select(
        F.lit(None).cast("string").alias("page_id"),
        "source_id",
        "host",
        F.lit("seed").alias("origin"),
    )


def _capped(rows: DataFrame, settings: Train) -> DataFrame:
    if settings.max_per_host:
        rows = _at_most_per_host(rows, settings.max_per_host, settings.seed)
    return _at_most(rows, settings.positives, settings.seed)


def _at_most(rows: DataFrame, limit: int, seed: int) -> DataFrame:
    """The ``limit`` rows whose ids hash lowest.

    A count first, so that only about as many rows as are wanted get sorted.
    """
    count = rows.count()
    if count <= limit:
        return rows
    place = _place("sample", seed, _id())
    near = rows.where(_fraction(place) < (1.2 * limit + 1_000) / count)
    return near.orderBy(place, _id()).limit(limit)


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


def read_texts(spark: SparkSession, source: SeedTexts) -> DataFrame:
    """``(source_id, host, text)`` of every text that is not blank.

    ``source_id`` is the first half of the text's SHA-256, 32 hex digits; ``host`` is
    empty where there is no URL column or no usable URL.

    Raises ``InputMissing`` where no file matches, ``InputMalformed`` where the files
    cannot be read or lack a named column, ``InputEmpty`` where no text is in them.
    """
    try:
        rows = _parquet(spark, source) if source.format == "parquet" else _jsonl(spark, source)
        url = F.col(f"`{source.url_column}`") if source.url_column else F.lit("")
        texts = rows.select(F.col(f"`{source.text_column}`").alias("text"), url.alias("url"))
        texts = texts.where(F.trim("text") != "")
        empty = texts.isEmpty()
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            raise InputMissing(
                f"no seed texts: nothing matches {_where(source)}",
                expected=f"{source.format} files with a column {source.text_column}",
                remedy=f"get them: {source.download}" if source.download else "mend seed.texts",
            ) from None
        raise _unreadable(source, error) from None
    except (PySparkException, Py4JJavaError) as error:
        raise _unreadable(source, error) from None
    if empty:
        raise InputEmpty(
            f"no text in column {source.text_column} of {_where(source)}",
            remedy="name other files in seed.texts, or take the section out",
        )
    return texts.select(
        F.substring(F.sha2("text", 256), 1, 32).alias("source_id"),
        (
            F.udf(_host, StringType(), useArrow=True)("url") if source.url_column else F.lit("")
        ).alias("host"),
        "text",
    )


def _parquet(spark: SparkSession, source: SeedTexts) -> DataFrame:
    rows = spark.read.parquet(*map(for_spark, source.paths))
    _require(dict(rows.dtypes), source)
    return rows


def _jsonl(spark: SparkSession, source: SeedTexts) -> DataFrame:
    # Spark gives null for a column that is not there, so the first lines are asked.
    first = spark.read.text(list(map(for_spark, source.paths))).limit(LINES_LOOKED_AT).collect()
    found: dict[str, str] = {}
    for row in first:
        for name, value in _object(row.value).items():
            found[name] = "string" if isinstance(value, str) else found.get(name, "other")
    if first:
        _require(found, source)
    wanted = [*dict.fromkeys(filter(None, (source.text_column, source.url_column))), _BROKEN]
    columns = ", ".join(f"`{name}` string" for name in wanted)
    parsed = (
        spark.read.text(list(map(for_spark, source.paths)))
        .where(F.trim("value") != "")
        .select(
            F.from_json("value", columns, {"columnNameOfCorruptRecord": _BROKEN}).alias("row"),
        )
        .select("row.*")
    )
    broken = parsed.where(F.col(_BROKEN).isNotNull())
    first_broken = broken.first()
    if first_broken is not None:
        raise InputMalformed(
            f"{broken.count():,} lines of {_where(source)} are no JSON objects, such as: "
            f"{first_broken[_BROKEN][:100]!r}",
            expected="one JSON object a line",
            remedy="mend or remove those lines",
        )
    return parsed


def _object(line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _require(found: dict[str, str], source: SeedTexts) -> None:
    for name in filter(None, (source.text_column, source.url_column)):
        if found.get(name) == "string":
            continue
        trouble = "is not text" if name in found else "is missing"
        raise InputMalformed(
            f"column {name} {trouble} in {_where(source)}; there are: {', '.join(found) or 'none'}",
            expected="columns of text with the names in seed.texts",
            remedy="mend seed.texts.text_column or seed.texts.url_column",
        )


def _unreadable(source: SeedTexts, error: Exception) -> InputMalformed:
    # Spark leaves some errors of reading as the Java exceptions that they are.
    said = error.java_exception.getMessage() if isinstance(error, Py4JJavaError) else str(error)
    message = (said or "").strip().splitlines()
    return InputMalformed(
        f"{_where(source)} cannot be read: {message[0][:300] if message else error!r}",
        expected=f"{source.format} files",
        remedy="mend seed.texts.format or seed.texts.paths",
    )


def _where(source: SeedTexts) -> str:
    return ", ".join(source.paths)


def _host(url: str | None) -> str:
    try:
        return host_of(url or "")
    except SetAside:
        return ""
