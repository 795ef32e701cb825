"""``make bench BENCH=flow``: what each step shuffles, in bytes a page of the pool.

Two rounds over the sample web as Spark would plan them for billions of pages: no table is
small enough to be sent to all machines, and Bloom filters are made whatever a scan's size.
The bytes are those of Spark's own metrics, as its event log has them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.base.printing import aligned
from pipeline.config.settings import Tokens
from pipeline.loop import pool_pages
from pipeline.loop.rounds import carry_out, whole_loop
from pipeline.loop.run import Run
from tests.bench.event_log import events, logged_session
from tests.sample_runs import make_sample_web

#: A narrow row, a page: what steps that give out no text may shuffle of a page of the pool.
MOST_NARROW = 100
#: Steps that give out text, and shuffle that of what they take.
WITH_TEXT = ("tokens", "decontaminate", "emit")
_LARGE = {
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.optimizer.runtime.bloomFilter.applicationSideScanSizeThreshold": "0",
    # Filters for the sample's pages.
    "spark.sql.optimizer.runtime.bloomFilter.expectedNumItems": "10000",
    "spark.sql.optimizer.runtime.bloomFilter.numBits": "80000",
}
#: People are asked about domains of at least this part of the sample, which have a fifth of its
#: pages; all that have mathematics have half of them, which is not so of a crawl.
_LARGE_DOMAIN = 75


@dataclass(frozen=True)
class Flow:
    """What a step shuffled in all, and the pages of the pool it was about."""

    step: str
    shuffled: int
    pool_pages: int

    @property
    def bytes_a_page(self) -> float:
        return self.shuffled / self.pool_pages


def measured(folder: Path, pages: int, rounds: int) -> tuple[list[Flow], int]:
    """The flow of each step that was built, and the bytes of text in the corpus."""
    log = folder / "events"
    spark = logged_session("bench-flow", log, _LARGE)
    few, pool_pages.IDS_EVERYWHERE = pool_pages.IDS_EVERYWHERE, 0
    try:
        web = make_sample_web(folder, pages)
        config = web.config
        # What settings bound, however large a crawl is, is made small beside the sample too.
        few_examples = {"positives": 30, "negatives": 30}
        few_samples = {
            "min_pages": pages // _LARGE_DOMAIN,
            "samples": 1,
            "sample_characters": 200,
        }
        config = config.model_copy(
            update={
                "train": config.train.model_copy(update=few_examples),
                "mine": config.mine.model_copy(update=few_samples),
                "decontaminate": config.decontaminate.model_copy(update={"soft_pages": 10}),
                # Which reads texts; the estimate does not.
                "tokens": Tokens(),
            }
        )
        run = Run(config, str(folder / "workspace"), tags="skip")
        plan = whole_loop(config, rounds)
        titles = [report.title for report in carry_out(plan, run, dry_run=False)]
        pool = run.workspace.pool().existing().counts.rows_out
        text = _corpus_text(run)
    finally:
        pool_pages.IDS_EVERYWHERE = few
        spark.stop()
    shuffled = shuffle_bytes(next(log.iterdir()))
    return [Flow(title, shuffled[title], pool) for title in titles], text


def shuffle_bytes(log: Path) -> Counter[str]:
    """Bytes written to shuffles, by the description of the jobs, out of Spark's event log."""
    description_of: dict[int, str] = {}
    written: Counter[str] = Counter()
    for event in events(log):
        if event["Event"] == "SparkListenerJobStart":
            description = (event.get("Properties") or {}).get("spark.job.description", "")
            description_of |= dict.fromkeys(event["Stage IDs"], description)
        elif event["Event"] == "SparkListenerTaskEnd":
            metrics = (event.get("Task Metrics") or {}).get("Shuffle Write Metrics", {})
            bytes_written = metrics.get("Shuffle Bytes Written", 0)
            written[description_of.get(event["Stage ID"], "")] += bytes_written
    return written


def _corpus_text(run: Run) -> int:
    row = run.workspace.corpus().read(run.spark).selectExpr("sum(octet_length(text))").first()
    assert row is not None
    return int(row[0])


#: Steps of which this sample tells nothing a page: done once a crawl or a pool, or for labels;
#: or moving pages of the few domains that people are asked about, which here are a fifth of all;
#: or counts of the report, which are of hosts and languages.
_ELSE = ("extract", "signatures", "dedupe", "judge", "prefixes", "report")


def too_much(flows: Sequence[Flow], text: int) -> list[Flow]:
    """Steps that shuffle more than a narrow row a page of the pool, and the text that they take."""

    def most(flow: Flow, step: str) -> int:
        return MOST_NARROW * flow.pool_pages + (text if step in WITH_TEXT else 0)

    by_step = [(flow.step.split()[0], flow) for flow in flows]
    return [
        flow for step, flow in by_step if step not in _ELSE and flow.shuffled > most(flow, step)
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mathmine-flow-") as folder:
        flows, text = measured(Path(folder), asked.pages, asked.rounds)
    rows = [["step", "bytes shuffled", "a page of the pool"]]
    rows += [[flow.step, f"{flow.shuffled:,}", f"{flow.bytes_a_page:,.0f}"] for flow in flows]
    print("\n".join(aligned(rows)))
    print(f"the corpus has {text:,} bytes of text, {text / flows[0].pool_pages:,.0f} a pool page")
    wrong = too_much(flows, text)
    for flow in wrong:
        print(f"{flow.step} shuffles more than {MOST_NARROW} bytes a page of the pool")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
