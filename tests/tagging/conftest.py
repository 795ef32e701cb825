from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mined_rounds import small_round
from serving import Served, run_file, serving


@pytest.fixture(scope="session")
def small_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_round().write(tmp_path_factory.mktemp("small"))


@pytest.fixture
def served(small_workspace: Path, tmp_path: Path) -> Iterator[Served]:
    """The small round's server; tags go to tmp_path/tags.tsv."""
    with serving(small_workspace, run_file(tmp_path)) as server:
        yield server


@pytest.fixture(scope="session")
def asked(
    small_workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Path]]:
    """A server for tests that save nothing, and the folder where its tags would be."""
    folder = tmp_path_factory.mktemp("asked")
    with serving(small_workspace, run_file(folder)) as server:
        yield server, folder
