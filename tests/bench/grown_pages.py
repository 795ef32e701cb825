"""The loop over so many made-up pages: what each step takes, step after step, whatever is killed.

``python -m tests.bench.grown_pages FOLDER PAGES WORDS PART …`` works in FOLDER, of which ``COSTS``
gets a line of JSON for each step that was built, and one at the end of each part. Called again it
goes on with the step that it was at. Spark runs as a cluster of one machine, so that the driver is
alone in its process, and plans as for billions of pages: no table is sent to all machines.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.config.run_file import parse_config
from pipeline.config.settings import Config
from pipeline.loop import pool_pages
from pipeline.loop.rounds import Plan, carry_out, deduplication, one_round
from pipeline.loop.run import Run
from pipeline.loop.steps.decontaminate import DECONTAMINATE
from pipeline.loop.steps.emit import EMIT
from pipeline.loop.steps.topics import CORPUS_TOPICS, PAGE_TOPICS
from tests.bench.cpu_tally import CpuTally
from tests.bench.pool_growth import driver_memory, session
from tests.bench.text_pages import HOSTS_A_MATH_HOST, PAGES_OF_HOST, text_pages_step

PARTS = ("steps", "turns", "tags")
COSTS = "costs.jsonl"
#: Pages of a file, which is made by one task; pages of a crawl that are not in the other one.
_PAGES_OF_FILE, _CRAWLED_AGAIN = 2_500, 20
#: Hosts whose pages the seed is of.
_SEED_HOSTS = 8
_SPARK = {
    "spark.sql.shuffle.partitions": None,  # by size, as the loop has it
    "spark.sql.execution.arrow.maxRecordsPerBatch": "512",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "true",
    "spark.sql.optimizer.runtime.bloomFilter.applicationSideScanSizeThreshold": "0",
    "spark.io.compression.codec": "zstd",
    "spark.scheduler.mode": "FAIR",
}
#: By crawl the numbers of the pages in its files.
Files = Mapping[str, Mapping[str, range]]


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds by the clock, and of all cores together."""

    part: str
    step: str
    seconds: float
    cpu: float


class Grown:
    """The workspaces of so many pages in two crawls, and what was built in them."""

    def __init__(self, folder: Path, size: int, words: int, tally: CpuTally) -> None:
        self._folder, self._words, self._tally = folder, words, tally
        again = size // _CRAWLED_AGAIN
        self._size = size
        self._files: Files = {
            "one": _files("one", range(size // 2)),
            # Its first pages are the last of the other crawl, crawled again.
            "two": _files("two", range(size // 2 - again, size - again)),
        }
        self._both = Run(self._config(["one", "two"]), str(folder / "both"), tags="skip")

    def carry_out(self, parts: Iterable[str]) -> None:
        """What is missing of ``parts``."""
        ways: dict[str, list[Callable[[], None]]] = {
            "steps": [partial(self._go, "both at once", self._both, self._files)],
            "turns": self._turns(),
            "tags": [self._three_tags],
        }
        for part in parts:
            for way in ways[part]:
                way()

    def _turns(self) -> list[Callable[[], None]]:
        uri, both = str(self._folder / "turns"), self._both.config
        first = {"one": self._files["one"]}
        kept = Run(both, uri, tags="skip", from_round=1, keep_model=True)
        anew = Run(both, uri, tags="skip", from_round=1)
        return [
            partial(self._go, "the first", Run(self._config(["one"]), uri, tags="skip"), first),
            partial(self._go, "the second", kept, self._files),
            partial(self._go, "round 1 again", anew, self._files),
            lambda: self._once("same corpus", lambda: _corpus(self._both) == _corpus(anew)),
        ]

    def _three_tags(self) -> None:
        """The batches of one more crawl are fetched after round 1."""
        start = self._size
        tagged = {f"tag{n}": range(start + n * 200, start + n * 200 + 200) for n in range(3)}
        crawls = {**self._both.config.crawls, "fetched": self._both.config.crawls["one"]}
        config = self._both.config.model_copy(update={"crawls": crawls})
        run = Run(config, self._both.uri, tags="skip")
        self._go("three tags", run, {**self._files, "fetched": tagged})

    def _go(self, part: str, run: Run, files: Files) -> None:
        """Bring a workspace to the end of round 1, and write down what each step costs."""
        plan: Plan = [
            (text_pages_step(crawl, of_crawl, self._words), 1) for crawl, of_crawl in files.items()
        ]
        plan += [*deduplication(run.config, 1), (PAGE_TOPICS, 1), *one_round(run.config, 1)]
        plan += [(DECONTAMINATE, 1), (EMIT, 1), (CORPUS_TOPICS, 1)]

        def carry_all_out() -> dict[str, Any]:
            started, spent = time.monotonic(), self._tally.seconds()
            for report in carry_out(plan, run, dry_run=False):
                now, cpu = time.monotonic(), self._tally.seconds()
                if report.state == "built":
                    self._write(asdict(Cost(part, report.title, now - started, cpu - spent)))
                started, spent = now, cpu
            return driver_memory(run.spark)

        self._once(part, carry_all_out)

    def _once(self, part: str, work: Callable[[], Any]) -> None:
        if all(line.get("ended") != part for line in lines_of(self._folder)):
            self._write({"ended": part, "with": work()})

    def _write(self, line: Mapping[str, Any]) -> None:
        with (self._folder / COSTS).open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")

    def _config(self, crawls: Iterable[str]) -> Config:
        benchmark = self._folder / "benchmarks" / "made-up.jsonl"
        benchmark.parent.mkdir(exist_ok=True)
        items = [
            {
                "benchmark": "made-up",
                "split": "test",
                "id": str(n),
                "question": " ".join(f"item{n}word{k}" for k in range(20)),
                "answer": str(n),
            }
            for n in range(50)
        ]
        benchmark.write_text("".join(f"{json.dumps(item)}\n" for item in items), encoding="utf-8")
        hosts = [f"math{HOSTS_A_MATH_HOST * host}.example" for host in range(_SEED_HOSTS)]
        document = {
            "crawls": {name: {"warcs": ["none"]} for name in crawls},
            "seed": {"patterns": hosts},
            # What settings bound, however large a crawl is, is small beside all sizes.
            "train": {
                "positives": _SEED_HOSTS * PAGES_OF_HOST,
                "negatives": _SEED_HOSTS * PAGES_OF_HOST,
                "dim": 16,
                "buckets": 20_000,
                "small_seed_updates": [10_000],
            },
            "evaluate": {"left_out_groups": 0},
            "tokens": {"tokenizer": "estimate"},
            "mine": {"samples": 1},
            "decontaminate": {
                "benchmarks": str(benchmark.parent),
                "names": ["*"],
                "soft_pages": 10,
            },
        }
        return parse_config(document, folder=self._folder)


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """What ``COSTS`` in a folder says so far."""
    try:
        text = (folder / COSTS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines()]


def _files(crawl: str, pages: range) -> dict[str, range]:
    """Files of so many pages, by name."""
    return {
        f"{crawl}{start:09d}": pages[start : start + _PAGES_OF_FILE]
        for start in range(0, len(pages), _PAGES_OF_FILE)
    }


def _corpus(run: Run) -> list[list[Any]]:
    rows = run.workspace.corpus().read(run.spark)
    return [list(row) for row in rows.selectExpr("count(*)", "sum(hash(*))", "max(rank)").collect()]


def main() -> None:
    folder, size, words, parts = Path(sys.argv[1]), *map(int, sys.argv[2:4]), sys.argv[4:]
    folder.mkdir(parents=True, exist_ok=True)
    pool_pages.IDS_EVERYWHERE = 0
    spark = session(_SPARK)
    try:
        with CpuTally() as tally:
            Grown(folder, size, words, tally).carry_out(parts)
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
