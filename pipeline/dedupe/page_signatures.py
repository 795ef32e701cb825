"""All that is compared about a page.

Extraction makes it along with the text, so that no text is read for it again. Pages that were
signed with other settings, or not at all, are signed here: the one hop into Python, each text
read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import signature, signed_with
from pipeline.text.text_key import comparable_words, text_key
from pipeline.web.canonical import url_key
from pipeline.workspace.table_schemas import schema


def signed_pages(pages: DataFrame, settings: Dedupe) -> DataFrame:
    """Those of ``pages`` that extraction signed with ``settings``, as :func:`describe_pages`."""
    chosen = pages.where(F.col("signed_with") == signed_with(settings)).select(
        "page_id",
        "url",
        "text_key",
        "formulas",
        "characters",
        F.unix_micros("fetch_time").alias("fetched"),
        "signature",
    )
    return chosen.mapInArrow(_with_url_keys, schema("signatures").spark())


def other_pages(pages: DataFrame, settings: Dedupe) -> DataFrame:
    """Those of ``pages`` that are to be signed here."""
    return pages.where(~F.col("signed_with").eqNullSafe(signed_with(settings)))


def _with_url_keys(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [
            _url_keys(batch["url"]) if name == "url_key" else batch[name]
            for name in schema("signatures").names
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema("signatures").arrow())


def _url_keys(urls: pa.Array) -> pa.Array:
    return pa.array([url_key(scalar.as_py()) for scalar in urls], pa.string())


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
        _url_keys(batch["url"]),
        pa.array(text_keys, pa.string()),
        batch["formulas"],
        pa.array(characters, pa.int32()),
        batch["fetched"],
        pa.array(signatures, pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema("signatures").arrow())
