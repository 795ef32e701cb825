"""Whether two workspaces hold the same tables, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

#: The model is no table, and a batch's rows are those of its crawl.
_OTHERS = ("model", "batches")


def parquet_files(workspace: Path) -> dict[str, list[str]]:
    """The files that each table's manifest names, by the table's place."""
    tables = {}
    for path in workspace.rglob("manifest.json"):
        place = path.parent.relative_to(workspace)
        parts = [workspace / part for part in json.loads(path.read_text()).get("parts", [])]
        files = [file for part in parts for file in ([part] if part.suffix else part.iterdir())]
        if not {*_OTHERS} & {*place.parts}:
            tables[str(place)] = [str(file) for file in files if file.suffix == ".parquet"]
    return {name: files for name, files in tables.items() if files}


def differences(one: Path, other: Path) -> dict[str, str]:
    """Tables that are not the same in both, and how; every row counts, as often as it is there."""
    tables, others = parquet_files(one), parquet_files(other)
    assert len(tables) > 15, tables
    found = dict.fromkeys(tables.keys() ^ others.keys(), "in one alone")
    for name in tables.keys() & others.keys():
        with duckdb.connect() as database:
            for which, files in (("a", tables[name]), ("b", others[name])):
                database.execute(f"create table {which} as from read_parquet({files})")
            columns = [database.table(which).columns for which in ("a", "b")]
            if columns[0] != columns[1]:
                found[name] = f"columns {columns}"
                continue
            counts = [
                database.sql(f"from {x} except all from {y}").count("*").fetchall()[0][0]
                for x, y in (("a", "b"), ("b", "a"))
            ]
            if any(counts):
                found[name] = f"{counts[0]} and {counts[1]} rows are of one alone"
    return found
