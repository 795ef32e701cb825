"""Path trees and pages to look at, on real Spark, counted anew in Python."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipeline.config.settings import Mine
from pipeline.config.tag_settings import Suspects, Tags
from pipeline.mine.patterns import Patterns
from pipeline.mine.prefixes import automatic_patterns, url_prefixes
from pipeline.mine.tree import (
    automatic_prefixes,
    pages_in,
    placed_pages,
    prefix_table,
    sample_pages_columns,
    sample_table,
    with_deepest,
)
from pipeline.web.urls import host_of, registered_domain
from pipeline.workspace.table_schemas import schema

#: Hosts that are mathematical, a share of the pages of each that is collected.
HOSTS = {"forum.org": 0.6, "www.uni.edu": 0.3, "small.org": 0.5, "all.org": 1.0}
#: One host has most of the pages.
SKEWED = 1_500


def web() -> list[dict[str, Any]]:
    pages = []

    def add(url: str, collected: bool, score: float) -> None:
        number = len(pages)
        page = f"{number * 2654435761 % 2**32:032x}"
        pages.append({"page_id": page, "url": url, "collected": collected, "score": score})

    for number in range(SKEWED):
        section = ("questions", "users", "tags")[number % 3]
        add(
            f"https://forum.org/{section}/{number % 50}/{number}",
            section == "questions",
            number % 501 / 500,
        )
    for number in range(40):
        add(f"http://www.uni.edu/math/course/{number}", number < 12, 0.9 if number < 12 else 0.1)
    for number in range(3):
        add(f"http://small.org/{number}", number < 1, 0.7)
    for number in range(8):
        add(f"http://all.org/a/{number}", True, math.nan if number == 0 else 1.00001)
    for number, star in enumerate(("*", "%2A", "%2a", "x")):
        add(f"http://all.org/{star}/{number}", True, 0.9)
    add("http://sub.uni.edu/alone", True, 0.8)
    add("http://other.org/x", True, 1.0)  # of no mathematical domain
    return pages


PAGES = web()


def formulas_in(url: str) -> int:
    """Many in the last three of the users' pages, of which none was collected."""
    number = url.rpartition("/")[2]
    return 9 if "/users/" in url and int(number) > SKEWED - 9 else 4


def frames(spark: SparkSession, partitions: int) -> tuple[DataFrame, ...]:
    rows = [
        (
            p["page_id"], p["url"], host_of(p["url"]), registered_domain(host_of(p["url"])),
            f"title {p['page_id']}" * 50, "en", "text " * 1_000, formulas_in(p["url"]), 1_000,
        )
        for p in PAGES
    ]  # fmt: skip
    names = "page_id, url, host, registered_domain, title, language, text".replace(",", " string,")
    names += " string, formulas int, tokens int"
    pages = spark.createDataFrame(rows, names).repartition(min(partitions, 7))
    # Where the record is, which sample pages tell too.
    pages = pages.selectExpr(
        *("*", "'c' as crawl", "timestamp '2025-01-01' as fetch_time", "'w' as warc"),
        *("1L as warc_offset", "2L as warc_length"),
    )
    collected = spark.createDataFrame(
        [(p["page_id"],) for p in PAGES if p["collected"]], "page_id string"
    )
    scores = spark.createDataFrame(
        [(p["page_id"], p["score"]) for p in PAGES], "page_id string, score float"
    )
    hosts = {host_of(f"http://{host}") for host in HOSTS}
    domains = spark.createDataFrame(
        [(name, True) for name in sorted(hosts)] + [("other.org", False)],
        "domain string, queued boolean",
    )
    return pages, collected, scores, domains


def made(spark: SparkSession, settings: Mine, partitions: int = 2) -> dict[str, list[Any]]:
    pages, collected, scores, domains = frames(spark, partitions)
    located = pages_in(domains, pages, settings, Suspects())
    placed = placed_pages(with_deepest(located, settings), collected, scores).repartition(
        partitions
    )
    prefixes = prefix_table(placed, settings).cache()
    samples = sample_table(placed, prefixes, settings).cache()
    ids = samples.select("page_id").distinct()
    shown = pages.select(*sample_pages_columns(settings)).join(ids, "page_id")
    tables = {"prefixes": prefixes, "samples": samples, "sample_pages": shown}
    for name, table in tables.items():
        assert table.columns == schema(name).names
    return {name: sorted(table.collect(), key=str) for name, table in tables.items()}


@pytest.fixture(scope="module")
def tables(spark: SparkSession) -> dict[str, list[Any]]:
    return made(spark, Mine(max_prefixes=20))


def under(prefix: str) -> list[dict[str, Any]]:
    patterns = Patterns.of([prefix])
    return [page for page in PAGES if patterns.match(page["url"])]


def test_prefixes_count_what_they_match_as_patterns(tables: dict[str, list[Any]]) -> None:
    rows = {row.prefix: row for row in tables["prefixes"]}
    assert {"forum.org", "forum.org/questions", "uni.edu/math/course", "all.org/a"} <= rows.keys()
    assert rows["all.org/%2A"].pages == 3
    for prefix, row in rows.items():
        pages = under(prefix)
        collected = sum(page["collected"] for page in pages)
        assert (row.pages, row.collected, row.depth) == (len(pages), collected, prefix.count("/"))
        assert row.share == collected / len(pages)
    assert not {"other.org", "small.org/0", "sub.uni.edu"} & rows.keys()


def test_quantiles_are_those_of_the_scores_to_a_hundredth(tables: dict[str, list[Any]]) -> None:
    for row in tables["prefixes"]:
        scores = sorted(
            0.0 if math.isnan(page["score"]) else min(page["score"], 1.0)
            for page in under(row.prefix)
        )
        for fraction, found in ((0.1, row.score_10), (0.5, row.score_50), (0.9, row.score_90)):
            exact = scores[max(0, math.ceil(fraction * len(scores) - 1e-9) - 1)]
            assert abs(found - exact) <= 0.00501, (row.prefix, fraction)
    whole = next(row for row in tables["prefixes"] if row.prefix == "forum.org")
    assert whole.score_10 < whole.score_50 < whole.score_90


def test_a_domain_keeps_its_largest_prefixes_and_all_above_them(
    tables: dict[str, list[Any]], spark: SparkSession
) -> None:
    counted: dict[str, int] = defaultdict(int)
    for page in PAGES:
        for prefix in url_prefixes(page["url"], 3):
            counted[prefix] += prefix.startswith("forum.org")
    in_order = sorted((name for name in counted if counted[name] > 1),
                      key=lambda name: (-counted[name], name))  # fmt: skip
    assert len(in_order) > 100
    kept = {row.prefix for row in tables["prefixes"] if row.domain == "forum.org"}
    assert kept == set(in_order[:20])
    for prefix in kept - {"forum.org"}:
        assert prefix.rsplit("/", 1)[0] in kept


def test_samples_of_a_node_are_five_of_either_side_or_suspected_ones(
    tables: dict[str, list[Any]],
) -> None:
    found: dict[tuple[str, bool], list[Any]] = defaultdict(list)
    for row in tables["samples"]:
        found[row.prefix, row.collected].append(row)
    by_id = {page["page_id"]: page for page in PAGES}
    for row in tables["prefixes"]:
        pages = under(row.prefix)
        suspected = {p["page_id"] for p in pages if formulas_in(p["url"]) > 5}
        collected = sum(page["collected"] for page in pages)
        stand_in = min(len(suspected), max(0, 5 - collected))
        for side in (True, False):
            samples = found.pop((row.prefix, side), [])
            of_side = {page["page_id"] for page in pages if page["collected"] is side}
            assert len(samples) == min(5 + (0 if side else stand_in), len(of_side))
            assert {sample.page_id for sample in samples} <= of_side
            foremost = {s.page_id for s in samples if s.place <= stand_in}
            assert side or foremost == (suspected if stand_in else set())
            assert sorted(s.place for s in samples) == list(range(1, len(samples) + 1))
            for sample in samples:
                score = by_id[sample.page_id]["score"]
                assert math.isclose(sample.score, 0 if math.isnan(score) else score, rel_tol=1e-6)
    assert not found
    # Chosen by hash: of a large node not the first ones.
    first = {page["page_id"] for page in under("forum.org")[:50]}
    assert {row.page_id for row in tables["samples"] if row.prefix == "forum.org"} - first


def test_sample_pages_are_each_once_and_bounded(
    tables: dict[str, list[Any]], spark: SparkSession
) -> None:
    ids = [row.page_id for row in tables["sample_pages"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == {row.page_id for row in tables["samples"]}
    assert {len(row.text) for row in tables["sample_pages"]} == {2_000}
    assert {len(row.title) for row in tables["sample_pages"]} == {300}


def test_partitions_change_nothing(tables: dict[str, list[Any]], spark: SparkSession) -> None:
    assert made(spark, Mine(max_prefixes=20), partitions=7) == tables


def test_prefixes_of_registered_domains_keep_their_hosts(spark: SparkSession) -> None:
    settings = Mine(domain="registered_domain", prefix_depth=1)
    rows = [row for row in made(spark, settings)["prefixes"] if row.domain == "uni.edu"]
    assert {row.prefix for row in rows} == {"uni.edu", "uni.edu/math", "sub.uni.edu"}


def test_automatic_prefixes_are_chosen_before_they_leave_spark(spark: SparkSession) -> None:
    names = (
        "a.org",
        "a.org/x",
        "a.org/x/y",
        "a.org/xy",
        "b.org",
        "b.org/x",
        "c.org/u",
        "c.org/u/v",
    )
    shares = (0.4, 0.6, 0.9, 0.5, 0.7, 1.0, 0.2, 0.8)
    rows = [
        {"prefix": name, "depth": name.count("/"), "pages": 10 + number, "share": share}
        for number, (name, share) in enumerate(zip(names, shares, strict=True))
    ]
    frame = spark.createDataFrame(rows, "prefix string, depth int, pages long, share double")
    settings = Tags()

    def patterns(chosen: list[Any]) -> list[str]:
        taken = automatic_patterns((row.asDict() for row in chosen), settings, 1)
        return [pattern.pattern for pattern in taken]

    whole, none_left = automatic_prefixes(frame, settings, 100)
    everything = [pattern.pattern for pattern in automatic_patterns(rows, settings, 1)]
    assert (patterns(whole), none_left) == (everything, 0)
    assert sorted(row["prefix"] for row in whole) == everything
    # Those with most pages, where they are too many.
    most, left_out = automatic_prefixes(frame, settings, 2)
    assert (sorted(row["prefix"] for row in most), left_out) == (["b.org", "c.org/u/v"], 2)
