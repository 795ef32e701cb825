from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.base.errors import SetupError
from pipeline.web.attempts import Pace
from pipeline.web.connections import take_connection
from pipeline.web.https import WebFile
from pipeline.web.streams import ReadFailed, RemoteStream, open_stream, read_all, stat
from tests.places import PROJECT
from tests.servers import Web
from tests.web.network import DATA, READ, Clock

pytestmark = pytest.mark.usefixtures("own_connections")

# Who is first keeps the response open until a second has one too.
_READER = """
import os, sys, time
from pathlib import Path
from pipeline.config.sources import Read
from pipeline.web.streams import open_stream
url, limit, count, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
for _ in range(count):
    with open_stream(url, Read(connections=limit)) as stream:
        assert stream.read(1)
        began = time.monotonic()
        (folder / str(os.getpid())).touch()
        while len(list(folder.iterdir())) < 2 and time.monotonic() < began + 120:
            time.sleep(0.01)
        time.sleep(0.05)
        print(began, time.monotonic(), flush=True)
"""

_HOLDER = """
import os, sys
from pipeline.web.connections import take_connection
held = take_connection(1)
if "fork" in sys.argv and os.fork() == 0:
    print("child", flush=True)
    sys.stdin.read()
    os._exit(0)
if "fork" in sys.argv:
    held.give_back()
else:
    print("held", flush=True)
sys.stdin.read()
"""


def _python(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": tempfile.gettempdir(), "PYTHONPATH": str(PROJECT)},
    )


@pytest.mark.process
def test_no_more_responses_are_open_than_allowed_over_all_processes(
    web: Web, tmp_path: Path
) -> None:
    web.files["file"] = DATA * 4
    (folder := tmp_path / "readers").mkdir()
    readers = [_python(_READER, web.url("file"), "2", "6", str(folder)) for _ in range(4)]
    lines = [line for reader in readers for line in reader.communicate()[0].splitlines()]
    assert [reader.returncode for reader in readers] == [0] * 4
    assert len(lines) == 24
    times = [tuple(map(float, line.split())) for line in lines]
    most = max(sum(began <= at <= ended for began, ended in times) for at, _ in times)
    assert most == 2


@pytest.mark.process
def test_who_is_killed_holds_nothing() -> None:
    holder = _python(_HOLDER)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiting = threading.Thread(target=lambda: take_connection(1).give_back(), daemon=True)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    holder.kill()
    holder.communicate()
    waiting.join(120)
    assert not waiting.is_alive()


@pytest.mark.process
def test_a_forked_child_does_not_keep_what_its_parent_gave_back() -> None:
    holder = _python(_HOLDER, "fork")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "child\n"
    take_connection(1).give_back()
    holder.communicate()


def test_a_response_is_a_connection_until_its_end_or_its_close(web: Web) -> None:
    one = READ.model_copy(update={"connections": 1})
    with open_stream(web.url("file"), one) as stream:
        stream.read(len(DATA))
        take_connection(1).give_back()
        stream.seek(0)
        stream.read(1)
        stream.seek(0)
    with open_stream(web.url("file"), one) as stream:
        stream.read(1)
    assert stat(web.url("file"), one).bytes == len(DATA)
    web.chunked = True
    with open_stream(web.url("file"), one) as stream:
        stream.read(1)
        with pytest.raises(ReadFailed, match="does not tell its size"):
            stream.seek(0, os.SEEK_END)
    with pytest.raises(ReadFailed, match="404"):
        read_all(web.url("nothing"), one)
    take_connection(1).give_back()


def test_waiting_for_a_connection_costs_no_patience(web: Web) -> None:
    web.fail_next = 1
    settings = READ.model_copy(update={"connections": 1, "patience_seconds": 1.0})
    held, clock = take_connection(1), Clock()

    def look_again(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.now > 1.5:
            held.give_back()

    pace = Pace(clock=lambda: clock.now, sleep=look_again)
    with RemoteStream(WebFile(web.url("file"), settings), pace=pace) as stream:
        assert stream.read() == DATA
    assert clock.now > 1.5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: folder.mkdir(mode=0o700) or folder.chmod(0o777),
        lambda folder: folder.symlink_to(folder.parent),
        lambda folder: folder.write_text(""),
    ],
)
def test_a_folder_that_is_not_ours_alone_is_refused(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    spoil(tmp_path / f"mathmine-connections-{os.getuid()}")
    with pytest.raises(SetupError, match="mathmine-connections") as caught:
        take_connection(1)
    assert "TMPDIR" in caught.value.remedy
