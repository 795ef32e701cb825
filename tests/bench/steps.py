"""``make bench BENCH=steps``: one table of what each step costs, beside peers on the same WARC.

Parts are measured in processes of their own, in interleaved rounds, so that a
machine that slows down slows all of them; the median of the rounds counts. The
jobs are then run one after the other, Spark and its start included.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from tests.bench.decontamination import every_benchmark
from tests.bench.interleaved import PROJECT, SAMPLE, interleaved, table
from tests.bench.parts import STREAMS, TEXTS, captures, healthy_copy, part_command

_PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
#: The part that the others' speed is told against.
REFERENCE = "bare fastwarc + trafilatura"
JOBS = "extract dedupe train classify select_pages mine decontaminate emit".split()
PACKAGES = (
    "fastwarc warcio resiliparse trafilatura selectolax fasttext-modern numpy pyarrow pyspark"
).split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", default=str(sorted((SAMPLE / "warc").glob("*.gz"))[0]))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts-only", action="store_true", help="leave the Spark jobs out")
    arguments = parser.parse_args()
    workspace = PROJECT / "build" / "bench"
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    warc = healthy_copy(captures(arguments.warc), workspace / "healthy.warc.gz")
    jobs = [] if arguments.parts_only else list(_jobs(workspace / "run"))
    model = workspace / "run" / "rounds" / "1" / "model" / "model.bin"
    print(f"\nthe pages of {arguments.warc}, median of {arguments.rounds} interleaved rounds")
    print(table(_parts(warc, model, arguments.rounds)))
    if jobs:
        print("\nthe sample web, round 1, each job with its own Spark")
        print(table(jobs))
    print("\n" + ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    return 0


def _parts(warc: str, model: Path, rounds: int) -> Iterable[tuple[str, ...]]:
    benchmarks = every_benchmark().benchmarks
    extra = {"features + score": [str(model)], "benchmark n-grams": [benchmarks]}
    names = [n for n in (*STREAMS, *TEXTS) if n != "features + score" or model.exists()]
    measured = interleaved(
        {name: part_command(name, warc, *extra.get(name, [])) for name in names}, rounds
    )
    reference = measured[REFERENCE].speed
    yield "part", "pages/CPU-s", f"against {REFERENCE}", "peak MB"
    for name, one in measured.items():
        if one.problem:
            sys.exit(f"{name}: {one.problem}")
        ratio = one.speed / reference if reference else 0.0
        yield name, f"{one.speed:,.0f}", f"{ratio:.1f}", f"{one.memory / 1e6:,.0f}"


def _jobs(workspace: Path) -> Iterable[tuple[str, ...]]:
    yield "job", "pages/CPU-s", "CPU s", "seconds", "peak MB of a process"
    total_cpu = total_wall = 0.0
    pages = most = 0
    for job in JOBS:
        command = [sys.executable, f"jobs/{job}.py", "--workspace", str(workspace)]
        cpu, wall, memory = _measured(command)
        if job == "extract":
            manifest = json.loads((workspace / "crawls/sample/pages/manifest.json").read_text())
            pages = manifest["rows"]
        total_cpu, total_wall, most = total_cpu + cpu, total_wall + wall, max(most, memory)
        yield _job_line(job, pages, cpu, wall, memory)
    yield _job_line("all", pages, total_cpu, total_wall, most)


def _job_line(name: str, pages: int, cpu: float, wall: float, memory: int) -> tuple[str, ...]:
    return name, f"{pages / cpu:,.0f}", f"{cpu:.1f}", f"{wall:.1f}", f"{memory / 1e6:,.0f}"


def _measured(command: list[str]) -> tuple[float, float, int]:
    """CPU and wall seconds of a process and all it started, peak bytes of the largest.

    Spark's JVM and workers outlive their parents by a moment, so that this process
    adopts them and waits for all.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started, wall = time.monotonic(), 0.0
    process = subprocess.Popen(command, cwd=PROJECT, stdout=sys.stderr)
    cpu, memory = 0.0, 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return cpu, wall, memory
        cpu += usage.ru_utime + usage.ru_stime
        memory = max(memory, usage.ru_maxrss * 1024)
        if pid == process.pid:
            wall = time.monotonic() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit(f"{' '.join(command)} failed")


if __name__ == "__main__":
    sys.exit(main())
