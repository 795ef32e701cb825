"""The Spark session, and what Spark's errors mean in our terms."""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from pipeline.base import errors
from pipeline.base.errors import MathmineError, SetupError
from pipeline.base.java import java_home
from pipeline.base.program import read_errors_by
from pipeline.base.project import ROOT
from pipeline.workspace import executors, s3a
from pipeline.workspace.executors import overhead_settings, ship_code
from pipeline.workspace.java_output import start_java
from pipeline.workspace.partitions import SHUFFLE_PARTITIONS, choose_partitions

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.errors import PySparkException
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
LOOPBACK = "127.0.0.1"
_ADDRESSES = ("spark.driver.bindAddress", "spark.driver.host")
#: For local masters only; a cluster's own settings know better.
_LOCAL_SETTINGS = {
    **dict.fromkeys(_ADDRESSES, LOOPBACK),
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
#: What a session has that knows our code and settings.
READY = "spark.mathmine.ready"
OLDEST_SPARK = (3, 5)
#: Of a page, where the run's configuration is not known yet: extract.max_page_memory.
PAGE_MEMORY = 2_000_000_000
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


def start_session(
    name: str, partition_bytes: int | None = None, page_memory: int = PAGE_MEMORY
) -> SparkSession:
    """The running session, or a new one: that of ``spark-submit``, else local.

    It cuts what it shuffles into partitions of ``partition_bytes``, about, unless the user has
    named a number of them. Elsewhere executors are asked for with memory for pages that take up
    to ``page_memory`` bytes. ``SetupError`` where Spark is too old, or a running session has no
    SparkContext.
    """
    from pyspark.sql import SparkSession

    _check_version()
    session = SparkSession.getActiveSession() or _new_session(name, page_memory)
    if session.conf.get(READY, None) is None:
        _make_ready(session)
    context = session.sparkContext
    if partition_bytes and not context.getConf().contains(SHUFFLE_PARTITIONS):
        few = _FEW_LOCAL if str(context.master).startswith("local") else _FEW_ON_CLUSTERS
        choose_partitions(session, partition_bytes, max(few, context.defaultParallelism))
    return session


def _check_version() -> None:
    import pyspark

    version = tuple(int(part) for part in pyspark.__version__.split(".")[:2])
    if version < OLDEST_SPARK:
        raise SetupError(
            f"this is Spark {pyspark.__version__}",
            expected=f"Spark {'.'.join(map(str, OLDEST_SPARK))} or later",
            remedy="use a newer release of the service, or pip install pyspark",
        )


def _new_session(name: str, page_memory: int) -> SparkSession:
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
    else:
        settings |= overhead_settings(given, page_memory)
        if f"//{LOOPBACK}:" in master:
            settings |= dict.fromkeys(_ADDRESSES, LOOPBACK)
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
        ship_code(session.sparkContext)
    session.conf.set(READY, "true")
    return session


def _make_ready(session: SparkSession) -> None:
    """Give a session that somebody else has begun, as notebooks do, our code and settings.

    What can be said only before Spark starts stays as it is; so does what was said then.
    """
    if type(session).__module__.startswith("pyspark.sql.connect"):
        raise SetupError(
            "the session that runs here is one of Spark Connect, which has no SparkContext",
            expected="a session of Spark itself",
            remedy="run the job by spark-submit, or (Databricks) on a cluster of its own for one "
            "user: not on shared or serverless compute",
        )
    given = session.sparkContext.getConf()
    for key, value in _SETTINGS.items():
        if key.startswith("spark.sql.") and not given.contains(key):
            session.conf.set(key, value)
    ship_code(session.sparkContext)
    session.conf.set(READY, "true")


def _tell_once(context: SparkContext) -> None:
    """Leave out of the log what comes as an exception too, there with pages of Java around it."""
    context.setLogLevel("OFF")
    java: Any = context._jvm
    log = java.org.apache.logging.log4j
    for name in _NO_EXCEPTIONS:
        log.core.config.Configurator.setLevel(name, log.Level.ERROR)


def condition_of(error: PySparkException) -> str:
    """Spark's name of an error, such as ``PATH_NOT_FOUND``; empty where it has none."""
    # What it was called before Spark 4, and still is beside the new name.
    ask = getattr(error, "getCondition", None) or error.getErrorClass
    return ask() or ""


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
        theirs = type(error).__module__.startswith(("pyspark.", "py4j."))
        return s3a.in_our_terms(text) or (executors.in_our_terms(text) if theirs else None)
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
