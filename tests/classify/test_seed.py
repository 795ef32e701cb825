from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipeline.classify.features import features
from pipeline.classify.seed import choose_seed, seed_lines
from pipeline.config.settings import Train
from pipeline.config.tag_settings import Suspects
from pipeline.text.text_key import comparable_words, text_key
from pipeline.web.canonical import url_key
from pipeline.workspace.table_schemas import schema
from tests.checkpoints import in_memory

TEXTS = "source_id string, host string, url string, text string"
KEYS = "url_key string, text_key string"
SUSPECTED = "strongly_suspected boolean"
#: The paper's seed, which suspects no page.
PLAIN = Suspects(paper_alone=True)
SUSPECTING = Suspects(paper_alone=False, other_languages=1.0)
TAGGED = "page_id string, host string, pattern string, mathematical boolean, automatic boolean"


def keys_of(host: str, number: int) -> tuple[str, str]:
    """As deduplication has them of a page."""
    return url_key(f"http://{host}/{number}"), text_key(comparable_words(f"page {number}"))


class Crawl:
    """Ten hosts: three with mathematical patterns, seven without."""

    def __init__(self, spark: SparkSession, partitions: int | None = None) -> None:
        self.spark = spark
        self._chosen: dict[str, list[Any]] = {}

        def parted(frame: DataFrame) -> DataFrame:
            return frame.repartition(partitions) if partitions else frame

        self.hosts: dict[str, str] = {}
        tags = []
        for number in range(400):
            page, host = f"{number * 7919 % 100_000:032x}", f"host{number % 10}.org"
            self.hosts[page] = host
            if host == "host0.org":
                tags.append((page, "host0.org", True, False))
            elif host == "host1.org":  # one half of it, accepted by its share
                mathematical = number % 20 == 1
                section = "math" if mathematical else "news"
                tags.append((page, f"host1.org/{section}", mathematical, True))
            elif host == "host2.org":
                tags.append((page, "host2.org", False, False))
            elif host == "host3.org" and number < 5:
                tags.append((page, "host3.org/*/algebra", True, False))
        rows = [(tag[0], self.hosts[tag[0]], *tag[1:]) for tag in tags]
        self.tagged = parted(spark.createDataFrame(rows, TAGGED))
        self.mathematical = {row[0] for row in tags if row[2]}
        pages = spark.createDataFrame(
            [
                (page, host, "en", f"page {int(page, 16)}", *keys_of(host, int(page, 16)), False)
                for page, host in self.hosts.items()
            ],
            f"page_id string, host string, language string, text string, {KEYS}, {SUSPECTED}",
        )
        self.pages = parted(pages)
        texts = spark.createDataFrame(
            [
                (f"text{n:03}", f"seed{n % 4}.edu" if n % 2 else "", "", f"text {n}")
                for n in range(200)
            ],
            TEXTS,
        )
        self.texts = parted(texts)

    def ids(self, pages: set[str] | list[str]) -> DataFrame:
        return self.spark.createDataFrame([(page,) for page in sorted(pages)], "page_id string")

    def usual_seed(self, **settings: Any) -> list[Any]:
        """Of its pages alone in round 1, chosen once with each settings."""
        key = repr(settings)
        if key not in self._chosen:
            self._chosen[key] = self.seed(settings=Train(**settings))
        return self._chosen[key]

    def seed(self, *, collected: DataFrame | None = None, **more: Any) -> list[Any]:
        settings = more.pop("settings", Train())
        frame = choose_seed(
            pages=more.pop("pages", self.pages),
            kept=lambda rows: rows.join(self.pages.select("page_id"), "page_id"),
            keys=self.pages,
            texts=more.pop("texts", None),
            tagged=self.tagged,
            already_collected=collected,
            settings=settings,
            suspects=more.pop("suspects", PLAIN),
            checkpoint=in_memory,
            text_languages=more.pop("text_languages", {"en": 1.0}),
            **more,
        )
        assert frame.columns == schema("seed").names
        return sorted(frame.collect(), key=str)


@pytest.fixture(scope="module")
def crawl(spark: SparkSession) -> Crawl:
    return Crawl(spark)


@pytest.fixture(scope="module")
def round_1(crawl: Crawl) -> list[Any]:
    return crawl.seed(texts=crawl.texts.union(crawl.texts), settings=Train(held_out=0.5))


CAPPED = Train(
    positives=110, negatives=50, max_tagged_negatives=1.0, max_host_share=0.01, min_host_cap=7
)
#: All tagged negatives for which there is room, and of each label some held out.
EVERY = {"max_tagged_negatives": 1.0, "held_out": 0.3}
#: All pages that may be negatives.
ALL_NEGATIVES = {"negatives_per_positive": 100}


@pytest.fixture(scope="module")
def capped(crawl: Crawl) -> list[Any]:
    return crawl.seed(texts=crawl.texts, settings=CAPPED)


def labelled(rows: list[Any], label: str) -> set[str]:
    return {row.page_id or row.source_id for row in rows if row.label == label}


def test_in_round_1_all_pages_under_mathematical_patterns_are_positives(
    crawl: Crawl, round_1: list[Any]
) -> None:
    rows = [row for row in round_1 if row.page_id]
    assert labelled(rows, "math") == crawl.mathematical
    origins = Counter(row.origin for row in rows)
    assert origins["pattern:host0.org"] == 40
    assert origins["auto:host1.org/math"] == 20
    assert origins["pattern:host3.org/*/algebra"] == 1
    assert all(row.source_id is None for row in rows)


def test_negatives_are_never_from_a_host_with_a_mathematical_pattern(
    crawl: Crawl, round_1: list[Any]
) -> None:
    excluded = {"host0.org", "host1.org", "host3.org"}
    negatives = labelled(round_1, "other")
    assert negatives <= {page for page, host in crawl.hosts.items() if host not in excluded}
    # As many as there are positives, and not the whole crawl.
    assert len(negatives) == len(labelled(round_1, "math"))


def test_pages_that_people_tagged_as_not_mathematical_come_first_among_the_negatives(
    crawl: Crawl,
) -> None:
    rejected = {page for page, host in crawl.hosts.items() if host == "host2.org"}
    origins = {row.page_id: row.origin for row in crawl.usual_seed(positives=50)}
    said = {page for page, origin in origins.items() if origin.startswith("not:")}
    # Half of the negatives at most, as the settings say; the others are random.
    assert len(said) == 25
    assert said < rejected
    assert {origins[page] for page in said} == {"not:host2.org"}
    assert Counter(origins.values())["random"] == 25
    # All of them where there is room; what a share decided on nobody has said.
    every = crawl.usual_seed(**EVERY)
    assert {row.page_id for row in every if row.origin.startswith("not:")} == rejected
    # None twice, and none by chance on both sides.
    assert len({row.page_id for row in every}) == len(every)
    never = crawl.usual_seed(max_tagged_negatives=0.0)
    assert not [row for row in never if row.origin.startswith("not:")]
    assert len(labelled(never, "other")) == len(labelled(every, "other"))


def test_later_rounds_take_the_pages_that_were_not_collected(crawl: Crawl) -> None:
    collected = set(sorted(crawl.mathematical)[::2])
    rows = crawl.seed(collected=crawl.ids(collected))
    assert labelled(rows, "math") == crawl.mathematical - collected


def test_a_seed_grows(crawl: Crawl, spark: SparkSession) -> None:
    first = crawl.usual_seed(positives=50)
    previous = spark.createDataFrame(first, schema("seed").spark())
    rows = crawl.seed(collected=crawl.ids(crawl.mathematical), previous_seed=previous)
    assert labelled(rows, "math") == labelled(first, "math")
    assert len(labelled(first, "math")) == 50


def test_outside_texts_are_positives(round_1: list[Any]) -> None:
    texts = [row for row in round_1 if row.source_id]
    assert len(texts) == 200  # each once, though each was given twice
    assert {(row.label, row.origin, row.page_id) for row in texts} == {("math", "seed", None)}


def test_caps(crawl: Crawl, capped: list[Any]) -> None:
    pages = Counter(row.host for row in capped if row.label == "math" and row.page_id)
    assert pages == {"host0.org": 7, "host1.org": 7, "host3.org": 1}
    texts = Counter(row.host for row in capped if row.source_id)
    assert texts["seed1.edu"] <= 7
    assert texts["seed3.edu"] <= 7
    assert texts[""] > 7  # texts without a host share no cap
    assert texts.total() == 110
    assert len(labelled(capped, "other")) == 50
    assert Counter(row.origin for row in capped)["not:host2.org"] == 7


def test_texts_and_hosts_keep_to_the_cap_in_the_seed(spark: SparkSession) -> None:
    pages = spark.createDataFrame(
        [
            (f"{n:04}", "large.org" if n < 500 else f"small{n % 20}.org", "en", "", "", False)
            for n in range(700)
        ],
        f"page_id string, host string, language string, {KEYS}, {SUSPECTED}",
    )
    tagged = pages.selectExpr("page_id", "host", "host as pattern", "true as mathematical")
    rows = choose_seed(
        pages=pages,
        kept=lambda rows: rows,
        keys=pages,
        texts=None,
        tagged=tagged.selectExpr("*", "false as automatic"),
        already_collected=None,
        settings=Train(min_host_cap=10),
        suspects=PLAIN,
        checkpoint=in_memory,
    ).collect()
    counts = Counter(row.host for row in rows if row.label == "math")
    assert counts["large.org"] == 22  # of 222
    assert {counts[f"small{n}.org"] for n in range(20)} == {10}


def test_pages_that_are_seed_texts_again_are_left_out_as_either_label(
    crawl: Crawl, spark: SparkSession
) -> None:
    host_of_page = {int(page, 16): host for page, host in crawl.hosts.items()}
    mathematical = {int(page, 16) for page in crawl.mathematical}
    [by_words, by_url, *_] = sorted(mathematical)
    ordinary = next(n for n, host in host_of_page.items() if host == "host7.org")
    texts = [
        ("t1", "", "", f"PAGE, {by_words}."),
        ("t2", "", f"https://www.{host_of_page[by_url]}/{by_url}?utm_source=x", "other words"),
        ("t3", "", f"http://host7.org/{ordinary}", "mathematics after all"),
    ]
    settings = Train(**ALL_NEGATIVES)
    with_texts = crawl.seed(texts=spark.createDataFrame(texts, TEXTS), settings=settings)
    without = crawl.usual_seed(**ALL_NEGATIVES)
    pages = {(row.page_id, row.label) for row in with_texts if row.page_id}
    gone = {(row.page_id, row.label) for row in without} - pages
    assert gone == {
        (f"{by_words:032x}", "math"),
        (f"{by_url:032x}", "math"),
        (f"{ordinary:032x}", "other"),
    }
    assert sum(row.source_id is not None for row in with_texts) == 3


@pytest.mark.parametrize(
    ("copies", "settings"),
    [
        (40, ALL_NEGATIVES),
        # So many that what is looked at first holds too few of the pages that are kept.
        (4_000, ALL_NEGATIVES | {"negatives": 150}),
    ],
)
def test_copies_are_no_negatives_and_take_no_place_of_theirs(
    crawl: Crawl, copies: int, settings: dict[str, Any]
) -> None:
    rows = [(f"{n:x}-copy", f"host{n % 10}.org", "en", False) for n in range(copies)]
    columns = f"page_id string, host string, language string, {SUSPECTED}"
    of_copies = crawl.spark.createDataFrame(rows, columns)
    pages = crawl.pages.select(of_copies.columns).unionByName(of_copies)
    chosen = crawl.seed(pages=pages, settings=Train(**settings))
    assert chosen == crawl.usual_seed(**settings)


def test_suspected_pages_are_positives_and_never_negatives(crawl: Crawl) -> None:
    """Of hosts that nobody tagged, some of each; those of tagged hosts are what was said.

    30% of host9.org are strong suspects, so all of it is suspected. 15% of host8.org are, and no
    other page of it. 5% of host7.org may be anything.
    """
    suspects = {"host0.org": 40, "host2.org": 40, "host7.org": 2, "host8.org": 6, "host9.org": 12}
    by_host: dict[str, list[str]] = {}
    for page, host in sorted(crawl.hosts.items()):
        by_host.setdefault(host, []).append(page)
    strong = {page for host, most in suspects.items() for page in by_host[host][:most]}
    pages = crawl.pages.withColumn("strongly_suspected", F.col("page_id").isin(strong))
    settings = Train(**EVERY | ALL_NEGATIVES)
    rows = crawl.seed(pages=pages, settings=settings, suspects=SUSPECTING)
    taken = [row for row in rows if row.origin == "suspected"]
    assert Counter(row.host for row in taken) == {"host8.org": 6, "host9.org": 20}
    assert {row.page_id in strong for row in taken if row.host == "host9.org"} == {True, False}
    assert {(row.label, row.held_out) for row in taken} == {("math", False)}
    random = {row.page_id for row in rows if row.origin == "random"}
    assert {crawl.hosts[page] for page in random} == {f"host{n}.org" for n in range(4, 9)}
    assert not random & strong
    assert {row.host for row in rows if row.origin.startswith("not:")} == {"host2.org"}
    assert crawl.seed(pages=pages, settings=settings) == crawl.seed(settings=settings)


def test_a_language_without_positives_gives_few_negatives(crawl: Crawl) -> None:
    chinese = F.when(F.col("host") == "host9.org", "zh").otherwise("en")
    pages = crawl.pages.withColumn("language", chinese)
    settings = Train(**ALL_NEGATIVES | {"negatives_per_positive": 2})
    few = Suspects(paper_alone=True, other_languages=0.1)
    rows = crawl.seed(pages=pages, settings=settings, suspects=few)
    counts = Counter(row.host for row in rows if row.origin == "random")
    assert counts["host9.org"] == 2
    assert counts["host8.org"] > counts["host9.org"]


def test_a_host_with_much_of_a_language_is_not_held_out(crawl: Crawl) -> None:
    chinese = F.when(F.col("host").isin("host8.org", "host9.org"), "zh").otherwise("en")
    pages = crawl.pages.withColumn("language", chinese)
    # The hash of this seed holds out hosts 3, 4 and 9.
    settings = Train(**ALL_NEGATIVES | {"held_out": 0.2, "seed": 14})
    by_hash, by_language = (
        {row.host for row in rows if row.held_out and row.label == "other"}
        for rows in (
            crawl.seed(pages=pages, settings=settings, suspects=suspects)
            for suspects in (PLAIN, PLAIN.model_copy(update={"other_languages": 0.99}))
        )
    )
    assert "host9.org" in by_hash
    assert not by_language & {"host8.org", "host9.org"}


def test_another_seed_chooses_others(crawl: Crawl) -> None:
    few = ALL_NEGATIVES | {"negatives": 150}
    one = labelled(crawl.usual_seed(**few), "other")
    assert len({crawl.hosts[page] for page in one}) > 4
    assert one != labelled(crawl.usual_seed(**few, seed=2), "other")


def test_of_few_mathematical_hosts_pages_are_held_out_and_no_whole_host(crawl: Crawl) -> None:
    rows = crawl.usual_seed(**EVERY)
    sides: dict[tuple[str, str], set[bool]] = {}
    for row in rows:
        sides.setdefault((row.label, row.host), set()).add(row.held_out)
    # host3.org has a single page.
    assert sides["math", "host0.org"] == sides["math", "host1.org"] == {True, False}
    assert all(len(found) == 1 for (label, _), found in sides.items() if label == "other")


def test_whole_hosts_are_held_out(round_1: list[Any]) -> None:
    sides: dict[str, set[bool]] = {}
    for row in round_1:
        sides.setdefault(row.host or row.source_id, set()).add(row.held_out)
    assert all(len(side) == 1 for side in sides.values())
    without_host = [row.held_out for row in round_1 if row.host == ""]
    assert 25 < sum(without_host) < 75
    assert len({row.held_out for row in round_1 if row.host}) == 2


def test_a_host_that_is_too_large_is_never_held_out(crawl: Crawl) -> None:
    # host2.org gives half of the negatives, and its hash says that it is held out.
    settings = Train(held_out=0.2, negatives=80)
    rows = crawl.seed(texts=crawl.texts, settings=settings)
    assert {row.held_out for row in rows if row.host == "host2.org"} == {False}
    assert {row.held_out for row in rows if row.label == "other"} == {True, False}
    # With fewer pages of it, it is.
    few = settings.model_copy(update={"max_tagged_negatives": 0.1})
    rows = crawl.seed(texts=crawl.texts, settings=few)
    assert {row.held_out for row in rows if row.host == "host2.org"} == {True}


def test_the_seed_does_not_depend_on_partitions(spark: SparkSession, capped: list[Any]) -> None:
    crawl = Crawl(spark, 7)
    assert crawl.seed(texts=crawl.texts, settings=CAPPED) == capped


def test_seed_lines_bring_the_features_of_every_example(spark: SparkSession) -> None:
    pages = spark.createDataFrame(
        [
            ("p1", "http://a.org/", "en", "dollar", "Prove $x^2 \\ge 0$"),
            ("p2", "http://b.org/", "zh", "", "今天天气好"),
        ],
        "page_id string, url string, language string, notations string, text string",
    )
    texts = spark.createDataFrame(
        [("t1", "", "", "A lemma"), ("t1", "", "", "A lemma"), ("t2", "", "", "Not chosen")],
        TEXTS,
    )
    seed = spark.createDataFrame(
        [
            ("p1", None, "a.org", "math", "pattern:a.org", False),
            ("p2", None, "b.org", "other", "random", True),
            (None, "t1", "", "math", "seed", False),
        ],
        schema("seed").spark(),
    )
    rows = sorted(seed_lines(seed, pages, texts, Train()).collect())
    assert [tuple(row) for row in rows] == [
        (
            *("p1", "math", False, "a.org", "http://a.org/", "dollar", "en"),
            features("prove x^2 \\ge 0", 99),
        ),
        ("p2", "other", True, "b.org", "http://b.org/", "", "zh", "今 天 天 气 好"),
        ("t1", "math", False, "", None, None, "und", "a lemma"),
    ]
