"""The command line that all jobs share, and what they print at the end."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from pipeline.base.errors import ConfigError, InputMissing, MathmineError
from pipeline.base.printing import (
    LONGEST_SENTENCE,
    aligned,
    listed,
    named,
    print_visibly,
    say,
    sentence,
    terminal_width,
)
from pipeline.base.program import Parser, run_program, tell_error
from pipeline.base.project import checkout, part_of_project
from pipeline.base.version import __version__
from pipeline.config.kept import KEPT, Kept, kept_text
from pipeline.config.run_file import load_config
from pipeline.config.settings import Config
from pipeline.loop.preflight import preflight
from pipeline.loop.rounds import (
    CANNOT_RUN,
    Plan,
    carry_out,
    closing,
    last_round,
    until_stable,
    whole_loop,
)
from pipeline.loop.run import Run, open_workspace
from pipeline.loop.step import Report, Step
from pipeline.report.closing_next import next_lines
from pipeline.workspace.places import Workspace

#: Of a round's number: nobody counts so far.
_ROUND_DIGITS = 6
#: Exit status of a dry run of what could not run, as argparse's for arguments that are none.
COULD_NOT_RUN = 2
#: Columns for reasons at the side of the numbers, at least; and how far they are set in below them.
_LEAST_ROOM, _INDENT = 36, 4


#: What a job does once everything is known to be there.
Work = Callable[[Run, Plan, argparse.Namespace], None]


def run_job(
    description: str | None,
    plan: Callable[[Config, int], Plan],
) -> int:
    """Parse the command line, run the plan's steps, print the closing table and what they tell.

    Returns the exit status: 0 when every output is up to date at the end, 2 after a dry run of
    what could not run, or that of the error.
    """

    def work(run: Run, steps: Plan, arguments: argparse.Namespace) -> None:
        _carry_out(steps, run, dry_run=arguments.dry_run)
        if not arguments.dry_run:
            _tell(steps, run, arguments.round)

    return _started(description, plan, work)


def run_rounds(description: str | None) -> int:
    """The same for rounds until the loop has converged: at most ``--round`` of them."""

    def work(run: Run, _: Plan, arguments: argparse.Namespace) -> None:
        _carry_out(until_stable(run, arguments.round), run, dry_run=arguments.dry_run)
        if not arguments.dry_run:
            last = last_round(run, arguments.round)
            _tell(whole_loop(run.config, last), run, last)

    return _started(description, whole_loop, work)


def tell(description: str | None, lines: Callable[[Run, int], Iterable[str]]) -> int:
    """The same for a job that only says something, of a round, and changes no table."""

    def work(run: Run, _: Plan, arguments: argparse.Namespace) -> None:
        say(lines(run, arguments.round))

    return _started(description, None, work)


def change(
    description: str | None,
    add_arguments: Callable[[argparse.ArgumentParser], object],
    lines: Callable[[Run, argparse.Namespace], Iterable[str]],
) -> int:
    """The same for a job that changes tables in a way of its own, as its ``add_arguments`` say.

    It is the only run at work; ``lines`` do the work, and tell of it.
    """

    def work(run: Run, _: Plan, arguments: argparse.Namespace) -> None:
        for line in lines(run, arguments):
            say([line])

    return _started(description, None, work, add_arguments)


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
        given = load_config(Path(arguments.config)) if arguments.config else None
        kept = _kept_in(open_workspace(arguments.workspace))
        run = Run(_chosen(given, kept, adopt=True), arguments.workspace)
        run.doing = Path(sys.argv[0]).stem
        say(lines(run, arguments))
        return 0

    return run_program(job)


def _tell(steps: Plan, run: Run, number: int) -> None:
    lines = closing(steps, run, number)
    if following := next_lines(run, {step.name for step, _ in steps}, number):
        lines += ["", *following]
    if lines:
        say(lines)


def _started(
    description: str | None,
    plan: Callable[[Config, int], Plan] | None,
    work: Work,
    add_arguments: Callable[[argparse.ArgumentParser], object] | None = None,
) -> int:
    """Parse the command line, look whether all is there, do the job's work; the exit status."""

    def job() -> int:
        parser = _parser(description)
        if add_arguments:
            add_arguments(parser)
        arguments = parser.parse_args()
        try:
            _do(arguments, plan, work)
        except MathmineError as error:
            return tell_error(error, status=COULD_NOT_RUN if arguments.dry_run else None)
        return 0

    return run_program(job, interrupted="interrupted: run the same command again to go on")


def _do(
    arguments: argparse.Namespace, plan: Callable[[Config, int], Plan] | None, work: Work
) -> None:
    # What is wrong with the TOML is told before Spark starts, should the workspace need it.
    given = load_config(Path(arguments.config)) if arguments.config else None
    kept = _kept_in(open_workspace(arguments.workspace))
    config = _chosen(given, kept, adopt=arguments.adopt_config)
    run = Run(config, arguments.workspace, **_options(arguments))
    steps = plan(config, arguments.round) if plan else []
    if plan and not steps:
        raise ConfigError(
            "nothing in the configuration is for this job",
            remedy="see its --help, and [crawls] in the configuration",
        )
    _look(run, steps, arguments.round)
    if arguments.dry_run:
        work(run, steps, arguments)
        return
    for step, number in steps[:1]:
        # What its inputs are; where one is missing, nothing is begun.
        step.recipe(run, number)
    with run.workspace.storage.lock():
        run.workspace.clear_left_overs()
        if steps:
            _keep(kept, run)
        work(run, steps, arguments)


def _look(run: Run, steps: Plan, last: int) -> None:
    """Say what is wrong before any work: all of it, and end with the first."""
    checked = preflight(run, {step.name for step, _ in steps}, last)
    for remark in checked.remarks:
        print(sentence(remark), file=sys.stderr, flush=True)
    for error in checked.errors[1:]:
        tell_error(error)
    for error in checked.errors[:1]:
        raise error


def _kept_in(workspace: Workspace) -> Kept:
    storage = workspace.storage
    return Kept(storage.root, storage.read(KEPT), workspace.crawls())


def _chosen(given: Config | None, kept: Kept, *, adopt: bool) -> Config:
    """What a job works by: the TOML it was given, else what is kept, else the sample web's."""
    project = checkout()
    if given is None:
        if kept.text is not None or project is None:
            return kept.config()
        given = load_config(project / "seeds" / "sample.toml")
    if not adopt:
        kept.check(given)
    return given


def _keep(kept: Kept, run: Run) -> None:
    """Have the workspace know what it is made of, before anything is made."""
    text = kept_text(run.config)
    if text == kept.text:
        return
    run.workspace.storage.write(KEPT, text)
    place = run.workspace.storage.place(KEPT)
    message = f"the configuration is kept in {place}: later jobs need no --config"
    if changed := kept.differs(run.config):
        message = f"the configuration kept in {place} is a new one now: {named(changed)} changed"
    print(sentence(message), file=sys.stderr, flush=True)


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.keep_model and not arguments.from_round:
        raise ConfigError(
            "--keep-model says nothing without --from-round N",
            expected="the round whose model is to score the newest pages",
        )
    names = ("tags", "force", "retry_failed", "from_round", "keep_model")
    return {name: getattr(arguments, name) for name in names}


def _carry_out(steps: Iterable[tuple[Step, int]], run: Run, *, dry_run: bool) -> None:
    """Run the steps; the closing table is printed even when one fails.

    Raises ``InputMissing`` where a dry run comes to a step that could not run.
    """
    reports: list[Report] = []
    try:
        for report in carry_out(steps, run, dry_run=dry_run):
            reports.append(report)
            if not dry_run:  # the table says the same, at once
                print(_line(report), file=sys.stderr, flush=True)
    finally:
        if reports:
            print(closing_table(reports), flush=True)
    if any(report.state == CANNOT_RUN for report in reports):
        raise InputMissing("the run would stop there: an input is missing")


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
        metavar="TOML",
        help="the run's configuration (default: the one that the workspace keeps"
        + ("; in a new one that of the sample web)" if project else ")"),
    )
    parser.add_argument(
        "--adopt-config",
        action="store_true",
        help="go on with a configuration that names other crawls, seeds or tags than the "
        "workspace has",
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
        "--from-round",
        type=_round_number,
        metavar="N",
        help="rounds from N on take all pages that there are by now, begun or not",
    )
    parser.add_argument(
        "--keep-model",
        action="store_true",
        help="with --from-round N: round N keeps its model, which scores what is new",
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


def closing_table(reports: Sequence[Report], width: int | None = None) -> str:
    """One line a step: rows in, rows out, seconds, set aside by reason.

    Within ``width`` columns, by default the terminal's, the reasons are a line of their own where
    there is little room for them, and as many of them as fit are told.
    """
    width = width or terminal_width()
    header = ("step", "", "in", "out", "seconds")
    rows = aligned([header, *map(_counted, reports)], LONGEST_SENTENCE, width=width)
    indent = max(map(len, rows)) + 2
    below = width is not None and width - indent < _LEAST_ROOM
    lines = [rows[0] if below else f"{rows[0]:{indent}}set aside"]
    for row, report in zip(rows[1:], reports, strict=True):
        room = None if width is None else width - (_INDENT if below else indent)
        reasons = _reasons(report, room)
        if below:
            lines += [row, *(f"{'':{_INDENT}}{line}" for line in reasons)]
        else:
            lines += [f"{row:{indent}}{reasons[0] if reasons else ''}".rstrip()]
            lines += [f"{'':{indent}}{line}" for line in reasons[1:]]
    return "\n".join(lines)


def _counted(report: Report) -> tuple[str, ...]:
    counts = report.counts
    if counts is None:
        return report.title, report.state, "", "", ""
    rows_in, rows_out = f"{counts.rows_in:,} {counts.unit}", f"{counts.rows_out:,}"
    return report.title, report.state, rows_in, rows_out, f"{report.seconds:.1f}"


def _reasons(report: Report, room: int | None) -> list[str]:
    """What was set aside, or why a step would run or could not, in lines that fit."""
    if report.counts is None:
        text = sentence("; ".join(report.reasons))
        return [text] if room is None else textwrap.wrap(text, room)
    aside = report.counts.set_aside.items()
    text = listed(sorted(aside, key=lambda item: (-item[1], item[0])), room)
    return [text] if text else []


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
