"""What executors elsewhere are asked for, and what is said of those that differ."""

import pytest

from pipeline.base.errors import SetupError
from pipeline.workspace.executors import (
    code_archive,
    in_our_terms,
    memory_overhead,
    overhead_settings,
    size_of,
)

GB = 1 << 30


class Given(dict):
    """A SparkConf."""

    contains = dict.__contains__


def test_memory_beside_the_heap_follows_from_cores_and_the_largest_page():
    one, eight = (memory_overhead(cores, 8 * GB, 2 * GB) for cores in (1, 8))
    assert 3 * GB < one < 4 * GB
    assert eight - one == 7 * (400 << 20) + 2 * GB
    assert memory_overhead(8, 8 * GB, GB) == eight - 2 * GB
    # Spark asks for 384 MB at least.
    assert memory_overhead(1, GB, 0) == (384 + 400) << 20


def test_what_the_user_says_of_it_stays():
    for name in ("memoryOverhead", "memoryOverheadFactor"):
        assert overhead_settings(Given({f"spark.executor.{name}": "1g"}), GB) == {}
    given = Given({"spark.executor.cores": "8", "spark.executor.memory": "8g"})
    assert overhead_settings(given, 2 * GB) == {"spark.executor.memoryOverhead": "8116m"}
    assert overhead_settings(Given(), 0) == {"spark.executor.memoryOverhead": "784m"}


def test_sizes_are_read_as_spark_does():
    assert [size_of(text) for text in ("8g", "512M", "1024", "2tb")] == [
        *(8 * GB, GB // 2, GB, 2048 * GB)
    ]
    with pytest.raises(SetupError, match="8 gigs"):
        size_of("8 gigs")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'java.io.IOException: Cannot run program "/opt/python": error=2, No such file',
            "cannot start its Python, /opt/python: No such file",
        ),
        (
            'Cannot run program "env/bin/python" (in directory "/work"): error=13, denied',
            "cannot start its Python, env/bin/python: denied",
        ),
        (
            "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9 than that in "
            "driver: 3.11, PySpark cannot run with different minor versions.",
            "executors have Python 3.9, and this program runs on Python 3.11",
        ),
        (
            "[PYTHON_VERSION_MISMATCH] Python in worker has different version (3, 9) than that in "
            "driver 3.11, PySpark cannot run with different minor versions.",
            "executors have Python 3.9, and this program runs on Python 3.11",
        ),
        ("ModuleNotFoundError: No module named 'pyarrow'", "lacks a package: pyarrow"),
        ("[PACKAGE_NOT_INSTALLED] PyArrow >= 11.0 must be installed", "lacks a package: PyArrow"),
        ("ModuleNotFoundError: No module named 'pipeline'", "has not got this project's code"),
        ("libm.so.6: version `GLIBC_2.38' not found (required by", "no GLIBC_2.38"),
    ],
)
def test_an_executor_with_another_python_is_told_in_a_sentence(said, told):
    error = in_our_terms(f"Job aborted: {said}\n\tat java.base/java.lang.Thread.run")
    assert told in error.problem
    assert error.remedy
    assert "\tat" not in str(error)


def test_other_errors_are_none_of_these():
    assert in_our_terms("java.lang.OutOfMemoryError: Java heap space") is None


def test_archives_of_the_code_have_names_of_their_own(tmp_path):
    names = {code_archive(tmp_path).name for _ in range(2)}
    assert len(names) == 2
    assert "mathmine.zip" not in names
