"""The Spark session, and what Spark's errors mean in our terms."""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import zipfile
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from pipeline.base import errors, native
from pipeline.base.errors import MathmineError
from pipeline.base.java import java_home
from pipeline.base.program import read_errors_by
from pipeline.base.project import DATA, ROOT, checkout
from pipeline.workspace import s3a
from pipeline.workspace.java_output import start_java
from pipeline.workspace.partitions import SHUFFLE_PARTITIONS, choose_partitions

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    # Pages are large rows: small Arrow batches bound a worker's memory.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "512",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    # Else Python asks the JVM some ten things more for each operator of a column, so that errors
    # of Spark's planner name a line of Python. What it tells at all is a defect of this project.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # Rows of a batch go into files of two tables as they come: Spark would sort them, texts too.
    "spark.sql.maxConcurrentOutputFileWriters": "2",
    # Counting a batch that is written goes before what the next one still has to read.
    "spark.scheduler.mode": "FAIR",
    # Ids are hexadecimal: LZ4, Spark's own choice, sends 32 bytes of each, this some 17.
    "spark.io.compression.codec": "zstd",
    # Of the pages that a step takes Spark filters the ids out of the large tables before it
    # joins, by a Bloom filter: a byte or so an id, for the paper's 35.5 million and more.
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "true",
    "spark.sql.optimizer.runtime.bloomFilter.creationSideThreshold": "4GB",
    "spark.sql.optimizer.runtime.bloomFilter.expectedNumItems": "40000000",
    "spark.sql.optimizer.runtime.bloomFilter.numBits": "320000000",
    "spark.sql.optimizer.runtime.bloomFilter.maxNumItems": "40000000",
    "spark.sql.optimizer.runtime.bloomFilter.maxNumBits": "320000000",
}
#: For local masters only; a cluster's own settings know better.
_LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    # Elsewhere this code arrives only after the daemon has started.
    "spark.python.daemon.module": "pipeline.workspace.workers",
    "spark.executorEnv.PYTHONPATH": str(ROOT),
    # A JVM of minutes earns nothing by compiling for hours. With one compiler alone Java keeps
    # 48 MB for what is compiled, which a round fills: Java would look through it all the time,
    # throw out what is still wanted, and compile it again.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    "-XX:ReservedCodeCacheSize=240m",
}
_DRIVER_MEMORY = "2g"
#: Partitions of shuffles of little, where there are not more cores.
_FEW_LOCAL, _FEW_ON_CLUSTERS = 8, 200
#: What logs errors that no job fails with: executors that are lost, a JVM that dies.
_NO_EXCEPTIONS = (
    "org.apache.spark.scheduler.TaskSchedulerImpl",
    "org.apache.spark.util.SparkUncaughtExceptionHandler",
)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Ctrl-C in place of PySpark's own handler.

    That asks the JVM something in the middle of another question, and both are then logged as
    broken, with two traces. Spark ends with the program, and its jobs with it.
    """
    logging.disable()
    raise KeyboardInterrupt


def start_session(name: str, partition_bytes: int | None = None) -> SparkSession:
    """The running session, or a new one: that of ``spark-submit``, else local.

    It cuts what it shuffles into partitions of ``partition_bytes``, about, unless the user has
    named a number of them.
    """
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession() or _new_session(name)
    context = session.sparkContext
    if partition_bytes and not context.getConf().contains(SHUFFLE_PARTITIONS):
        few = _FEW_LOCAL if str(context.master).startswith("local") else _FEW_ON_CLUSTERS
        choose_partitions(session, partition_bytes, max(few, context.defaultParallelism))
    return session


def _new_session(name: str) -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    if "PYSPARK_GATEWAY_PORT" in os.environ:
        # Under spark-submit the options given to it are in the JVM, and a SparkConf
        # made before Python has reached that is empty.
        SparkContext._ensure_initialized()
    given = SparkConf()
    master = given.get("spark.master") or "local[*]"
    settings = dict(_SETTINGS)
    if master.startswith("local"):
        settings |= _LOCAL_SETTINGS
        if "PYSPARK_GATEWAY_PORT" not in os.environ:
            settings["spark.driver.memory"] = _DRIVER_MEMORY
    builder = SparkSession.builder.appName(f"mathmine {name}").master(master)
    conf = SparkConf().setMaster(master)
    for key, value in settings.items():
        # What the user says with --conf goes before our defaults.
        builder = builder.config(key, given.get(key) or value)
        conf.set(key, given.get(key) or value)
    if "PYSPARK_GATEWAY_PORT" not in os.environ and SparkContext._gateway is None:
        start_java(conf)
    before = signal.getsignal(signal.SIGINT)
    session = builder.getOrCreate()
    if signal.getsignal(signal.SIGINT) is not before:
        signal.signal(signal.SIGINT, _interrupt)
    if not given.contains("spark.log.level"):
        _tell_once(session.sparkContext)
    if not master.startswith("local"):
        # A bare cluster has the libraries but not this code.
        folder = Path(tempfile.mkdtemp(prefix="mathmine-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        session.sparkContext.addPyFile(str(_code_archive(folder)))
        if (compiled := native.folder()) is not None:
            # Unpacked beside the code; executors of another kind keep to the interpreter.
            packed = shutil.make_archive(str(folder / native.ARCHIVE), "zip", compiled)
            session.sparkContext.addArchive(f"{packed}#{native.ARCHIVE}")
    return session


def _tell_once(context: SparkContext) -> None:
    """Leave out of the log what comes as an exception too, there with pages of Java around it."""
    context.setLogLevel("OFF")
    java: Any = context._jvm
    log = java.org.apache.logging.log4j
    for name in _NO_EXCEPTIONS:
        log.core.config.Configurator.setLevel(name, log.Level.ERROR)


def _code_archive(folder: Path) -> Path:
    """This project as a zip that Python imports from, laid as a wheel is."""
    archive, package = folder / "mathmine.zip", ROOT / "pipeline"
    places = {package: Path("pipeline")}
    if (project := checkout()) is not None:
        places[project / "schemas"] = Path("pipeline", DATA, "schemas")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for place, name in places.items():
            for source in sorted(place.rglob("*")):
                if source.is_file() and source.suffix != ".pyc":
                    file.write(source, name / source.relative_to(place))
    return archive


def in_our_terms(error: Exception) -> MathmineError | None:
    """The error of this project that lies under one of Spark's; None for any other.

    A worker's exception arrives as text, with its class and message at the end of
    the Python traceback.
    """
    if full := errors.full_disk(error):
        return full
    text = str(error)
    match = re.search(
        r"^pipeline\.base\.errors\.(\w+): (.+?)(?=\n\n|\n\tat |\Z)", text, re.M | re.S
    )
    kind = getattr(errors, match[1], None) if match else None
    if match is None or kind is None:
        return s3a.in_our_terms(text)
    lines = match[2].strip().split("\n")
    parts = {"found": lines[0], "expected": "", "remedy": ""}
    for line in lines[1:]:
        for name, prefix in (("expected", "  expected: "), ("remedy", "  to do:    ")):
            if line.startswith(prefix):
                parts[name] = line.removeprefix(prefix)
    translated: MathmineError = kind(
        parts["found"], expected=parts["expected"], remedy=parts["remedy"]
    )
    return translated


read_errors_by(in_our_terms)
