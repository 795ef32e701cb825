"""``make calibrate``: what a page of the sample web costs in each step on this machine.

    python -m pipeline.loop.calibrate --out build/figures.json

Three rounds in one process, each in a workspace of its own: the first, whose times are not taken,
is for a JVM that compiles itself; of the others one has four times the pages. What a page more
takes is a page's cost, and the rest is the step's own, such as the start of its queries. CPU time
is that of all processes, bytes are Spark's own counts and what lies in the workspace.

Needs a checkout. ``make plan`` with ``FIGURES=build/figures.json`` plans by what is written.
"""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pipeline.base.cpu import cpu_seconds
from pipeline.base.errors import SetupError
from pipeline.base.printing import aligned
from pipeline.base.program import Parser, run_program
from pipeline.base.project import ROOT, checkout
from pipeline.config.run_file import parse_config
from pipeline.config.settings import Config
from pipeline.loop.rounds import carry_out, whole_loop
from pipeline.loop.run import Run
from pipeline.report.job_costs import Job, Per, Rate, plan, read_rates, write_rates
from pipeline.sampleweb.generate import Size, generate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FIGURES = ROOT / "build" / "figures.json"
_PAGES, _TIMES, _LEAST = 1_000, 4, 500
#: Steps of a round; of the others those that are about what was collected; else about all pages.
_OF_ROUNDS = frozenset(
    "train classify tokens select converge mine prefixes topics judge".split()  # with their number
)
_OF_COLLECTED = frozenset(("decontaminate", "emit", "corpus topics"))


@dataclass(frozen=True)
class Spent:
    """What a step, or a whole run, has taken: seconds of all cores, and bytes."""

    cpu: float = 0.0
    read: float = 0.0
    shuffled: float = 0.0
    stored: float = 0.0

    def __sub__(self, other: Spent) -> Spent:
        return Spent(
            self.cpu - other.cpu,
            self.read - other.read,
            self.shuffled - other.shuffled,
            self.stored - other.stored,
        )


@dataclass(frozen=True)
class Measured:
    """A round over so many pages: what each step took, by name; ``seconds`` by the clock."""

    pages: int
    collected: int
    steps: Mapping[str, Spent]
    seconds: float


def rates(small: Measured, large: Measured) -> list[Rate]:
    """What a page more takes in each step, and what the step takes besides.

    Noise may have a page cost less than nothing: that is nothing.
    """
    made = []
    for name, spent in large.steps.items():
        more = spent - small.steps.get(name, Spent())
        rows = large.pages - small.pages
        if name in _OF_COLLECTED:
            rows = large.collected - small.collected
        rows = max(rows, 1)
        of_page = max(more.cpu / rows, 0.0)
        whole = large.collected if name in _OF_COLLECTED else large.pages
        made.append(
            Rate(
                name,
                _per(name),
                cpu_ms=of_page * 1e3,
                read=max(more.read / rows, 0.0),
                shuffled=max(more.shuffled / rows, 0.0),
                stored=max(more.stored / rows, 0.0),
                fixed_seconds=max(spent.cpu - of_page * whole, 0.0),
                by=f"what each page more takes, from {small.pages:,} to {large.pages:,}",
            )
        )
    return made


def _per(name: str) -> Per:
    if name in _OF_COLLECTED:
        return "collected"
    return "round" if name in _OF_ROUNDS else "page"


def step_name(title: str) -> str:
    """A step without its crawl and its round: ``train 1`` is ``train``."""
    return re.sub(r" (?:sample|\d+)$", "", title)


def sample_config(web: Path) -> Config:
    """The run that ``make round`` does when it is given nothing, over the sample web at ``web``."""
    project = checkout()
    if project is None:
        raise SetupError(
            "there is no sample web without a checkout", remedy="run make calibrate in one"
        )
    text = (project / "seeds" / "sample.toml").read_text(encoding="utf-8")
    text = text.replace("../build/sample-web", str(web))
    # The tags of a web of this size.
    text = text.replace('"url_patterns.tsv"', f'"{web / "url_patterns.tsv"}"')
    return parse_config(tomllib.loads(text), folder=project / "seeds")


def measure(folder: Path, pages: int) -> Measured:
    """One round over so many pages of the sample web, in a new folder."""
    web = folder / "web"
    generate(web, Size(pages, 1, 0))
    run = Run(sample_config(web), str(folder / "workspace"), tags="skip")
    started, before = datetime.now(UTC), _spent(run.spark, folder / "workspace")
    steps: dict[str, Spent] = {}
    for report in carry_out(whole_loop(run.config, 1), run, dry_run=False):
        now = _spent(run.spark, folder / "workspace")
        steps[step_name(report.title)], before = now - before, now
    # WARC files are read by Python, of which Spark knows nothing.
    warcs = sum(path.stat().st_size for path in (web / "warc").iterdir())
    extract = steps["extract"]
    steps["extract"] = Spent(extract.cpu, warcs, extract.shuffled, extract.stored)
    return Measured(
        run.workspace.pages("sample").existing().rows,
        run.workspace.collected(1).existing().rows,
        steps,
        (datetime.now(UTC) - started).total_seconds(),
    )


def _spent(spark: SparkSession, workspace: Path) -> Spent:
    core: Any = spark.sparkContext._jsc
    core.sc().listenerBus().waitUntilEmpty()
    driver = core.sc().statusStore().executorSummary("driver")
    stored = sum(path.stat().st_size for path in workspace.rglob("*.parquet"))
    return Spent(cpu_seconds(), driver.totalInputBytes(), driver.totalShuffleWrite(), stored)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and keep the figures."""
    return run_program(lambda: _work(arguments))


def _work(arguments: Sequence[str] | None) -> int:
    parser = Parser(__doc__, prog="python -m pipeline.loop.calibrate")
    parser.add_argument("--pages", type=int, default=_PAGES, help=f"the fewer (default: {_PAGES})")
    parser.add_argument("--out", type=Path, default=FIGURES, help="default: build/figures.json")
    parser.add_argument(
        "--check", type=int, metavar="PAGES", help="a round beside what the kept figures say of it"
    )
    asked = parser.parse_args(arguments)
    if min(asked.pages, asked.check or asked.pages) < _LEAST:
        parser.error(f"pages are {_LEAST} or more, which the sample web has at least")
    figures = read_rates(asked.out)[0] if asked.check else []
    sizes = [asked.check] if asked.check else [asked.pages, _TIMES * asked.pages]
    _, *measured = _rounds([_LEAST if asked.check else asked.pages, *sizes])
    if asked.check:
        print(compared(figures, measured[0]))
        return 0
    small, large = measured
    figures = rates(small, large)
    write_rates(asked.out, figures, _about(small, large))
    of = {per: sum(rate.cpu_ms for rate in figures if rate.per == per) for per in get_args(Per)}
    print(
        f"CPU milliseconds: {of['page']:.2f} of a page, {of['round']:.2f} of a page in a round, "
        f"{of['collected']:.2f} of a collected page; kept in {asked.out}"
    )
    return 0


def _rounds(sizes: Sequence[int]) -> list[Measured]:
    """A round of each size in one process; the first is for the JVM."""
    measured = []
    with tempfile.TemporaryDirectory(prefix="mathmine-calibrate-") as scratch:
        for turn, pages in enumerate(sizes):
            folder = Path(scratch, str(turn))
            folder.mkdir()
            measured.append(measure(folder, pages))
    return measured


def compared(figures: Sequence[Rate], run: Measured) -> str:
    """What a round of the sample web was planned to take, beside what it took: CPU-seconds."""
    job = Job(run.pages, rounds=1, cores=1, collected=run.collected / run.pages, busy=1)
    planned = {line.name: line.core_hours * 3_600 for line in plan(job, figures)}
    took = {name: spent.cpu for name, spent in run.steps.items()}
    took["in all"] = sum(took.values())
    rows = [[f"{run.pages:,} pages, CPU-s", "planned", "measured", "planned/measured"]]
    for name, seconds in took.items():
        share = f"{planned.get(name, 0) / seconds:.2f}" if seconds else "–"
        rows.append([name, f"{planned.get(name, 0):.1f}", f"{seconds:.1f}", share])
    return "\n".join(aligned(rows))


def _about(small: Measured, large: Measured) -> dict[str, str]:
    return {
        "figures": f"the sample web, {small.pages:,} and {large.pages:,} pages",
        "collected": f"{large.collected / large.pages:.4f}",
        "machine": f"{platform.machine()}, {_processor()}, {platform.system()}",
        "python": platform.python_version(),
        "date": f"{datetime.now(UTC):%d %B %Y}",
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    match = re.search(r"^model name\s*: (.+)$", text, re.M)
    return match[1] if match else platform.processor()


if __name__ == "__main__":
    sys.exit(main())
