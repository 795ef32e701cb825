"""``make bench BENCH=extraction``: what text extraction costs, beside its limit and beside peers.

All contenders have the same pages, an even sample of some WARCs; each runs in a process of
its own, in interleaved rounds. CPU time of a process and all below it, start-up left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.bench.crawled import every, warcs, write_captures
from tests.bench.interleaved import PROJECT, Measured, interleaved, problems, table, versions
from tests.bench.ours import OURS
from tests.bench.parts import captures, healthy_copy, part_command
from tests.bench.peers import DATATROVE_WARC, PEERS, environment, peer_command

FOLDER = PROJECT / "build" / "bench-extraction"
LIMIT = "bare fastwarc + lexbor"
REFERENCE = "trafilatura"
#: The parts over the WARC, told beside datatrove, and what they are here.
PARTS = {
    LIMIT: "limit: inflate + parse (fastwarc + lexbor)",
    "read + extract": "read + extract_page",
    "read + extract as the job does": "read + extract as the job does",
}
#: What is asked of extract_page: so many times trafilatura, such a share of the limit.
TIMES_TRAFILATURA = 12.0
SHARE_OF_LIMIT = 1 / 3
#: What is asked of the job: so many times datatrove; such a share of the limit, and of pages as
#: large as those of Common Crawl are on average.
TIMES_DATATROVE = 30.0
JOBS_SHARE, JOBS_SHARE_OF_LARGE, LARGE = 0.25, 0.33, 150_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", default="", help="file or glob; default the real crawl")
    parser.add_argument("--pages", type=int, default=600, help="about so many (%(default)s)")
    parser.add_argument(
        "--least-bytes", type=int, default=0, help="only pages of so many bytes of HTML or more"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers",
        nargs="*",
        choices=(*PEERS, DATATROVE_WARC),
        default=(*PEERS, DATATROVE_WARC),
        help="beside trafilatura, which always takes part (default: all)",
    )
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    paths = warcs(arguments.warc)
    total = sum(1 for _ in every(paths, 1, arguments.least_bytes))
    step = max(1, total // arguments.pages)
    warc = healthy_copy(every(paths, step, arguments.least_bytes), FOLDER / "pages.warc.gz")
    held = str(FOLDER / "pages.captures")
    pages = [(one.url, one.content_type, one.body) for one in captures(warc)]
    write_captures(pages, Path(held))
    mean = sum(len(body) for _, _, body in pages) / max(len(pages), 1)
    print(
        f"{len(pages)} of {total} pages of {', '.join(Path(path).name for path in paths)}: "
        f"mean {mean / 1e3:.0f} KB, median of {arguments.rounds} rounds\n"
    )
    commands, absent = _commands(warc, held, arguments.peers)
    measured = interleaved(commands, arguments.rounds) | absent
    print(table(_rows(measured)))
    print("\n" + "\n".join([*_verdict(measured, mean), *problems(measured)]))
    print(f"\n{versions(measured)}")
    return 0


def _commands(
    warc: str, held: str, peers: Iterable[str]
) -> tuple[dict[str, list[str]], dict[str, Measured]]:
    """Contenders' commands, and those that cannot run here."""
    commands = {name: part_command(name, warc) for name in PARTS}
    absent: dict[str, Measured] = {}
    for name in OURS:
        commands[name] = [sys.executable, "-m", "tests.bench.ours", name, "time", held]
    known = {**PEERS, DATATROVE_WARC: "datatrove"}
    for name, needs in known.items():
        if name not in (REFERENCE, *peers):
            continue
        found = environment(needs)
        if found.problem:
            absent[name] = Measured(problem=found.problem)
        else:
            file = warc if name == DATATROVE_WARC else held
            commands[name] = peer_command(name, found.python, "time", file)
    return commands, absent


def _rows(measured: dict[str, Measured]) -> Iterator[tuple[str, ...]]:
    reference, limit = measured[REFERENCE].speed, measured[LIMIT].speed
    yield "", "pages/CPU-s", "ms a page", "x trafilatura", "of the limit", "peak MB"
    for name, one in measured.items():
        label = PARTS.get(name, name)
        if one.problem:
            yield label, "-", "-", "-", "-", "-"
            continue
        yield (
            label,
            f"{one.speed:,.0f}",
            f"{1e3 / one.speed:.2f}",
            f"{one.speed / reference:.2f}" if reference else "-",
            f"{one.speed / limit:.2f}" if limit else "-",
            f"{one.memory / 1e6:,.0f}",
        )


def _verdict(measured: dict[str, Measured], mean: float) -> Iterator[str]:
    name = next(iter(OURS))
    alone, limit = measured[name], measured[LIMIT].speed
    reading, peer = measured["read + extract"], measured[REFERENCE].speed
    if alone.speed and peer:
        yield (
            f"{name}: {alone.speed / peer:.1f} x trafilatura "
            f"(asked for: {TIMES_TRAFILATURA:.0f} or more)"
        )
    if alone.speed and limit:
        yield (
            f"{name}: {alone.speed / limit:.2f} of the limit, with reading "
            f"{reading.speed / limit:.2f} (asked for: {SHARE_OF_LIMIT:.2f} or more)"
        )
    whole, datatrove = measured["read + extract as the job does"], measured.get(DATATROVE_WARC)
    if whole.speed and limit:
        asked = JOBS_SHARE_OF_LARGE if mean >= LARGE else JOBS_SHARE
        yield (
            f"as the job does: {whole.speed / limit:.3f} of the limit "
            f"(asked for: {asked:.2f} or more)"
        )
    if datatrove and (ratio := whole.ratio_to(datatrove)):
        yield (
            f"as the job does: {ratio.median:.1f} x datatrove on the same WARC "
            f"({ratio.rounds(1)}; asked for: {TIMES_DATATROVE:.0f} or more)"
        )


if __name__ == "__main__":
    sys.exit(main())
