"""Whole runs over a small sample web, shared by the tests that look at what came out."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from tests.sample_runs import PAGES, Finished, SampleWeb, carry_out_rounds, make_sample_web


@pytest.fixture(scope="session")
def sample_web(tmp_path_factory: pytest.TempPathFactory) -> SampleWeb:
    return make_sample_web(tmp_path_factory.mktemp("web"), PAGES)


@pytest.fixture(scope="session")
def finished(
    spark: SparkSession, sample_web: SampleWeb, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    """Three rounds over the sample web."""
    workspace = tmp_path_factory.mktemp("run") / "workspace"
    return Finished(sample_web, workspace, 3, carry_out_rounds(sample_web, workspace, 3))
