"""``make bench BENCH=reading``: what it costs to read WARCs up to captures, beside bare loops.

All contenders read the same files whole, each in a process of its own, in interleaved rounds.
CPU time of a process, start-up left out. Memory is that of one process that reads 20 WARCs.

A contender alone: ``python -m tests.bench.reading --contender NAME --records N FILE...``.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path

from pipeline.config.settings import Extract
from pipeline.config.sources import Read
from pipeline.web.streams import open_warc
from pipeline.web.warc import read_warc
from tests.bench.crawled import warcs
from tests.bench.interleaved import (
    Demand,
    Failed,
    Measured,
    demand,
    interleaved,
    problems,
    run,
    table,
    versions,
)
from tests.bench.peer import tell_time

LIMIT = "bare fastwarc"
OURS = "read_warc, fastwarc"
NETWORK = "read_warc, fastwarc, over HTTP"
#: What is asked: such a share of the bare loop's speed; so many more bytes after all WARCs.
SHARE_OF_LIMIT = 0.5
MEMORY_GROWTH = 10_000_000
#: WARCs read by one process, and those after which its memory should have come to rest.
MANY, FEW = 20, 2
#: Files that are larger together are not served from memory.
_MOST_SERVED = 500_000_000


def bare_fastwarc(path: str) -> int:
    from fastwarc.warc import ArchiveIterator

    count = 0
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream):
            record.reader.read()
            count += 1
    return count


def bare_warcio(path: str) -> int:
    from warcio.archiveiterator import ArchiveIterator

    count = 0
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream):
            record.raw_stream.read()
            count += 1
    return count


def ours(reader: str) -> Callable[[str], int]:
    """All that the extract job does with a WARC up to its captures."""
    limit = Extract().max_page_bytes

    def count(path: str) -> int:
        with open_warc(path, Read()) as stream:
            return sum(1 for _ in read_warc(stream, reader=reader, max_page_bytes=limit))  # type: ignore[arg-type]

    return count


CONTENDERS: dict[str, Callable[[str], int]] = {
    LIMIT: bare_fastwarc,
    "bare warcio": bare_warcio,
    OURS: ours("fastwarc"),
    "read_warc, warcio": ours("warcio"),
    NETWORK: ours("fastwarc"),
}
PACKAGES = {LIMIT: ("FastWARC",), "bare warcio": ("warcio",), NETWORK: ("urllib3",)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", default="", help="file or glob; default the real crawl")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="fail where a demand is not met")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--memory", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--records", type=int, help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contender:
        _contend(arguments.contender, arguments.records, arguments.files)
        return 0
    if arguments.memory:
        _tell_memory(CONTENDERS[arguments.memory], arguments.files)
        return 0
    paths = warcs(arguments.warc)
    size = sum(Path(path).stat().st_size for path in paths)
    records = sum(map(CONTENDERS[OURS], paths))
    print(
        f"{records} records, {size / 1e6:.1f} MB as stored, of "
        f"{', '.join(Path(path).name for path in paths)}: median of {arguments.rounds} rounds\n"
    )
    with ExitStack() as serving:
        urls = _served(paths, serving) if size <= _MOST_SERVED else []
        places = {name: urls if name == NETWORK else paths for name in CONTENDERS}
        commands = {name: _command("--contender", name, records, places[name]) for name in places}
        if not urls:
            del commands[NETWORK]
        measured = interleaved(commands, arguments.rounds)
    print(table(_rows(measured, size / records)))
    met = [_fast_enough(measured), _small_enough(records, paths)]
    print("\n" + "\n".join([line for line, _ in met] + problems(measured)))
    print(f"\n{versions(measured)}")
    return int(arguments.check and not all(fulfilled for _, fulfilled in met))


def _command(action: str, name: str, records: int, files: list[str]) -> list[str]:
    program = [sys.executable, "-m", "tests.bench.reading"]
    return [*program, action, name, "--records", str(records), *files]


def _served(paths: list[str], serving: ExitStack) -> list[str]:
    """The files' addresses on a server that runs until ``serving`` ends."""
    from tests.servers import web_server

    names = {f"{number}.warc.gz": path for number, path in enumerate(paths)}
    files = {name: Path(path).read_bytes() for name, path in names.items()}
    server = serving.enter_context(web_server(**files))
    return [server.url(name) for name in names]


def _contend(name: str, records: int, files: list[str]) -> None:
    def one_pass() -> int:
        found = sum(map(CONTENDERS[name], files))
        if found != records:
            sys.exit(f"stops after {found} of {records} records: the files are damaged")
        return found

    one_pass()
    tell_time(one_pass, PACKAGES.get(name, ()))


def _tell_memory(read: Callable[[str], int], files: list[str]) -> None:
    """A JSON list: bytes that this process holds, after a few WARCs and after many."""
    held = []
    for number, path in enumerate(islice(cycle(files), MANY), start=1):
        read(path)
        if number in (FEW, MANY):
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            held.append(pages * os.sysconf("SC_PAGESIZE"))
    print(json.dumps(held))


def _rows(measured: dict[str, Measured], bytes_a_record: float) -> Iterator[tuple[str, ...]]:
    limit = measured[LIMIT].speed
    yield "", "MB/CPU-s stored", "records/CPU-s", "of the bare loop"
    for name, one in measured.items():
        if one.problem:
            yield name, "-", "-", "-"
            continue
        yield (
            name,
            f"{one.speed * bytes_a_record / 1e6:,.1f}",
            f"{one.speed:,.0f}",
            f"{one.speed / limit:.2f}" if limit else "-",
        )


def _fast_enough(measured: dict[str, Measured]) -> Demand:
    ratio = measured[OURS].ratio_to(measured[LIMIT])
    if ratio is None:
        return "speed: not measured", False
    return demand(
        f"speed: {OURS} reaches {ratio.median:.2f} of {LIMIT} ({ratio.rounds(2)}; "
        f"asked for: {SHARE_OF_LIMIT} or more)",
        ratio.median >= SHARE_OF_LIMIT,
    )


def _small_enough(records: int, paths: list[str]) -> Demand:
    try:
        few, many = json.loads(run(_command("--memory", OURS, records, paths)))
    except Failed as failure:
        return f"memory: {failure}", False
    return demand(
        f"memory: {few / 1e6:.1f} MB after {FEW} WARCs, {many / 1e6:.1f} MB after {MANY} "
        f"(asked for: no more than {MEMORY_GROWTH / 1e6:.0f} MB apart)",
        many - few <= MEMORY_GROWTH,
    )


if __name__ == "__main__":
    sys.exit(main())
