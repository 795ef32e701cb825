"""Domains, prefixes and tags on real Spark, counted anew in Python."""

from __future__ import annotations

from collections import Counter

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from pipeline.config import Mine
from pipeline.mine.domains import domain_table, prefix_table, untagged_domains
from pipeline.mine.patterns import Pattern, Patterns
from pipeline.mine.tagging import tag_pages
from pipeline.tables import schema
from pipeline.web.urls import host_of, registered_domain

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


def web() -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    pages, collected = [], []
    for template, count, taken in SITES:
        for number in range(count):
            url = template.format(number)
            page = f"{len(pages):032x}"
            host = host_of(url)
            pages.append((page, url, host, registered_domain(host)))
            if number < taken:
                collected.append((page,))
    return pages, collected


@pytest.fixture(scope="module")
def frames(spark: SparkSession) -> tuple[DataFrame, DataFrame]:
    pages, collected = web()
    names = "page_id string, url string, host string, registered_domain string"
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


def test_domains_can_be_registered_domains(frames: tuple[DataFrame, DataFrame]) -> None:
    rows = {
        row.domain: row for row in domain_table(*frames, Mine(domain="registered_domain")).collect()
    }
    assert (rows["uni.edu"].pages, rows["uni.edu"].collected) == (100, 25)
    assert "news.uni.edu" not in rows


def test_prefixes_count_what_they_match_as_patterns(frames: tuple[DataFrame, DataFrame]) -> None:
    pages, collected = web()
    taken = {page for (page,) in collected}
    settings = Mine(prefix_depth=2)
    table = prefix_table(*frames, domain_table(*frames, settings), settings)
    assert table.columns == schema("prefixes").names
    rows = table.collect()
    assert {(row.domain, row.prefix, row.depth) for row in rows} == {
        ("eleven.org", "eleven.org", 0),
        ("eleven.org", "eleven.org/a", 1),
        ("enough.org", "enough.org", 0),
        ("uni.edu", "uni.edu", 0),
        ("uni.edu", "uni.edu/math", 1),
        ("uni.edu", "uni.edu/math/course", 2),
        ("uni.edu", "uni.edu/sports", 1),
    }
    for row in rows:
        under = [page for page, url, *_ in pages if Patterns.of([row.prefix]).match(url)]
        assert row.pages == len(under)
        assert row.collected == len(taken.intersection(under))
        assert row.share == row.collected / row.pages


def test_prefixes_of_registered_domains_keep_their_hosts(
    frames: tuple[DataFrame, DataFrame],
) -> None:
    settings = Mine(domain="registered_domain", prefix_depth=1)
    rows = prefix_table(*frames, domain_table(*frames, settings), settings).collect()
    assert {row.prefix for row in rows if row.domain == "uni.edu"} == {
        "uni.edu", "uni.edu/math", "uni.edu/sports", "news.uni.edu",
    }  # fmt: skip


@pytest.mark.parametrize("partitions", [1, 7])
def test_partitions_change_nothing(frames: tuple[DataFrame, DataFrame], partitions: int) -> None:
    settings = Mine()
    pages, collected = frames
    moved = pages.repartition(partitions), collected.repartition(partitions)
    domains, moved_domains = domain_table(*frames, settings), domain_table(*moved, settings)
    assert sorted_rows(domains, "domain") == sorted_rows(moved_domains, "domain")
    prefixes = prefix_table(*frames, domains, settings)
    moved_prefixes = prefix_table(*moved, moved_domains, settings)
    assert sorted_rows(prefixes, "prefix") == sorted_rows(moved_prefixes, "prefix")


def test_untagged_domains_come_with_what_a_decision_would_add(
    frames: tuple[DataFrame, DataFrame],
) -> None:
    settings = Mine()
    domains = domain_table(*frames, settings)
    prefixes = prefix_table(*frames, domains, settings)

    def left(patterns: Patterns) -> list[tuple[str, int, str | None]]:
        rows = untagged_domains(domains, prefixes, patterns).collect()
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
    prefixes = prefix_table(*frames, domains, settings)
    rows = untagged_domains(domains, prefixes, Patterns.of(["news.uni.edu/x"])).collect()
    assert {row.domain for row in rows} == {"eleven.org", "enough.org"}


def test_pages_get_the_word_of_their_pattern(frames: tuple[DataFrame, DataFrame]) -> None:
    patterns = Patterns([Pattern("uni.edu", False), Pattern("uni.edu/math/*", True)])
    tagged = tag_pages(frames[0], patterns)
    assert Counter((row.pattern, row.mathematical) for row in tagged.collect()) == {
        ("uni.edu/math/*", True): 30,
        ("uni.edu", False): 20,
    }
    assert tagged.join(frames[0].where("host = 'uni.edu'"), "page_id").count() == 50
    assert tag_pages(frames[0], Patterns()).count() == 0
