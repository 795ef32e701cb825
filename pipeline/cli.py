"""The command line that all jobs share, and what they print at the end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from pipeline.base.errors import ConfigError
from pipeline.base.printing import LONGEST_SENTENCE, aligned, masked, print_visibly, say, sentence
from pipeline.base.program import Parser, run_program
from pipeline.base.project import checkout, part_of_project
from pipeline.base.version import __version__
from pipeline.config.run_file import load_config
from pipeline.config.settings import Config
from pipeline.loop.rounds import Plan, carry_out, closing, last_round, until_stable, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.step import Report, Step

#: Of a round's number: nobody counts so far.
_ROUND_DIGITS = 6


def run_job(
    description: str | None,
    plan: Callable[[Config, int], Plan],
) -> int:
    """Parse the command line, run the plan's steps, print the closing table and what they tell.

    Returns the exit status: 0 when every output is up to date at the end.
    """

    def work(run: Run, arguments: argparse.Namespace) -> None:
        steps = plan(run.config, arguments.round)
        if not steps:
            raise ConfigError(
                f"nothing in {arguments.config} is for this job",
                remedy="see its --help, and [crawls] in the configuration",
            )
        _carry_out(steps, run, dry_run=arguments.dry_run)
        if not arguments.dry_run:
            _tell(steps, run, arguments.round)

    return _started(description, work)


def run_rounds(description: str | None) -> int:
    """The same for rounds until the loop has converged: at most ``--round`` of them."""

    def work(run: Run, arguments: argparse.Namespace) -> None:
        _carry_out(until_stable(run, arguments.round), run, dry_run=arguments.dry_run)
        if not arguments.dry_run:
            last = last_round(run, arguments.round)
            _tell(whole_loop(run.config, last), run, last)

    return _started(description, work)


def tell(description: str | None, lines: Callable[[Run, int], Iterable[str]]) -> int:
    """The same for a job that only says something, of a round, and changes no table."""

    def work(run: Run, arguments: argparse.Namespace) -> None:
        say(lines(run, arguments.round))

    return _started(description, work)


def answer(
    description: str | None,
    add_arguments: Callable[[argparse.ArgumentParser], object],
    lines: Callable[[Run, argparse.Namespace], Iterable[str]],
) -> int:
    """The same for a job that answers a question about a workspace.

    It only reads, and waits for no other run. ``add_arguments`` gives the command line what the
    question needs.
    """

    def job() -> int:
        parser = _parser(description)
        add_arguments(parser)
        arguments = parser.parse_args()
        run = Run(load_config(Path(arguments.config)), arguments.workspace)
        run.doing = Path(sys.argv[0]).stem
        say(lines(run, arguments))
        return 0

    return run_program(job)


def _tell(steps: Plan, run: Run, number: int) -> None:
    if lines := closing(steps, run, number):
        say(lines)


def _started(description: str | None, work: Callable[[Run, argparse.Namespace], None]) -> int:
    """Parse the command line and do the job's work; the exit status."""

    def job() -> int:
        arguments = _parser(description).parse_args()
        run = Run(load_config(Path(arguments.config)), arguments.workspace, **_options(arguments))
        if arguments.dry_run:
            work(run, arguments)
            return 0
        with run.workspace.storage.lock():
            run.workspace.clear_staging()
            work(run, arguments)
            run.workspace.clear_staging()
        return 0

    return run_program(job, interrupted="interrupted: run the same command again to go on")


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in ("tags", "force", "retry_failed")}


def _carry_out(steps: Iterable[tuple[Step, int]], run: Run, *, dry_run: bool) -> None:
    """Run the steps; the closing table is printed even when one fails."""
    reports: list[Report] = []
    try:
        for report in carry_out(steps, run, dry_run=dry_run):
            reports.append(report)
            print(_line(report), file=sys.stderr, flush=True)
    finally:
        if reports:
            print(closing_table(reports), flush=True)


def _parser(description: str | None) -> argparse.ArgumentParser:
    parser = Parser(description)
    # The sample web is made in a checkout alone.
    project = checkout()
    parser.add_argument(
        "--workspace",
        default=str(project / "build" / "workspace") if project else None,
        required=not project,
        metavar="URI",
        help="folder or URI (file:, hdfs:, s3a:) where tables live"
        + (" (default: %(default)s)" if project else ""),
    )
    parser.add_argument(
        "--config",
        default=str(project / "seeds" / "sample.toml") if project else None,
        required=not project,
        metavar="TOML",
        help="the run's configuration" + (" (default: that of the sample web)" if project else ""),
    )
    parser.add_argument(
        "--round", type=_round_number, default=1, metavar="N", help="round of the loop, from 1"
    )
    parser.add_argument("--force", action="store_true", help="build even what is up to date")
    parser.add_argument(
        "--retry-failed",
        action="store_true",
        help="read again, alone, the WARCs that could not be read to their end",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done and why, and do nothing"
    )
    parser.add_argument(
        "--tags",
        choices=("wait", "auto", "skip"),
        default="wait",
        help="mathematical domains that nobody has tagged: wait stops and names them, auto accepts "
        "prefixes over a share, skip goes on without them (default: %(default)s)",
    )
    return parser


def _round_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _ROUND_DIGITS and int(text)):
        raise argparse.ArgumentTypeError(f"rounds count from 1, and {text!r} is none")
    return int(text)


def closing_table(reports: Sequence[Report]) -> str:
    """One line a step: rows in, rows out, set aside by reason, seconds."""
    header = ("step", "", "in", "out", "set aside", "seconds")
    rows: list[tuple[str, ...]] = [header]
    for report in reports:
        counts = report.counts
        if counts is None:
            reasons = masked("; ".join(report.reasons))
            rows.append((report.title, report.state, "", "", reasons, ""))
            continue
        aside = sorted(counts.set_aside.items(), key=lambda item: (-item[1], item[0]))
        rows.append(
            (
                report.title,
                report.state,
                f"{counts.rows_in:,} {counts.unit}",
                f"{counts.rows_out:,}",
                ", ".join(f"{reason} {number:,}" for reason, number in aside),
                f"{report.seconds:.1f}",
            )
        )
    # Reasons last: they are long.
    order = (0, 1, 2, 3, 5, 4)
    return "\n".join(aligned([[row[i] for i in order] for row in rows], LONGEST_SENTENCE))


def main() -> None:
    """``mathmine JOB …``: one of the jobs, from wherever the project is installed."""
    print_visibly()
    jobs = {Path(job.name).stem: job for job in part_of_project("jobs").iterdir()}
    jobs = {name: jobs[name] for name in sorted(jobs) if jobs[name].name.endswith(".py")}
    about = {name: job.read_text(encoding="utf-8").split('"""')[1] for name, job in jobs.items()}
    lines = [(f"  {name}", text.strip().split("\n")[0]) for name, text in about.items()]
    parser = Parser(
        "Mines a mathematics corpus out of WARC files. The jobs:\n\n"
        + "\n".join(aligned(lines, LONGEST_SENTENCE))
        + "\n\nmathmine JOB --help says more of each. For spark-submit they are files in\n"
        f"{part_of_project('jobs')};\nstarts for your own TOML are in {part_of_project('seeds')}.",
        prog="mathmine",
    )
    parser.add_argument("--version", action="version", version=f"mathmine {__version__}")
    parser.add_argument("job", choices=list(jobs), metavar="JOB", help="the job, and its arguments")
    # All that follows is the job's own.
    name = parser.parse_args(sys.argv[1:2]).job
    sys.argv[:2] = [f"mathmine {name}"]
    # Not by runpy, which would give the job's file as the name of the command.
    spec = spec_from_file_location("__main__", str(jobs[name]))
    assert spec
    assert spec.loader
    spec.loader.exec_module(module_from_spec(spec))


def _line(report: Report) -> str:
    why = f" ({'; '.join(report.reasons)})" if report.reasons else ""
    took = f" in {report.seconds:.1f} s" if report.state == "built" else ""
    return sentence(f"{report.title}: {report.state}{took}{why}")
