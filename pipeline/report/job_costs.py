"""What a job costs before it is begun: core-hours, hours, bytes, memory and money, a line a step.

    python -m pipeline.report.job_costs --crawls CC-MAIN-2024-51 --cores 1000 --price 0.05

Crawls are Common Crawl's names, or numbers of pages (``2.6e9``). What a page costs is what
docs/measurements.md has of pages like a crawl's (job_costs.toml). ``make calibrate`` measures the
sample web's pages on this machine: ``--figures build/figures.json`` plans by those, which is right
for a run on the sample web, and shows what of a plan holds.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pipeline.base.errors import ConfigError, InputMalformed, InputMissing
from pipeline.base.printing import aligned
from pipeline.base.program import Parser, run_program
from pipeline.workspace.executors import memory_overhead

#: What a step's cost is counted by, see :class:`Rate`.
Per = Literal["page", "round", "collected"]
#: Of the paper's pool, 35.5 million of 40 billion pages.
PAPER_SHARE = 35.5e6 / 40e9
#: The share of its cores' time that a cluster works: stages end with few tasks, and some wait.
BUSY = 0.85
#: An executor as the plan's memory has it: cores, heap, and what a page may take.
_CORES, _HEAP, _PAGE = 8, 8 << 30, 2_000_000_000


@dataclass(frozen=True)
class Rate:
    """What a step takes of each page that it is about.

    ``per``: "page" is once, "round" once in each round, "collected" each page that is collected.
    ``cpu_ms`` of one core; bytes ``read``, ``shuffled`` and ``stored``; ``serial_hours`` a round,
    of one core while the others wait; ``fixed_seconds`` of CPU however few pages there are, each
    round or once. ``by`` says how it was measured.
    """

    name: str
    per: Per
    cpu_ms: float
    read: float = 0
    shuffled: float = 0
    stored: float = 0
    serial_hours: float = 0
    fixed_seconds: float = 0
    by: str = ""


@dataclass(frozen=True)
class Job:
    """What is planned: ``pages`` of crawls, ``rounds``, the ``collected`` share, ``cores``.

    ``price`` is that of a core for an hour.
    """

    pages: float
    rounds: int
    cores: int
    price: float = 0
    collected: float = PAPER_SHARE
    busy: float = BUSY


@dataclass(frozen=True)
class Line:
    """What a step of a job takes. ``hours`` are by the clock, bytes of all pages in all rounds."""

    name: str
    core_hours: float
    hours: float
    read: float
    shuffled: float
    stored: float
    money: float
    by: str = ""


def plan(job: Job, rates: Sequence[Rate]) -> list[Line]:
    """A line for each rate, and one of their sums.

    Cores are paid for as long as the clock runs, whether they work or wait.
    """
    lines = [_line(job, rate) for rate in rates]
    sums = {
        name: sum(getattr(line, name) for line in lines)
        for name in ("core_hours", "hours", "read", "shuffled", "stored", "money")
    }
    return [*lines, Line("in all", **sums)]


def _line(job: Job, rate: Rate) -> Line:
    rows = {
        "page": job.pages,
        "round": job.pages * job.rounds,
        "collected": job.pages * job.collected,
    }[rate.per]
    times = job.rounds if rate.per == "round" else 1
    core_hours = rows * rate.cpu_ms / 3_600_000 + rate.fixed_seconds * times / 3_600
    serial = rate.serial_hours * job.rounds
    hours = core_hours / (job.cores * job.busy) + serial
    return Line(
        rate.name,
        core_hours + serial,
        hours,
        rows * rate.read,
        rows * rate.shuffled,
        rows * rate.stored,
        hours * job.cores * job.price,
        rate.by,
    )


def pages_of(crawls: str) -> float:
    """Pages of crawls, parted by commas: names that are known, or numbers of pages."""
    known: Mapping[str, float] = _figures()["crawls"]
    pages = 0.0
    for word in filter(None, map(str.strip, crawls.split(","))):
        try:
            pages += known[word] * 1e9 if word in known else float(word.replace("_", ""))
        except ValueError:
            raise ConfigError(
                f"the size of {word!r} is not known here",
                expected=f"one of {', '.join(known)}, or a number of pages",
                remedy="say how many pages it has, as Common Crawl announces, such as 2.6e9",
            ) from None
    if not 0 < pages < 1e15:
        raise ConfigError(
            "no pages to plan for", remedy="say CRAWLS=CC-MAIN-2024-51 or CRAWLS=2.6e9"
        )
    return pages


def rates_of_crawls() -> list[Rate]:
    """Those of pages like a crawl's."""
    return [Rate(**step) for step in _figures()["steps"]]


@cache
def _figures() -> dict[str, Any]:
    text = files("pipeline.report").joinpath("job_costs.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def write_rates(path: Path, rates: Sequence[Rate], about: Mapping[str, str]) -> None:
    """Keep what was measured, and what it is about: machine, data, date."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"about": dict(about), "steps": [asdict(rate) for rate in rates]}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_rates(path: Path) -> tuple[list[Rate], dict[str, str]]:
    """What :func:`write_rates` has kept. ``InputMissing`` or ``InputMalformed`` if it has not."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [Rate(**step) for step in document["steps"]], dict(document["about"])
    except FileNotFoundError:
        raise InputMissing(f"no figures at {path}", remedy="run make calibrate") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputMalformed(
            f"{path} has no figures: {error}", remedy="run make calibrate again"
        ) from None


def shown(job: Job, rates: Sequence[Rate]) -> str:
    """The plan as a table, and what it assumes."""
    rows = [["step", "core-hours", "hours", "read", "shuffled", "stored", "money", "by"]]
    for line in plan(job, rates):
        sizes = [_size(number) for number in (line.read, line.shuffled, line.stored)]
        hours = [_number(line.core_hours), _number(line.hours)]
        rows.append([line.name, *hours, *sizes, _number(line.money), line.by])
    memory = _HEAP + memory_overhead(_CORES, _HEAP, _PAGE)
    assumed = [
        f"{job.pages:,.0f} pages; of them {job.collected:.3%} collected; rounds: {job.rounds}",
        f"{job.cores:,} cores, {job.price:g} an hour each, that work {job.busy:.0%} of the time",
        f"memory of an executor of {_CORES} cores: {memory / (1 << 30):.0f} GB, "
        f"so {-(-job.cores // _CORES) * memory / 1e12:,.2f} TB in all",
        "stored is what is there at the end, before a store's own copies; scratch space for "
        "shuffles is that of the largest line",
        "not in it: requests and traffic that a store charges for, people who tag, and rounds "
        "that are run again",
    ]
    return "\n".join([*aligned(rows, 80), "", "assumed:", *(f"- {line}" for line in assumed)])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _size(size: float) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e3:,.1f} kB" if size else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the plan of a job."""
    return run_program(lambda: _work(arguments))


def _work(arguments: Sequence[str] | None) -> int:
    parser = Parser(__doc__, prog="python -m pipeline.report.job_costs")
    parser.add_argument("--crawls", required=True, metavar="NAME,…", help="or numbers of pages")
    parser.add_argument("--cores", type=int, default=100, help="default: 100")
    parser.add_argument("--price", type=float, default=0.0, help="of a core for an hour")
    parser.add_argument("--rounds", type=int, default=4, help="default: 4, as the paper")
    parser.add_argument(
        "--collected", type=float, default=PAPER_SHARE, help="share of pages (default: the paper's)"
    )
    parser.add_argument("--busy", type=float, default=BUSY, help=f"share of time (default: {BUSY})")
    parser.add_argument(
        "--figures", type=Path, help="of make calibrate (default: of crawls' pages)"
    )
    asked = parser.parse_args(arguments)
    if asked.cores < 1 or asked.rounds < 1 or not 0 < asked.busy <= 1 or asked.price < 0:
        parser.error("--cores and --rounds are 1 or more, --busy in (0, 1], --price not negative")
    if not 0 <= asked.collected <= 1:
        parser.error("--collected is a share, from 0 to 1")
    about = {"figures": "docs/measurements.md: pages like a crawl's, on two cores of its machine"}
    rates = rates_of_crawls()
    if asked.figures:
        rates, about = read_rates(asked.figures)
    job = Job(
        pages_of(asked.crawls), asked.rounds, asked.cores, asked.price, asked.collected, asked.busy
    )
    print(shown(job, rates))
    for name, value in about.items():
        print(f"- {name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
