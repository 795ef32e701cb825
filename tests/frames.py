"""Frames of rows that a test writes down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType


def put_into_plans(session: SparkSession) -> None:
    """Have ``session.createDataFrame`` put rows into the plan, by Arrow.

    Left to PySpark, a Python worker makes a list's rows anew each time that Spark wants them.
    """
    plain: Callable[..., DataFrame] = session.createDataFrame

    def create(data: Any, schema: Any = None, **options: Any) -> DataFrame:
        columns = StructType.fromDDL(schema) if isinstance(schema, str) else schema
        if isinstance(data, list) and isinstance(columns, StructType):
            return plain(_table(data, columns), columns, **options)
        return plain(data, schema, **options)

    session.createDataFrame = create  # type: ignore[method-assign]


def _table(rows: Sequence[Any], columns: StructType) -> pa.Table:
    """``rows`` are tuples, or dicts by column."""
    fields = to_arrow_schema(columns, timezone="UTC")
    cells = [
        [_local(row.get(name) if isinstance(row, dict) else row[place]) for row in rows]
        for place, name in enumerate(columns.names)
    ]
    arrays = [pa.array(cell, field.type) for cell, field in zip(cells, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=fields)


def _local(value: Any) -> Any:
    """A time without a zone is one of this machine, as PySpark has it."""
    return value.astimezone() if isinstance(value, datetime) and not value.tzinfo else value
