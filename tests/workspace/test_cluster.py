"""Whose processes a cluster on this machine has; that it works, the slow tests of jobs show."""

import json
import os
import subprocess
import sys

import pytest

from pipeline.base.errors import SetupError
from pipeline.workspace import cluster
from pipeline.workspace.cluster import Process, running, start, stop


@pytest.mark.process
def test_only_what_was_started_from_here_is_ended(tmp_path):
    """A number that another process has got since, and one that nobody has."""
    ours, another = (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) for _ in range(2)
    )
    begun = cluster._begun(ours.pid)
    assert Process("master", ours.pid, begun).runs()
    noted = [
        {"name": "master", "pid": ours.pid, "begun": begun},
        {"name": "worker-1", "pid": another.pid, "begun": f"{begun}0"},
        {"name": "worker-2", "pid": 2**22 + 1, "begun": begun},
    ]
    told = {"master": "spark://127.0.0.1:7077", "page": "", "python": "", "processes": noted}
    (tmp_path / "cluster.json").write_text(json.dumps(told))
    try:
        with pytest.raises(SetupError, match="runs already"):
            start(tmp_path)
        assert running(tmp_path).worker(1).pid == another.pid
        assert stop(tmp_path) == 1
        assert another.poll() is None
        assert ours.wait() < 0
    finally:
        for process in (ours, another):
            process.kill()
            process.communicate()
    assert stop(tmp_path) == 0
    assert running(tmp_path) is None


@pytest.mark.process
def test_a_cluster_that_does_not_start_says_why_and_leaves_nothing(tmp_path, monkeypatch):
    spark = tmp_path / "spark" / "bin"
    spark.mkdir(parents=True)
    (spark / "spark-class").write_text("#!/bin/sh\necho no such class: $1\nexit 1\n")
    (spark / "spark-class").chmod(0o755)
    monkeypatch.setenv("SPARK_HOME", str(spark.parent))
    with pytest.raises(SetupError, match="no such class: org"):
        start(tmp_path / "cluster")
    assert running(tmp_path / "cluster") is None


@pytest.mark.process
def test_executors_python_has_the_packages_but_not_the_project(tmp_path):
    python = cluster._python(tmp_path / "python")
    asked = [python, "-c", "import pyarrow, fastwarc; import pipeline"]
    told = subprocess.run(
        asked, cwd=tmp_path, capture_output=True, text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert "No module named 'pipeline'" in told.stderr
