"""Killed at any moment and run again, a run ends with the very corpus of a quiet one."""

import os
import random
import signal
import subprocess
import sys

import duckdb
import pytest

from tests import quick_java
from tests.places import PROJECT, rows_in
from tests.sample_runs import carry_out_rounds

KILLS = 6
ROUNDS = 1
#: Two partitions are usual in tests; these are more than some tables have rows of a kind.
PARTITIONS = "24"


def corpus(workspace):
    return (
        duckdb.sql(f"from '{workspace}/corpus/data/*.parquet' order by page_id").arrow().read_all()
    )


def tables(workspace, last_round=ROUNDS):
    """Everything else that a run keeps, to the row."""
    places = {
        "pages": "crawls/sample/pages",
        "pool": "pool",
        "collected": f"rounds/{last_round}/collected",
        "contamination": "contamination",
    }
    return {
        name: duckdb.sql(f"from {rows_in(workspace, place)} order by all").arrow().read_all()
        for name, place in places.items()
    }


@pytest.fixture
def web(small_web):
    return small_web


@pytest.fixture
def quiet(quiet_round):
    return quiet_round


@pytest.mark.slow
def test_kills_change_nothing(quiet, tmp_path, web):
    dice = random.Random(1)
    kills = attempts = 0
    while kills < KILLS:
        attempts += 1
        disturbed = tmp_path / f"disturbed-{attempts}"
        while kills < KILLS and not killed_or_ended(web, disturbed, dice.uniform(4, 16)):
            kills += 1
        ended = subprocess.run(
            command(web, disturbed), cwd=PROJECT, env=environment(),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        assert_same(disturbed, quiet)


def assert_same(workspace, quiet):
    assert corpus(workspace).equals(corpus(quiet))
    found = tables(workspace)
    for name, table in tables(quiet).items():
        assert found[name].equals(table), name


def environment():
    """Most of a run is a JVM that starts, and plans of few rows."""
    return os.environ | quick_java.environment()


def command(web, workspace):
    return [
        sys.executable, "jobs/round.py", "--round", str(ROUNDS),
        "--workspace", str(workspace), "--config", str(web.config_path),
    ]  # fmt: skip


def killed_or_ended(web, workspace, seconds):
    """Run for a while; True where the run ended before it was killed."""
    # A session of its own, so that Spark's JVM and workers die with it.
    process = subprocess.Popen(
        command(web, workspace), cwd=PROJECT, env=environment(), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    assert process.returncode == 0
    return True


@pytest.mark.slow
def test_number_of_partitions_changes_nothing(spark, quiet, tmp_path, web):
    usual = spark.conf.get("spark.sql.shuffle.partitions")
    assert usual == "2"
    try:
        spark.conf.set("spark.sql.shuffle.partitions", PARTITIONS)
        # Otherwise Spark makes one partition of what is small, whatever is asked.
        spark.conf.set("spark.sql.adaptive.coalescePartitions.enabled", "false")
        carry_out_rounds(web, tmp_path / "workspace", ROUNDS)
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", usual)
        spark.conf.unset("spark.sql.adaptive.coalescePartitions.enabled")
    assert_same(tmp_path / "workspace", quiet)
