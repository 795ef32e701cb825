"""Texts from outside that are known to be mathematical: Parquet or JSONL, as configured."""

from __future__ import annotations

import glob
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from pipeline.base.errors import InputEmpty, InputMalformed, InputMissing
from pipeline.base.outcomes import SetAside
from pipeline.config.settings import SeedTexts
from pipeline.text.language import language_of
from pipeline.web.urls import host_of
from pipeline.workspace.session import condition_of
from pipeline.workspace.storage import for_spark, local_path

#: Lines of JSONL that are looked at to learn its columns.
LINES_LOOKED_AT = 100
#: Texts of a task of which the language is asked: no more are read for that.
TEXTS_LOOKED_AT = 200
#: Where Spark puts a line that is no JSON object.
_BROKEN = "_broken"


def read_texts(spark: SparkSession, source: SeedTexts) -> DataFrame:
    """``(source_id, host, url, text)`` of every text that is not blank.

    ``source_id`` is the first half of the text's SHA-256, 32 hex digits; ``host`` is
    empty where there is no URL column or no usable URL; ``url`` is as it is given.

    Raises ``InputMissing`` where no file matches, ``InputMalformed`` where the files
    cannot be read or lack a named column, ``InputEmpty`` where no text is in them.
    """
    try:
        rows = _parquet(spark, source) if source.format == "parquet" else _jsonl(spark, source)
        url = F.col(f"`{source.url_column}`") if source.url_column else F.lit("")
        texts = rows.select(F.col(f"`{source.text_column}`").alias("text"), url.alias("url"))
        texts = texts.where(F.trim("text") != "")
        empty = texts.isEmpty()
    except AnalysisException as error:
        if condition_of(error) == "PATH_NOT_FOUND":
            raise no_texts(source, _where(source)) from None
        raise _unreadable(source, error) from None
    except (PySparkException, Py4JJavaError) as error:
        raise _unreadable(source, error) from None
    if empty:
        raise InputEmpty(
            f"no text in column {source.text_column} of {_where(source)}",
            remedy="name other files in seed.texts, or take the section out",
        )
    return texts.select(
        F.substring(F.sha2("text", 256), 1, 32).alias("source_id"),
        (
            F.udf(_host, StringType(), useArrow=True)("url") if source.url_column else F.lit("")
        ).alias("host"),
        "url",
        "text",
    )


def languages_of(texts: DataFrame) -> dict[str, float]:
    """The share of each language, from the first ``TEXTS_LOOKED_AT`` texts of each task."""

    def looked_at(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        heads = (text.as_py() for batch in batches for text in batch.column("text"))
        languages = [language_of(text) for text in islice(heads, TEXTS_LOOKED_AT)]
        yield pa.record_batch([pa.array(languages, pa.string())], names=["language"])

    rows = texts.select("text").mapInArrow(looked_at, "language string")
    counts = {row["language"]: row["count"] for row in rows.groupBy("language").count().collect()}
    total = sum(counts.values())
    return {language: count / total for language, count in counts.items()}


def _parquet(spark: SparkSession, source: SeedTexts) -> DataFrame:
    rows = spark.read.parquet(*map(for_spark, source.paths))
    require_columns(dict(rows.dtypes), source)
    return rows


def _jsonl(spark: SparkSession, source: SeedTexts) -> DataFrame:
    # Spark gives null for a column that is not there, so the first lines are asked.
    first = spark.read.text(list(map(for_spark, source.paths))).limit(LINES_LOOKED_AT).collect()
    if first:
        require_columns(_kinds(row.value for row in first), source)
    columns_to_read = [
        *dict.fromkeys(filter(None, (source.text_column, source.url_column))),
        _BROKEN,
    ]
    columns = ", ".join(f"`{name}` string" for name in columns_to_read)
    parsed = (
        spark.read.text(list(map(for_spark, source.paths)))
        .where(F.trim("value") != "")
        .select(
            F.from_json("value", columns, {"columnNameOfCorruptRecord": _BROKEN}).alias("row"),
        )
        .select("row.*")
    )
    broken = parsed.where(F.col(_BROKEN).isNotNull())
    first_broken = broken.first()
    if first_broken is not None:
        raise InputMalformed(
            f"{broken.count():,} lines of {_where(source)} are no JSON objects, such as: "
            f"{first_broken[_BROKEN][:100]!r}",
            expected="one JSON object a line",
            remedy="mend or remove those lines",
        )
    return parsed


def _object(line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def no_texts(source: SeedTexts, where: str) -> InputMissing:
    """The error for files that are not there."""
    return InputMissing(
        f"no seed texts: nothing matches {where}",
        expected=f"{source.format} files with a column {source.text_column}",
        remedy=f"get them: {source.download}" if source.download else "mend seed.texts",
    )


def check_files(source: SeedTexts) -> None:
    """Look at the first file of each path on this machine, without Spark.

    Raises ``InputMissing`` where nothing matches, ``InputMalformed`` where a column is not there.
    Of a file that cannot be read, and of what is elsewhere, Spark tells.
    """
    for path in source.paths:
        if (local := local_path(path)) is None:
            continue
        names = sorted(glob.iglob(str(local), recursive=True))  # noqa: PTH207
        first = next((file for name in names for file in _files(Path(name), source.format)), None)
        if first is None:
            raise no_texts(source, path)
        if columns := _first_columns(first, source.format):
            require_columns(columns, source)


def _first_columns(first: Path, format: str) -> dict[str, str]:
    try:
        if format == "parquet":
            kinds = pq.read_schema(first)
            return {field.name: _kind(field.type) for field in kinds}
        with gzip.open(first) if first.suffix == ".gz" else first.open("rb") as stream:
            lines = [line.decode(errors="replace") for line in islice(stream, LINES_LOOKED_AT)]
    except (OSError, EOFError, zlib.error, pa.ArrowInvalid):
        return {}
    return _kinds(lines)


def _files(path: Path, format: str) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(path.glob("*.parquet" if format == "parquet" else "*.json*"))


def _kind(of: pa.DataType) -> str:
    return "string" if pa.types.is_string(of) or pa.types.is_large_string(of) else str(of)


def _kinds(lines: Iterable[str]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for line in lines:
        for name, value in _object(line).items():
            kinds[name] = "string" if isinstance(value, str) else kinds.get(name, "other")
    return kinds


def require_columns(kinds: dict[str, str], source: SeedTexts) -> None:
    """``InputMalformed`` unless the columns that ``source`` names are there and hold text."""
    for name in filter(None, (source.text_column, source.url_column)):
        if kinds.get(name) == "string":
            continue
        trouble = "is not text" if name in kinds else "is missing"
        raise InputMalformed(
            f"column {name} {trouble} in {_where(source)}; there are: {', '.join(kinds) or 'none'}",
            expected="columns of text with the names in seed.texts",
            remedy="mend seed.texts.text_column or seed.texts.url_column",
        )


def _unreadable(source: SeedTexts, error: Exception) -> InputMalformed:
    # Spark leaves some errors of reading as the Java exceptions that they are.
    java_message = (
        error.java_exception.getMessage() if isinstance(error, Py4JJavaError) else str(error)
    )
    message = (java_message or "").strip().splitlines()
    return InputMalformed(
        f"{_where(source)} cannot be read: {message[0][:300] if message else error!r}",
        expected=f"{source.format} files",
        remedy="mend seed.texts.format or seed.texts.paths",
    )


def _where(source: SeedTexts) -> str:
    return ", ".join(source.paths)


def _host(url: str | None) -> str:
    try:
        return host_of(url or "")
    except SetAside:
        return ""
