"""What executors on other machines need: this code, a Python like this one, memory for pages."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.base import native
from pipeline.base.errors import SetupError
from pipeline.base.project import DATA, ROOT, checkout

if TYPE_CHECKING:
    from pyspark import SparkConf, SparkContext

_MIB = 1 << 20
_OVERHEAD = "spark.executor.memoryOverhead"
#: Whatever of these the user gives, the memory beside the heap is the user's affair.
_NAMES_OVERHEAD = (_OVERHEAD, f"{_OVERHEAD}Factor", "spark.kubernetes.memoryOverheadFactor")
#: A Python worker that extracts, and the process beside it that it has the pages read by.
#: Measured: 250 MB at most, see docs/cluster.md.
_WORKER = 400 * _MIB
#: Of the pages that are read at a time, one in so many may be as large as a page may be.
_CORES_A_LARGE_PAGE = 4
#: What Spark itself adds for its JVM: a share of the heap, and so much at least.
_OF_HEAP, _LEAST = 0.1, 384 * _MIB
_ANOTHER_PYTHON = "set PYSPARK_PYTHON to the path that such a Python has on the executors' machines"


def memory_overhead(cores: int, heap: int, page_memory: int) -> int:
    """Bytes of an executor beside its heap, for ``cores`` tasks at a time.

    For its JVM what Spark asks for, a worker for each core, and for each four of these one page
    that takes ``page_memory`` (``extract.max_page_memory``). Spark alone asks for a tenth of the
    heap, whatever the cores.
    """
    large = -(-cores // _CORES_A_LARGE_PAGE)
    return max(_LEAST, int(heap * _OF_HEAP)) + cores * _WORKER + large * page_memory


def overhead_settings(given: SparkConf, page_memory: int) -> dict[str, str]:
    """What to ask YARN or Kubernetes for; nothing where the user says how much."""
    if any(given.contains(name) for name in _NAMES_OVERHEAD):
        return {}
    cores = int(given.get("spark.executor.cores") or 1)
    heap = size_of(given.get("spark.executor.memory") or "1g")
    wanted = memory_overhead(cores, heap, page_memory)
    return {_OVERHEAD: f"{-(-wanted // _MIB)}m"}


def size_of(text: str) -> int:
    """Bytes of a size of memory as Spark reads it: ``8g``, ``512m``, or a number of MiB."""
    match = re.fullmatch(r"(\d+)([kmgtp]?)b?", text.strip().lower())
    if match is None:
        raise SetupError(
            f"spark.executor.memory is {text!r}", expected="a size such as 8g", remedy="mend it"
        )
    return int(match[1]) << {"": 20, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50}[match[2]]


def ship_code(context: SparkContext) -> None:
    """Give executors this project's code, and what of it is compiled.

    Nothing, where the code is in an archive itself: whoever has given that to Spark, by
    ``--py-files``, has given it to the executors.
    """
    if not ROOT.is_dir():
        return
    folder = Path(tempfile.mkdtemp(prefix="mathmine-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    context.addPyFile(str(code_archive(folder)))
    if (compiled := native.folder()) is not None:
        # Unpacked beside the code; executors of another kind keep to the interpreter.
        packed = shutil.make_archive(str(folder / native.ARCHIVE), "zip", compiled)
        context.addArchive(f"{packed}#{native.ARCHIVE}")


def code_archive(folder: Path) -> Path:
    """This project as a zip that Python imports from, laid as a wheel is.

    Spark refuses two files of one name, and people have a ``mathmine.zip``.
    """
    archive, package = folder / f"mathmine-{uuid.uuid4().hex[:12]}.zip", ROOT / "pipeline"
    places = {package: Path("pipeline")}
    if (project := checkout()) is not None:
        places[project / "schemas"] = Path("pipeline", DATA, "schemas")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for place, name in places.items():
            for source in sorted(place.rglob("*")):
                if source.is_file() and source.suffix != ".pyc":
                    file.write(source, name / source.relative_to(place))
    return archive


def in_our_terms(text: str) -> SetupError | None:
    """The error of an executor whose Python is not as this one; None for any other."""
    if match := re.search(r'Cannot run program "([^"\n]+)"[^:\n]*: (?:error=\d+, )?([^\n]+)', text):
        return SetupError(
            f"an executor cannot start its Python, {match[1]}: {match[2]}",
            remedy=_ANOTHER_PYTHON,
        )
    if match := re.search(
        r"Python in worker has different version:? \D*(\d+[.,] ?\d+)\D+(\d+[.,] ?\d+)", text
    ):
        theirs, ours = (version.replace(", ", ".") for version in match.groups())
        return SetupError(
            f"executors have Python {theirs}, and this program runs on Python {ours}",
            expected="the same minor version on all machines",
            remedy=_ANOTHER_PYTHON,
        )
    if match := re.search(r"No module named '(pipeline[\w.]*)'", text):
        return SetupError(
            f"an executor has not got this project's code: no {match[1]}",
            remedy="give Spark its archive: --py-files (docs/cluster.md)",
        )
    if match := re.search(
        r"(?:ModuleNotFoundError: No module named '|PACKAGE_NOT_INSTALLED\] )([\w.]+)", text
    ):
        return SetupError(
            f"an executor's Python lacks a package: {match[1]}",
            expected="what pip install mathmine brings along",
            remedy=f"install that there, or ship it (make cluster-env); or {_ANOTHER_PYTHON}",
        )
    if match := re.search(r"version `(GLIBC\w*_[\d.]+)' not found", text):
        return SetupError(
            f"an executor's C library is older than its Python's packages need: no {match[1]}",
            remedy="install the packages on such a machine (make cluster-env), and ship those",
        )
    return None
