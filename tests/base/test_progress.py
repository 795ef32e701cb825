import threading
import time

import pytest

from pipeline.base.progress import Progress


@pytest.fixture
def said(capsys):
    """Waits until standard error, from the start, holds a text so many times."""
    told = ""

    def until(text, times=1):
        nonlocal told
        deadline = time.monotonic() + 300
        while told.count(text) < times:
            assert time.monotonic() < deadline, told
            time.sleep(0.01)
            told += capsys.readouterr().err

    return until


def test_what_is_done_is_said_at_once_and_again(said):
    with Progress("extract one", every=0.01) as progress:
        progress.note("batch 1 of 2")
        said("extract one: batch 1 of 2 (", times=2)


def test_tasks_of_spark_are_counted_while_they_run(spark, tmp_path, said):
    """The tasks wait until the line was seen."""
    seen = tmp_path / "seen"

    def wait(batches):
        for batch in batches:
            while not seen.exists():
                time.sleep(0.01)
            yield batch

    frame = spark.range(0, 4, 1, 4).mapInArrow(wait, "id long")
    with Progress("classify 1", every=0.05) as progress:
        progress.watch(spark.sparkContext)
        work = threading.Thread(target=frame.collect)
        work.start()
        try:
            said("of 4 tasks]")
        finally:
            seen.touch()
            work.join()
