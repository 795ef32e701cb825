"""Pages of text, made up, any number of them: what extraction would have made of a crawl.

A page is a function of its number, so that any task makes its own. One host of ten writes of
mathematics, in words of its own beside common ones; one page in ten is another one again,
at another address. There is no HTML: what is measured with these is what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.base.outcomes import READ, Outcome
from pipeline.extract.page_row import Row
from pipeline.extract.warc_rows import batches_of
from pipeline.loop.batches import Batches, pages_step
from pipeline.loop.step import Build, Step
from pipeline.web.urls import page_id
from pipeline.workspace.manifest import Counts
from pipeline.workspace.table_schemas import extracted_schema, schema, spark_schema

#: Pages of a host.
PAGES_OF_HOST = 50
#: Of so many hosts one is about mathematics.
HOSTS_A_MATH_HOST = 10
#: Of so many pages one is the page before it again.
COPY_EVERY = 10
#: Different words that all pages use, and those of either kind of page.
_COMMON, _OWN = 20_000, 2_000
#: The share of a page's words that are of its kind.
_OWN_SHARE = 0.15
_EPOCH = datetime(2024, 3, 1, tzinfo=UTC)


def host_of_page(number: int) -> str:
    """``math10.example`` or ``talk11.example``."""
    host = number // PAGES_OF_HOST
    return f"{'talk' if host % HOSTS_A_MATH_HOST else 'math'}{host}.example"


def text_of_page(number: int, words: int) -> str:
    """The text, of so many words; a copy has that of the page before it."""
    original = number - 1 if number % COPY_EVERY == COPY_EVERY - 1 else number
    kind = "theorem" if host_of_page(original).startswith("math") else "weekend"
    rng = np.random.default_rng(original)
    # The logarithm of a word's rank is spread evenly: Zipf's law.
    common = np.exp(rng.random(words) * np.log(_COMMON)).astype(int).tolist()
    own = np.exp(rng.random(words) * np.log(_OWN)).astype(int).tolist()
    is_own = (rng.random(words) < _OWN_SHARE).tolist()
    chosen_words = [
        f"{kind}{mine}" if chosen else f"word{rank}"
        for rank, mine, chosen in zip(common, own, is_own, strict=True)
    ]
    return " ".join(chosen_words)


def text_pages_step(
    crawl: str, files: Mapping[str, range], words: int, files_a_batch: int = 40
) -> Step:
    """A step that makes the pages of ``files``, which stand for WARCs: by name their numbers.

    Each page has so many ``words``.
    """

    def build(build: Build) -> Counts:
        with Batches(build, crawl, lambda _, __: True) as batches:
            done = batches.names()
            todo = [name for name in files if name not in done]
            for start in range(0, len(todo), files_a_batch):
                group = [(name, files[name]) for name in todo[start : start + files_a_batch]]
                rows = build.spark.range(0, len(group), 1, len(group)).mapInArrow(
                    partial(_made, crawl, group, words), spark_schema(extracted_schema())
                )
                batches.add(rows, {name: str(numbers) for name, numbers in group})
            counts = batches.finish(nothing="no page", expected="pages", look_at="this bench")
        build.stage_rows(
            build.workspace.warcs(crawl),
            (
                dict.fromkeys(schema("warcs").names) | {"name": name, "address": name}
                for name in files
            ),
        )
        return counts

    return pages_step(
        "extract",
        crawl,
        inputs=lambda _: {"files": " ".join(sorted(files))},
        build=build,
        cost=lambda _, __: "",
    )


def _made(
    crawl: str, files: list[tuple[str, range]], words: int, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for index in batch.column(0).to_pylist():
            yield from batches_of(_rows_of_file(crawl, *files[index], words))


def _rows_of_file(crawl: str, name: str, numbers: range, words: int) -> Iterator[Row]:
    for place, number in enumerate(numbers):
        yield {"table": "pages", "crawl": crawl, "warc": name, **_page(name, place, number, words)}
    count = {"table": "ledger", "crawl": crawl, "warc": name, "kind": "count"}
    for outcome in (READ, Outcome.PAGE):
        yield count | {"outcome": outcome, "records": len(numbers)}


def _page(name: str, place: int, number: int, words: int) -> dict[str, Any]:
    host, offset = host_of_page(number), 1_000 * place
    return {
        "page_id": page_id(name, offset),
        "url": f"https://{host}/part{number % 3}/page{number}",
        "host": host,
        "registered_domain": host,
        "fetch_time": _EPOCH + timedelta(seconds=number),
        "language": "en",
        "title": f"Page {number}",
        "text": text_of_page(number, words),
        "words": words,
        "tokens": 2 * words,
        "formulas": 0,
        "notations": "",
        "encoding": "utf-8",
        "warc_offset": offset,
        "warc_length": 1_000,
    }
