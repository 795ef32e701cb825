"""A sandbox's child from outside: it ends with its parent, and its code may lie in an archive."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.places import PROJECT
from tests.poison import POISONS

pytestmark = pytest.mark.process

#: Nothing here ends by itself before that is over.
LONG = 600
#: What ends does so within moments, where the machine has time for it.
SECONDS = 120

PROGRAM = f"""
import sys, time
from tests.extract.test_sandbox_child import make_telling_worker
from pipeline.extract.sandbox import Limits, sandbox
with sandbox(make_telling_worker, Limits({LONG}, 100_000_000)) as box:
    list(box.answers([(0, sys.argv[1:])]))
    time.sleep({LONG})
"""


def make_telling_worker():
    return work_and_tell


def work_and_tell(task):
    """Say which process is at work before what may be its end."""
    told, *poisons = task
    Path(told).write_text(f"{os.getpid()}\n")
    for poison in poisons:
        POISONS[poison]()


@contextmanager
def program(folder, *poisons):
    """A process that uses a sandbox, and its child, at work on what ``poisons`` says."""
    told = folder / "told"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(told), *poisons],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        while not (told.exists() and told.read_text().endswith("\n")):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        yield process, int(told.read_text())
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def gone(pid):
    """No longer there, or dead and waiting for whoever inherited it."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("poisons", [[], ["endless-in-native-code"], ["sleep"]])
def test_child_ends_when_its_parent_is_killed(poisons, tmp_path):
    with program(tmp_path, *poisons) as (process, child):
        process.kill()
        process.wait()
        assert gone(child)


@pytest.mark.parametrize("poisons", [[], ["sleep"]])
def test_ctrl_c_ends_both_at_once_and_only_the_parent_says_so(poisons, tmp_path):
    with program(tmp_path, *poisons) as (process, child):
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=SECONDS)
        assert told.count("KeyboardInterrupt") == 1
        assert gone(child)


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
        "from pipeline.extract.sandbox import Limits, sandbox\n"
        "import pipeline, worker\n"
        "with sandbox(worker.make, Limits(1, 1 << 30)) as box:\n"
        "    print(pipeline.__file__, list(box.answers([(0, b'four')])))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd="/", capture_output=True, text=True, check=False
    )
    assert told.stdout.startswith(str(archive)), told.stderr
    assert told.stdout.endswith("[(0, 4)]\n"), told.stderr
