"""The declared schemas mean the same to Arrow, to Spark and to those who read them."""

import pyarrow as pa
import pytest
from pyspark.sql.types import DoubleType, LongType, StructField, StructType, TimestampType

from pipeline.workspace.table_schemas import schema, spark_schema
from tests.places import PROJECT

TABLES = sorted(path.stem for path in (PROJECT / "schemas").glob("*.toml"))


@pytest.mark.parametrize("table", TABLES)
def test_spark_has_the_columns_that_are_declared(table):
    declared = schema(table)
    known = [(f.name, f.dataType.typeName(), f.nullable) for f in declared.spark()]
    # In SQL, and so in the declaration, one of them has a shorter name.
    spark = {"int": "integer"}
    assert known == [(c.name, spark.get(c.type, c.type), c.nullable) for c in declared.columns]


def test_times_are_moments_and_no_wall_clock():
    columns = [
        pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("count", pa.int64()),
        pa.field("share", pa.float64(), nullable=False),
    ]
    assert spark_schema(pa.schema(columns)) == StructType(
        [
            StructField("at", TimestampType(), nullable=False),
            StructField("count", LongType(), nullable=True),
            StructField("share", DoubleType(), nullable=False),
        ]
    )
