"""What a round is: its steps in their order, and the loop over rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from pipeline.base.errors import InputMissing, SchemaMismatch
from pipeline.config.settings import Config
from pipeline.corpus.budgets import budget_views
from pipeline.corpus.convergence import verdict
from pipeline.corpus.selection import SelectNotes
from pipeline.corpus.shards import EmitNotes
from pipeline.loop.generations import collected_from, newest
from pipeline.loop.removal_journal import settle
from pipeline.loop.run import Run
from pipeline.loop.step import Report, Step, execute
from pipeline.loop.steps.annotate import ANNOTATIONS
from pipeline.loop.steps.classify import CLASSIFY
from pipeline.loop.steps.converge import CONVERGE
from pipeline.loop.steps.count import TOKENS
from pipeline.loop.steps.decontaminate import DECONTAMINATE
from pipeline.loop.steps.dedupe import DEDUPE, signatures_step
from pipeline.loop.steps.emit import EMIT
from pipeline.loop.steps.extract import extract_step
from pipeline.loop.steps.fetch import fetch_step, hosts_step
from pipeline.loop.steps.judge import JUDGE
from pipeline.loop.steps.mine import MINE, PREFIXES
from pipeline.loop.steps.report import REPORT
from pipeline.loop.steps.select import SELECT
from pipeline.loop.steps.topics import CORPUS_TOPICS, PAGE_TOPICS, TOPICS
from pipeline.loop.steps.train import TRAIN
from pipeline.loop.warc_lists import WarcLists
from pipeline.report.closing import closing_lines
from pipeline.report.closing_generations import GENERATIONS
from pipeline.workspace.views import write_views

#: The state of a step whose input is missing, in a dry run.
CANNOT_RUN = "cannot run"
#: Steps with the round that each is run for.
Plan = list[tuple[Step, int]]


def extraction(config: Config, number: int) -> Plan:
    """One step a crawl whose WARCs are read whole."""
    return _extraction(config, number, WarcLists(config))


def fetching(config: Config, number: int) -> Plan:
    """What comes out of columnar indexes: pages one by one, and hosts' numbers of pages."""
    return _fetching(config, number, WarcLists(config))


def deduplication(config: Config, number: int) -> Plan:
    """Signatures, one step a crawl, and the pool of all crawls."""
    return [*((signatures_step(crawl), number) for crawl in config.crawls), (DEDUPE, number)]


def mining(config: Config, number: int) -> Plan:
    """Annotations, where there are some, then domains and their paths."""
    annotations: Plan = [(ANNOTATIONS, number)] if config.annotations else []
    return [*annotations, (MINE, number), (PREFIXES, number)]


def whole_loop(config: Config, number: int) -> Plan:
    """Everything from WARC files to the corpus at the end of round ``number``."""
    plan = _before_rounds(config)
    for current in range(1, number + 1):
        plan += one_round(config, current)
    return [*plan, *_after_rounds(number)]


def one_round(config: Config, number: int) -> Plan:
    """A round from its seed to its mathematical domains, and how it went."""
    steps = (TRAIN, CLASSIFY, TOKENS, SELECT, CONVERGE, MINE, PREFIXES, TOPICS)
    plan = [(step, number) for step in steps]
    return [*plan, (JUDGE, number)] if config.labels.path else plan


def until_stable(run: Run, most: int) -> Iterator[tuple[Step, int]]:
    """The whole loop to the round in which it converges, or to round ``most``.

    The steps of a round are told only when those of the one before were carried out.
    """
    yield from _before_rounds(run.config)
    last = 1
    yield from one_round(run.config, last)
    while last < most and not is_stable(run, last):
        last += 1
        yield from one_round(run.config, last)
    yield from _after_rounds(last)


def last_round(run: Run, most: int) -> int:
    """The round at which :func:`until_stable` ended."""
    return next((n for n in range(1, most) if is_stable(run, n)), most)


def is_stable(run: Run, number: int) -> bool:
    """Whether the stop rule says that round ``number`` was the last one needed.

    It was not if pages have come since that it did not see.
    """
    manifest = run.workspace.collected(number).manifest() if number > 1 else None
    if manifest is None:
        return False
    known = SelectNotes.of(manifest).already_collected
    if known is None or not verdict(known.page_share, run.config.loop).stable:
        return False
    return collected_from(run, number).number == newest(run).number


#: Steps in the order in which a closing speaks of them.
_IN_CLOSING = (
    *(TRAIN, TOKENS, SELECT, MINE, JUDGE, CONVERGE, TOPICS),
    *(DEDUPE, DECONTAMINATE, EMIT, REPORT),
)


def closing(plan: Plan, run: Run, number: int) -> list[str]:
    """What a job says at its end, of each step of its plan, up to round ``number``."""
    names = {step.name for step, _ in plan}
    says = [step.says for step in _IN_CLOSING if step.says and step.name in names]
    # Of whatever rounds something is said.
    return closing_lines([GENERATIONS, *says], run, number)


def _extraction(config: Config, number: int, warcs: WarcLists) -> Plan:
    read_whole = [name for name, crawl in config.crawls.items() if crawl.warcs]
    return [(extract_step(name, warcs), number) for name in read_whole]


def _fetching(config: Config, number: int, warcs: WarcLists) -> Plan:
    indexed = {
        name: crawl for name, crawl in config.crawls.items() if crawl.index or crawl.host_index
    }
    fetched = [name for name, crawl in indexed.items() if crawl.patterns]
    return [
        *((fetch_step(name, warcs), number) for name in fetched),
        *((hosts_step(name), number) for name in indexed),
    ]


def _before_rounds(config: Config) -> Plan:
    warcs = WarcLists(config)
    return [
        *_extraction(config, 1, warcs),
        *_fetching(config, 1, warcs),
        *deduplication(config, 1),
        *([(ANNOTATIONS, 1)] if config.annotations else []),
        (PAGE_TOPICS, 1),
    ]


def _after_rounds(last: int) -> Plan:
    return [(DECONTAMINATE, last), (EMIT, last), (CORPUS_TOPICS, last), (REPORT, last)]


def only(*steps: Step) -> Callable[[Config, int], Plan]:
    """The plan of a job that runs one step, or a few."""
    return lambda _, number: [(step, number) for step in steps]


def carry_out(plan: Iterable[tuple[Step, int]], run: Run, *, dry_run: bool) -> Iterator[Report]:
    """Run what is not up to date, in order; a report a step, as each ends."""
    if not dry_run:
        settle(run.workspace)
    pages_come = waiting = has_views = False
    for step, number in plan:
        follows = Report(step.title(number), "would follow", None, 0.0, ("an input is built anew",))
        if waiting or (pages_come and step.of_pages):
            yield follows
            continue
        try:
            report = execute(step, run, number, dry_run=dry_run)
        except InputMissing as missing:
            if not dry_run:
                raise
            report = Report(step.title(number), CANNOT_RUN, None, 0.0, (missing.problem,))
        if pages_come and report.state == "up to date":
            report = replace(report, reasons=("as long as none of its pages goes",))
        elif pages_come:
            report = follows
        if not (dry_run or (has_views and report.state == "up to date")):
            write_views(run.workspace, _views_of_budgets(run))
            has_views = True
        yield report
        if dry_run and report.state != "up to date":
            # Rounds that have begun keep their pages, unless others are made of the same records.
            pages_come = step.of_pages and not _remade(report)
            waiting = not pages_come


def _views_of_budgets(run: Run) -> str:
    with suppress(SchemaMismatch):  # what another version made has no views either
        if (manifest := run.workspace.corpus().manifest()) is not None:
            return "\n" + budget_views(EmitNotes.of(manifest).ends)
    return ""


def _remade(report: Report) -> bool:
    """Whether a step that makes something of pages would make all of it anew."""
    return any(one.startswith(("step ", "setting ", "schema ", "forced")) for one in report.reasons)
