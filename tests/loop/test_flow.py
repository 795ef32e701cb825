"""Text stays where it is read: what a step shuffles does not grow with the text of the pool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.flow import Flow, shuffle_bytes, too_much
from tests.places import PROJECT


def event(name: str, **more: object) -> str:
    return json.dumps({"Event": name, **more})


def test_bytes_are_counted_by_the_step_whose_jobs_wrote_them(tmp_path: Path) -> None:
    started = "SparkListenerJobStart"

    def ended(stage: int, size: int) -> str:
        metrics = {"Shuffle Write Metrics": {"Shuffle Bytes Written": size}}
        return event("SparkListenerTaskEnd", **{"Stage ID": stage, "Task Metrics": metrics})

    log = tmp_path / "log"
    lines = [
        event(started, **{"Stage IDs": [1, 2], "Properties": {"spark.job.description": "mine 1"}}),
        ended(1, 100),
        ended(2, 20),
        event(started, **{"Stage IDs": [3], "Properties": {"spark.job.description": "emit"}}),
        ended(3, 7),
        ended(2, 3),
    ]
    log.write_text("\n".join(lines) + "\n")
    assert shuffle_bytes(log) == {"mine 1": 123, "emit": 7}


def test_only_steps_that_give_out_text_may_shuffle_it() -> None:
    flows = [
        Flow("dedupe", 10**9, 1_000),
        Flow("classify 1", 100_000, 1_000),
        Flow("mine 1", 100_001, 1_000),
        Flow("tokens 1", 5_100_000, 1_000),
        Flow("emit", 5_100_000, 1_000),
    ]
    assert [flow.step for flow in too_much(flows, text=5_000_000)] == ["mine 1"]
    few = too_much(flows, text=4_999_999)
    assert [flow.step for flow in few] == ["mine 1", "tokens 1", "emit"]


@pytest.mark.slow
def test_no_step_of_a_round_shuffles_the_text_of_the_pool() -> None:
    """In a process of its own, as Spark is planned as for billions of pages."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.flow", "--pages", "2800", "--rounds", "1"],
        cwd=PROJECT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "classify 1" in told.stdout
