"""A session of the loop that writes Spark's event log, and that log's events."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from pipeline.base.java import java_home
from pipeline.config.settings import Shuffle
from pipeline.workspace.session import start_session


def logged_session(
    name: str, folder: Path, others: Mapping[str, str] | None = None
) -> SparkSession:
    """Spark as the loop starts it, and then with ``others`` settings of SQL. Its log is the one
    file of ``folder``, which is made.
    """
    folder.mkdir()
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
    }
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    words = " ".join(f"--conf {key}={value}" for key, value in settings.items())
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"{words} pyspark-shell"
    session = start_session(name, Shuffle().partition_bytes)
    # The loop's own settings go before those of the command line.
    for key, value in (others or {}).items():
        session.conf.set(key, value)
    return session


def events(log: Path) -> Iterator[dict[str, Any]]:
    """The events of a log, in order."""
    with log.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)
