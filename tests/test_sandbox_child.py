"""A sandbox's child from outside: it ends with its parent, and its code may lie in an archive."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.places import PROJECT

PROGRAM = """
import os, sys, time
from tests.test_sandbox import make_worker
from pipeline.sandbox import Limits, sandbox
task = sys.argv[1].encode()
with sandbox(make_worker, Limits(2, 100_000_000)) as box:
    [(_, (_, _, pid))] = box.answers([(0, b"page")])
    print(pid, flush=True)
    if task:
        list(box.answers([(0, task)]))
    time.sleep(600)
"""


def program(task):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, task],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    return process, int(process.stdout.readline())


def gone(pid, seconds):
    """No longer there, or dead and waiting for whoever inherited it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("task", "seconds"), [("", 8), ("endless-in-native-code", 16)])
def test_child_ends_when_its_parent_is_killed(task, seconds):
    process, child = program(task)
    time.sleep(0.3)
    process.kill()
    process.communicate()
    assert gone(child, seconds)


@pytest.mark.parametrize("task", ["", "sleep"])
def test_ctrl_c_ends_both_at_once_and_only_the_parent_says_so(task):
    process, child = program(task)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=8)
    assert told.count("KeyboardInterrupt") == 1
    assert gone(child, 8)


def test_code_in_an_archive_is_found(tmp_path):
    """As Spark hands it to executors: the packages in a zip that only sys.path names."""
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in [*(PROJECT / "pipeline").rglob("*.py"), PROJECT / "tests" / "poison.py"]:
            file.write(path, path.relative_to(PROJECT))
    (tmp_path / "worker.py").write_text("def make():\n    return len\n")
    script = (
        f"import sys; sys.path = [{str(archive)!r}, {str(tmp_path)!r}] + "
        "[p for p in sys.path if p.endswith('-packages') or 'lib/python' in p]\n"
        "from pipeline.sandbox import Limits, sandbox\n"
        "import pipeline, worker\n"
        "with sandbox(worker.make, Limits(1, 1 << 30)) as box:\n"
        "    print(pipeline.__file__, list(box.answers([(0, b'four')])))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd="/", capture_output=True, text=True, check=False
    )
    assert told.stdout.startswith(str(archive)), told.stderr
    assert told.stdout.endswith("[(0, 4)]\n"), told.stderr
