"""Pages whose furniture and content were marked by reading them, by the software that wrote them.

``marks/pages.jsonl`` has strings of real pages of the shared crawl and the shared extraction
set, by address; no page is here. Pages written for the project, one of each family, are in
``tests/text/golden``: there the content is what must come out, and all else is furniture.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from tests.bench.crawled import crawl, every, warcs
from tests.bench.interleaved import SHARED
from tests.bench.scoring import folded

MARKS = Path(__file__).with_name("marks") / "pages.jsonl"
GOLDEN = Path(__file__).parents[1] / "text" / "golden"
#: Shorter strings stand in other words: they count where they are a line.
_LONG = 12
#: Of a line, the share that makes it a line of furniture.
_MOST = 0.6
_BULLETS = re.compile(r"^(?:[-•*]\s+|\d+\.\s+)+")
_UNSEEN = "script, style, noscript, template, select, textarea, svg, button, input, math"


class Marked(NamedTuple):
    """A page and its marks."""

    software: str
    url: str
    html: bytes
    content_type: str
    content: list[str]
    furniture: list[str]
    #: Of a host that rules were not made by.
    held_out: bool


def marked_pages() -> list[Marked]:
    """All marked pages that are here: real ones where the shared crawl is."""
    return [*_real(), *golden_pages()]


def _real() -> Iterator[Marked]:
    rows = {}
    for line in MARKS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row.pop("url")] = row
    if not (crawl() / "labels.jsonl.gz").is_file():
        return
    for url, content_type, html in _pages():
        if row := rows.pop(url, None):
            yield Marked(url=url, html=html, content_type=content_type, **row)


def _pages() -> Iterator[tuple[str, str, bytes]]:
    for capture in every(warcs(), 1):
        yield capture.url, capture.content_type, capture.body
    folder = SHARED / "extraction"
    for line in (folder / "pages.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["url"], "", (folder / row["html_path"]).read_bytes()


def golden_pages() -> Iterator[Marked]:
    """Pages written for the project."""
    for path in sorted(GOLDEN.glob("*.html")):
        html = path.read_bytes()
        text = path.with_suffix(".txt").read_text(encoding="utf-8")
        content = [line for line in map(_bare, text.splitlines()) if line and "$" not in line]
        whole = folded(text)
        furniture = {
            shown for shown in _shown(html) if len(shown) > 2 and folded(shown) not in whole
        }
        yield Marked(path.stem, path.name, html, "", content, sorted(furniture), False)


def _shown(html: bytes) -> Iterator[str]:
    document = LexborHTMLParser(html)
    for unseen in document.css(_UNSEEN):
        unseen.decompose()
    if document.body is not None:
        for node in document.body.traverse(include_text=True):
            if node.is_text_node:
                yield " ".join((node.text_content or "").split())


@dataclass
class Marks:
    """How much furniture is gone and content kept, for each software and all together."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    misses: dict[str, list[str]] = field(default_factory=dict)

    def add(self, page: Marked, text: str) -> None:
        """Score what an extractor made of ``page``."""
        whole = folded(text)
        lines = Counter(folded(_bare(line)) for line in text.splitlines())
        counts: Counter[str] = Counter()
        for string in page.furniture:
            mark = folded(_bare(string))
            shown = mark in whole if len(mark) >= _LONG else mark in lines
            self._note(page, counts, "furniture", string, not shown)
        for string in page.content:
            self._note(page, counts, "content", string, folded(string) in whole)
        counts["characters"] = sum(len(line) * times for line, times in lines.items())
        counts["of furniture"] = _furniture(lines, page)
        counts["pages"] = 1
        kinds = [page.software, "all"] + (["held out"] if page.held_out else [])
        for kind in kinds:
            self.counts.setdefault(kind, Counter()).update(counts)

    def _note(
        self, page: Marked, counts: Counter[str], kind: str, string: str, right: bool
    ) -> None:
        counts[kind] += 1
        counts[f"{kind} right"] += right
        if not right:
            self.misses.setdefault(f"{page.software} {page.url}", []).append(f"{kind}: {string}")

    def rates(self, kind: str) -> tuple[float, float, float]:
        """Furniture gone, content kept, and furniture's share of characters; 1 for none asked."""
        counts = self.counts[kind]
        return (
            counts["furniture right"] / counts["furniture"] if counts["furniture"] else 1.0,
            counts["content right"] / counts["content"] if counts["content"] else 1.0,
            counts["of furniture"] / max(1, counts["characters"]),
        )


def _furniture(lines: Counter[str], page: Marked) -> int:
    """Characters of lines that are furniture, or mostly."""
    marks = [folded(_bare(string)) for string in page.furniture]
    found = 0
    for line, times in lines.items():
        if line and any(mark in line and len(mark) >= _MOST * len(line) for mark in marks):
            found += len(line) * times
    return found


def _bare(line: str) -> str:
    return _BULLETS.sub("", line.strip())


def rows_of_table(marks: dict[str, Marks]) -> Iterator[tuple[str, ...]]:
    """For each software, what each extractor does: gone / kept / share, in per cent."""
    yield ("gone / kept / share (%)", "pages", *marks)
    first: Any = next(iter(marks.values()))
    ends = ("all", "held out")
    for kind in [*sorted(kind for kind in first.counts if kind not in ends), *ends]:
        if kind in first.counts:
            yield (
                kind,
                str(first.counts[kind]["pages"]),
                *(
                    " / ".join(f"{100 * rate:.1f}" for rate in one.rates(kind))
                    for one in marks.values()
                ),
            )
