"""Spark's JVM without what it says of itself when it starts: ten lines that are nobody's concern.

Of these most are Spark's log, which ``log4j2.properties`` sets; three are printed by Java and by
Spark themselves, and no option takes them back. So the JVM writes its errors through a process that
leaves these out. All else passes: it is there as long as the JVM is, whatever becomes of this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkConf

#: spark-submit hands these to the JVM that it starts.
_OPTIONS = "SPARK_SUBMIT_OPTS"
_LOG_SETTING = "log4j2.configurationFile"
_FILTER = """\
import sys
starting = (
    b"WARNING: Using incubator modules", b"Setting default log level", b"To adjust logging level"
)
for line in sys.stdin.buffer:
    if not line.startswith(starting):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
"""


def start_java(conf: SparkConf) -> None:
    """Start the JVM that the next SparkContext of this process works with.

    Whoever has a configuration of log4j's own, in ``SPARK_CONF_DIR`` or ``SPARK_SUBMIT_OPTS``,
    has the log that it says.
    """
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    options = os.environ.get(_OPTIONS, "")
    if _LOG_SETTING not in options and "SPARK_CONF_DIR" not in os.environ:
        settings = Path(__file__).with_name("log4j2.properties").as_uri()
        os.environ[_OPTIONS] = f"{options} -D{_LOG_SETTING}={settings}".strip()
    # In a session of its own, which Ctrl-C does not reach.
    filtering = subprocess.Popen(  # noqa: S603 - this interpreter, the lines above
        [sys.executable, "-I", "-S", "-c", _FILTER],
        stdin=subprocess.PIPE,
        stdout=sys.__stderr__ or subprocess.DEVNULL,
        start_new_session=True,
    )
    assert filtering.stdin
    with filtering.stdin as errors:
        gateway = launch_gateway(conf, popen_kwargs={"stderr": errors})  # type: ignore[no-untyped-call]
    SparkContext._ensure_initialized(gateway=gateway, conf=conf)
