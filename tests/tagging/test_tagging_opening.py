"""How the browser gets the page's address: where no other user of the machine sees the token."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from serving import PROJECT, Served, command, run_file

from pipeline.mine.patterns import Patterns

pytestmark = pytest.mark.process

BOARD = "board.numbers.example"


@contextmanager
def opening(workspace: Path, folder: Path, browser: str, **environment: str) -> Iterator[Served]:
    """The server with a browser that is the shell script ``browser``; its address is "$1"."""
    script = folder / "browser.sh"
    script.write_text(f"#!/bin/sh\n{browser}\n")
    script.chmod(0o755)
    line = [word for word in command(workspace, run_file(folder)) if word != "--no-browser"]
    with subprocess.Popen(
        line,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "BROWSER": f"{script} %s", "TMPDIR": str(folder), **environment},
    ) as process:
        assert process.stdout is not None
        try:
            yield Served(process.stdout.readline().strip(), process)
        finally:
            process.terminate()


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def command_lines() -> list[bytes]:
    lines = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                lines.append((process / "cmdline").read_bytes())
            except OSError:
                continue  # it has ended
    return lines


def doors(folder: Path) -> list[Path]:
    return list(folder.glob("mathmine-tagging-*.html"))


def given(folder: Path) -> Path:
    """The file that the browser was told to open."""
    told = folder / "given"
    until(lambda: told.exists() and told.read_text().endswith("\n"))
    address = urlsplit(told.read_text().strip())
    assert address.scheme == "file"
    return Path(unquote(address.path))


def test_the_browser_is_given_a_file_that_only_its_user_can_read(
    small_workspace: Path, tmp_path: Path
) -> None:
    # One that is waited for until it ends, as some are.
    with opening(small_workspace, tmp_path, f'echo "$1" > {tmp_path}/given; sleep 60') as served:
        door = given(tmp_path)
        assert stat.S_IMODE(door.stat().st_mode) == 0o600
        assert served.token in door.read_text()
        assert served.token not in (tmp_path / "given").read_text()
        # The page is served while that browser runs, and the file goes when it was used.
        path = f"/open?token={served.token}"
        assert served.request("GET", "/open?token=wrong", X_Mathmine_Token="").status == 403
        assert door.exists()
        opened = served.request("GET", path, X_Mathmine_Token="")
        assert opened.status == 200
        assert "SameSite=strict" in opened.headers["set-cookie"]
        assert served.token not in opened.data.decode()
        assert not door.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_file_is_removed_when_the_server_ends(
    small_workspace: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with opening(small_workspace, tmp_path, f'echo "$1" > {tmp_path}/given') as served:
        door = given(tmp_path)
        until(lambda: served.request("GET", "/api/queue").status == 200)
        served.process.send_signal(number)
        assert served.process.wait(300) == 0
        assert not door.exists()
        assert doors(tmp_path) == []


def test_chromium_opens_the_page_and_no_command_line_has_the_token(
    small_workspace: Path, tmp_path: Path
) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from browser import CHROMIUM, NO_BROWSER

    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    shown = tmp_path / "shown.html"
    # Chromium puts a socket into TMPDIR, and a socket's path may have a hundred bytes.
    chromium = (
        f"exec env -u TMPDIR {CHROMIUM} --headless --no-sandbox --disable-gpu "
        f"--user-data-dir={tmp_path}/profile "
        f'--virtual-time-budget=20000 --dump-dom "$1" > {shown} 2> {tmp_path}/said'
    )
    seen: list[bytes] = []

    def is_shown() -> bool:
        seen.extend(command_lines())
        return shown.exists() and "</html>" in shown.read_text()

    with opening(small_workspace, tmp_path, chromium) as served:
        until(is_shown)
        assert BOARD in shown.read_text(), shown.read_text()
        assert served.token not in shown.read_text()
        assert any(b"--dump-dom" in line for line in seen)
        assert not any(served.token.encode() in line for line in seen)
        assert doors(tmp_path) == []
        served.decide(BOARD, "not")
    assert [said.pattern for said in Patterns.read(tmp_path / "tags.tsv")] == [BOARD]
