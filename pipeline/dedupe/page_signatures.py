"""The one hop into Python: all that is compared about a page, its text read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import signature
from pipeline.text.text_key import comparable_words, text_key
from pipeline.web.canonical import url_key
from pipeline.workspace.table_schemas import schema


def describe_pages(pages: DataFrame, settings: Dedupe) -> DataFrame:
    """The table ``signatures``: a row a page, columns of its schema.

    ``pages`` has ``page_id``, ``url``, ``text``, ``formulas`` (int), ``fetch_time``
    (timestamp), none of them null.
    """
    chosen = pages.select(
        "page_id", "url", "text", "formulas", F.unix_micros("fetch_time").alias("fetched")
    )

    def describe(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield _described(batch, settings)

    return chosen.mapInArrow(describe, schema("signatures").spark())


def _described(batch: pa.RecordBatch, settings: Dedupe) -> pa.RecordBatch:
    text_keys: list[str] = []
    characters: list[int] = []
    signatures: list[bytes] = []
    for scalar in batch["text"]:  # one text at a time in Python's memory
        text = scalar.as_py()
        page_words = comparable_words(text)
        text_keys.append(text_key(page_words))
        characters.append(len(text))
        signatures.append(signature(page_words, settings).tobytes())
    columns = [
        batch["page_id"],
        pa.array([url_key(scalar.as_py()) for scalar in batch["url"]], pa.string()),
        pa.array(text_keys, pa.string()),
        batch["formulas"],
        pa.array(characters, pa.int32()),
        batch["fetched"],
        pa.array(signatures, pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema("signatures").arrow())
