"""What Spark's JVM says of itself is left out; what it says of a job passes at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.workspace.java_output import _FILTER

STARTING = (
    "WARNING: Using incubator modules: jdk.incubator.vector\n"
    'Setting default log level to "WARN".\n'
    "To adjust logging level use sc.setLogLevel(newLevel). For SparkR, use setLogLevel(newLevel).\n"
)


@pytest.mark.process
def test_only_the_lines_of_a_start_are_left_out() -> None:
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _FILTER],
        input=(f"{STARTING}26/11/30 ERROR TaskSchedulerImpl: lost\nWARNING: Using it\n").encode()
        + b"\xff no text\nno end",
        capture_output=True,
        check=True,
    )
    assert said.stdout == (
        b"26/11/30 ERROR TaskSchedulerImpl: lost\nWARNING: Using it\n\xff no text\nno end"
    )
