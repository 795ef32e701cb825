"""Pages of the crawl that a seed holds already, as texts from outside.

OpenWebMath was itself mined out of Common Crawl, so its pages come again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.text.text_key import comparable_words, text_key
from pipeline.web.canonical import url_key

_KEYS = ["source_id", "url_key", "text_key"]


def without_copies(chosen: DataFrame, keys: DataFrame, texts: DataFrame) -> DataFrame:
    """``chosen`` without the pages that have a chosen text's canonical URL or its words.

    ``chosen`` has page_id and source_id, one of them null; ``keys`` has page_id,
    url_key and text_key as deduplication made them, ``texts`` source_id, url (empty
    where there is none) and text. Both may be far larger than what is chosen.
    """
    # As many rows as the settings allow; what is beside them is never shuffled.
    texts_chosen = F.broadcast(chosen.where("source_id IS NOT NULL").select("source_id"))
    keys_of_texts = _keys(texts.join(texts_chosen, "source_id", "left_semi"))
    of_texts = F.broadcast(
        keys_of_texts.select(F.explode(F.array("url_key", "text_key")).alias("key"))
    )
    # A hash of a URL and one of words never meet but by chance, at 128 bits.
    of_pages = keys.select("page_id", F.explode(F.array("url_key", "text_key")).alias("key"))
    copies = of_pages.join(of_texts, "key", "left_semi").select("page_id")
    return chosen.join(copies, "page_id", "left_anti")


def _keys(texts: DataFrame) -> DataFrame:
    """source_id, url_key (null without a URL), text_key."""

    def keyed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            urls = [url_key(url) if url else None for url in batch["url"].to_pylist()]
            words = [text_key(comparable_words(text.as_py())) for text in batch["text"]]
            columns = [batch["source_id"], pa.array(urls, pa.string()), pa.array(words)]
            yield pa.RecordBatch.from_arrays(columns, _KEYS)

    ddl = "source_id string, url_key string, text_key string"
    return texts.select("source_id", "url", "text").mapInArrow(keyed, ddl)
