"""What of the benchmarks can be found, what was found, and what was let pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList
from pipeline.decontaminate.benchmark_texts import Rule, texts_of
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.soft_copies import RareWords, SoftCopy, nearest
from pipeline.workspace.notes import Notes, SpacedNotes

#: Grams shown: the few that cause most false alarms come first.
TOP_GRAMS = 10
#: Soft copies told, the nearest.
_MOST_SOFT_COPIES = 20
#: Items without a text that can be found, told by name in the manifest.
MOST_NAMED = 1_000


class IndexedTexts(SpacedNotes):
    """What of a benchmark can be found.

    Each of its ``items`` counts in one of ``items_by_ngram``, ``items_by_exact`` and
    ``unseen_items`` (neither question nor answer can be found); then of their questions
    and answers those found by rule ``ngram`` and ``exact``, those ``too_short``, those
    that are a ``bare_value``, and those ``exempt``, whose every gram is allowed.
    """

    items: int
    items_by_ngram: int
    items_by_exact: int
    unseen_items: int
    ngram: int
    exact: int
    too_short: Annotated[int, Field(alias="too-short")]
    bare_value: Annotated[int, Field(alias="bare-value")]
    exempt: int


class UnseenItem(Notes):
    """An item of which nothing can be found."""

    benchmark: str
    split: str
    item: str


class TopGram(Notes):
    """A gram that hits pages; ``alone`` are those that no other gram hits."""

    rule: str
    gram: str
    pages: int
    alone: int
    benchmark: str


class AllowedEntry(Notes):
    """An entry of the allow-list, and what it exempted here."""

    entry: str
    reason: str
    pages: int
    grams: int


class Amount(Notes):
    """Pages, and the tokens in them."""

    pages: int = 0
    tokens: int = 0


class Weighed(SpacedNotes):
    """What the rule condemns, and what another would.

    ``let_pass`` are pages that hold too little of any text; ``by_paper`` are those that
    the rule ``paper`` condemns, one gram being enough.
    """

    rule: str = "paper"
    condemned: Amount = Amount()
    let_pass: Amount = Amount()
    by_paper: Amount = Amount()


class Reviewed(SpacedNotes):
    """A reviewer's rulings on pages and texts, by what the rule says of them."""

    condemned: Mapping[str, int] = {}
    let_pass: Mapping[str, int] = {}

    @property
    def precision(self) -> float | None:
        """Part of the rule's hits that are leaks or near; None where none was looked at."""
        looked_at = sum(self.condemned.values())
        return 1 - self.condemned.get("chance", 0) / looked_at if looked_at else None


class SoftCopies(SpacedNotes):
    """What was told of soft copies, and of how many pages and questions."""

    pages: int = 0
    questions: int = 0
    nearest: tuple[SoftCopy, ...] = ()


class ScanReport(SpacedNotes):
    """What a scan found, by benchmark, and what the allow-list let pass.

    ``spared_pages`` are those of ``exempted_pages`` that nothing else condemns.
    """

    pages_hit: Mapping[str, int] = {}
    items_hit: Mapping[str, int] = {}
    top_grams: tuple[TopGram, ...] = ()
    allowed: tuple[AllowedEntry, ...] = ()
    exempted_pages: int = 0
    exempted_grams: int = 0
    spared_pages: int = 0
    weighed: Weighed = Weighed()
    reviewed: Reviewed = Reviewed()


class DecontaminateNotes(ScanReport):
    """What step decontaminate notes. Without benchmarks there is nothing in it: earlier
    versions then noted no more than the first three, so all else has a default.
    """

    benchmarks: Mapping[str, IndexedTexts]
    missing_names: tuple[str, ...] = ()
    not_indexable: tuple[UnseenItem, ...] = ()
    soft_copies: SoftCopies = SoftCopies()


#: Where an item counts of whose texts one is found by the rule.
_BY_ITEM = {Rule.NGRAM: "items_by_ngram", Rule.EXACT: "items_by_exact"}


def index_report(
    items: Iterable[Item], settings: Decontaminate, allowed: AllowList | None = None
) -> dict[str, IndexedTexts]:
    """What of each benchmark can be found, by its name in alphabetical order."""
    allowed = allowed or AllowList()
    counts: dict[str, Counter[str]] = {}
    for item in items:
        count = counts.setdefault(item.benchmark, Counter())
        rules = set()
        for text in texts_of(item, settings):
            exempt = text.is_exempt(settings, allowed)
            count["exempt" if exempt else str(text.rule).replace("-", "_")] += 1
            if not exempt:
                rules.add(text.rule)
        count["items"] += 1
        count[next((name for rule, name in _BY_ITEM.items() if rule in rules), "unseen_items")] += 1
    names = IndexedTexts.model_fields
    return {
        benchmark: IndexedTexts(**{name: count[name] for name in names})
        for benchmark, count in sorted(counts.items())
    }


def not_indexable(
    items: Iterable[Item], settings: Decontaminate, allowed: AllowList
) -> list[UnseenItem]:
    """The first ``MOST_NAMED`` items of which nothing can be found."""
    named = []
    for item in items:
        texts = list(texts_of(item, settings))
        if not any(text.is_indexed and not text.is_exempt(settings, allowed) for text in texts):
            named.append(UnseenItem(benchmark=item.benchmark, split=item.split, item=item.id))
            if len(named) == MOST_NAMED:
                break
    return named


def scan_report(
    hits: DataFrame,
    passed: DataFrame,
    exempted: DataFrame,
    allowed: AllowList,
    sizes: DataFrame,
    rule: str,
) -> ScanReport:
    """Of tables ``contamination``, ``let_pass`` and ``exempted``.

    ``sizes`` (page_id, tokens) are of all pages that were looked through, ``rule`` is that
    of the settings. Entries of the list that exempt nothing are in it, too.
    """
    by_benchmark = (
        hits.groupBy("benchmark")
        .agg(
            F.count_distinct("page_id").alias("pages"),
            F.count_distinct("split", "item").alias("items"),
        )
        .collect()
    )
    by_entry = {
        row["entry"]: (row["pages"], row["grams"])
        for row in exempted.groupBy("entry")
        .agg(F.count_distinct("page_id").alias("pages"), F.count_distinct("gram").alias("grams"))
        .collect()
    }
    entries = []
    for entry in allowed.allowed:
        pages, grams = by_entry.get(entry.name, (0, 0))
        entries.append(
            AllowedEntry(entry=entry.name, reason=entry.reason, pages=pages, grams=grams)
        )
    exempted_pages = exempted.select("page_id").distinct()
    return ScanReport(
        pages_hit={row["benchmark"]: row["pages"] for row in by_benchmark},
        items_hit={row["benchmark"]: row["items"] for row in by_benchmark},
        top_grams=tuple(
            TopGram(**row.asDict()) for row in top_grams(hits).limit(TOP_GRAMS).collect()
        ),
        allowed=tuple(entries),
        exempted_pages=exempted_pages.count(),
        exempted_grams=exempted.select("gram").distinct().count(),
        spared_pages=exempted_pages.join(hits.select("page_id"), "page_id", "left_anti").count(),
        weighed=_weighed(hits, passed, sizes, rule),
        reviewed=_reviewed(hits.unionByName(passed)),
    )


def _weighed(hits: DataFrame, passed: DataFrame, sizes: DataFrame, rule: str) -> Weighed:
    condemned = hits.select("page_id").distinct().withColumn("condemned", F.lit(True))
    traced = hits.select("page_id").union(passed.select("page_id")).distinct()
    amounts = {
        row["condemned"]: Amount(pages=row["pages"], tokens=row["tokens"])
        for row in traced.join(condemned, "page_id", "left")
        .join(sizes, "page_id")
        .groupBy(F.col("condemned").isNotNull().alias("condemned"))
        .agg(F.count("*").alias("pages"), F.sum("tokens").alias("tokens"))
        .collect()
    }
    held, too_little = amounts.get(True, Amount()), amounts.get(False, Amount())
    both = Amount(pages=held.pages + too_little.pages, tokens=held.tokens + too_little.tokens)
    return Weighed(rule=rule, condemned=held, let_pass=too_little, by_paper=both)


def _reviewed(traces: DataFrame) -> Reviewed:
    counted = (
        traces.where("ruling != ''")
        .groupBy("by_rule", "ruling")
        .agg(F.count_distinct("page_id", "benchmark", "split", "item", "field").alias("pairs"))
        .collect()
    )
    by_rule, others = (
        {row["ruling"]: row["pairs"] for row in counted if row["by_rule"] == which}
        for which in (True, False)
    )
    return Reviewed(condemned=by_rule, let_pass=others)


def soft_copies(items: Sequence[Item], pages: DataFrame, hits: DataFrame, most: int) -> SoftCopies:
    """Of at most ``most`` of the ``pages`` (page_id, text) that nothing condemns, sampled evenly.

    They come to this process one by one; ``nearest`` bounds what is looked at of each.
    """
    if not most:
        return SoftCopies()
    clean = pages.join(hits.select("page_id"), "page_id", "left_anti")
    step = max(1, clean.count() // most)
    sampled = clean.where(F.pmod(F.xxhash64("page_id"), F.lit(step)) == 0)
    chosen = sampled.select("page_id", "text").orderBy("page_id").limit(most)
    rare, looked_at = RareWords(items), 0

    def texts() -> Iterator[tuple[str, str]]:
        nonlocal looked_at
        for row in chosen.toLocalIterator():
            looked_at += 1
            yield row["page_id"], row["text"]

    copies = nearest(rare, texts(), _MOST_SOFT_COPIES)
    return SoftCopies(
        questions=rare.looked_for,
        nearest=tuple(copies),
        pages=looked_at,
    )


def top_grams(hits: DataFrame) -> DataFrame:
    """rule, gram, pages, alone (pages that no other gram hits), benchmark (one); most first.

    As the view ``contaminating_grams`` of schemas/views.sql has it.
    """
    grams = hits.groupBy("rule", "gram", "page_id").agg(F.min("benchmark").alias("benchmark"))
    alone = grams.groupBy("page_id").agg((F.count("*") == 1).cast("int").alias("alone"))
    return (
        grams.join(alone, "page_id")
        .groupBy("rule", "gram")
        .agg(
            F.count("*").alias("pages"),
            F.sum("alone").alias("alone"),
            F.min("benchmark").alias("benchmark"),
        )
        .orderBy(F.desc("pages"), "gram", "rule")
    )
