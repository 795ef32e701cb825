"""Hits and near misses shown to a person, item and page side by side, and the rulings kept.

Read without Spark. The most doubtful come first: those whose share of the text is nearest to
what the rule asks for.
"""

from __future__ import annotations

import heapq
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pyarrow.dataset as ds

from pipeline.base.printing import visible
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.rulings import RULINGS, Ruling, Rulings, Subject, keep_ruling

#: Traces of the tables that are looked at, the most doubtful; and what of each pair is shown.
MOST_TRACES = 5_000
_MOST_EXCERPTS = 3
_LONGEST_ITEM = 1_200
_KEYS: Mapping[str, Ruling] = {ruling[0]: ruling for ruling in RULINGS}
_SKIP, _QUIT = "s", "q"
_GAP = " | "


@dataclass(frozen=True, slots=True)
class Case:
    """A page and a benchmark text that it holds a part of."""

    page_id: str
    subject: Subject
    share: float
    words: int
    condemned: bool
    excerpts: tuple[str, ...]


def doubtful(rows: Iterable[Mapping[str, Any]], least_share: float) -> list[Case]:
    """Cases of rows of ``contamination`` and ``let_pass`` (with ``condemned``), worst first.

    At most ``MOST_TRACES`` rows are kept, however many there are.
    """

    def certainty(row: Mapping[str, Any]) -> tuple[float, bool, int, str]:
        return (
            abs(row["share"] - least_share), not row["condemned"], row["words"], row["page_id"]
        )  # fmt: skip

    cases: dict[tuple[str, Subject], list[Mapping[str, Any]]] = {}
    for row in heapq.nsmallest(MOST_TRACES, rows, key=certainty):
        subject = Subject(row["benchmark"], row["split"], row["item"], row["field"])
        cases.setdefault((row["page_id"], subject), []).append(row)
    return [
        Case(
            page_id,
            subject,
            of_case[0]["share"],
            of_case[0]["words"],
            of_case[0]["condemned"],
            tuple(row["context"] for row in of_case[:_MOST_EXCERPTS]),
        )
        for (page_id, subject), of_case in cases.items()
    ]


def rows_of(files: Sequence[Path], *, condemned: bool) -> Iterator[dict[str, Any]]:
    """Rows of the files of a table of traces, in batches, as :func:`doubtful` takes them."""
    columns = ["page_id", *Subject._fields, "share", "words", "context"]
    if not files:
        return
    for batch in ds.dataset([str(path) for path in files]).to_batches(
        columns=columns, batch_size=1_000
    ):
        for row in batch.to_pylist():
            yield {**row, "condemned": condemned}


def side_by_side(left: str, right: str, width: int) -> list[str]:
    """Two texts in columns, ``width`` characters of the terminal in all, escaped."""
    half = max(10, (width - len(_GAP)) // 2)
    columns = [list(_wrapped(text, half)) for text in (left, right)]
    height = max(map(len, columns))
    for column in columns:
        column += [""] * (height - len(column))
    return [
        (one + " " * (half - _cells(one)) + _GAP + other).rstrip()
        for one, other in zip(*columns, strict=True)
    ]


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in text.splitlines() or [""]:
        row, cells = "", 0
        for character in visible(line):
            size = _cells(character)
            if cells + size > width:
                # At a space where there is one, and wherever it must where there is none.
                head, space, rest = row.rpartition(" ")
                yield head if space else row
                row = rest if space else ""
                cells = _cells(row)
            row += character
            cells += size
        yield row


def _cells(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def shown(case: Case, item: Item | None, width: int, place: str) -> list[str]:
    """A case for a person: what it is, then item and page."""
    text = f"({case.subject.item} is not among the benchmarks now)"
    if item is not None:
        answered = f"\n\nAnswer: {item.answer}" if item.answer else ""
        text = f"{item.question}{answered}"
        if case.subject.field == "answer":
            text = f"Question: {item.question}\n\nAnswer, which the page holds: {item.answer}"
    verdict = "condemned" if case.condemned else "let pass"
    name = " ".join(case.subject)
    return [
        "=" * width,
        visible(
            f"{place} {verdict}: page {case.page_id}, {name}: "
            f"{case.share:.0%} of the text, {case.words} telling words",
            2 * width,
        ),
        "-" * width,
        *side_by_side(text[:_LONGEST_ITEM], "\n\n[…]\n\n".join(case.excerpts), width),
        "-" * width,
    ]


def review(
    cases: Sequence[Case],
    items: Mapping[tuple[str, str, str], Item],
    path: Path,
    reviewer: str,
    ask: Callable[[str], str],
    out: TextIO = sys.stdout,
    width: int = 100,
) -> Counter[tuple[bool, Ruling]]:
    """Ask a ruling on each case, and keep it; how many of each kind were given.

    ``ask`` gives the key that was pressed, empty at the input's end.
    """
    given: Counter[tuple[bool, Ruling]] = Counter()
    for number, case in enumerate(cases, start=1):
        item = items.get(case.subject[:3])
        print("\n".join(shown(case, item, width, f"{number}/{len(cases)}")), file=out)
        key = ""
        while key not in (*_KEYS, _SKIP, _QUIT):
            key = ask("[l]eak  [n]ear  [c]hance  [s]kip  [q]uit ? ").strip().lower() or _QUIT
        if key == _QUIT:
            break
        if key != _SKIP:
            keep_ruling(path, case.page_id, case.subject, _KEYS[key], reviewer)
            given[case.condemned, _KEYS[key]] += 1
    return given


def unruled(cases: Iterable[Case], rulings: Rulings) -> list[Case]:
    """The cases on which nobody has ruled yet."""
    return [case for case in cases if case.subject not in rulings.get(case.page_id, {})]


def summary(given: Counter[tuple[bool, Ruling]]) -> str:
    """What was ruled, for the last line."""
    hits = {ruling: given[True, ruling] for ruling in RULINGS}
    looked_at = sum(hits.values())
    line = f"{sum(given.values())} rulings kept"
    if looked_at:
        true = looked_at - hits["chance"]
        line += (
            f"; of {looked_at} condemned, {true} leaks or near: precision {true / looked_at:.0%}"
        )
    return line
