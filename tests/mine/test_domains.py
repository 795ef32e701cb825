"""Domains and tags on real Spark, counted anew in Python."""

from __future__ import annotations

from collections import Counter

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from pipeline.config.settings import Mine
from pipeline.config.tag_settings import Suspects
from pipeline.mine.crawled import crawled_pages
from pipeline.mine.domains import domain_table, untagged_domains
from pipeline.mine.patterns import Pattern, Patterns
from pipeline.mine.suspects import Asking
from pipeline.mine.tagged_pages import tag_pages
from pipeline.mine.tree import placed_pages, prefix_table, with_deepest
from pipeline.web.urls import host_of, registered_domain
from pipeline.workspace.table_schemas import schema

#: URL pattern of pages, how many there are, how many of them are collected.
SITES = [
    ("http://ten.org/a/{}", 100, 10),  # at the threshold: not over it
    ("http://eleven.org/a/{}", 100, 11),
    ("http://small.org/{}", 9, 9),  # too few pages
    ("http://enough.org/{}", 10, 2),
    ("http://www.uni.edu/math/course/{}", 30, 24),
    ("http://www.uni.edu/sports/{}", 20, 0),
    ("http://news.uni.edu/{}", 50, 1),
    ("http://none.org/{}", 12, 0),
]
#: How many of a site's pages, the first ones, are strongly suspected.
SUSPECTED = {"small.org": 9, "news.uni.edu": 20, "ten.org": 24, "none.org": 12, "uni.edu": 30}


def web() -> tuple[list[tuple], list[tuple[str, ...]]]:
    pages: list[tuple] = []
    collected = []
    for template, count, taken in SITES:
        for number in range(count):
            url = template.format(number)
            page = f"{len(pages):032x}"
            host = host_of(url)
            # Collected pages in English, the others in German: more of them or not.
            language = "en" if number < taken else "de"
            pages.append((page, url, host, registered_domain(host), language, False))
            pages[-1] += (number < SUSPECTED.get(host, 0),)
            if number < taken:
                collected.append((page,))
    return pages, collected


@pytest.fixture(scope="module")
def frames(spark: SparkSession) -> tuple[DataFrame, DataFrame]:
    pages, collected = web()
    names = (
        "page_id string, url string, host string, registered_domain string, "
        "language string, fetched boolean, suspected boolean"
    )
    return (
        spark.createDataFrame(pages, names).cache(),
        spark.createDataFrame(collected, "page_id string").cache(),
    )


def sorted_rows(frame: DataFrame, *keys: str) -> list[Row]:
    return sorted(frame.collect(), key=lambda row: tuple(row[key] for key in keys))


def test_a_domain_is_mathematical_over_the_share_and_from_the_minimum(
    frames: tuple[DataFrame, DataFrame],
) -> None:
    table = domain_table(*frames, Mine())
    assert table.columns == schema("domains").names
    rows = {row.domain: row for row in table.collect()}
    assert {name: (r.pages, r.collected, r.mathematical) for name, r in rows.items()} == {
        "ten.org": (100, 10, False),
        "eleven.org": (100, 11, True),
        "small.org": (9, 9, False),
        "enough.org": (10, 2, True),
        "uni.edu": (50, 24, True),
        "news.uni.edu": (50, 1, False),
        "none.org": (12, 0, False),
    }
    assert rows["eleven.org"].share == 0.11
    assert {row.crawled_pages for row in rows.values()} == {None}


def test_the_language_of_a_domain_is_that_of_what_was_collected(
    frames: tuple[DataFrame, DataFrame],
) -> None:
    rows = {row.domain: row.language for row in domain_table(*frames, Mine()).collect()}
    assert rows["ten.org"] == "en"  # though nine tenths of it are in German
    assert rows["none.org"] == "de"  # nothing was


def test_domains_can_be_registered_domains(frames: tuple[DataFrame, DataFrame]) -> None:
    rows = {
        row.domain: row for row in domain_table(*frames, Mine(domain="registered_domain")).collect()
    }
    assert (rows["uni.edu"].pages, rows["uni.edu"].collected) == (100, 25)
    assert "news.uni.edu" not in rows


def test_partitions_change_nothing(frames: tuple[DataFrame, DataFrame]) -> None:
    pages, collected = frames
    moved = domain_table(pages.repartition(7), collected, Mine())
    assert sorted_rows(domain_table(*frames, Mine()), "domain") == sorted_rows(moved, "domain")


#: Crawls, and of each host how many pages its index has, and how many were fetched by pattern.
INDEXED = {
    "first": {"uni.edu": (400, 100), "news.uni.edu": (50, 0), "once.org": (90, 10)},
    # Of the same pages.
    "second": {"uni.edu": (400, 100), "lost.org": (5, 10)},
    # Counted only: no page of it was fetched.
    "third": {"uni.edu": (1_000, 0), "unknown.org": (7, 0)},
}


@pytest.fixture(scope="module")
def crawled(spark: SparkSession) -> DataFrame:
    return crawled_of(spark, Mine())


def crawled_of(spark: SparkSession, settings: Mine) -> DataFrame:
    indexed = [(c, h, n) for c, hosts in INDEXED.items() for h, (n, _) in hosts.items()]
    fetched = [
        (c, h) for c, hosts in INDEXED.items() for h, (_, n) in hosts.items() for _ in [0] * n
    ]
    return crawled_pages(
        spark.createDataFrame(indexed, "crawl string, host string, pages long"),
        spark.createDataFrame(fetched, "crawl string, host string"),
        settings,
    )


def test_each_fetched_page_stands_for_those_beside_it_in_the_same_crawls(
    spark: SparkSession, crawled: DataFrame
) -> None:
    rows = {row.domain: tuple(row)[1:] for row in crawled.collect()}
    assert rows == {
        # Two crawls of the same pages: four each, and not eight.
        "uni.edu": (1_800, 4.0),
        "news.uni.edu": (50, None),
        "once.org": (90, 9.0),
        "lost.org": (5, 1.0),
        "unknown.org": (7, None),
    }
    registered = Mine(domain="registered_domain")
    rows = {row.domain: tuple(row)[1:] for row in crawled_of(spark, registered).collect()}
    assert rows["uni.edu"] == (1_850, 4.25)
    assert "news.uni.edu" not in rows


def test_fetched_pages_are_a_share_of_what_the_index_has(
    spark: SparkSession, crawled: DataFrame
) -> None:
    """The same collected pages: from a sample, fetched by pattern, and of both."""
    pages, collected = [], []
    for host, sampled, fetched, taken in [
        ("uni.edu", 0, 100, 90),  # of 400
        ("once.org", 0, 10, 8),  # of 90
        ("news.uni.edu", 20, 0, 5),  # a sample of what the index has: of 20
        ("lost.org", 10, 10, 4),  # of 10, and of 10 more
        ("mixed.org", 10, 10, 4),  # no index knows it
    ]:
        for number in range(sampled + fetched):
            pages.append((f"{host}{number}", host, host, "en", number >= sampled, False))
            if number < taken:
                collected.append((f"{host}{number}",))
    names = "page_id string, host string, registered_domain string, language string"
    frames = (
        spark.createDataFrame(pages, f"{names}, fetched boolean, suspected boolean"),
        spark.createDataFrame(collected, "page_id string"),
    )

    def shares(settings: Mine) -> dict[str, tuple[int, float, bool]]:
        rows = domain_table(*frames, settings, crawled).collect()
        return {r.domain: (r.pages, round(r.share, 4), r.mathematical) for r in rows}

    assert shares(Mine()) == {
        "uni.edu": (100, 0.225, True),
        "once.org": (10, 0.0889, False),
        "news.uni.edu": (20, 0.25, True),
        "lost.org": (20, 0.2, True),
        "mixed.org": (20, 0.2, True),
    }
    read = shares(Mine(denominator="read"))
    assert read["uni.edu"] == (100, 0.9, True)
    assert read["once.org"] == (10, 0.8, True)
    assert read["news.uni.edu"] == (20, 0.25, True)


def test_suspected_domains_are_asked_about_once(frames: tuple[DataFrame, DataFrame]) -> None:
    spark = frames[0].sparkSession

    def asked(most: int, passed_over: list[tuple[str, int | None]]) -> dict[str, Row]:
        known = spark.createDataFrame(passed_over, "domain string, pages long")
        asking = Asking(
            Suspects(domains=most, share=0.25), known, lambda frame, _: frame.localCheckpoint()
        )
        rows = domain_table(*frames, Mine(), asking=asking).collect()
        return {row.domain: row for row in rows if row.queued}

    by_share = {"eleven.org", "enough.org", "uni.edu"}
    # Of ten.org too few are suspected, and small.org is too small.
    rows = asked(2, [])
    assert {name for name, row in rows.items() if row.reason == "share"} == by_share
    assert {n: (r.suspected, r.mathematical) for n, r in rows.items() if n not in by_share} == {
        "news.uni.edu": (20, False),
        "none.org": (12, False),
    }
    # Of news.uni.edu a pattern speaks; none.org was asked about before it had so many pages.
    known = [("news.uni.edu", None), ("news.uni.edu", 7), ("none.org", 11), ("eleven.org", None)]
    assert asked(30, known).keys() == {*by_share, "none.org"}
    assert asked(1, [("none.org", 12)]).keys() == {*by_share, "news.uni.edu"}


def prefixes_of(
    frames: tuple[DataFrame, DataFrame], domains: DataFrame, settings: Mine
) -> DataFrame:
    scores = frames[0].select("page_id", F.lit(0.5).cast("float").alias("score"))
    pages, collected = frames
    located = pages.withColumn("domain", F.col(settings.domain)).join(
        domains.where("queued").select("domain"), "domain", "left_semi"
    )
    return prefix_table(placed_pages(with_deepest(located, settings), collected, scores), settings)


def test_untagged_domains_come_with_what_a_decision_would_add(
    frames: tuple[DataFrame, DataFrame],
) -> None:
    settings = Mine()
    domains = domain_table(*frames, settings)
    prefixes = prefixes_of(frames, domains, settings)

    def left(patterns: Patterns) -> list[tuple[str, int, str | None]]:
        rows = untagged_domains(domains, prefixes, patterns, settings).collect()
        return [(row.domain, row.uncollected, row.prefix) for row in rows]

    everything = [
        ("eleven.org", 89, "eleven.org/a"),
        ("uni.edu", 26, "uni.edu/math/course"),
        ("enough.org", 8, None),
    ]
    assert left(Patterns()) == everything
    # A word on part of a domain is a word; one on a host beside it is none.
    tags = Patterns([Pattern("uni.edu/sports", False), Pattern("sub.eleven.org", True)])
    assert left(tags) == [everything[0], everything[2]]


def test_a_word_on_one_host_speaks_of_its_registered_domain(
    frames: tuple[DataFrame, DataFrame],
) -> None:
    settings = Mine(domain="registered_domain")
    domains = domain_table(*frames, settings)
    prefixes = prefixes_of(frames, domains, settings)
    patterns = Patterns.of(["news.uni.edu/x"])
    rows = untagged_domains(domains, prefixes, patterns, settings).collect()
    assert {row.domain for row in rows} == {"eleven.org", "enough.org"}


def test_pages_get_the_word_of_their_pattern(frames: tuple[DataFrame, DataFrame]) -> None:
    patterns = Patterns([Pattern("uni.edu", False), Pattern("uni.edu/math/*", True)])
    tagged = tag_pages(frames[0], patterns)
    assert Counter((row.pattern, row.mathematical) for row in tagged.collect()) == {
        ("uni.edu/math/*", True): 30,
        ("uni.edu", False): 20,
    }
    assert {row.host for row in tagged.collect()} == {"uni.edu"}
    assert tagged.join(frames[0].where("host = 'uni.edu'"), "page_id").count() == 50
    assert tag_pages(frames[0], Patterns()).count() == 0
