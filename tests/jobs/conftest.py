"""Whole runs over a small sample web, shared by the tests that look at what came out."""

from __future__ import annotations

import os
import pickle
import shutil

import pytest
from filelock import FileLock
from pyspark.sql import SparkSession

from tests.sample_runs import PAGES, Finished, SampleWeb, carry_out_rounds, make_sample_web


@pytest.fixture(scope="session")
def sample_web(tmp_path_factory: pytest.TempPathFactory) -> SampleWeb:
    return make_sample_web(tmp_path_factory.mktemp("web"), PAGES)


@pytest.fixture(scope="session")
def finished(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Three rounds over the sample web, made once; each process has a workspace of its own."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = shared / "finished.pickle"
    with FileLock(shared / "finished.lock"):
        if not made.exists():
            folder = shared / "finished"
            folder.mkdir()
            web = make_sample_web(folder, PAGES)
            reports = carry_out_rounds(web, folder / "workspace", 3)
            made.write_bytes(pickle.dumps((web, reports)))
    web, reports = pickle.loads(made.read_bytes())
    workspace = tmp_path_factory.mktemp("run") / "workspace"
    shutil.copytree(shared / "finished" / "workspace", workspace)
    return Finished(web, workspace, 3, reports)
