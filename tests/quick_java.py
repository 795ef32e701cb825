"""How the tests' JVMs start: hundreds of small plans, each for a few rows, and many short jobs.

``python -m tests.quick_java FILE`` keeps the classes that Spark loads for such plans in FILE,
and the JVMs of the tests take them from there (JDK's application class-data sharing): a
start costs some five seconds less of a core.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyspark

from pipeline.base.errors import SetupError
from pipeline.base.java import java_home
from tests.places import PROJECT

#: spark-submit hands these to the JVM that it starts, whoever starts it.
VARIABLE = "SPARK_SUBMIT_OPTS"
#: Planning, compiling and describing a plan takes longer here than running it. Most of the slow
#: scenarios run with Spark's own choices, as users do.
PLANS = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "200",
}
_FOLDER = "build/test-classes"


def options(classes: Path | None) -> str:
    """What :data:`VARIABLE` holds, with the file of shared classes where there is one."""
    plans = [f"-D{key}={value}" for key, value in PLANS.items()]
    # A file that does not fit is passed over without a word.
    shared = [f"-XX:SharedArchiveFile={classes}", "-Xshare:auto", "-Xlog:disable"]
    return " ".join([*plans, *(shared if classes else [])])


def shared_classes() -> Path | None:
    """The file of classes for this Java and Spark, made where it is not there yet.

    None where this Java cannot make one.
    """
    try:
        home = java_home()
    except SetupError:
        return None
    release = home / "release"
    java = release.read_bytes() if release.is_file() else str(home).encode()
    jars = Path(pyspark.__file__).parent / "jars"
    key = hashlib.sha256(java + f"{pyspark.__version__} {jars}".encode()).hexdigest()[:16]
    classes = PROJECT / _FOLDER / f"{key}.jsa"
    if not classes.exists():
        shutil.rmtree(classes.parent, ignore_errors=True)
        classes.parent.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=classes.parent) as folder:
            made = Path(folder, classes.name)
            subprocess.run(
                [sys.executable, "-m", "tests.quick_java", str(made)],
                cwd=PROJECT,
                capture_output=True,
                check=False,
            )
            with contextlib.suppress(FileNotFoundError):
                made.rename(classes)
    return classes if classes.exists() else None


def _make(classes: str) -> None:
    os.environ[VARIABLE] = f"{options(None)} -XX:ArchiveClassesAtExit={classes}"
    from pyspark.sql import functions as F

    from pipeline.workspace.session import start_session

    spark = start_session("classes")
    # The kinds of work that all tests do: files, joins, groups, order, Python's workers.
    with tempfile.TemporaryDirectory() as folder:
        rows = spark.range(100).withColumn("host", F.concat(F.lit("h"), F.col("id") % 7))
        rows.write.parquet(f"{folder}/rows")
        rows = spark.read.schema(rows.schema).parquet(f"{folder}/rows")
        hosts = rows.groupBy("host").agg(F.count("*").alias("pages"))
        joined = rows.join(hosts, "host").join(F.broadcast(hosts.select("host")), "host")
        passed = joined.mapInArrow(lambda batches: batches, joined.schema)
        passed.orderBy("pages", "id").limit(5).collect()
        passed.repartition(3, "host").dropDuplicates(["host"]).count()
    gateway = spark.sparkContext._gateway
    spark.stop()
    gateway.shutdown()
    # The JVM writes the file when its standard input ends.
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    _make(sys.argv[1])
