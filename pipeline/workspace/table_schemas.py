"""Declared table schemas, as PyArrow and as Spark know them.

``schemas/<table>.toml`` is the one declaration: a version, a line on the table
and a line on each column. Its types become Arrow's here, and Spark's are made of
Arrow's. Nothing here starts Spark.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from pipeline.base.project import part_of_project

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

#: Writes a frame under a name of its own and reads it back: cuts the lineage, pins
#: what Spark might otherwise compute twice, survives the death of any executor.
Checkpoint: TypeAlias = "Callable[[DataFrame, str], DataFrame]"

_ARROW = {
    "string": pa.string(),
    "binary": pa.binary(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Column:
    """One column; ``type`` is Spark SQL's name of it."""

    name: str
    type: str
    about: str
    nullable: bool = False


@dataclass(frozen=True)
class TableSchema:
    """A table's columns in order, and the version that its manifests carry."""

    name: str
    version: int
    about: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def arrow(self) -> pa.Schema:
        """For rows made in Python."""
        return pa.schema(
            [pa.field(c.name, _ARROW[c.type], nullable=c.nullable) for c in self.columns]
        )

    def spark(self) -> StructType:
        """For Spark."""
        return spark_schema(self.arrow())


def spark_schema(columns: pa.Schema) -> StructType:
    """Arrow columns as Spark knows them, for ``mapInArrow`` and for reading."""
    # Heavy, and whoever makes rows without Spark does without.
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(columns)


def _source(table: str) -> Traversable:
    return part_of_project("schemas").joinpath(f"{table}.toml")


@cache
def schema(table: str) -> TableSchema:
    """The declared schema of ``table``, such as ``pages``."""
    document = tomllib.loads(_source(table).read_text(encoding="utf-8"))
    columns = tuple(Column(name=name, **spec) for name, spec in document["columns"].items())
    return TableSchema(table, document["version"], document["about"], columns)


def extracted_schema() -> pa.Schema:
    """Both tables' columns side by side, and ``table`` that tells which a row is of.

    One pass over a WARC makes rows of two tables, and Spark's ``mapInArrow`` has
    one schema.
    """
    columns = {"table": pa.string()}
    for name in ("pages", "ledger"):
        columns |= {field.name: field.type for field in schema(name).arrow()}
    return pa.schema(list(columns.items()))
