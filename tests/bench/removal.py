"""What taking a host and an address out of a large corpus costs: ``python -m tests.bench removal``.

A round over a small sample web; its workspace is then made larger, to a corpus of ``--gigabytes``
of text (:mod:`tests.bench.grown_workspace`). The job is that of ``make remove``. What is left is
looked for once more by DuckDB, in every file of Parquet and in every other file.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipeline.config.run_file import load_config
from pipeline.loop.run import Run
from tests.bench.grown_workspace import grow
from tests.places import PROJECT
from tests.sample_runs import PAGES, make_sample_web

#: Which of a page's copies is looked for.
_COPY = 1


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--workspace", type=Path, help="a finished one, in place of a new round")
    parser.add_argument("--config", type=Path, help="of that workspace")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mathmine-removal-") as name:
        folder, config = Path(name), asked.config
        workspace = folder / "workspace"
        if asked.workspace:
            shutil.copytree(asked.workspace, workspace)
        else:
            config = make_sample_web(folder, PAGES).config_path
            _job("round", "--workspace", workspace, "--config", config, "--round", 1)
        run = Run(load_config(config), str(workspace))
        grown = grow(run.workspace, workspace, int(asked.gigabytes * 1e9))
        print(
            f"{grown['pages']:,} pages in the corpus, {grown['bytes']:,} bytes of text", flush=True
        )
        host, url = _asked_for(workspace)
        requests = folder / "requests.tsv"
        requests.write_text(f"{host}\tthe owner asks\n{url}\tpersonal data\n", encoding="utf-8")
        files = {*workspace.rglob("*.parquet")}
        told = _job(
            "remove", "--workspace", workspace, "--config", config, "--file", requests, "--final"
        )
        print(told, flush=True)
        new = {*workspace.rglob("*.parquet")} - files
        print(f"files of rows: {len(files):,}; of these written anew: {len(new):,}")
        _look(workspace, host, url)
    return 0


def _job(name: str, *arguments: object) -> str:
    """What a job printed, and what it took, a line more."""
    started = time.perf_counter()
    told = subprocess.run(
        [sys.executable, str(PROJECT / "jobs" / f"{name}.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise SystemExit(f"{name}: {told.stdout[-2000:]}{told.stderr[-4000:]}")
    return f"{told.stdout}{name}: {time.perf_counter() - started:,.0f} s"


def _asked_for(workspace: Path) -> tuple[str, str]:
    """The host with most pages of the corpus, and an address at another."""
    rows = f"'{workspace}/corpus/data/*.parquet'"
    mark = f"host like '%k{_COPY}-%'"
    [(host,)] = duckdb.sql(
        f"select host from {rows} where {mark} group by 1 order by count(*) desc, 1 limit 1"
    ).fetchall()
    [(url,)] = duckdb.sql(
        f"select url from {rows} where {mark} and host not like '%{host}' order by rank limit 1"
    ).fetchall()
    return host, url


def _look(workspace: Path, host: str, url: str) -> None:
    """For host and address in every file."""
    rows, found, bytes_ = 0, 0, 0
    for path in workspace.rglob("*"):
        if not path.is_file() or "removals" in path.parts:
            continue
        if path.suffix != ".parquet":
            bytes_ += path.stat().st_size
            found += sum(one.encode() in path.read_bytes() for one in (host, url))
            continue
        columns = [field.name for field in pq.read_schema(path) if str(field.type) == "string"]
        by = " or ".join(f"contains({c}, '{host}') or {c} = '{url}'" for c in columns) or "false"
        [(number, hits)] = duckdb.sql(
            f"select count(*), count(*) filter ({by}) from "
            f"read_parquet('{path}', hive_partitioning = false)"
        ).fetchall()
        rows, found = rows + number, found + hits
    print(f"looked once more through {rows:,} rows and {bytes_:,} bytes of other files: {found}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
