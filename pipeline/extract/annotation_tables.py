"""Parquet tables that annotate Common Crawl's indexes, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.base.errors import ConfigError, InputMalformed
from pipeline.config.sources import Read
from pipeline.extract.columnar_index import (
    index_place,
    is_read_by_range,
    over_parts,
    parts_of,
    read_by_spark,
)
from pipeline.web.parquet_ranges import Keys, opened_part, rows_of_hosts
from pipeline.workspace.table_schemas import spark_schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read_tables(spark: SparkSession, names: Sequence[str], read: Read) -> DataFrame:
    """All rows of the Parquet tables that ``names`` stand for, read by Spark or by range.

    Raises ``InputMissing``, and ``InputMalformed`` for what is no Parquet.
    """
    if is_read_by_range(names, read):
        return _by_range(spark, parts_of(names, read), read)
    places = [index_place(name, read) for name in names]
    return read_by_spark(spark, places, read, "annotation", "tables in [annotations]")


def key_of(rows: DataFrame, name: str, key: str, known: Sequence[str]) -> str:
    """The column by which ``rows`` are joined: ``key``, or the first of the ``known`` ones.

    Raises ``ConfigError`` where the annotation called ``name`` has none.
    """
    choice = (key,) if key else known
    for column in choice:
        if column in rows.columns:
            return column
    raise ConfigError(
        f"annotations.{name} has no column {' or '.join(choice)}",
        expected=f"one of its columns: {', '.join(rows.columns[:50])}",
        remedy=f"name the column of hosts or addresses: annotations.{name}.key",
    )


def _by_range(spark: SparkSession, parts: Sequence[str], read: Read) -> DataFrame:
    try:
        columns = pq.read_schema(pa.PythonFile(opened_part(parts[0], read), mode="r"))
    except (pa.ArrowException, OSError) as error:
        raise InputMalformed(
            f"{parts[0]} cannot be read as Parquet: {error}", expected="an annotation in Parquet"
        ) from None
    flat = pa.schema([field for field in columns if not pa.types.is_nested(field.type)])
    names = flat.names
    keys = Keys(names[0], names[0])

    def rows_of(part: str) -> Iterator[pa.RecordBatch]:
        for table in rows_of_hosts(opened_part(part, read), part, None, names, keys=keys):
            yield from table.select(names).cast(flat).to_batches()

    return over_parts(spark, parts, rows_of, spark_schema(flat))
