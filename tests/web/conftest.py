"""A small web server, and this machine's connections for the test alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Web, web_server
from tests.web.network import DATA


@pytest.fixture
def own_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes do not take part in counting them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def web() -> Iterator[Web]:
    """A server of one file, called ``file``."""
    with web_server(file=DATA) as server:
        yield server
