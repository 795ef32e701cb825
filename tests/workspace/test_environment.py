"""What bare executors are given: packages without Spark, a Python with them, the code."""

import subprocess
import sys

import pytest

from pipeline.workspace.environment import install_command, requirements, write_python

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_all_that_the_project_needs_is_in_it_but_spark_and_what_tests_need():
    names = " ".join(requirements())
    assert "pyarrow" in names
    assert "fastwarc" in names
    assert not {"pyspark", "pytest", "extra"} & {*names.replace(">", " ").split()}


@pytest.mark.parametrize(("uv", "named"), [("/bin/uv", "--python-platform"), (None, "--platform")])
def test_only_wheels_of_the_version_and_platform_are_taken(uv, named, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: uv)
    command = install_command(tmp_path, version="3.12", platform="manylinux_2_28_x86_64")
    assert command[command.index(named) + 1] == "manylinux_2_28_x86_64"
    assert command[command.index("--python-version") + 1] == "3.12"
    assert command[command.index("--only-binary") + 1] == ":all:"
    assert {*requirements()} < {*command}


@pytest.mark.process
def test_python_has_the_packages_beside_it_from_wherever_it_is_started(tmp_path):
    env = tmp_path / "my env"
    write_python(env / "bin" / "python", VERSION)
    (env / "packages").mkdir()
    (env / "packages" / "only_here.py").write_text("print('it is', __file__)")
    for place, program in ((tmp_path, "my env/bin/python"), (env / "bin", "./python")):
        told = subprocess.run(
            [program, "-c", "import only_here, sys; print(sys.argv[1])", "a b"],
            cwd=place,
            capture_output=True,
            text=True,
            check=True,
            env={
                "MATHMINE_PYTHON": sys.executable,
                "PYTHONPATH": "/elsewhere",
                "PATH": "/usr/bin:/bin",
            },
        )
        assert told.stdout == f"it is {env}/packages/only_here.py\na b\n"
