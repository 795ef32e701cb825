"""How the tests' JVMs start: hundreds of small plans, each for a few rows, and many short jobs.

``python -m tests.quick_java FILE`` keeps the classes that Spark loads for such plans in FILE,
and the JVMs of the tests take them from there (JDK's application class-data sharing): a
start costs some five seconds less of a core. They have few of Hadoop's defaults for MapReduce and
YARN, of which Spark uses next to none and copies all for each table that it reads or writes: a
tenth of all that these JVMs did.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
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
    "spark.sql.shuffle.partitions": "2",
}
#: Room for what is new, so that it is seldom looked through.
_MEMORY = "-Xmn300m"
_FOLDER = "build/test-classes"
#: These go before Hadoop's files of the same names: what is used of them.
_DEFAULTS: dict[str, dict[str, str]] = {
    "mapred-default.xml": {
        "mapreduce.outputcommitter.factory.scheme.s3a": "org.apache.hadoop.fs.s3a.commit."
        "S3ACommitterFactory"
    },
    "yarn-default.xml": {},
}


def options(classes: Path | None, *, plans: bool = True) -> str:
    """What :data:`VARIABLE` holds, with the file of shared classes where there is one.

    Without ``plans`` Spark plans as it does for users.
    """
    chosen = [f"-D{key}={value}" for key, value in PLANS.items()] if plans else []
    chosen.append(_MEMORY)
    if classes is None:
        return " ".join(chosen)
    # A file that does not fit is passed over without a word. It lies where it was made for, and
    # processes share it: Java would write new addresses into the whole of it at each start.
    shared = [
        f"-XX:SharedArchiveFile={classes}",
        "-Xshare:auto",
        "-Xlog:disable",
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:ArchiveRelocationMode=0",
    ]
    return " ".join([*chosen, _with_defaults(classes), *shared])


@cache
def environment() -> dict[str, str]:
    """For processes whose JVM plans for few rows, whatever is said of the tests' own."""
    return {VARIABLE: options(shared_classes())}


def _with_defaults(classes: Path) -> str:
    """The option for the files of defaults beside ``classes``."""
    return f"-Xbootclasspath/a:{classes.with_suffix('.jar')}"


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
    made_by = Path(__file__).read_bytes()
    key = hashlib.sha256(java + made_by + f"{pyspark.__version__} {jars}".encode()).hexdigest()[:16]
    classes = PROJECT / _FOLDER / f"{key}.jsa"
    if not classes.exists():
        shutil.rmtree(classes.parent, ignore_errors=True)
        classes.parent.mkdir(parents=True)
        _write_defaults(classes.with_suffix(".jar"))
        with tempfile.TemporaryDirectory(dir=classes.parent) as folder:
            made = Path(folder, classes.name)
            subprocess.run(
                [sys.executable, "-m", "tests.quick_java", str(made), _with_defaults(classes)],
                cwd=PROJECT,
                capture_output=True,
                check=False,
            )
            with contextlib.suppress(FileNotFoundError):
                made.rename(classes)
    return classes if classes.exists() else None


def _write_defaults(target: Path) -> None:
    with zipfile.ZipFile(target, "w") as jar:
        for name, values in _DEFAULTS.items():
            entries = [
                f"<property><name>{key}</name><value>{value}</value></property>"
                for key, value in values.items()
            ]
            jar.writestr(name, f"<configuration>{''.join(entries)}</configuration>")


def _make(classes: str, defaults: str) -> None:
    os.environ[VARIABLE] = f"{options(None)} {defaults} -XX:ArchiveClassesAtExit={classes}"
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
    _make(sys.argv[1], sys.argv[2])
