"""Which of the seed's patterns match a page of what is extracted, without Spark.

For workspaces on this machine, and as long as the pages are few enough to be looked through in
seconds; ``jobs/tags.py`` says it of any.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.loop.run import Run
from pipeline.mine.patterns import Pattern, Patterns
from pipeline.workspace.storage import local_path

#: Pages whose hosts are read, and addresses that are looked at.
_MOST_PAGES, _MOST_ADDRESSES = 2_000_000, 200_000


@dataclass(frozen=True)
class SeedReach:
    """The patterns that match some page, the hosts that have pages, and whether all are read."""

    matched: Collection[str]
    hosts: Collection[str]
    whole: bool

    def with_nearest(self, pattern: str) -> str:
        """The pattern, with the host that may be meant where its own has no page."""
        host = pattern.split("/")[0]
        if host in self.hosts:
            return pattern
        near = difflib.get_close_matches(host, self.hosts, n=1, cutoff=0.8)
        return f"{pattern} (did you mean {near[0]}?)" if near else pattern


def seed_reach(run: Run, patterns: Sequence[Pattern]) -> SeedReach | None:
    """What of the patterns is reached; None where nothing is extracted, or too much to look at."""
    root = local_path(run.uri)
    if root is None:
        return None
    crawls = list(run.config.crawls)
    # Tables of pages have a text; others that lie beside them have not.
    files = [
        file
        for crawl in crawls
        for path in sorted((root / "crawls" / crawl).rglob("*.parquet"))
        if (file := _pages(path)) is not None
    ]
    pages = sum(file.metadata.num_rows for file in files)
    if not 0 < pages <= _MOST_PAGES:
        return None
    wanted = pa.array(Patterns(patterns).hosts())
    hosts: set[str] = set()
    addresses: set[str] = set()
    for file in files:
        rows = file.read(columns=["host", "url"])
        hosts.update(pc.unique(rows["host"]).to_pylist())
        addresses.update(rows.filter(pc.is_in(rows["host"], wanted))["url"].to_pylist())
        if len(addresses) > _MOST_ADDRESSES:
            return None
    of = Patterns(patterns)
    matched = {one.pattern for url in addresses for one in of.all_matching(url)}
    whole = all(run.workspace.pages(crawl).manifest() is not None for crawl in crawls)
    return SeedReach(matched, hosts, whole)


def _pages(path: Path) -> pq.ParquetFile | None:
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid):  # half written, by a run that was killed
        return None
    return file if {"text", "url", "host"} <= set(file.schema_arrow.names) else None
