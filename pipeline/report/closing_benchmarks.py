"""What a run says of benchmarks at its end; from manifests alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.base.printing import aligned, named, visible
from pipeline.decontaminate.findings import _LONGEST_ENTRY


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
