"""How a job is started: by Python or by spark-submit, each word as it was given."""

import json
import os
import shlex
import subprocess
import sys

import pytest

from pipeline.workspace.submit import command
from tests.places import PROJECT

pytestmark = pytest.mark.process

ODD = """it's "one" $HOME, really"""
ON_S3 = ("--workspace", "s3a://bucket/run")


@pytest.fixture
def submitted(tmp_path):
    """The command for a job, with Spark and two jars for S3 in a folder with an odd name."""
    jars = tmp_path / "it's the jars"
    jars.mkdir()
    for name in ("b.jar", "a.jar", "notes.txt"):
        (jars / name).touch()

    def of(*arguments, **options):
        options = {"spark": tmp_path / "spark", "jars": jars} | options
        return command("jobs/round.py", arguments, **options)

    of.submit = str(tmp_path / "spark" / "bin" / "spark-submit")
    of.jars = jars
    return of


def test_python_alone_runs_a_job_of_which_spark_is_told_nothing(submitted):
    assert submitted("--workspace", ODD) == [sys.executable, "jobs/round.py", "--workspace", ODD]


def test_what_is_said_to_spark_goes_before_the_job_and_stays_in_words(submitted):
    told = submitted("--config", ODD, master=ODD, spark_arguments=["--conf", f"a={ODD}"])
    options = ["--master", ODD, "--conf", f"a={ODD}"]
    assert told == [submitted.submit, *options, "jobs/round.py", "--config", ODD]
    assert submitted(spark_arguments=["--verbose"])[1:3] == ["--verbose", "jobs/round.py"]


@pytest.mark.parametrize(
    "where", [ON_S3, ("--workspace=s3a://b/r",), ("--workspace", "local", *ON_S3)]
)
def test_a_workspace_on_s3_has_the_jars_on_the_only_class_path(submitted, where):
    options = ["--driver-memory", "2g", "--driver-class-path", f"{submitted.jars}/*"]
    assert submitted(*where) == [submitted.submit, *options, "jobs/round.py", *where]


@pytest.mark.parametrize(
    "options",
    [
        {"master": "spark://head:7077"},
        {"spark_arguments": ["--master", "yarn"]},
        {"spark_arguments": ["--conf", "spark.master=yarn"]},
    ],
)
def test_a_clusters_executors_are_sent_the_jars(submitted, options):
    told = submitted(*ON_S3, **options)
    jars = f"{submitted.jars}/a.jar,{submitted.jars}/b.jar"
    assert told[told.index("--jars") + 1] == jars
    assert "--driver-class-path" not in told


@pytest.mark.parametrize(
    "named",
    [
        ["--jars", "mine.jar"],
        ["--jars=mine.jar"],
        ["--packages", "a:b:1"],
        ["--conf", "spark.jars=mine.jar"],
        ["--conf=spark.jars.packages=a:b:1"],
    ],
)
def test_other_jars_that_are_named_go_before_ours(submitted, named):
    told = submitted(*ON_S3, spark_arguments=named)
    assert told == [submitted.submit, *named, "jobs/round.py", *ON_S3]


def test_without_the_jars_nothing_is_said_of_them(submitted, tmp_path):
    assert submitted(*ON_S3, jars=tmp_path / "none")[0] == sys.executable
    assert submitted("--workspace", "/data/s3a:")[0] == sys.executable


def test_make_passes_each_variable_as_one_word():
    values = {
        "WORKSPACE": f"s3a://b/{ODD}",
        "CONFIG": f"{ODD}.toml",
        "MASTER": "spark://a,b",
        "SPARK_ARGS": f"--conf {shlex.quote('a=' + ODD)}",
    }
    # A dollar sign is make's own, unless doubled.
    given = [f"{name}={value.replace('$', '$$')}" for name, value in values.items()]
    told = subprocess.run(
        ["make", "--dry-run", "-o", ".venv/.complete", "round", "N=3", *given, "ARGS=--dry-run"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        # What a make that runs the tests was told is none of this one's business.
        env={key: value for key, value in os.environ.items() if not key.startswith("M")},
    ).stdout
    _, _, module, *options = shlex.split(told)
    assert module == "pipeline.workspace.submit"
    assert options == [
        f"--master={values['MASTER']}", f"--spark-args={values['SPARK_ARGS']}", "jobs/round.py",
        *("--round", "3", "--tags", "wait", "--workspace", values["WORKSPACE"]),
        *("--config", values["CONFIG"], "--dry-run"),
    ]  # fmt: skip


def submit(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pipeline.workspace.submit", *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_arguments_that_are_no_words_are_told():
    told = submit("--spark-args=--conf 'a", "jobs/round.py")
    assert told.returncode != 0
    assert told.stderr.startswith("ConfigError: SPARK_ARGS cannot be parted into words")


NAMED = shlex.join(["--conf", f"spark.app.name={ODD}"])


@pytest.mark.parametrize(
    ("options", "by_spark"), [((), False), (("--master=local[1]", f"--spark-args={NAMED}"), True)]
)
def test_a_job_gets_its_arguments_as_they_were_given(tmp_path, options, by_spark):
    job = tmp_path / "it's a job.py"
    job.write_text(
        "import json, os, sys\n"
        "print(json.dumps([sys.argv[1:], 'PYSPARK_GATEWAY_PORT' in os.environ, sys.executable]))\n"
    )
    told = submit(*options, job, "--workspace", ODD, "--", "")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == [["--workspace", ODD, "--", ""], by_spark, sys.executable]


def test_the_exit_status_is_the_jobs(tmp_path):
    (tmp_path / "job.py").write_text("raise SystemExit(7)\n")
    assert submit(tmp_path / "job.py").returncode == 7
