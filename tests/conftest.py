"""What all tests share: one small Spark session, and marks by what a test starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pyspark.sql import DataFrame, SparkSession

from tests import quick_java
from tests.checkpoints import in_memory
from tests.frames import put_into_plans

_SPARK_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    "-XX:ReservedCodeCacheSize=240m",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # Workers find the code; what else a user's session is given, other tests ask.
    "spark.mathmine.ready": "true",
}

# Both are of the clock, and of whatever else the machine has to do.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


#: A test that uses one of these fixtures starts what the mark says, and so does one with the mark.
_STARTS = {
    "spark": "spark",
    "browser": "browser",
    "asked": "process",
    "served": "process",
    "walked": "process",
}
MARKS = frozenset(_STARTS.values())

#: With the sample web's, the files that are left out of the fast tests for their time.
_LONG = frozenset(
    {
        "test_archives.py",
        "test_extraction_fidelity.py",
        "test_injection.py",
        "test_marked_pages.py",
        "test_salvage.py",
        "test_streams.py",
    }
)

#: Files of minutes, the longest first: of all tests, or of the slow ones.
_MINUTES = (
    "test_whole_run.py",
    "test_crawl_by_id.py",
    "test_kills.py",
    "test_on_a_cluster.py",
    "test_other_sparks.py",
    "test_flow.py",
    "test_fetch.py",
    "test_injection.py",
    "test_survives_executors.py",
    "test_real_crawl.py",
    "test_terminal.py",
    "test_incremental.py",
    "test_seed.py",
    "test_command_line.py",
)

#: Of those that look at the run of three rounds, the longest, the longest first.
_LOOKING = ("test_removal.py", "test_growth.py", "test_bad_input.py")

#: The test that runs, where it has none of these marks.
_unmarked: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """How JVMs start, told to all processes; in the slow scenarios Spark plans as for users.

    Tables are as in a log, whatever terminal the tests are run in, and commands are Python's,
    whether make runs the tests or not: what make's words are, tests of their own ask.
    """
    os.environ.pop("COLUMNS", None)
    os.environ.pop("MAKELEVEL", None)
    chosen = config.option.markexpr
    if not hasattr(config, "workerinput"):
        classes = None if "not spark" in chosen else quick_java.shared_classes()
        os.environ[quick_java.VARIABLE] = quick_java.options(classes, plans=chosen != "slow")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One process more than there are cores, where tests wait for programs, JVMs and servers."""
    if "not spark" in config.option.markexpr:
        return None
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks, and the order in which processes take the files.

    The longest come first: the run of three rounds, which its first test makes, then jobs.
    Files that look at that run come when it is there, the longest first too. Last are those that
    start nothing, with which all processes end at the same time.
    """
    looking, starting = set(), set()
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        for name in fixtures:
            if name in _STARTS:
                item.add_marker(_STARTS[name])
        if "jobs" in item.path.parts:
            item.add_marker("process")
        if "sampleweb" in item.path.parts or item.path.name in _LONG:
            item.add_marker("long")
        if "finished" in fixtures:
            looking.add(item.path)
        if any(item.get_closest_marker(mark) for mark in (*MARKS, "long")):
            starting.add(item.path)

    def place(item: pytest.Item) -> tuple[int, int]:
        name = item.path.name
        if name in _MINUTES:
            return 0, _MINUTES.index(name)
        if item.path in looking:
            return 3, _LOOKING.index(name) if name in _LOOKING else len(_LOOKING)
        if "jobs" in item.path.parts:
            return 1, 0
        return (2, 0) if item.path in starting else (4, 0)

    items.sort(key=place)


def _refuse_programs(event: str, arguments: tuple[Any, ...]) -> None:
    if _unmarked and event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"):
        pytest.fail(f"{_unmarked[0]} starts a program: it lacks a mark ({', '.join(MARKS)})")


sys.addaudithook(_refuse_programs)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test that starts Spark, a browser or any other program has a mark that says so."""
    # A slow one is in no run of fast tests.
    if not any(item.get_closest_marker(mark) for mark in (*MARKS, "slow")):
        _unmarked.append(item.nodeid)
    try:
        return (yield)
    finally:
        _unmarked.clear()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Real Spark on two cores."""
    from pipeline.base.java import java_home

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    builder = SparkSession.builder.master("local[2]").appName("tests")
    builder = builder.config(
        "spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse") / "spark")
    )
    for key, value in _SPARK_SETTINGS.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    put_into_plans(session)
    yield session
    session.stop()


@pytest.fixture
def checkpoint() -> Callable[[DataFrame, str], DataFrame]:
    """For what takes a step's checkpoint."""
    return in_memory
