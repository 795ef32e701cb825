"""``make bench BENCH=batches``: how long cores wait while a crawl is read in many batches.

Of Spark's event log: between the first task and the last, the share of the cores' time in
which a core has no task, of whatever kind. One that waits for a batch's last WARC, for its
counts or for its manifest has none.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipeline.config.run_file import parse_config
from pipeline.loop.rounds import carry_out, extraction
from pipeline.loop.run import Run
from tests.bench.crawled import every, warcs
from tests.bench.event_log import events, logged_session
from tests.bench.parts import healthy_copy

#: What is asked of the cores: no more than this share of their time without a task.
MOST_IDLE = 0.05
WARCS_A_BATCH = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=64)
    parser.add_argument("--pages", type=int, default=600, help="of a WARC (%(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mathmine-batches-") as folder:
        idle, cores, seconds = measured(Path(folder), asked.batches, asked.pages)
    print(
        f"{asked.batches} batches of {WARCS_A_BATCH} WARCs of {asked.pages} pages: {cores} cores "
        f"had no task in {idle:.1%} of {seconds:.0f} s (asked for: {MOST_IDLE:.0%} or less)"
    )
    return 0


def measured(folder: Path, batches: int, pages: int) -> tuple[float, int, float]:
    """The idle share, the cores, and the seconds from the first task to the last."""
    log, read = folder / "events", folder / "read"
    read.mkdir()
    first = healthy_copy(islice(every(warcs(), 1), pages), read / "00000.warc.gz")
    for number in range(1, batches * WARCS_A_BATCH):
        os.link(first, read / f"{number:05d}.warc.gz")
    document = {
        "crawls": {"bench": {"warcs": [str(read / "*.warc.gz")]}},
        "extract": {"batch_warcs": WARCS_A_BATCH},
    }
    spark = logged_session("bench-batches", log)
    cores = spark.sparkContext.defaultParallelism
    try:
        config = parse_config(document, folder=folder)
        run = Run(config, str(folder / "workspace"))
        for report in carry_out(extraction(config, 1), run, dry_run=False):
            print(report.title, report.state, file=sys.stderr)
    finally:
        spark.stop()
    tasks = sorted(_tasks(next(log.iterdir())))
    begin, end = tasks[0][0], max(end for _, end in tasks)
    busy = sum(end - start for start, end in tasks)
    return 1 - busy / (cores * (end - begin)), cores, (end - begin) / 1e3


def _tasks(log: Path) -> Iterator[tuple[int, int]]:
    """When each task began and ended, in milliseconds."""
    for event in events(log):
        if event["Event"] == "SparkListenerTaskEnd":
            info = event["Task Info"]
            yield info["Launch Time"], info["Finish Time"]


if __name__ == "__main__":
    sys.exit(main())
