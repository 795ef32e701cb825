"""What test_s3_workspace.py has done in a Spark of its own, which has the jars for S3.

spark-submit tests/jobs/s3_driver.py NAME URI
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from pyspark import SparkContext

from pipeline.base.errors import MathmineError, WorkspaceBusy
from pipeline.workspace import hadoop
from pipeline.workspace.hadoop import S3AStorage
from pipeline.workspace.session import in_our_terms, start_session

RACERS = 4
RACES = 5


def storage_keeps_its_promises(context: SparkContext, uri: str) -> None:
    storage = S3AStorage(uri, lambda: context)
    assert storage.read("a/b.json") is None
    assert storage.names("a") == []
    storage.write("a/b.json", "first ∑\n")
    storage.write("a/b.json", "second ∫\n")
    assert storage.read("a/b.json") == "second ∫\n"
    assert storage.names("a") == ["b.json"]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        made.mkdir()
        (made / "part.parquet").write_bytes(b"x" * 10)
        # More than one part of an upload.
        (made / "model.bin").write_bytes(os.urandom(1_000) * 150_000)
        for turn in range(2):  # the second time where things have been before
            storage.put(made, "deep/in/table")
            assert storage.size("deep/in/table") == (2, 150_000_010), turn
            assert storage.size("deep/in/table/part.parquet") == (1, 10)
            assert "part.parquet" in storage.names("deep/in/table")
            local = storage.on_every_machine("deep/in/table", f"model-{turn}", ["model.bin"])
            assert (local / "model.bin").read_bytes() == (made / "model.bin").read_bytes()
            storage.delete("deep")
            storage.delete("deep")
            assert storage.size("deep") == (0, 0)
            assert storage.read("deep/in/table/part.parquet") is None


def tables_are_committed_without_renames(context: SparkContext, uri: str) -> None:
    spark = start_session("test")
    storage = S3AStorage(uri, lambda: context)
    storage.read("nothing")
    target = storage.uri("staged/rows")
    for rows in (100, 10):
        made = spark.range(0, rows, 1, 4).selectExpr("id", "id % 2 as kind")
        made.write.mode("overwrite").partitionBy("kind").parquet(target)
    assert spark.read.parquet(target).count() == 10
    success = storage.read("staged/rows/_SUCCESS")
    assert success is not None
    assert json.loads(success)["committer"] == "magic"
    # Some servers show folders that have lost their last object; nothing is left in them.
    for name in storage.names("staged/rows"):
        if name.startswith("__"):
            assert storage.size(f"staged/rows/{name}") == (0, 0)


def one_of_several_gets_the_lock(context: SparkContext, uri: str) -> None:
    # Without the pause only the server's word counts.
    hadoop.SETTLE_SECONDS = 0
    for state in ("none", "left by a killed run", "given back"):
        for _ in range(RACES):
            _race(context, uri, state)
    print("raced")


def _race(context: SparkContext, uri: str, state: str) -> None:
    storage = S3AStorage(uri, lambda: context)
    if state == "none":
        for number in storage._locks():
            storage.delete(f".lock-{number}")
    elif state != "given back":
        storage.write(".lock-1", json.dumps({"owner": "process 1 on elsewhere", "renewed": 0}))
    start, ended = threading.Barrier(RACERS), threading.Barrier(RACERS)
    winners: list[int] = []
    failures: list[Exception] = []

    def run(number: int) -> None:
        mine = S3AStorage(uri, lambda: context)
        mine.read("nothing")  # reach the server before the race
        start.wait()
        with suppress(WorkspaceBusy):
            try:
                with mine.lock():
                    winners.append(number)
                    ended.wait()
                    return
            except WorkspaceBusy:
                raise
            except Exception as error:
                failures.append(error)
        ended.wait()

    racers = [threading.Thread(target=run, args=(number,)) for number in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert not failures, failures
    assert len(winners) == 1, f"{state}: {winners}"


def trouble_is_told(context: SparkContext, uri: str) -> None:
    """Prints, for each kind of trouble, what a person is told."""
    assert context._jsc is not None
    settings = context._jsc.hadoopConfiguration()
    for name, key, value in (
        ("no bucket", "", ""),
        ("no right", "fs.s3a.secret.key", "wrong"),
        ("no server", "fs.s3a.endpoint", "http://127.0.0.1:1"),
        ("no keys", "fs.s3a.aws.credentials.provider",
         "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider"),
    ):  # fmt: skip
        if key:
            settings.set(key, value)
        try:
            S3AStorage("s3a://no-such-bucket/run" if not key else uri, lambda: context).names("")
        except Exception as error:
            told: MathmineError | Exception | None
            told = error if isinstance(error, MathmineError) else in_our_terms(error)
            print(f"{name} | {type(told).__name__} | {str(told).splitlines()[0]}")


if __name__ == "__main__":
    globals()[sys.argv[1]](start_session("test").sparkContext, sys.argv[2])
    print("done")
