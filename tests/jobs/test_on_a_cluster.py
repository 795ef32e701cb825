"""A round on a cluster whose executors, driver and a worker are killed makes a quiet run's tables.

The cluster is that of ``make cluster``, with executors whose Python lacks this project.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.workspace import cluster
from pipeline.workspace.cluster import Cluster
from tests import quick_java
from tests.places import PROJECT
from tests.same_tables import differences
from tests.sample_runs import SampleWeb

#: Steps in which an executor is killed; and one in which executors' Python workers are.
DISTURBED = ("extract", "dedupe", "train", "select", "mine", "decontaminate", "emit")
PYTHON_DIES = "page topics"
#: As it says that, the driver is killed; the next one loses a worker as it begins.
DRIVER_DIES = "train 1: training on"
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    yield cluster.start(folder, workers=2, cores=1, memory="1g", port=0)
    assert cluster.stop(folder) == 2  # the master, and the worker that was left


def test_log_of_a_step_names_it() -> None:
    assert step_of("train 1: choosing the seed (0 s)") == "train"
    assert step_of("page topics: telling topics (0 s)") == "page topics"
    assert step_of("WARNING Using incubator modules") is None


@pytest.mark.slow
def test_what_is_killed_changes_nothing(
    running: Cluster, quiet_round: Path, small_web: SampleWeb, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    killed: set[str] = set()

    first = driver(running, small_web, workspace)
    for line in lines_of(first):
        if line.startswith(DRIVER_DIES):
            os.killpg(first.pid, signal.SIGKILL)
            break
        kill_in_step(running, line, killed)
    assert first.wait() == -signal.SIGKILL
    assert killed == {"extract", "dedupe", PYTHON_DIES, "train"}

    second = driver(running, small_web, workspace)
    log = []
    for line in lines_of(second):
        if not log:
            os.kill(running.worker(1).pid, signal.SIGKILL)
        log.append(line)
        kill_in_step(running, line, killed)
    assert second.wait() == 0, "\n".join(log[-40:])
    assert killed == {*DISTURBED, PYTHON_DIES}
    assert differences(quiet_round, workspace) == {}


def kill_in_step(running: Cluster, line: str, killed: set[str]) -> None:
    """What is to die, as soon as it is there, when the log names the next step to disturb."""
    step = step_of(line)
    if step not in (*DISTURBED, PYTHON_DIES) or step in killed or ": starting" in line:
        return
    find, most = (python_workers, None) if step == PYTHON_DIES else (executors, 1)
    until = time.monotonic() + 60
    while not (pids := find(running)):
        assert time.monotonic() < until, f"nothing to kill in step {step}"
        time.sleep(0.05)
    for pid in pids[:most]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    killed.add(step)


def step_of(line: str) -> str | None:
    match = re.match(r"([a-z ]+?)(?: sample| \d+)?: ", line)
    return match[1] if match else None


def executors(running: Cluster) -> list[int]:
    """Those that the workers of this very cluster have started."""
    return started_by([one.pid for one in running.processes], b"CoarseGrainedExecutorBackend")


def python_workers(running: Cluster) -> list[int]:
    daemons = started_by(executors(running), b"pyspark.daemon")
    return started_by(daemons, b"pyspark.daemon")


def started_by(parents: Iterable[int], word: bytes) -> list[int]:
    """Processes with that word in their command."""
    wanted = {*map(str, parents)}
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent in wanted and word in command:
            pids.append(int(folder.name))
    return pids


def driver(running: Cluster, web: SampleWeb, workspace: Path) -> subprocess.Popen[str]:
    """``make round`` on the cluster, in a session of its own."""
    quick = quick_java.options(quick_java.shared_classes(), plans=False)
    settings = quick_java.options(quick_java.shared_classes())
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "pipeline.workspace.submit", "--master", running.master),
            f"--spark-args=--conf 'spark.executor.extraJavaOptions={quick} {_JAVA}'",
            *("jobs/round.py", "--round", "1", "--workspace", str(workspace)),
            *("--config", str(web.config_path)),
        ],
        cwd=PROJECT,
        env=os.environ
        | {"PYSPARK_PYTHON": running.python, quick_java.VARIABLE: f"{settings} {_JAVA}"},
        # spark-submit writes there whatever its Python writes.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def lines_of(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        yield line.rstrip("\n")
