"""Examples among the pages that nobody has tagged: random negatives, suspected positives.

Most of a crawl is no mathematics, so DeepSeekMath (section 2.1) takes random pages for negatives.
What that teaches wrongly is what the first rounds do not know yet: the mathematics that is among
them, and languages in which there is no positive, which then are no mathematics by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipeline.classify.drawing import at_most, at_most_per_host, fraction, place_of, row_id
from pipeline.config.tag_settings import Suspects
from pipeline.workspace.table_schemas import Checkpoint

#: A page that holds copies is replaced by the next one: so many more are asked for at first.
_SPARE = 1.5


def of_crawl(pages: DataFrame, origin: Column) -> DataFrame:
    """Pages with their host as rows of a seed."""
    source = F.lit(None).cast("string")
    return pages.select("page_id", source.alias("source_id"), "host", origin.alias("origin"))


def suspected_hosts(pages: DataFrame, settings: Suspects, checkpoint: Checkpoint) -> DataFrame:
    """Hosts (host, whole) of whose ``pages`` at least ``settings.share`` are strongly suspected.

    A ``whole`` one has ``settings.whole_host`` of them: what stands between its formulas is likely
    mathematics too, such as problems in words. ``pages`` has host and ``strongly_suspected``.
    """
    if not (settings.spare or settings.positives):
        return pages.select("host", F.lit(True).alias("whole")).limit(0)
    shares = pages.groupBy("host").agg(F.mean(F.col("strongly_suspected").cast("int")).alias("of"))
    hosts = shares.where(F.col("of") >= min(settings.share, settings.whole_host))
    whole = F.col("of") >= settings.whole_host
    return checkpoint(hosts.select("host", whole.alias("whole")), "suspected hosts")


def spared(others: DataFrame, hosts: DataFrame) -> DataFrame:
    """Those of ``others`` that may be random negatives: neither strong suspects nor of whole hosts.

    ``hosts`` are the :func:`suspected_hosts`.
    """
    # Few beside the hosts of a crawl; all pages of the largest are never in one task.
    whole = F.broadcast(hosts.where("whole").select("host"))
    return others.where("NOT strongly_suspected").join(whole, "host", "left_anti")


def suspected_positives(
    pages: DataFrame,
    suspected: DataFrame,
    tagged: DataFrame,
    kept: Callable[[DataFrame], DataFrame],
    limit: int,
    settings: Suspects,
    *,
    seed: int,
    checkpoint: Checkpoint,
) -> DataFrame:
    """At most ``limit`` rows of a seed: pages of ``suspected`` hosts that nobody tagged.

    Of these hosts strong suspects are taken, and any pages of whole ones.
    ``pages`` has page_id, host and ``strongly_suspected``, ``tagged`` (host) is what any
    pattern speaks of, ``kept`` gives those of its rows that are of the pool. One host gives
    ``settings.pages_of_a_host`` at most, so that they are of many.
    """
    if limit <= 0:
        return of_crawl(pages.limit(0), F.lit("suspected"))
    untold = suspected.join(F.broadcast(tagged.select("host").distinct()), "host", "left_anti")
    rows = pages.join(F.broadcast(untold), "host").where("whole OR strongly_suspected")
    rows = of_crawl(rows, F.lit("suspected"))
    rows = checkpoint(at_most_per_host(rows, settings.pages_of_a_host, seed), "suspects")
    near = checkpoint(
        kept(at_most(rows, rows.count(), math.ceil(_SPARE * limit), seed)), "kept suspects"
    )
    return at_most(near, near.count(), limit, seed)


def negatives_of_language(
    positives: Mapping[str, float],
    candidates: Mapping[str, int],
    limit: int,
    *,
    for_each: float,
    other_languages: float,
) -> dict[str, int]:
    """How many of ``limit`` random negatives may be in each language of the ``candidates``.

    ``for_each`` of its ``positives``, and in a language that has few of them the share
    ``other_languages`` of what random drawing would give it. With 1 languages play no part.
    """
    total = max(sum(candidates.values()), 1)
    return {
        language: limit
        if other_languages >= 1
        else math.ceil(
            max(
                for_each * positives.get(language, 0),
                other_languages * limit * number / total,
            )
        )
        for language, number in candidates.items()
    }


def random_negatives(
    pages: DataFrame,
    kept: Callable[[DataFrame], DataFrame],
    limit: int,
    positives: Mapping[str, float],
    settings: Suspects,
    *,
    for_each: float,
    seed: int,
    checkpoint: Checkpoint,
) -> DataFrame:
    """The ``limit`` pages whose ids hash lowest, of those that are ``kept``, as rows of a seed.

    ``pages`` has page_id, host and language. Of one language there are as many as
    :func:`negatives_of_language` says. Whether a page is kept is asked of little more than are
    wanted.
    """
    if limit <= 0:
        return of_crawl(pages.limit(0), F.lit("random"))
    if settings.other_languages >= 1:
        # Drawn as if all were in one: no more of a crawl is looked at than is wanted of it.
        pages = pages.withColumn("language", F.lit(""))
    counted = pages.groupBy("language").agg(F.count("*").alias("n")).collect()
    candidates = {row["language"]: row["n"] for row in counted}
    most = negatives_of_language(
        positives,
        candidates,
        limit,
        for_each=for_each,
        other_languages=settings.other_languages,
    )
    place = place_of("sample", seed, F.col("page_id"))
    by_place = Window.partitionBy("language").orderBy(place, "page_id")
    wider = 1.0
    while True:
        shares = {
            language: wider * (1.2 * most[language] + 1_000) / number
            for language, number in candidates.items()
        }
        limits = F.broadcast(_table(pages, shares, most))
        near = pages.join(limits, "language").where(fraction(place) < F.col("share"))
        near = checkpoint(kept(near.drop("share")), "random")
        taken = near.withColumn("nth", F.row_number().over(by_place)).where("nth <= most")
        taken = checkpoint(taken, "taken")
        wanted = sum(min(most[language], number) for language, number in candidates.items())
        if min(shares.values(), default=1.0) >= 1 or taken.count() >= min(limit, wanted):
            rows = of_crawl(taken, F.lit("random"))
            return rows.orderBy(place_of("sample", seed, row_id()), row_id()).limit(limit)
        # Many copies.
        wider *= 2


def _table(pages: DataFrame, shares: Mapping[str, float], most: Mapping[str, int]) -> DataFrame:
    rows = [(language, share, most[language]) for language, share in shares.items()]
    return pages.sparkSession.createDataFrame(rows, "language string, share double, most long")
