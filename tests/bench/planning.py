"""``make bench BENCH=planning``: what a dump of 90,000 WARCs costs before its first record.

Their list comes from a server on loopback, in Common Crawl's form. A folder has the manifests of
the batches that they make, and two files of each, as if all were read. Told are seconds of the
clock and of CPU, the server's among them.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.base.printing import aligned
from pipeline.base.version import __version__
from pipeline.config.run_file import parse_config
from pipeline.loop.steps.extract import balanced
from pipeline.loop.warc_lists import WarcLists
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.places import LEDGER_PART, PAGES_PART, Workspace
from tests.bench.interleaved import demand
from tests.servers import web_server

CRAWL, WARCS_A_BATCH = "CC-MAIN-2024-10", 32
#: What is asked: CPU seconds of the plan, and seconds of all else together.
PLANNED, READ = 2.0, 30.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warcs", type=int, default=90_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mathmine-planning-") as folder, web_server() as web:
        names = [
            f"crawl-data/{CRAWL}/segments/{n % 100:010d}.0/warc/{CRAWL}-{n:06d}.warc.gz"
            for n in range(asked.warcs)
        ]
        web.files[f"crawl-data/{CRAWL}/warc.paths.gz"] = gzip.compress("\n".join(names).encode())
        config = parse_config(
            {"crawls": {"dump": {"warcs": [CRAWL]}}, "read": {"common_crawl": web.url("")}},
            folder=Path(folder),
        )
        lists = WarcLists(config)
        rows = [["", "seconds", "CPU-s"]]

        def timed(name: str, work: Callable[[], Any]) -> tuple[float, float, Any]:
            clock, cpu = time.monotonic(), time.process_time()
            made = work()
            spent = time.monotonic() - clock, time.process_time() - cpu
            rows.append([name, f"{spent[0]:.2f}", f"{spent[1]:.2f}"])
            return *spent, made

        listing, _, warcs = timed("the list, over HTTP", lambda: lists.files["dump"])
        _, planned, groups = timed("the plan", lambda: balanced(warcs, WARCS_A_BATCH))
        workspace = Workspace(folder, lambda: None)
        tables = [workspace.batch("dump", f"{n:05d}-made-up") for n in range(len(groups))]
        for table, group in zip(tables, groups, strict=True):
            inputs = {warc.name: warc.identity for warc in group}
            table.commit(_manifest(table.path, inputs))
            for part in (PAGES_PART, LEDGER_PART):
                workspace.storage.write(f"{table.path}/{part}/part-0.parquet", "made up")
        manifests, _, _ = timed("manifests of all batches", lambda: workspace.manifests(tables))
        parts = [f"{table.path}/{part}" for table in tables for part in (PAGES_PART, LEDGER_PART)]
        sizes, _, _ = timed("sizes of all files", lambda: [*map(workspace.storage.size, parts)])
    print(f"{len(warcs):,} WARCs, {len(groups):,} batches\n" + "\n".join(aligned(rows)))
    met = [
        demand(f"planned in {planned:.2f} CPU-s (asked for: {PLANNED:g})", planned < PLANNED),
        demand(
            f"list, manifests and sizes in {listing + manifests + sizes:.1f} s "
            f"(asked for: {READ:g})",
            listing + manifests + sizes < READ,
        ),
    ]
    print("\n".join(line for line, _ in met))
    return int(not all(fulfilled for _, fulfilled in met))


def _manifest(path: str, inputs: dict[str, str]) -> Manifest:
    return Manifest(
        table=path,
        schema_version=1,
        recipe=Recipe(step="extract dump", version=1, settings={}, inputs=inputs, schemas={}),
        rows=1,
        bytes=1,
        files=1,
        counts=Counts(1, 1, {}, unit="records"),
        code_version=__version__,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=1.0,
        parts=[f"{path}/{PAGES_PART}"],
    )


if __name__ == "__main__":
    sys.exit(main())
