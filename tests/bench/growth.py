"""``make bench BENCH=growth``: the loop as its pages grow in number, and as they come in turn.

Pages are made up as text, see ``text_pages``: extraction is not measured here. For each size,
in a process of its own (``grown_pages``):

- steps: two crawls of half the pages each, at once, to the end of round 1
- turns: the first crawl to the end of round 1, then the second. A model that is kept scores
  it (``--from-round 1 --keep-model``); then all is built with all pages (``--from-round 1``),
  whose corpus must be that of both at once
- tags: pages of three more batches are fetched; no step of round 1 may run

What was measured stays in the folder: called again it goes on with the step that it was at.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.base.printing import aligned
from tests.bench.grown_pages import PARTS, Cost, lines_of
from tests.bench.interleaved import PROJECT, Demand, demand

#: Asked for: a page costs at most so much more at the largest size than at the one before, and
#: the driver takes so much more memory;
MOST_GROWTH = 1.25
#: and a second crawl costs so much of what both cost at once.
MOST_OF_BOTH = 0.6
#: Steps of a round, which may not run for pages that come after it.
_OF_A_ROUND = "train classify tokens select converge mine prefixes topics".split()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--words", type=int, default=500, help="of a page; a crawl's mean")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "bench" / "growth")
    asked = parser.parse_args(arguments)
    lines: dict[int, list[dict[str, Any]]] = {}
    for size in asked.sizes:
        folder = asked.folder / f"{size}-{asked.words}"
        words = [str(folder), str(size), str(asked.words), *asked.parts]
        subprocess.run(
            [sys.executable, "-m", "tests.bench.grown_pages", *words], cwd=PROJECT, check=True
        )
        lines[size] = lines_of(folder)
    at_once = {size: costs_of(lines[size], "both at once") for size in asked.sizes}
    print(table_of(at_once))
    told, demands = memory(lines)
    print(told)
    demands += [*flat(at_once), *(one for size in lines for one in in_turn(size, lines[size]))]
    for line, _ in demands:
        print(line)
    return 0 if all(met for _, met in demands) else 1


def costs_of(lines: Iterable[Mapping[str, Any]], part: str) -> dict[str, Cost]:
    """By its title what each step of a part took; of one that was killed, the last time."""
    return {line["step"]: Cost(**line) for line in lines if line.get("part") == part}


def table_of(by_size: Mapping[int, Mapping[str, Cost]]) -> str:
    """Milliseconds of all cores together that a page takes in each step, by size.

    And what a page more takes from the size before to the largest one: without the start of
    queries, and of a JVM that has still to compile itself.
    """
    sizes = sorted(by_size)
    rows = [["CPU milliseconds a page", *(f"{size:,}" for size in sizes), "each more", "seconds"]]
    for step in dict.fromkeys(step for costs in by_size.values() for step in costs):
        of_step = {size: by_size[size][step] for size in sizes if step in by_size[size]}
        cells = [f"{of_step[n].cpu / n * 1e3:.3f}" if n in of_step else "–" for n in sizes]
        more = "–"
        if set(sizes[-2:]) <= of_step.keys() and len(sizes) > 1:
            before, last = sizes[-2:]
            spent = of_step[last].cpu - of_step[before].cpu
            more = f"{spent / (last - before) * 1e3:.3f}"
        rows.append([step, *cells, more, f"{of_step[max(of_step)].seconds:.1f}"])
    return "\n".join(aligned(rows))


def flat(by_size: Mapping[int, Mapping[str, Cost]]) -> list[Demand]:
    """Whether a page costs no more in the largest size than in the one before, step by step."""
    if len(by_size) < 2:
        return []
    (before, small), (size, large) = sorted(by_size.items())[-2:]
    growth = {
        step: (large[step].cpu / size) / (small[step].cpu / before)
        for step in small.keys() & large.keys()
    }
    worst = max(growth, key=lambda step: growth[step])
    told = f"from {before:,} to {size:,} pages a page takes at most {growth[worst]:.2f} times "
    return [demand(f"{told}as long ({worst})", growth[worst] <= MOST_GROWTH)]


def in_turn(size: int, lines: Sequence[Mapping[str, Any]]) -> list[Demand]:
    """What two crawls that come in turn cost and give, and what three new tags have built."""
    ended = {line["ended"]: line["with"] for line in lines if "ended" in line}
    told = []
    both, second = (_cpu(costs_of(lines, part)) for part in ("both at once", "the second"))
    if "the second" in ended:
        share = second / both
        words = f"{size:,} pages, the second crawl costs {share:.2f} of both at once"
        told.append(demand(f"{words} ({second:,.0f} of {both:,.0f} CPU-s)", share <= MOST_OF_BOTH))
    if "same corpus" in ended:
        told.append(demand(f"{size:,} pages, in turn the same corpus", ended["same corpus"]))
    if "three tags" in ended:
        built = costs_of(lines, "three tags")
        none = not any(step.split()[0] in _OF_A_ROUND for step in built)
        told.append(demand(f"{size:,} pages, three tags have built {', '.join(built)}", none))
    return told


def memory(by_size: Mapping[int, Sequence[Mapping[str, Any]]]) -> tuple[str, list[Demand]]:
    """The driver's memory when all was built at once, by size: peaks, and heap in use."""
    taken = {
        size: next(line["with"] for line in lines if line.get("ended") == "both at once")
        for size, lines in sorted(by_size.items())
    }
    rows = [["driver, MB", *(f"{size:,}" for size in taken)]]
    kinds = list(next(iter(taken.values())))
    rows += [[kind, *(f"{of[kind] / 1e6:,.0f}" for of in taken.values())] for kind in kinds]
    demands = []
    if len(taken) > 1:
        before, last = list(taken.values())[-2:]
        growth = max(last[kind] / before[kind] for kind in kinds)
        words = f"at the largest size the driver takes {growth:.2f} times the memory"
        demands.append(demand(words, growth <= MOST_GROWTH))
    return "\n".join(aligned(rows)), demands


def _cpu(costs: Mapping[str, Cost]) -> float:
    """Without the making of pages, which stands for extraction."""
    return sum(cost.cpu for cost in costs.values() if not cost.step.startswith("extract"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
