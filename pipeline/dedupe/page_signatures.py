"""The one hop into Python: all that is compared about a page, its text read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import estimated_jaccard, signature
from pipeline.text.text_key import comparable_words, text_key
from pipeline.web.canonical import url_key
from pipeline.workspace.table_schemas import schema

_SIMILARITY = pa.schema([("page_id", pa.string()), ("similarity", pa.float64())])


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
        found = comparable_words(text)
        text_keys.append(text_key(found))
        characters.append(len(text))
        signatures.append(signature(found, settings).tobytes())
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


def compare_signatures(pairs: DataFrame) -> DataFrame:
    """``page_id``, ``similarity`` out of ``page_id``, ``left``, ``right`` (signatures)."""
    return pairs.select("page_id", "left", "right").mapInArrow(
        _compared, "page_id string, similarity double"
    )


def _compared(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if batch.num_rows:
            left, right = (signature_matrix(batch[side]) for side in ("left", "right"))
            similarity = pa.array(estimated_jaccard(left, right), pa.float64())
            yield pa.RecordBatch.from_arrays([batch["page_id"], similarity], schema=_SIMILARITY)


def signature_matrix(signatures: pa.Array) -> np.ndarray:
    """Signatures of one length, at least one, as ``uint32`` of shape ``(pages, minima)``."""
    joined = b"".join(signatures.to_pylist())
    return np.frombuffer(joined, dtype="<u4").reshape(len(signatures), -1)
