"""Rounds on the Sparks that managed services have: every table as the newest Spark makes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.base.java import java_home
from tests import quick_java
from tests.other_sparks import SPARKS, NotHadError, fetch
from tests.places import PROJECT
from tests.same_tables import differences
from tests.sample_runs import SampleWeb


@pytest.mark.slow
@pytest.mark.parametrize("version", SPARKS)
def test_a_round_makes_the_tables_of_the_newest_spark(
    version: str, quiet_round: Path, small_web: SampleWeb, tmp_path: Path
) -> None:
    _, newest = SPARKS[version]
    if sys.version_info[:2] > newest:
        pytest.skip(f"Spark {version} is made for Python up to {'.'.join(map(str, newest))}")
    try:
        place = fetch(version)
    except NotHadError as reason:
        pytest.skip(str(reason))
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
