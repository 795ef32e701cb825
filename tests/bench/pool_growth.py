"""The pool of so many synthetic documents, and what the driver took for it.

``python -m tests.bench.pool_growth DOCUMENTS FOLDER`` prints a JSON line. Spark runs as a
cluster of one machine, so that the driver is a process of its own: its peak holds
nothing of what tasks need.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from pipeline.base.cpu import cpu_seconds
from pipeline.base.java import java_home
from pipeline.config.settings import Dedupe
from pipeline.dedupe.buckets import count_buckets
from pipeline.dedupe.pool import build_pool, duplicate_counts
from pipeline.workspace.table_schemas import schema
from tests.bench.interleaved import PROJECT
from tests.bench.synthetic import expected_kept, synthetic_signatures

DRIVER_MEMORY = "512m"
_SETTINGS = {
    "spark.driver.memory": DRIVER_MEMORY,
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    # All of the heap is there from the start: what its peak shows is the rest.
    "spark.driver.extraJavaOptions": f"-XX:+UseSerialGC -Xms{DRIVER_MEMORY} -XX:+AlwaysPreTouch",
    # What the driver remembers of jobs that have ended, for a page that nobody opens.
    "spark.ui.retainedTasks": "500",
    "spark.ui.retainedStages": "20",
    "spark.ui.retainedJobs": "20",
    "spark.sql.ui.retainedExecutions": "5",
    "spark.executor.memory": "3g",
    "spark.executor.extraJavaOptions": "-XX:+UseSerialGC",
    "spark.executorEnv.PYTHONPATH": str(PROJECT),
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "8192",
}


def session(others: Mapping[str, str | None] | None = None) -> SparkSession:
    """Spark; ``others`` go before the settings above, None for Spark's own choice."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    builder = SparkSession.builder.master("local-cluster[1,2,4096]").appName("bench-dedupe")
    for key, value in {**_SETTINGS, **(others or {})}.items():
        if value is not None:
            builder = builder.config(key, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    return started


def main() -> None:
    documents, folder = int(sys.argv[1]), Path(sys.argv[2])
    spark, settings = session(), Dedupe()
    written = 0

    def checkpoint(rows: DataFrame, name: str) -> DataFrame:
        nonlocal written
        place = folder / name
        rows.write.mode("overwrite").parquet(str(place))
        written += sum(file.stat().st_size for file in place.rglob("*.parquet"))
        return spark.read.schema(rows.schema).parquet(str(place))

    signatures = checkpoint(synthetic_signatures(spark, documents, settings), "signatures")
    signed_bytes, written = written, 0
    started, spent = time.monotonic(), cpu_seconds()
    result = build_pool(signatures, settings, checkpoint=checkpoint)
    pool = checkpoint(result.pool.select(*schema("pool").names), "pool")
    methods = {row["method"]: row["rows"] for row in duplicate_counts(pool).collect()}
    buckets = count_buckets(result.stars)
    seconds, cpu = time.monotonic() - started, cpu_seconds() - spent
    print(
        json.dumps(
            {
                "documents": documents,
                "seconds": seconds,
                "cpu": cpu,
                "methods": methods,
                "expected kept": expected_kept(documents),
                "buckets": buckets.document(),
                "turns": len(list(folder.glob("components-*-large"))),
                "bytes of signatures": signed_bytes,
                "bytes written": written,
                **driver_memory(spark),
            }
        )
    )
    spark.stop()


def driver_memory(spark: SparkSession) -> dict[str, Any]:
    """Peak resident bytes of the driver's two processes, and its heap after a collection."""
    context = spark.sparkContext
    gateway: Any = context._gateway
    java = context._jvm.java.lang  # type: ignore[union-attr]
    java.System.gc()
    runtime = java.Runtime.getRuntime()
    return {
        "driver java": _peak(gateway.proc.pid),
        "driver python": _peak(os.getpid()),
        "driver heap": runtime.totalMemory() - runtime.freeMemory(),
    }


def _peak(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
