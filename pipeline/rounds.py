"""What a round is: its steps in their order, and the loop over rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.config import Config
from pipeline.errors import InputMissing
from pipeline.step import Report, Run, Step, execute
from pipeline.steps.classify import CLASSIFY
from pipeline.steps.decontaminate import DECONTAMINATE
from pipeline.steps.dedupe import DEDUPE, signatures_step
from pipeline.steps.emit import EMIT
from pipeline.steps.extract import extract_step
from pipeline.steps.fetch import fetch_step, hosts_step
from pipeline.steps.judge import JUDGE
from pipeline.steps.mine import MINE, PREFIXES
from pipeline.steps.select import SELECT
from pipeline.steps.topics import CORPUS_TOPICS, PAGE_TOPICS, TOPICS
from pipeline.steps.train import TRAIN

#: Steps with the round that each is run for.
Plan = list[tuple[Step, int]]


def extraction(config: Config, number: int) -> Plan:
    """One step a crawl whose WARCs are read whole."""
    return [(extract_step(name), number) for name, crawl in config.crawls.items() if crawl.warcs]


def fetching(config: Config, number: int) -> Plan:
    """What comes out of columnar indexes: pages one by one, and hosts' numbers of pages."""
    indexed = {name: crawl for name, crawl in config.crawls.items() if crawl.index}
    fetched = [(fetch_step(name), number) for name, crawl in indexed.items() if crawl.patterns]
    return [*fetched, *((hosts_step(name), number) for name in indexed)]


def deduplication(config: Config, number: int) -> Plan:
    """Signatures, one step a crawl, and the pool of all crawls."""
    return [*((signatures_step(crawl), number) for crawl in config.crawls), (DEDUPE, number)]


def whole_loop(config: Config, number: int) -> Plan:
    """Everything from WARC files to the corpus at the end of round ``number``."""
    plan = [
        *extraction(config, number),
        *fetching(config, number),
        *deduplication(config, number),
        (PAGE_TOPICS, number),
    ]
    for current in range(1, number + 1):
        plan += [(step, current) for step in (TRAIN, CLASSIFY, SELECT, MINE, PREFIXES, TOPICS)]
        if config.labels.path:
            plan.append((JUDGE, current))
    return [*plan, (DECONTAMINATE, number), (EMIT, number), (CORPUS_TOPICS, number)]


def only(*steps: Step) -> Callable[[Config, int], Plan]:
    """The plan of a job that runs one step, or a few."""
    return lambda _, number: [(step, number) for step in steps]


def carry_out(plan: Plan, run: Run, *, dry_run: bool) -> Iterator[Report]:
    """Run what is not up to date, in order; a report a step, as each ends."""
    waiting = False
    for step, number in plan:
        if waiting:
            yield Report(step.title(number), "would follow", None, 0.0, ("an input is built anew",))
            continue
        try:
            report = execute(step, run, number, dry_run=dry_run)
        except InputMissing as missing:
            if not dry_run:
                raise
            report = Report(step.title(number), "cannot run", None, 0.0, (missing.found,))
        yield report
        waiting = dry_run and report.state != "up to date"
