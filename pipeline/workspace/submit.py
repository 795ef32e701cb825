"""Starts a job: by Python alone, or by spark-submit where Spark is to be told something.

    python -m pipeline.workspace.submit --master spark://head:7077 jobs/round.py --round 3

Without a master and arguments for Spark, the job starts local Spark itself, and only when
there is work. What ``make jars`` has fetched serves a workspace on S3, unless the arguments
for Spark name other jars. Everything after the job is the job's.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from pipeline.base.errors import ConfigError
from pipeline.base.java import java_home
from pipeline.base.program import Parser, run_program
from pipeline.base.project import ROOT
from pipeline.workspace.java_output import quiet_log
from pipeline.workspace.s3a import spark_home
from pipeline.workspace.session import LOOPBACK

JARS = ROOT / "build" / "jars"
#: Memory of a driver whose JVM is Spark's only one, as a job that starts Spark itself has.
_DRIVER_MEMORY = "2g"
_NAMES_JARS = re.compile(r"--(?:jars|packages)(?:=|$)|(?:--conf=)?spark\.jars(?:\.packages)?=")
_NAMES_MASTER = re.compile(r"--master(?:=|$)|(?:--conf=)?spark\.master=")


def command(
    job: str,
    arguments: Sequence[str],
    *,
    master: str = "",
    spark_arguments: Sequence[str] = (),
    spark: Path,
    jars: Path = JARS,
) -> list[str]:
    """The program that runs a job, and its arguments, each one word whatever is in it.

    ``spark`` is Spark's folder, ``jars`` that of the jars for S3, which may be missing. The
    program is ``sys.executable`` or Spark's ``spark-submit``.
    """
    for_spark = ["--master", master] if master else []
    if _is_on_s3(arguments) and not any(map(_NAMES_JARS.match, spark_arguments)):
        elsewhere = bool(master) or any(map(_NAMES_MASTER.match, spark_arguments))
        for_spark += _with_jars(jars, to_executors=elsewhere)
    for_spark += spark_arguments
    if not for_spark:
        return [sys.executable, job, *arguments]
    return [str(spark / "bin" / "spark-submit"), *for_spark, job, *arguments]


def _is_on_s3(arguments: Sequence[str]) -> bool:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--workspace", default="")
    workspace: str = parser.parse_known_args(arguments)[0].workspace
    return workspace.startswith("s3a:")


def _with_jars(folder: Path, *, to_executors: bool) -> list[str]:
    jars = sorted(map(str, folder.glob("*.jar")))
    if not jars:
        return []
    if to_executors:
        return ["--jars", ",".join(jars)]
    # Spark copies what --jars names, at each start, and one JVM needs no copy.
    return ["--driver-memory", _DRIVER_MEMORY, "--driver-class-path", f"{folder}/*"]


def main() -> int:
    """Become the job. Returns the exit status where it cannot be started."""
    return run_program(_start)


def _start() -> NoReturn:
    parser = Parser(__doc__, prog="python -m pipeline.workspace.submit")
    parser.add_argument("--master", default="", metavar="URL", help="Spark's master")
    parser.add_argument(
        "--spark-args",
        default="",
        metavar="TEXT",
        help="further arguments of spark-submit, quoted as in a shell",
    )
    parser.add_argument("job", metavar="JOB", help="such as jobs/round.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    asked = parser.parse_args()
    words = command(
        asked.job,
        asked.arguments,
        master=asked.master,
        spark_arguments=_split(asked.spark_args),
        spark=spark_home(),
    )
    environment = dict(os.environ)
    if words[0] != sys.executable:
        environment |= {"JAVA_HOME": str(java_home()), "PYSPARK_DRIVER_PYTHON": sys.executable}
        # Where the driver is elsewhere, Spark's log is all that tells how it is.
        if "cluster" not in words[: words.index(asked.job)]:
            environment |= quiet_log(environment)
        if f"spark://{LOOPBACK}:" in asked.master:
            environment.setdefault("SPARK_LOCAL_IP", LOOPBACK)
    os.execve(words[0], words, environment)  # noqa: S606 - no shell is what is wanted


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigError(
            f"SPARK_ARGS cannot be parted into words: {error}",
            expected="arguments of spark-submit, quoted as in a shell",
            remedy=f"mend {text!r}",
        ) from None


if __name__ == "__main__":
    sys.exit(main())
