import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pipeline.config.settings import Dedupe
from pipeline.dedupe.components import Checkpoint
from pipeline.dedupe.page_signatures import describe_pages
from pipeline.dedupe.pool import build_pool, duplicate_counts
from pipeline.workspace.table_schemas import schema
from tests.checkpoints import in_memory

SETTINGS = Dedupe()
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
PAGES = "page_id string, url string, text string, formulas int, fetch_time timestamp"


@dataclass(frozen=True)
class Page:
    page_id: str
    url: str
    text: str
    formulas: int = 0
    fetch_time: datetime = NOON


@dataclass(frozen=True)
class Fate:
    cluster: str
    kept_page_id: str
    method: str | None
    similarity: float | None


def table(spark: SparkSession, pages: Iterable[Page], partitions: int = 2) -> DataFrame:
    rows = [asdict(page) for page in pages]
    return spark.createDataFrame(rows, StructType.fromDDL(PAGES)).repartition(partitions)


def pool_of(
    pages: DataFrame, settings: Dedupe, checkpoint: Checkpoint, partitions: int = 2
) -> DataFrame:
    signatures = checkpoint(describe_pages(pages, settings), "signatures").repartition(partitions)
    texts = pages.select("page_id", "text") if settings.verify else None
    return build_pool(signatures, settings, checkpoint=checkpoint, texts=texts).pool


def fates(pool: DataFrame) -> dict[str, Fate]:
    rows = [row.asDict() for row in pool.collect()]
    found = {row.pop("page_id"): Fate(**row) for row in rows}
    assert len(found) == len(rows)
    return found


class Writer:
    """Texts of random words, and copies of them that differ as copies do."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, count: int = 200) -> list[str]:
        return [f"w{self.random.randrange(50_000)}" for _ in range(count)]

    def chinese(self, count: int = 200) -> list[str]:
        return [chr(self.random.randrange(0x4E00, 0x9FA5)) for _ in range(count)]

    def edited(self, text: list[str], jaccard: float) -> list[str]:
        """About that Jaccard similarity of 5-word shingles: a run at the end replaced."""
        shingles = len(text) - 4
        replaced = round(shingles * (1 - jaccard) / (1 + jaccard))
        return text[: len(text) - replaced] + self.text(replaced)


def planted(seed: int) -> tuple[list[Page], dict[str, list[str]], dict[str, str]]:
    """Pages, the families among them that are one page, and what drops each copy.

    ``page_id`` is random, so that a family's best copy may have any rank in it.
    """
    writer = Writer(seed)
    pages: list[Page] = []
    families: dict[str, list[str]] = {}
    methods: dict[str, str] = {}

    def add(family: str, url: str, text: str, method: str, formulas: int = 0) -> None:
        page_id = f"{writer.random.getrandbits(128):032x}"
        pages.append(Page(page_id, url, text, formulas))
        families.setdefault(family, []).append(page_id)
        methods[page_id] = method

    for index in range(12):
        site = f"https://site{index}.org"
        words = writer.chinese() if index % 3 == 0 else writer.text()
        text = ("" if index % 3 == 0 else " ").join(words)
        # The first of each family has more formulas than its copies: it is kept.
        add(f"url{index}", f"{site}/u", text, "kept", formulas=3)
        add(f"url{index}", f"http://www.site{index}.org/u/?utm_source=x", text, "url")
        add(f"url{index}", f"{site}/u#part", " ".join(writer.text()), "url")

        words = writer.chinese() if index % 3 == 0 else writer.text()
        add(f"exact{index}", f"{site}/e", " ".join(words), "kept", formulas=2)
        add(f"exact{index}", f"{site}/copy", "\n\n".join(words).upper(), "exact")
        add(f"exact{index}", "https://mirror.net/e" + str(index), " , ".join(words), "exact")

        words = writer.chinese() if index % 3 == 0 else writer.text()
        add(f"near{index}", f"{site}/n", " ".join(words), "kept", formulas=2)
        light = writer.edited(words, 0.9)
        add(f"near{index}", f"{site}/n2", " ".join(light), "minhash")
        view = ["print", "this", "page", *words, "back", "to", "top"]
        add(f"near{index}", f"{site}/n?print=1", " ".join(view), "minhash")

        words = writer.text()
        add(f"single{index}", f"{site}/s?page=1", " ".join(words), "kept")
        alike = writer.edited(words, 0.35)
        add(f"alike{index}", f"{site}/s?page=2", " ".join(alike), "kept")
    return pages, families, methods


def copies_to_choose_from() -> list[Page]:
    """Pairs under one URL: ``RULE-1`` is to be kept. Whatever decides after the rule
    at hand speaks for the other one."""
    writer = Writer(1)
    later = NOON + timedelta(microseconds=1)
    pages = []
    for rule in ("formulas", "length", "time", "id"):
        text = " ".join(writer.text())
        loser = Page(f"{rule}-0", f"https://choice.org/{rule}", text)
        winner = replace(loser, page_id=f"{rule}-1")
        if rule == "formulas":
            loser = replace(loser, text=f"{text} !!", fetch_time=later)
            winner = replace(winner, formulas=1)
        elif rule == "length":
            loser = replace(loser, fetch_time=later)
            winner = replace(winner, text=f"{text} !")
        elif rule == "time":
            winner = replace(winner, fetch_time=later)
        else:
            loser = replace(loser, page_id="id-2")
        pages += [loser, winner]
    return pages


def copies_of_copies() -> list[Page]:
    """4 is 3 by URL, 3 is 2 by text, 2 is 5 by MinHash, 1 is 5 by URL."""
    writer = Writer(2)
    words = writer.text()
    text = " ".join(words)
    return [
        Page("way-4", "http://way.org/a/", text, formulas=0),
        Page("way-3", "https://way.org/a", text, formulas=1),
        Page("way-2", "https://way.org/b", text.upper(), formulas=2),
        Page("way-5", "https://way.org/c", " ".join(writer.edited(words, 0.95)), formulas=3),
        Page("way-1", "http://www.way.org/c", " ".join(writer.text()), formulas=2),
    ]


def pages_without_a_word() -> list[Page]:
    texts = ["", "+ + =", "= + +", "+  +\n="]
    return [Page(f"sign-{i}", f"https://signs.org/{i}", text) for i, text in enumerate(texts)]


def all_pages() -> list[Page]:
    pages, _, _ = planted(3)
    return [*pages, *copies_to_choose_from(), *copies_of_copies(), *pages_without_a_word()]


def chain() -> list[Page]:
    """Each is much like the next one, and the first like the last not at all."""
    words = Writer(4).text(800)
    pages = [
        Page(f"chain-{index:02d}", f"https://c.org/{index}", " ".join(words[20 * index :][:400]))
        for index in range(20)
    ]
    return [*pages[:-1], replace(pages[-1], formulas=1)]


def pages_of_one_template() -> list[Page]:
    words = " ".join(Writer(5).text(400))
    return [
        Page(f"template-{index:04d}", f"https://example.org/{index}", f"{words} {index}")
        for index in range(TEMPLATE)
    ]


TEMPLATE = 400


@dataclass(frozen=True)
class Pool:
    fates: dict[str, Fate]
    counts: dict[str, int]
    #: The most edges that were ever written down.
    edges: int


@pytest.fixture(scope="module")
def pools(spark: SparkSession) -> dict[int, Pool]:
    """The pool of all the pages above, from 1 and from 7 partitions."""
    made = {}
    for partitions in (1, 7):
        edges = [0]

        def keep(rows: DataFrame, name: str, edges: list[int] = edges) -> DataFrame:
            kept = in_memory(rows, name)
            if name.startswith("components"):
                edges.append(kept.count())
            return kept

        pages = [*all_pages(), *chain(), *pages_of_one_template()]
        random.Random(partitions).shuffle(pages)
        pool = pool_of(table(spark, pages, partitions), SETTINGS, keep, partitions)
        pool = keep(pool, "pool")
        counts = {row.method: row.rows for row in duplicate_counts(pool).collect()}
        made[partitions] = Pool(fates(pool), counts, max(edges))
    return made


def test_the_pool_is_the_same_with_any_number_of_partitions(pools: dict[int, Pool]) -> None:
    assert pools[7].fates == pools[1].fates
    assert pools[7].counts == pools[1].counts


def test_every_page_is_in_the_pool_once_and_the_counts_say_so(pools: dict[int, Pool]) -> None:
    pages = [*all_pages(), *chain(), *pages_of_one_template()]
    assert pools[7].fates.keys() == {page.page_id for page in pages}
    assert sum(pools[7].counts.values()) == len(pages)
    methods = Counter(fate.method or "kept" for fate in pools[7].fates.values())
    assert pools[7].counts == methods


def test_planted_copies_become_one_page_and_all_else_is_kept(pools: dict[int, Pool]) -> None:
    _, families, methods = planted(3)
    pool = pools[7].fates
    for family, members in families.items():
        best = members[0]
        assert {pool[member].kept_page_id for member in members} == {best}, family
        assert {pool[member].cluster for member in members} == {min(members)}, family
    assert {page_id: pool[page_id].method or "kept" for page_id in methods} == methods


def test_similarity_is_that_of_the_page_and_the_one_kept(pools: dict[int, Pool]) -> None:
    _, families, methods = planted(3)
    pool = pools[7].fates
    for page_id, method in methods.items():
        if method == "kept":
            assert pool[page_id].similarity is None
        if method == "exact":
            assert pool[page_id].similarity == 1.0
    for index in range(12):
        _, same_text, other_text = families[f"url{index}"]
        assert pool[same_text].similarity == 1.0
        assert pool[other_text].similarity == 0.0
        for near in families[f"near{index}"][1:]:
            # About 0.92, give or take four standard errors of 0.026.
            assert pool[near].similarity == pytest.approx(0.92, abs=0.11)


def test_of_copies_the_one_with_more_formulas_then_text_then_newer_then_smaller_id_is_kept(
    pools: dict[int, Pool],
) -> None:
    for page in copies_to_choose_from():
        rule, _ = page.page_id.split("-")
        assert pools[7].fates[page.page_id].kept_page_id == f"{rule}-1"


def test_a_page_dropped_early_names_the_copy_that_is_kept_in_the_end(
    pools: dict[int, Pool],
) -> None:
    found = {page.page_id: pools[7].fates[page.page_id] for page in copies_of_copies()}
    assert {page_id: fate.method for page_id, fate in found.items()} == {
        "way-1": "url",
        "way-2": "minhash",
        "way-3": "exact",
        "way-4": "url",
        "way-5": None,
    }
    assert {fate.kept_page_id for fate in found.values()} == {"way-5"}
    assert {fate.cluster for fate in found.values()} == {"way-1"}
    # 2, 3 and 4 have one text, and are compared with the page kept, not the next copy.
    assert found["way-2"].similarity == found["way-3"].similarity == found["way-4"].similarity
    assert found["way-2"].similarity == pytest.approx(0.95, abs=0.09)


def test_pages_without_a_word_are_one_only_where_their_signs_are(pools: dict[int, Pool]) -> None:
    methods = {p.page_id: pools[7].fates[p.page_id].method for p in pages_without_a_word()}
    assert methods == {"sign-0": None, "sign-1": "exact", "sign-2": None, "sign-3": None}


def test_a_chain_of_near_copies_is_one_cluster_though_its_ends_differ(
    pools: dict[int, Pool],
) -> None:
    pool = [pools[7].fates[page.page_id] for page in chain()]
    assert {fate.cluster for fate in pool} == {"chain-00"}
    assert {fate.kept_page_id for fate in pool} == {"chain-19"}
    assert min(fate.similarity for fate in pool if fate.similarity is not None) < 0.2


def test_one_template_on_many_pages_costs_edges_in_proportion(pools: dict[int, Pool]) -> None:
    """Copies that share every band: one edge each, not one for each pair or band."""
    # Numbers of three digits make the longest text; of those the smallest id.
    kept = Counter(pools[7].fates[page.page_id].kept_page_id for page in pages_of_one_template())
    assert kept == {"template-0100": TEMPLATE}
    assert TEMPLATE <= pools[7].edges < 3 * TEMPLATE


@pytest.mark.parametrize("pages", [[], [Page("0", "https://example.org/", "one page alone")]])
def test_nothing_and_a_single_page_have_a_pool_of_the_declared_columns(
    spark: SparkSession, checkpoint: Checkpoint, pages: list[Page]
) -> None:
    pool = pool_of(table(spark, pages), SETTINGS, checkpoint)
    kept = {page.page_id: Fate(page.page_id, page.page_id, None, None) for page in pages}
    assert fates(pool) == kept
    assert [(field.name, field.dataType.simpleString()) for field in pool.schema] == [
        (column.name, column.type) for column in schema("pool").columns
    ]
