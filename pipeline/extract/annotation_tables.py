"""Parquet tables that annotate Common Crawl's indexes, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import AnalysisException

from pipeline.base.errors import ConfigError, InputMalformed, InputMissing
from pipeline.config.sources import Read
from pipeline.extract.columnar_index import index_place, is_read_by_range, parts_of, s3a_options
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
    try:
        return spark.read.options(**s3a_options(read.s3)).parquet(*places)
    except AnalysisException as error:
        if error.getCondition() in ("PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"):
            raise InputMissing(
                f"no annotation at {', '.join(places)}",
                remedy="correct tables in the configuration's [annotations] table",
            ) from None
        raise


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

    def read_some(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for part in batch["part"].to_pylist():
                file = opened_part(part, read)
                for table in rows_of_hosts(file, part, None, names, keys=keys):
                    yield from table.select(names).cast(flat).to_batches()

    frame = spark.createDataFrame([(part,) for part in parts], "part string")
    return frame.repartition(len(parts)).mapInArrow(read_some, spark_schema(flat))
