"""Sessions that others have begun, and Pythons of executors that are not as they must be."""

from __future__ import annotations

import venv
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from pipeline.base.errors import SetupError
from pipeline.workspace import session
from pipeline.workspace.session import READY, in_our_terms, start_session


def test_a_session_that_runs_already_is_given_code_and_settings_once(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = spark.newSession()
    running.conf.unset(READY)
    shipped: list[Any] = []
    monkeypatch.setattr(session, "ship_code", shipped.append)
    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda _: running))
    # What was said when Spark started stays.
    monkeypatch.setitem(session._SETTINGS, "spark.sql.shuffle.partitions", "77")
    for _ in range(2):
        assert start_session("notebook") is running
    assert shipped == [spark.sparkContext]
    assert running.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch") == "512"
    assert running.conf.get("spark.sql.shuffle.partitions") == "2"


def test_a_session_of_spark_connect_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Conf:
        def get(self, _: str, default: None) -> None:
            return default

    there = type("SparkSession", (), {"conf": Conf()})
    there.__module__ = "pyspark.sql.connect.session"
    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda _: there()))
    with pytest.raises(SetupError, match="Spark Connect, which has no SparkContext"):
        start_session("notebook")


def test_an_older_spark_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyspark.__version__", "3.4.3")
    with pytest.raises(SetupError, match=r"this is Spark 3\.4\.3"):
        start_session("old")


def test_a_python_that_executors_cannot_use_is_told_in_a_sentence(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that is not there, and one without the packages."""
    venv.create(tmp_path / "bare", symlinks=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    for python, told in (("/nowhere/python", "cannot start its Python"), (bare, "lacks a package")):
        monkeypatch.setattr(spark.sparkContext, "pythonExec", python)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - Spark's own, of several kinds
            spark.range(1).mapInArrow(lambda batches: batches, "id long").collect()
        error = in_our_terms(caught.value)
        assert error is not None, caught.value
        assert told in error.problem
        assert "PYSPARK_PYTHON" in error.remedy
