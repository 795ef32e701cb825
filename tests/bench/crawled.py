"""Pages to measure with: an even sample of some WARCs, for all contenders the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pipeline.config.sources import Crawl, Read
from pipeline.web.listing import find_warcs
from pipeline.web.warc import Capture
from tests.bench.interleaved import SAMPLE, SHARED
from tests.bench.parts import captures


def crawl() -> Path:
    """The real crawl beside the project, or the sample web where there is none."""
    return SHARED / "crawl" if (SHARED / "crawl").is_dir() else SAMPLE / "warc"


def warcs(pattern: str = "") -> list[str]:
    """The WARCs that a path or glob names: without one, those of :func:`crawl`."""
    folder = crawl()
    if pattern:
        return [file.path for file in find_warcs(Crawl(warcs=(pattern,)), Read())]
    # The real crawl's "small" file is for quick tests.
    found = [path for path in folder.glob("*.warc.gz") if not path.name.startswith("small")]
    if not found:
        sys.exit(f"no WARC in {folder}: say --warc path, or make sample-web")
    return sorted(map(str, found))


def every(paths: Iterable[str], step: int, least_bytes: int = 0) -> Iterator[Capture]:
    """Each ``step``-th capture of the files read one after the other, of those with a body of
    ``least_bytes`` or more.
    """
    found = (capture for path in paths for capture in captures(path))
    yield from islice((one for one in found if len(one.body) >= least_bytes), 0, None, step)


def write_captures(pages: Iterable[tuple[str, str, bytes]], target: Path) -> int:
    """A file that ``peer.py`` reads, of address, content type and body; how many there are."""
    count = 0
    with target.open("wb") as stream:
        for url, content_type, body in pages:
            head = {"url": url, "content_type": content_type, "bytes": len(body)}
            stream.write(json.dumps(head).encode() + b"\n" + body)
            count += 1
    return count
