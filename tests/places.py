"""Where the project is, and the real data that may lie beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def shared(*parts: str) -> Path:
    """A file of the real data beside the project; skips where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the real data are not here: no {'/'.join(parts)} in ../shared")
    return path


def rows_in(workspace: Path | str, table: str) -> str:
    """SQL for DuckDB: a relation of the rows of a table, such as ``rounds/1/scores``.

    Two tables of batches have their folders' column ``table`` too.
    """
    manifest = Path(workspace, table.removesuffix("/data"), "manifest.json")
    parts = [Path(workspace, part) for part in json.loads(manifest.read_text())["parts"]]
    files = [str(part if part.suffix else part / "*.parquet") for part in parts]
    return f"read_parquet({files})"
