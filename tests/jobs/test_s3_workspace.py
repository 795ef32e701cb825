"""A workspace on S3: a real server on loopback, Spark with the jars that ``make jars`` fetches."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from pipeline.base.errors import SetupError
from pipeline.base.java import java_home
from pipeline.workspace import s3a
from tests.jobs.in_process import job
from tests.jobs.test_kills import corpus, tables
from tests.places import PROJECT
from tests.sample_runs import SampleWeb, carry_out_rounds, make_sample_web
from tests.servers import Seaweed, seaweed

JARS = PROJECT / "build" / "jars"
DRIVER = PROJECT / "tests" / "jobs" / "s3_driver.py"
BUCKET = "mathmine"
#: Seconds into the run at which it is killed: Spark has started, the end is far.
KILLED_AFTER = 45

with_jars = pytest.mark.skipif(
    not any(JARS.glob("*hadoop-aws*.jar")), reason="no jars for S3: make jars"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with seaweed(tmp_path_factory.mktemp("s3")) as server:
        server.client().create_bucket(Bucket=BUCKET)
        yield server


def environment(store: Seaweed) -> dict[str, str]:
    return {
        **os.environ,
        **store.environment(),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JAVA_HOME": str(java_home()),
    }


def submit(store: Seaweed, *arguments: str) -> list[str]:
    """The command for Spark with the jars, told where S3 is as a user tells it."""
    submitter = shutil.which("spark-submit", path=str(Path(sys.executable).parent))
    assert submitter
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.hadoop.fs.s3a.endpoint": store.endpoint,
        "spark.hadoop.fs.s3a.path.style.access": "true",
    }
    told = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
    return [
        submitter, "--master", "local[2]", "--driver-memory", "2g",
        "--driver-class-path", f"{JARS}/*", *told, *arguments,
    ]  # fmt: skip


def drive(store: Seaweed, name: str, run: str) -> str:
    """What a function of ``s3_driver.py`` printed."""
    done = subprocess.run(
        submit(store, str(DRIVER), name, f"s3a://{BUCKET}/{run}"),
        cwd=PROJECT,
        env=environment(store) | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    # Spark's own lines, of which there are many, may come after what went wrong.
    trouble = done.stderr.find("Traceback")
    assert done.returncode == 0, done.stderr[trouble:][:4_000]
    assert done.stdout.endswith("done\n")
    return done.stdout


def test_packages_are_those_of_the_spark_that_is_installed() -> None:
    assert s3a.packages().startswith("org.apache.hadoop:hadoop-aws:3.")
    assert "org.apache.spark:spark-hadoop-cloud_2.13:" in s3a.packages()


def test_without_jars_one_message_says_which_packages_to_add(spark: SparkSession) -> None:
    web = PROJECT / "seeds" / "sample.toml"
    told = job("dedupe", "--workspace", "s3a://nowhere/run", "--config", web)
    assert told.status == SetupError.exit_status
    assert told.err.startswith("SetupError: Spark has no S3A file system")
    assert s3a.packages() in told.err
    assert "make jars" in told.err
    assert "Traceback" not in told.err


@with_jars
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "storage_keeps_its_promises",
        "tables_are_committed_without_renames",
        "one_of_several_gets_the_lock",
    ],
)
def test_storage(store: Seaweed, name: str) -> None:
    drive(store, name, f"storage-{name}")


@with_jars
@pytest.mark.slow
def test_trouble_is_told_in_our_terms(store: Seaweed) -> None:
    lines = dict(
        line.split(" | ", 1)
        for line in drive(store, "trouble_is_told", "run").splitlines()
        if " | " in line
    )
    assert lines["no bucket"].startswith("WorkspaceError | there is no such bucket on S3")
    assert lines["no server"].startswith("WorkspaceError | S3 cannot be reached")
    assert lines["no keys"].startswith("SetupError | no keys for S3")
    assert lines["no right"].startswith("WorkspaceError | S3 ")


def round_command(store: Seaweed, web: SampleWeb) -> list[str]:
    job = ["jobs/round.py", "--round", "1", "--tags", "wait"]
    place = ["--workspace", f"s3a://{BUCKET}/whole", "--config", str(web.config_path)]
    return submit(store, *job, *place)


def download(store: Seaweed, prefix: str, folder: Path) -> Path:
    client = store.client()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for item in page.get("Contents", []):
            target = folder / item["Key"]
            if not item["Key"].endswith("/"):
                target.parent.mkdir(parents=True, exist_ok=True)
                client.download_file(BUCKET, item["Key"], str(target))
    return folder / prefix


@with_jars
@pytest.mark.slow
def test_whole_round_killed_once_ends_as_a_quiet_one_on_this_machine(
    store: Seaweed, spark, tmp_path: Path
) -> None:
    web = make_sample_web(tmp_path, 800)
    with (tmp_path / "log").open("w") as log:
        first = subprocess.Popen(
            round_command(store, web),
            cwd=PROJECT,
            env=environment(store),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        time.sleep(KILLED_AFTER)
        assert first.poll() is None, "it ended before it could be killed"
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    again = subprocess.run(
        round_command(store, web),
        cwd=PROJECT,
        env=environment(store),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert again.returncode == 0, again.stderr[-4_000:]
    quiet = tmp_path / "quiet"
    carry_out_rounds(web, quiet, 1)
    found = download(store, "whole", tmp_path / "downloaded")
    assert corpus(found).equals(corpus(quiet))
    for name, table in tables(quiet, 1).items():
        assert tables(found, 1)[name].equals(table), name
    assert query_on_s3(store, tmp_path) == corpus(quiet).num_rows


def query_on_s3(store: Seaweed, folder: Path) -> int:
    """How many pages DuckDB counts in the corpus where it lies."""
    place = PROJECT / "build" / "duckdb-httpfs"
    if not place.exists():
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(place),
             "duckdb-extension-httpfs"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if fetched.returncode:
            shutil.rmtree(place, ignore_errors=True)
            pytest.skip("DuckDB's extension for S3 cannot be had: no package index")
    [extension] = place.rglob("httpfs.duckdb_extension")
    script = folder / "query.py"
    script.write_text(
        "import sys, duckdb\n"
        "extension, endpoint, key, secret, files = sys.argv[1:]\n"
        "duckdb.sql(f\"LOAD '{extension}'\")\n"
        "duckdb.sql(f\"CREATE SECRET (TYPE s3, KEY_ID '{key}', SECRET '{secret}', ENDPOINT "
        "'{endpoint}', URL_STYLE 'path', USE_SSL false)\")\n"
        "print(duckdb.sql(f\"select count(*) from '{files}'\").fetchone()[0])\n"
    )
    told = subprocess.run(
        [sys.executable, str(script), str(extension), store.endpoint.removeprefix("http://"),
         store.access_key, store.secret_key, f"s3://{BUCKET}/whole/corpus/data/*.parquet"],
        env=os.environ | {"PYTHONPATH": str(place)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return int(told.stdout)
