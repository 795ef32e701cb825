"""``make bench BENCH=growth``: the loop as its pages grow in number, and as they come in turn.

Pages are made up as text, see ``text_pages``: extraction is not measured here. Spark
runs as a cluster of one machine, so that the driver is alone in its process. For each size:

- steps: two crawls of half the pages each, at once, to the end of round 1
- turns: the first crawl to the end of round 1, then the second. A model that is kept scores
  it (``--from-round 1 --keep-model``); then all is built with all pages (``--from-round 1``),
  whose corpus must be that of both at once
- tags: pages of three more batches are fetched; no step of round 1 may run
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.base.printing import aligned
from pipeline.config.run_file import parse_config
from pipeline.config.settings import Config
from pipeline.loop.rounds import Plan, carry_out, deduplication, one_round
from pipeline.loop.run import Run
from pipeline.loop.steps.decontaminate import DECONTAMINATE
from pipeline.loop.steps.emit import EMIT
from pipeline.loop.steps.topics import CORPUS_TOPICS, PAGE_TOPICS
from tests.bench.peer import cpu_seconds
from tests.bench.pool_growth import driver_memory, session
from tests.bench.text_pages import PAGES_OF_HOST, text_pages_step

PARTS = ("steps", "turns", "tags")
#: Steps of a round, which may not run for pages that come after it.
_OF_A_ROUND = "train classify select converge mine prefixes topics".split()
#: Of one file, which is made by one task.
PAGES_OF_FILE = 2_500
#: By crawl the numbers of the pages in its files.
Files = Mapping[str, Mapping[str, range]]
#: Hosts whose pages the seed is of.
_SEED_HOSTS = 8


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds by the clock, and of all cores together."""

    step: str
    seconds: float
    cpu: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    asked = parser.parse_args(arguments)
    by_size: dict[int, list[Cost]] = {}
    right = True
    spark = session()
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="mathmine-growth-") as folder:
            by_size[size], as_it_must = _of_size(Path(folder), size, asked.parts)
        right = right and as_it_must
        memory = {name: f"{value / 1e6:,.0f} MB" for name, value in driver_memory(spark).items()}
        print(f"{size:,} pages: {memory}", flush=True)
    spark.stop()
    print(_by_size(by_size))
    return 0 if right else 1


def _of_size(folder: Path, size: int, parts: Sequence[str]) -> tuple[list[Cost], bool]:
    """The cost of each step of both crawls at once; whether all was as it must be."""
    again = size // 20
    files = {
        "one": _files("one", range(size // 2)),
        # Its first pages are the last of the other crawl, crawled again.
        "two": _files("two", range(size // 2 - again, size - again)),
    }
    both = Run(_config(folder, files), str(folder / "both"), tags="skip")
    costs = _go(both, files)
    print(_by_size({size: costs}), flush=True)
    as_it_must = True
    if "turns" in parts:
        as_it_must = _in_turn(folder, both, costs, files)
    if "tags" in parts:
        tagged = {f"tag{n}": range(size + n * 200, size + n * 200 + 200) for n in range(3)}
        ran = _after_three_tags(both, {**files, "fetched": tagged})
        print(f"three new tags: {', '.join(ran)}", flush=True)
        as_it_must &= not any(title.split()[0] in _OF_A_ROUND for title in ran)
    return costs, as_it_must


def _files(crawl: str, pages: range) -> dict[str, range]:
    """Files of so many pages, by name."""
    return {
        f"{crawl}{start:09d}": pages[start : start + PAGES_OF_FILE]
        for start in range(0, len(pages), PAGES_OF_FILE)
    }


def _in_turn(folder: Path, both: Run, costs: Sequence[Cost], files: Files) -> bool:
    """Whether two crawls in turn give the corpus of both at once; what they cost is printed."""
    uri = str(folder / "turns")
    first_alone = _go(Run(_config(folder, ["one"]), uri, tags="skip"), {"one": files["one"]})
    kept = Run(both.config, uri, tags="skip", from_round=1, keep_model=True)
    model_kept = _go(kept, files)
    anew = Run(both.config, uri, tags="skip", from_round=1)
    rebuilt = _go(anew, files)
    same = _corpus(both) == _corpus(anew)
    print(
        f"CPU seconds: both at once {_cpu(costs):,.0f}; the first crawl {_cpu(first_alone):,.0f}, "
        f"the second {_cpu(model_kept):,.0f} where the model is kept "
        f"({_cpu(model_kept) / _cpu(costs):.2f} of both); then round 1 again with all pages "
        f"{_cpu(rebuilt):,.0f}, {'the corpus' if same else 'ANOTHER CORPUS THAN THAT'} of both\n"
        + "\n".join(f"  {cost.step}: {cost.cpu:.1f}" for cost in model_kept),
        flush=True,
    )
    return same


def _after_three_tags(run: Run, files: Files) -> list[str]:
    """The steps that are built where the batches of one more crawl are fetched after round 1."""
    crawls = {**run.config.crawls, "fetched": run.config.crawls["one"]}
    tagged = Run(run.config.model_copy(update={"crawls": crawls}), run.uri, tags="skip")
    return [cost.step for cost in _go(tagged, files)]


def _go(run: Run, files: Files) -> list[Cost]:
    """Bring a workspace to the end of round 1; what was built, and its cost."""
    plan: Plan = [(text_pages_step(crawl, of_crawl), 1) for crawl, of_crawl in files.items()]
    plan += [*deduplication(run.config, 1), (PAGE_TOPICS, 1), *one_round(run.config, 1)]
    plan += [(DECONTAMINATE, 1), (EMIT, 1), (CORPUS_TOPICS, 1)]
    costs = []
    started, spent = time.monotonic(), cpu_seconds()
    for report in carry_out(plan, run, dry_run=False):
        now, cpu = time.monotonic(), cpu_seconds()
        if report.state == "built":
            costs.append(Cost(report.title, now - started, cpu - spent))
        started, spent = now, cpu
    return costs


def _cpu(costs: Iterable[Cost]) -> float:
    """Without the making of pages, which stands for extraction."""
    return sum(cost.cpu for cost in costs if not cost.step.startswith("extract"))


def _corpus(run: Run) -> list[Any]:
    rows = run.workspace.corpus().read(run.spark)
    return rows.selectExpr("count(*)", "sum(hash(*))", "max(rank)").collect()


def _config(folder: Path, crawls: Iterable[str]) -> Config:
    benchmark = folder / "benchmarks" / "made-up.jsonl"
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
    hosts = [f"math{2 * host + 1}.example" for host in range(_SEED_HOSTS)]
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
        "mine": {"samples": 1},
        "decontaminate": {"benchmarks": str(benchmark.parent), "names": ["*"], "soft_pages": 10},
    }
    return parse_config(document, folder=folder)


def _by_size(by_size: Mapping[int, Sequence[Cost]]) -> str:
    """Milliseconds of all cores together that a page takes in each step, by size."""
    sizes = list(by_size)
    steps = list(dict.fromkeys(cost.step for costs in by_size.values() for cost in costs))
    rows = [["CPU milliseconds a page", *(f"{size:,}" for size in sizes), "seconds, largest"]]
    for step in steps:
        of_step = [next((c for c in by_size[n] if c.step == step), None) for n in sizes]
        cells = [
            f"{cost.cpu / size * 1e3:.3f}" if cost else "–"
            for size, cost in zip(sizes, of_step, strict=True)
        ]
        rows.append([step, *cells, f"{of_step[-1].seconds:.1f}" if of_step[-1] else "–"])
    return "\n".join(aligned(rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
