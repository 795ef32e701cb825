"""Spark's JVM without what it says of itself when it starts: ten lines that are nobody's concern.

Of these most are Spark's log, which ``log4j2.properties`` sets; three are printed by Java and by
Spark themselves, and no option takes them back. So the JVM writes its errors through a process that
leaves these out. All else passes: it is there as long as the JVM is, whatever becomes of this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.workspace.s3a import spark_home

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


def quiet_log(environment: Mapping[str, str]) -> dict[str, str]:
    """What has a JVM of ``environment`` log no more than ``log4j2.properties`` says.

    Whoever has a configuration of log4j's own, in Spark's ``conf`` or ``SPARK_CONF_DIR`` or in
    ``SPARK_SUBMIT_OPTS``, has the log that it says.
    """
    options = environment.get(_OPTIONS, "")
    configured = spark_home() / "conf" / "log4j2.properties"
    if _LOG_SETTING in options or "SPARK_CONF_DIR" in environment or configured.exists():
        return {}
    settings = Path(__file__).with_name("log4j2.properties").as_uri()
    return {_OPTIONS: f"{options} -D{_LOG_SETTING}={settings}".strip()}


def start_java(conf: SparkConf) -> None:
    """Start the JVM that the next SparkContext of this process works with."""
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    os.environ |= quiet_log(os.environ)
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
