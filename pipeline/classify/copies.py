"""Pages of the crawl that a seed holds already, as texts from outside.

OpenWebMath was itself mined out of Common Crawl, so its pages come again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.dedupe.keys import comparable_words, text_key, url_key


def without_copies(chosen: DataFrame, pages: DataFrame, texts: DataFrame) -> DataFrame:
    """``chosen`` without the pages that have a chosen text's canonical URL or its words.

    ``chosen`` has page_id and source_id, one of them null; ``pages`` has page_id, url
    and text, ``texts`` source_id, url (empty where there is none) and text. Both may be
    far larger than what is chosen: keys are made of that alone.
    """
    # As many rows as the settings allow; what is beside them is never shuffled.
    pages_chosen = F.broadcast(chosen.where("page_id IS NOT NULL").select("page_id"))
    texts_chosen = F.broadcast(chosen.where("source_id IS NOT NULL").select("source_id"))
    of_pages = _keys(pages.join(pages_chosen, "page_id", "left_semi"), "page_id")
    of_texts = _keys(texts.join(texts_chosen, "source_id", "left_semi"), "source_id")
    copies = of_pages.join(of_texts.select("key"), "key", "left_semi").select("page_id").distinct()
    return chosen.join(copies, "page_id", "left_anti")


def _keys(rows: DataFrame, name: str) -> DataFrame:
    """The id called ``name`` and a key; two keys for each of ``rows``, one without a URL."""

    def keyed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            ids: list[str] = []
            keys: list[str] = []
            for scalar, url, text in zip(batch[name], batch["url"], batch["text"], strict=True):
                found = [f"text {text_key(comparable_words(text.as_py()))}"]
                if address := url.as_py():
                    found.append(f"url {url_key(address)}")
                keys += found
                ids += [scalar.as_py()] * len(found)
            yield pa.RecordBatch.from_arrays([pa.array(ids), pa.array(keys)], [name, "key"])

    return rows.select(name, "url", "text").mapInArrow(keyed, f"{name} string, key string")
