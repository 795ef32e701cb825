"""Jobs as a person runs them: in processes of their own."""

import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pyspark
import pytest

from pipeline.base.java import java_home
from tests.jobs.in_process import job
from tests.places import PROJECT

JOBS = sorted(path.stem for path in (PROJECT / "jobs").glob("*.py"))


def run_job(*arguments, python=(sys.executable,), **options):
    return subprocess.run(
        [*python, *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **options,
    )


def test_there_is_a_job_for_every_step():
    steps = (
        "extract fetch dedupe train classify select_pages converge mine topics judge decontaminate "
        "emit report"
    )
    others = "annotation publish record remove round rounds tags why"
    assert sorted([*steps.split(), *others.split()]) == JOBS


@pytest.mark.parametrize("job", JOBS)
def test_help_is_the_docstring(job, monkeypatch, capsys):
    path = PROJECT / "jobs" / f"{job}.py"
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", [str(path), "--help"])
        # The job puts the project in the place of its own folder.
        patch.setattr(sys, "path", [str(path.parent), *sys.path])
        # And it makes these print visibly.
        for name in ("stdout", "stderr", "excepthook"):
            patch.setattr(sys, name, getattr(sys, name))
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert path.read_text().split('"""')[1].strip().splitlines()[0] in told
    for option in ("--workspace", "--config", "--round", "--force", "--dry-run"):
        assert option in told


def test_spark_submit_runs_a_job_with_nothing_else_set(tmp_path, sample_web):
    """From another folder, so that nothing but the job itself finds the project."""
    told = submit(
        "--conf", "spark.ui.enabled=false",
        PROJECT / "jobs" / "select_pages.py", "--dry-run",
        "--workspace", tmp_path / "workspace", "--config", sample_web.config_path,
        cwd=tmp_path,
    )  # fmt: skip
    assert told.returncode == 2, told.stderr
    assert "cannot run" in told.stdout
    assert "no rounds/1/scores" in told.stdout
    assert not (tmp_path / "workspace").exists()


def submit(*arguments, cwd):
    """spark-submit as pip installs it."""
    return subprocess.run(
        [str(Path(pyspark.__file__).parent / "bin" / "spark-submit"), *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ
        | {
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "JAVA_HOME": str(java_home()),
        },
    )


def test_master_and_settings_of_spark_submit_go_before_ours(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from pipeline.workspace.session import start_session\n"
        "spark = start_session('test')\n"
        "print(spark.sparkContext.master, spark.conf.get('spark.sql.shuffle.partitions'))\n"
    )
    told = submit(
        "--master", "local[1]", "--conf", "spark.sql.shuffle.partitions=3", script, cwd=PROJECT
    )
    assert "local[1] 3" in told.stdout, told.stderr


@pytest.mark.slow
def test_executors_elsewhere_get_code_and_model(tmp_path):
    """On a cluster of processes, with the model in a workspace that only Hadoop reaches."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from pipeline.classify.model import FILES, score_pages\n"
        "from pipeline.classify.training import train\n"
        "from pipeline.config.settings import Train\n"
        "from pipeline.workspace.hadoop import HadoopStorage\n"
        "from pipeline.workspace.session import start_session\n"
        "spark = start_session('test')\n"
        "folder = Path(sys.argv[1])\n"
        "settings = Train(dim=4, buckets=100, small_seed_updates=(), min_count=1)\n"
        "lines = [('math', f'sum of {i}') for i in range(30)]\n"
        "lines += [('other', f'recipe {i}') for i in range(30)]\n"
        "train(lines, settings, folder / 'made' / 'model.bin', scratch=folder, note=print)\n"
        "storage = HadoopStorage((folder / 'w').as_uri(), lambda: spark.sparkContext)\n"
        "storage.put(folder / 'made', 'rounds/1/model')\n"
        "local = storage.on_every_machine('rounds/1/model', 'model-1', FILES['folded'])\n"
        "pages = spark.createDataFrame([('a', 'sum of 1'), ('b', 'recipe 2')], "
        "'page_id string, text string').repartition(2)\n"
        "import shutil\n"
        "scored = score_pages(pages, str(local / 'model.bin'), settings)\n"
        "shutil.move(local, folder / 'hidden')\n"
        "print('scored', scored.count(), sorted(r.page_id for r in scored.collect()))\n"
    )
    told = submit(
        "--master", "local-cluster[2,1,1024]",
        "--conf", "spark.executor.memory=600m",
        "--conf", "spark.driver.host=127.0.0.1",
        "--conf", "spark.driver.bindAddress=127.0.0.1",
        script, tmp_path,
        cwd=PROJECT,
    )  # fmt: skip
    assert "scored 2 ['a', 'b']" in told.stdout, told.stderr


def test_dry_run_of_the_whole_loop_says_what_would_be_done_and_does_nothing(tmp_path, sample_web):
    workspace = tmp_path / "workspace"
    told = run_job(
        "jobs/round.py", "--dry-run", "--round", 2,
        "--workspace", workspace, "--config", sample_web.config_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "extract sample would run" in " ".join(told.stdout.split())
    assert "WARCs" in told.stdout
    assert "train 2" in told.stdout
    assert not workspace.exists()


def test_step_without_its_input_says_which_job_makes_it(tmp_path, sample_web):
    told = run_job("jobs/classify.py", "--workspace", tmp_path, "--config", sample_web.config_path)
    assert told.returncode == 1
    assert told.stderr.startswith("InputMissing: there is no pool in")
    assert "jobs/dedupe.py" in told.stderr
    assert "Traceback" not in told.stderr


def test_rounds_count_from_one():
    for number in (0, "9" * 5_000):
        told = job("round", "--round", number)
        assert told.status == 2
        assert "rounds count from 1" in told.err
        assert len(told.err) < 4_000


def test_second_run_in_the_same_workspace_is_refused(tmp_path, sample_web):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib\n"
            "from pipeline.workspace.storage import LocalStorage\n"
            "with LocalStorage(pathlib.Path(sys.argv[1])).lock():\n"
            "    print('held', flush=True)\n"
            "    sys.stdin.read()\n",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        told = run_job("jobs/round.py", "--workspace", tmp_path, "--config", sample_web.config_path)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert told.returncode == 1
    assert f"in use by process {holder.pid}" in told.stderr


def test_make_help_lists_every_target():
    told = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True)
    for target in ("setup", "round", "sample-web", "test", "test-slow", "check", "bench", "clean"):
        assert f"  {target} " in told.stdout


def test_make_clean_leaves_a_named_workspace_alone(tmp_path):
    named = tmp_path / "build" / "mine"
    named.mkdir(parents=True)
    (named / "manifest.json").write_text("{}")
    for default in ("workspace", "sample-web"):
        (tmp_path / "build" / default).mkdir()
    (tmp_path / "Makefile").write_bytes((PROJECT / "Makefile").read_bytes())
    for workspace in ("build/mine", str(named)):
        subprocess.run(
            ["make", "clean", f"WORKSPACE={workspace}"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["mine"]
    assert (named / "manifest.json").exists()
