"""What of the benchmarks can be found, what was found, and what was let pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config import Decontaminate
from pipeline.decontaminate.allowed import AllowList
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.texts import Rule, texts_of
from pipeline.printing import aligned, named, visible

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


def report_lines(notes: Mapping[str, Any]) -> list[str]:
    """The notes of step decontaminate, for a person."""
    if not notes["benchmarks"]:
        return ["NOT DECONTAMINATED: no benchmarks were given (decontaminate.benchmarks)"]
    lines = _benchmark_lines(notes)
    if notes["top grams"]:
        lines += ["", *_gram_lines(notes)]
    if notes["allowed"]:
        lines += ["", *_allowed_lines(notes)]
    if notes["missing names"]:
        lines.append(f"NOT FOUND: no benchmark named {named(notes['missing names'])}")
    return lines


def _benchmark_lines(notes: Mapping[str, Any]) -> list[str]:
    benchmarks = notes["benchmarks"]
    rows = [
        ["benchmark", "items", "by n-grams", "by exact match", "not indexable", "items hit",
         "pages hit"]
    ]  # fmt: skip
    for name, line in benchmarks.items():
        counts = [line[k] for k in ("items", "items by ngram", "items by exact", "unseen items")]
        counts += [notes[key].get(name, 0) for key in ("items hit", "pages hit")]
        rows.append([name, *(f"{count:,}" for count in counts)])
    items = sum(line["items"] for line in benchmarks.values())
    unseen = sum(line["unseen items"] for line in benchmarks.values())
    return [
        f"decontaminated against {len(benchmarks)} benchmarks, {items:,} items, "
        f"{unseen:,} of them too short to be found",
        *aligned(rows),
    ]


def _gram_lines(notes: Mapping[str, Any]) -> list[str]:
    rows = [["pages hit", "by it alone", "rule", "of", "the grams that hit most"]]
    for top in notes["top grams"]:
        rows.append(
            [f"{top['pages']:,}", f"{top['alone']:,}", top["rule"], top["benchmark"], top["gram"]]
        )
    return aligned(rows)


def _allowed_lines(notes: Mapping[str, Any]) -> list[str]:
    rows = [["pages", "grams", "allowed, and exempted from the rules"]]
    for entry in notes["allowed"]:
        if entry["pages"]:
            short = visible(entry["entry"], _LONGEST_ENTRY)
            rows.append([f"{entry['pages']:,}", f"{entry['grams']:,}", short])
    unused = [entry for entry in notes["allowed"] if not entry["pages"]]
    lines = [
        f"exempted {notes['exempted grams']:,} grams in {notes['exempted pages']:,} pages, "
        f"{notes['spared pages']:,} of which nothing else condemns"
    ]
    if len(rows) > 1:
        lines += aligned(rows)
    if unused:
        lines.append(
            f"{len(unused)} of {len(notes['allowed'])} allowed entries exempt nothing here"
        )
    return lines
