"""Rounds on the Sparks that managed services have: every table as the newest Spark makes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.base.bootstrap import NO_INDEX, explain
from pipeline.base.java import java_home
from tests import quick_java
from tests.places import PROJECT
from tests.same_tables import differences
from tests.sample_runs import SampleWeb

#: Spark, the py4j that it asks for, and the newest Python that it is made for.
SPARKS = [("3.5", "0.10.9.7", (3, 11)), ("4.0", "0.10.9.9", (3, 13))]
#: For 400 MB that come as sources, once: they are kept in build/sparks.
FETCHING = 240


@pytest.mark.slow
@pytest.mark.parametrize(("version", "py4j", "newest"), SPARKS, ids=[name for name, *_ in SPARKS])
def test_a_round_makes_the_tables_of_the_newest_spark(
    version: str,
    py4j: str,
    newest: tuple[int, int],
    quiet_round: Path,
    small_web: SampleWeb,
    tmp_path: Path,
) -> None:
    if sys.version_info[:2] > newest:
        pytest.skip(f"Spark {version} is made for Python up to {'.'.join(map(str, newest))}")
    place = installed(version, py4j)
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_HOME"}
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(place), str(PROJECT)]),
        "JAVA_HOME": str(java_home()),
        quick_java.VARIABLE: quick_java.options(None),
    }
    which = [sys.executable, "-c", "import pyspark; print(pyspark.__version__)"]
    asked = subprocess.run(which, env=environment, capture_output=True, text=True, check=True)
    assert asked.stdout.startswith(f"{version}.")
    workspace = tmp_path / "workspace"
    ended = subprocess.run(
        [
            *(sys.executable, "jobs/round.py", "--round", "1", "--workspace", str(workspace)),
            *("--config", str(small_web.config_path)),
        ],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert differences(quiet_round, workspace) == {}


def installed(version: str, py4j: str) -> Path:
    """A folder with that Spark in it, fetched once; skips where it cannot be had."""
    place = PROJECT / "build" / "sparks" / version
    if place.is_dir():
        return place
    coming = place.with_name(f"{version}.coming")
    shutil.rmtree(coming, ignore_errors=True)
    pip = [uv, "pip"] if (uv := shutil.which("uv")) else [sys.executable, "-m", "pip"]
    wanted = [f"pyspark=={version}.*", f"py4j=={py4j}"]
    try:
        fetched = subprocess.run(
            [*pip, "install", "--quiet", "--no-deps", "--target", str(coming), *wanted],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCHING,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"Spark {version} could not be fetched within {FETCHING} seconds")
    if fetched.returncode:
        reason = explain(fetched.stdout, f"fetching Spark {version}")
        assert reason == NO_INDEX, fetched.stdout
        pytest.skip(reason)
    coming.rename(place)
    return place
