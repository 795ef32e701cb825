"""What to give a cluster that has Spark and a Python, and nothing of this project.

    python -m pipeline.workspace.environment --out build/cluster-env

Writes two files: ``env.tar.gz`` (for ``--archives``) with the packages that this project needs,
and a ``bin/python`` that is the machine's own Python with these packages; and ``mathmine.zip``
(for ``--py-files``) with this project's code. Spark is not among the packages: executors take the
cluster's. The packages are wheels for one minor version of Python, which the executors' machines
must have, and for a platform: this one, unless ``--platform`` names another.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from importlib.metadata import requires
from pathlib import Path

from pipeline.base.bootstrap import explain
from pipeline.base.errors import SetupError
from pipeline.base.program import Parser, run_program
from pipeline.base.project import ROOT
from pipeline.workspace.executors import code_archive

ARCHIVE, CODE = "env.tar.gz", "mathmine.zip"
_HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
_PYTHON = """\
#!/bin/sh
# Python {version} of this machine (MATHMINE_PYTHON: another path), with the packages beside this.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
PYTHONPATH="$here/packages${{PYTHONPATH:+:$PYTHONPATH}}"
export PYTHONPATH
exec "${{MATHMINE_PYTHON:-python{version}}}" "$@"
"""


def requirements() -> list[str]:
    """What this project needs, but Spark: lines for pip."""
    lines = [line for line in requires("mathmine") or () if "extra ==" not in line]
    return [line for line in lines if not re.match(r"pyspark\b", line)]


def install_command(folder: Path, *, version: str, platform: str) -> list[str]:
    """What puts wheels of the :func:`requirements` into a folder: uv where it is, else pip."""
    uv = shutil.which("uv")
    command = [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
    command += ["install", "--quiet", "--target", str(folder), "--only-binary", ":all:"]
    command += ["--python-version", version]
    if platform:
        command += ["--python-platform" if uv else "--platform", platform]
    if (constraints := ROOT / "constraints.txt").is_file():
        command += ["--constraint", str(constraints)]
    return [*command, *requirements()]


def make_environment(out: Path, *, version: str = _HERE, platform: str = "") -> Path:
    """Write both files into ``out``. Raises ``SetupError`` where packages cannot be had."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix="making-") as scratch:
        folder = Path(scratch, "env")
        write_python(folder / "bin" / "python", version)
        command = install_command(folder / "packages", version=version, platform=platform)
        run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if run.returncode:
            raise SetupError(
                explain(run.stdout + run.stderr, "fetching the packages"),  # type: ignore[no-untyped-call]
                listed=run.stderr.splitlines()[-3:],
                remedy="see that pip reaches its index, or name another --python or --platform",
            )
        for cache in folder.rglob("__pycache__"):
            shutil.rmtree(cache)
        made = Path(scratch, ARCHIVE)
        with tarfile.open(made, "w:gz", compresslevel=6) as archive:
            for name in ("bin", "packages"):
                archive.add(folder / name, name)
        code_archive(Path(scratch)).replace(out / CODE)
        made.replace(out / ARCHIVE)
    return out / ARCHIVE


def write_python(path: Path, version: str) -> None:
    """The program that is the machine's Python with the packages beside it."""
    path.parent.mkdir(parents=True)
    path.write_text(_PYTHON.format(version=version), encoding="utf-8")
    path.chmod(0o755)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files and say how to give them to Spark."""
    return run_program(lambda: _work(arguments))


def _work(arguments: Sequence[str] | None) -> int:
    parser = Parser(__doc__, prog="python -m pipeline.workspace.environment")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "cluster-env")
    parser.add_argument("--python", default=_HERE, metavar="VERSION", help=f"default: {_HERE}")
    parser.add_argument("--platform", default="", help="such as manylinux_2_28_x86_64")
    asked = parser.parse_args(arguments)
    archive = make_environment(asked.out, version=asked.python, platform=asked.platform)
    print(f"{archive}: {archive.stat().st_size / 1e6:,.0f} MB, for Python {asked.python}")
    print(f"spark-submit --archives {archive}#env --py-files {asked.out / CODE} \\")
    print("    --conf spark.pyspark.python=./env/bin/python … jobs/round.py …")
    return 0


if __name__ == "__main__":
    sys.exit(main())
