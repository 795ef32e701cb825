"""The tagging page's real server, in a process of its own, and a script's way to ask it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Served:
    """A server at work. ``address`` has the token."""

    address: str
    process: subprocess.Popen[str]
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    @property
    def root(self) -> str:
        return self.address.partition("/?")[0]

    @property
    def token(self) -> str:
        return urlsplit(self.address).query.removeprefix("token=")

    def request(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        """With the token, unless ``headers`` say otherwise; underscores are hyphens there."""
        head = {"X-Mathmine-Token": self.token, "Content-Type": "application/json"}
        head |= {key.replace("_", "-"): value for key, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return self.pool.request(
            method, self.root + path, body=data, headers=head, redirect=False, timeout=120
        )

    def get(self, path: str, **values: Any) -> Any:
        answer = self.request("GET", f"{path}?{urlencode(values)}")
        assert answer.status == 200, answer.data
        return answer.json()

    def decide(self, prefix: str, word: str, **more: Any) -> Any:
        answer = self.request("POST", "/api/decision", {"prefix": prefix, "word": word, **more})
        assert answer.status == 200, answer.data
        return answer.json()

    def undo(self) -> Any:
        return self.request("POST", "/api/undo", {}).json()

    def kill(self) -> None:
        """As a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def run_file(folder: Path, tags: str = "tags.tsv", seed: str = "") -> Path:
    """A run's TOML, whose tags are beside it; its one crawl is pages.warc.gz there."""
    path = folder / "run.toml"
    path.write_text(
        '[crawls.c]\nwarcs = ["pages.warc.gz"]\n'
        + (f'[seed]\npatterns = ["{seed}"]\n' if seed else "")
        + '[seed.texts]\npaths = ["none.parquet"]\n'
        + (f'[tags]\nfile = "{tags}"\n' if tags else "")
    )
    return path


def command(workspace: Path, config: Path, *more: str, who: str = "ada") -> list[str]:
    return [
        *(sys.executable, "-m", "pipeline.tagging", "--workspace", str(workspace)),
        *("--config", str(config), "--who", who, "--no-browser", *more),
        *(() if "--port" in more else ("--port", "0")),
    ]


@contextmanager
def serving(workspace: Path, config: Path, *more: str, who: str = "ada") -> Iterator[Served]:
    """The server, until the block ends or it was killed."""
    process = subprocess.Popen(
        command(workspace, config, *more, who=who),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "XDG_STATE_HOME": str(config.parent / "state")},
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        if not address:
            raise AssertionError(process.stderr.read())
        try:
            yield Served(address, process)
        finally:
            process.terminate()
