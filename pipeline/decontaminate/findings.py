"""What of the benchmarks can be found, what was found, and what was let pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList
from pipeline.decontaminate.benchmark_texts import Rule, texts_of
from pipeline.decontaminate.benchmarks import Item

#: Grams shown: the few that cause most false alarms come first.
TOP_GRAMS = 10
#: Characters of an allowed entry that are shown.
_LONGEST_ENTRY = 60
#: Items without a text that can be found, told by name in the manifest.
MOST_NAMED = 1_000


def index_report(
    items: Iterable[Item], settings: Decontaminate, allowed: AllowList | None = None
) -> dict[str, dict[str, int]]:
    """What of each benchmark can be found, by its name in alphabetical order.

    ``items``, each of which counts in one of ``items by ngram``, ``items by exact``
    and ``unseen items`` (neither question nor answer can be found); then of their
    questions and answers those found by rule ``ngram`` and ``exact``, those
    ``too-short``, those that are a ``bare-value``, and those ``exempt``, whose every
    gram is allowed.
    """
    allowed = allowed or AllowList()
    by_item = {Rule.NGRAM: "items by ngram", Rule.EXACT: "items by exact"}
    keys = ["items", *by_item.values(), "unseen items", *Rule, "exempt"]
    report: dict[str, dict[str, int]] = {}
    for item in items:
        line = report.setdefault(item.benchmark, dict.fromkeys(map(str, keys), 0))
        rules = set()
        for text in texts_of(item, settings):
            exempt = text.is_exempt(settings, allowed)
            line["exempt" if exempt else str(text.rule)] += 1
            if not exempt:
                rules.add(text.rule)
        line["items"] += 1
        line[next((name for rule, name in by_item.items() if rule in rules), "unseen items")] += 1
    return dict(sorted(report.items()))


def not_indexable(
    items: Iterable[Item], settings: Decontaminate, allowed: AllowList
) -> list[dict[str, str]]:
    """The first ``MOST_NAMED`` items of which nothing can be found."""
    named = []
    for item in items:
        texts = list(texts_of(item, settings))
        if not any(text.found and not text.is_exempt(settings, allowed) for text in texts):
            named.append({"benchmark": item.benchmark, "split": item.split, "item": item.id})
            if len(named) == MOST_NAMED:
                break
    return named


def scan_report(hits: DataFrame, exempted: DataFrame, allowed: AllowList) -> dict[str, Any]:
    """The notes of a scan, of tables ``contamination`` and ``exempted``.

    ``pages hit`` and ``items hit`` by benchmark; ``top grams``; ``allowed`` with the
    pages and grams that each entry exempted, the unused ones too; ``exempted pages``
    and ``exempted grams`` in all, and ``spared pages``, which nothing else condemns.
    """
    found = (
        hits.groupBy("benchmark")
        .agg(
            F.count_distinct("page_id").alias("pages"),
            F.count_distinct("split", "item").alias("items"),
        )
        .collect()
    )
    by_entry = {
        row["entry"]: row
        for row in exempted.groupBy("entry")
        .agg(F.count_distinct("page_id").alias("pages"), F.count_distinct("gram").alias("grams"))
        .collect()
    }
    pages = exempted.select("page_id").distinct()
    return {
        "pages hit": {row["benchmark"]: row["pages"] for row in found},
        "items hit": {row["benchmark"]: row["items"] for row in found},
        "top grams": [row.asDict() for row in top_grams(hits).limit(TOP_GRAMS).collect()],
        "allowed": [
            {
                "entry": entry.name,
                "reason": entry.reason,
                "pages": by_entry[entry.name]["pages"] if entry.name in by_entry else 0,
                "grams": by_entry[entry.name]["grams"] if entry.name in by_entry else 0,
            }
            for entry in allowed.allowed
        ],
        "exempted pages": pages.count(),
        "exempted grams": exempted.select("gram").distinct().count(),
        "spared pages": pages.join(hits.select("page_id"), "page_id", "left_anti").count(),
    }


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
