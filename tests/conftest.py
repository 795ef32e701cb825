"""What all tests share: one small Spark session."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

_SPARK_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Hundreds of plans, each for a few rows: compiling them takes longer than running them.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """How processes share the tests: a file goes to one, whole runs first, the longest.

    What looks at the one run of three rounds stays together, so that it is made once.
    """
    for item in items:
        together = "finished" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("finished" if together else item.path.stem))
    items.sort(key=lambda item: ("jobs" not in item.path.parts, "finished" not in _group(item)))


def _group(item: pytest.Item) -> str:
    return str(next(item.iter_markers("xdist_group")).args[0])


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Real Spark on two cores."""
    from pipeline.java import java_home

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    builder = SparkSession.builder.master("local[2]").appName("tests")
    builder = builder.config(
        "spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse") / "spark")
    )
    for key, value in _SPARK_SETTINGS.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def checkpoint(spark: SparkSession, tmp_path: Path) -> Callable[[DataFrame, str], DataFrame]:
    """Writes a frame down and reads it back, as a step's checkpoints do."""
    count = 0

    def write_and_read(frame: DataFrame, name: str) -> DataFrame:
        nonlocal count
        count += 1
        target = str(tmp_path / "checkpoints" / f"{count:04d}-{name}")
        frame.write.mode("overwrite").parquet(target)
        return spark.read.schema(frame.schema).parquet(target)

    return write_and_read
