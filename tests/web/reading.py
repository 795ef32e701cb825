"""WARC files read, here or in a process of its own that tells what memory it took.

``python -m tests.web.reading READER WARC...`` prints a JSON line: the peak in bytes, and for
each file offset and outcome of every item.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pipeline.base.outcomes import SetAside
from pipeline.config.settings import Extract
from pipeline.web.warc import Capture, read_warc
from tests.places import PROJECT

READERS = ("fastwarc", "warcio")
#: The settings' own: what a run has where nothing is said.
CAP = Extract().max_page_bytes
_LONGEST_SECONDS = 900

Item = Capture | SetAside
#: Offset and outcome, ``page`` for a capture.
Told = tuple[int | None, str]


def read_file(path: Path, reader: str, cap: int = CAP) -> Iterator[Item]:
    with path.open("rb") as stream:
        yield from read_warc(stream, reader=reader, max_page_bytes=cap)  # type: ignore[arg-type]


def told_of(item: Item) -> Told:
    return item.offset, "page" if isinstance(item, Capture) else str(item.outcome)


def read_apart(reader: str, paths: Iterable[Path]) -> tuple[int, list[list[Told]]]:
    """The peak in bytes of a process that reads these files, and what it tells of each."""
    command = [sys.executable, "-m", "tests.web.reading", reader, *map(str, paths)]
    told = subprocess.run(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_LONGEST_SECONDS,
    )
    answer = json.loads(told.stdout)
    return answer["peak"], [[(at, outcome) for at, outcome in one] for one in answer["told"]]


def main() -> None:
    reader, *paths = sys.argv[1:]
    told = [[told_of(item) for item in read_file(Path(path), reader)] for path in paths]
    print(json.dumps({"peak": _peak(), "told": told}))


def _peak() -> int:
    # Linux counts towards a process's maximum what its parent held as it began: not so here.
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
