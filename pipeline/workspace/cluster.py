"""A small Spark cluster on this machine, to try things on: a master and workers on loopback.

    python -m pipeline.workspace.cluster start
    python -m pipeline.workspace.cluster stop

What pip installs of Spark has no scripts for it. Everything listens on 127.0.0.1 alone. Workers
have a folder and a Python of their own: all that is installed beside this program, but nothing of
this project, as on a cluster that gets the code by the job.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.base.errors import SetupError
from pipeline.base.java import java_home
from pipeline.base.program import Parser, run_program
from pipeline.base.project import ROOT
from pipeline.base.small_files import json_text, write_whole
from pipeline.workspace.s3a import spark_home
from pipeline.workspace.session import LOOPBACK

FOLDER = ROOT / "build" / "cluster"
PORT = 7077
_STATE = "cluster.json"
_CLASSES = {
    "master": "org.apache.spark.deploy.master.Master",
    "worker": "org.apache.spark.deploy.worker.Worker",
}
_MASTER_READY = re.compile(r"Starting Spark master at (spark://\S+)")
_PAGE_READY = re.compile(r"Bound MasterWebUI to \S+, and started at (http://\S+)")
_WORKER_READY = re.compile(r"Successfully registered with master")
#: Seconds that a JVM has to be ready in, and to end in before it is killed.
_START, _END = 90, 20
#: What of this environment the cluster's processes get, and so the executors.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SPARK_CONF_DIR")
_JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass(frozen=True)
class Process:
    """One that was started, and when: another may have got its number since."""

    name: str
    pid: int
    begun: str

    def runs(self) -> bool:
        return bool(self.begun) and _begun(self.pid) == self.begun


@dataclass(frozen=True)
class Cluster:
    """What runs: the ``master``'s URL and web ``page``, the ``python`` for executors."""

    master: str
    page: str
    python: str
    processes: tuple[Process, ...]

    def worker(self, number: int) -> Process:
        """The worker of that number, from 1 on."""
        return next(one for one in self.processes if one.name == f"worker-{number}")


def start(
    folder: Path,
    *,
    workers: int = 2,
    cores: int | None = None,
    memory: str = "2g",
    port: int = PORT,
) -> Cluster:
    """Start a master and ``workers``, each with ``cores`` and ``memory`` for executors.

    ``cores`` are by default this machine's, shared among the workers; ``port`` is the next one
    that is free. Raises ``SetupError`` where a cluster of this folder runs already, or does not
    start; nothing is left running then.
    """
    folder = folder.resolve()
    before = running(folder)
    if before is not None:
        raise SetupError(
            f"a cluster of {folder} runs already, at {before.master}",
            remedy="use it, or end it first (make cluster-stop)",
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _STATE).unlink(missing_ok=True)
    for old in ("python", "master", *(path.name for path in folder.glob("worker-*"))):
        shutil.rmtree(folder / old, ignore_errors=True)
    python = _python(folder / "python")
    cores = cores or max(1, (os.cpu_count() or 1) // workers)
    processes: list[Process] = []
    try:
        arguments = ["--port", str(port)]
        process, log = _launch("master", folder / "master", arguments)
        processes.append(process)
        master = _awaited(_MASTER_READY, process, log)[1]
        page = _awaited(_PAGE_READY, process, log)[1]
        launched = []
        for number in range(1, workers + 1):
            place = folder / f"worker-{number}"
            arguments = ["--webui-port", "0", "--cores", str(cores), "--memory", memory]
            arguments += ["--work-dir", str(place / "work"), master]
            launched.append(_launch("worker", place, arguments))
            processes.append(launched[-1][0])
        for process, log in launched:
            _awaited(_WORKER_READY, process, log)
    except BaseException:
        _end(processes)
        raise
    cluster = Cluster(master, page, str(python), tuple(processes))
    write_whole(folder / _STATE, json_text(asdict(cluster)))
    return cluster


def running(folder: Path) -> Cluster | None:
    """The cluster of a folder; None where no process of it runs."""
    cluster = _noted(folder)
    return cluster if cluster and any(one.runs() for one in cluster.processes) else None


def stop(folder: Path) -> int:
    """End the cluster of a folder; how many of its processes were still there.

    Only what was started from this folder is ended: a number that another process has got since
    is left alone.
    """
    cluster = _noted(folder)
    if cluster is None:
        return 0
    ended = _end(cluster.processes)
    (folder / _STATE).unlink(missing_ok=True)
    return ended


def _noted(folder: Path) -> Cluster | None:
    try:
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    processes = tuple(Process(**one) for one in state.pop("processes"))
    return Cluster(**state, processes=processes)


def _python(folder: Path) -> Path:
    """A Python with the packages of this one, and nothing that a .pth file adds to them.

    Such a file is what names a checkout; those of a folder that a .pth file names are not read.
    """
    venv.create(folder, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    installed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (packages / "installed.pth").write_text("\n".join(installed) + "\n", encoding="utf-8")
    return folder / "bin" / "python"


def _launch(kind: str, folder: Path, arguments: Sequence[str]) -> tuple[Process, Path]:
    folder.mkdir()
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {
        "JAVA_HOME": str(java_home()),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": LOOPBACK,  # of web pages, too
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "512m",
        "SPARK_DAEMON_JAVA_OPTS": _JAVA_OPTIONS,
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",  # one more port, for nothing here
    }
    log = folder / "log"
    with log.open("wb") as output:
        # In a session of its own, which Ctrl-C does not reach.
        started = subprocess.Popen(  # noqa: S603 - the Spark that is installed
            [
                str(spark_home() / "bin" / "spark-class"),
                _CLASSES[kind],
                "--host",
                LOOPBACK,
                *arguments,
            ],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(folder.name, started.pid, _begun(started.pid)), log


def _awaited(line: re.Pattern[str], process: Process, log: Path) -> re.Match[str]:
    """The match of what a process logs when it is ready."""
    until = time.monotonic() + _START
    while True:
        alive = process.runs()
        text = log.read_text(encoding="utf-8", errors="replace")
        if match := line.search(text):
            return match
        if not alive or time.monotonic() > until:
            how = "did not start" if not alive else f"was not ready within {_START} seconds"
            raise SetupError(
                f"the cluster's {process.name} {how}",
                listed=text.splitlines()[-5:],
                remedy=f"see {log}",
            )
        time.sleep(0.1)


def _end(processes: Sequence[Process]) -> int:
    """Ask them to end, workers first, which end their executors; kill those that do not."""
    alive = [one for one in reversed(processes) if one.runs()]
    for number in (signal.SIGTERM, signal.SIGKILL):
        left = [one for one in alive if one.runs()]
        for one in left:
            os.kill(one.pid, number)
        until = time.monotonic() + _END
        while any(one.runs() for one in left) and time.monotonic() < until:
            time.sleep(0.1)
    return len(alive)


def _begun(pid: int) -> str:
    """When a process was started, as the system has it; empty where none of that number runs."""
    if Path("/proc/self/stat").exists():
        try:
            fields = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            )
        except OSError:
            return ""
        state, ticks = fields[0], fields[19]  # proc(5): the third and the twenty-second
        return "" if state in "ZX" else ticks
    output = subprocess.run(  # noqa: S603 - where there is no /proc
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return "" if output.startswith("Z") else " ".join(output.split()[1:])


def main() -> int:
    """Start or stop the cluster of a folder."""
    return run_program(_work)


def _work() -> int:
    parser = Parser(__doc__, prog="python -m pipeline.workspace.cluster")
    parser.add_argument("does", choices=("start", "stop"))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: build/cluster")
    parser.add_argument("--workers", type=int, default=2, help="default: 2")
    parser.add_argument("--cores", type=int, help="of a worker (default: an equal share)")
    parser.add_argument("--memory", default="2g", help="of a worker's executors (default: 2g)")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the master (default: {PORT})")
    asked = parser.parse_args()
    if asked.does == "stop":
        ended = stop(asked.folder)
        print(f"ended: {ended} processes" if ended else f"no cluster of {asked.folder} runs")
        return 0
    if asked.workers < 1 or (asked.cores is not None and asked.cores < 1):
        parser.error("--workers and --cores are 1 or more")
    cluster = start(
        asked.folder,
        workers=asked.workers,
        cores=asked.cores,
        memory=asked.memory,
        port=asked.port,
    )
    print(f"master:  {cluster.master}, its page {cluster.page}")
    print(f"workers: {len(cluster.processes) - 1}, with logs in {asked.folder}/worker-*")
    print(f"a run:   PYSPARK_PYTHON={shlex.quote(cluster.python)} \\")
    print(f"           make round N=1 MASTER={cluster.master}")
    print("end it:  make cluster-stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
