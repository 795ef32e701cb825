"""Whole runs over a small sample web, shared by the tests that look at what came out."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from pyspark.sql import SparkSession

from pipeline.loop.step import Report
from tests.sample_runs import PAGES, Finished, SampleWeb, carry_out_rounds, make_sample_web


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Any]) -> Any:
    """What ``make`` returns, made in a folder of that name by the first process that asks."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = shared / f"{name}.pickle"
    with FileLock(shared / f"{name}.lock"):
        if not made.exists():
            folder = shared / name
            # Of a process that could not make it.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made.write_bytes(pickle.dumps(make(folder)))
    return pickle.loads(made.read_bytes())


@pytest.fixture(scope="session")
def sample_web(tmp_path_factory: pytest.TempPathFactory) -> SampleWeb:
    """Made once for all processes: read only."""
    return _once(tmp_path_factory, "web", lambda folder: make_sample_web(folder, PAGES))


@pytest.fixture(scope="session")
def finished(
    spark: SparkSession, sample_web: SampleWeb, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    """Three rounds over the sample web, made once; each process has a workspace of its own."""

    def make(folder: Path) -> tuple[Path, list[Report]]:
        return folder / "workspace", carry_out_rounds(sample_web, folder / "workspace", 3)

    made, reports = _once(tmp_path_factory, "finished", make)
    workspace = tmp_path_factory.mktemp("run") / "workspace"
    shutil.copytree(made, workspace)
    return Finished(sample_web, workspace, 3, reports)


@pytest.fixture(scope="session")
def small_web(tmp_path_factory: pytest.TempPathFactory) -> SampleWeb:
    """Made once for all processes: read only."""
    return _once(tmp_path_factory, "small-web", lambda folder: make_sample_web(folder, 600))


@pytest.fixture(scope="session")
def quiet_round(
    spark: SparkSession, small_web: SampleWeb, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The workspace of one round that nothing disturbed, over the small web: read only."""

    def make(folder: Path) -> Path:
        carry_out_rounds(small_web, folder / "workspace", 1)
        return folder / "workspace"

    return _once(tmp_path_factory, "quiet", make)
