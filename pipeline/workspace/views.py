"""``views.sql`` of a workspace: for DuckDB a view of each table, of the contents of now.

Contents lie in folders whose names change (``places.py``), so every run writes the file anew. A
table that is not there yet is a view without rows: every query can be asked at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from pipeline.base.errors import SchemaMismatch, WorkspaceError
from pipeline.base.project import part_of_project
from pipeline.workspace.places import Kind, Workspace
from pipeline.workspace.storage import LocalStorage, is_part
from pipeline.workspace.tables import Table

FILE = "views.sql"
_HEAD = """\
-- Views over this workspace for DuckDB, written anew by every run: where tables lie changes.
--   duckdb -cmd ".read views.sql"
"""
#: Paths are relative to this, so that what is special in it is no pattern.
_SEARCHED = """\
-- Of a copy elsewhere, say where that is.
set file_search_path = '{}';
"""
#: Views that are not called as their tables are.
_NAMES = {"topics": "round_topics", "samples": "sample_places"}
_TYPES = {
    "string": "varchar",
    "binary": "blob",
    "int": "integer",
    "long": "bigint",
    "timestamp": "timestamptz",
}


def write_views(workspace: Workspace, more: str = "") -> None:
    """Write ``views.sql`` into the workspace, ``more`` at its end, unless it says just that."""
    sql = views(workspace) + more
    if workspace.storage.read(FILE) != sql:
        workspace.storage.write(FILE, sql)


def views(workspace: Workspace) -> str:
    """SQL that makes a view of each table, and those of ``schemas/views.sql`` over them."""
    over_them = part_of_project("schemas").joinpath(FILE).read_text(encoding="utf-8")
    made = (_view(workspace, kind) for kind in workspace.kinds())
    return "\n".join([_head(workspace), *made, over_them])


def _head(workspace: Workspace) -> str:
    root = workspace.storage.root
    # A comma parts two folders: then DuckDB has to be started in the workspace's.
    if isinstance(workspace.storage, LocalStorage) and "," not in root:
        return _HEAD + _SEARCHED.format(root.replace("'", "''"))
    return _HEAD


def _view(workspace: Workspace, kind: Kind) -> str:
    """A row for each of all tables of a kind; of rounds, and of hosts, it says which."""
    selects = []
    columns = kind.schema.names
    label = kind.each if kind.each not in ("", *columns) else ""
    value = "{}" if label == "round" else "'{}'"
    texts = workspace.storage.read_all([table.manifest_path for table in kind.tables.values()])
    for (name, table), text in zip(kind.tables.items(), texts, strict=True):
        if parts := _parts(table, text):
            labelled = [f"{value.format(name)} as {label}", *columns] if label else columns
            selects.append(f"select {', '.join(labelled)}\nfrom {_files(workspace, parts)}")
    if not selects:
        types = {c.name: _TYPES.get(c.type, c.type) for c in kind.schema.columns}
        if label:
            types = {label: "integer" if label == "round" else "varchar"} | types
        nulls = ", ".join(f"null::{type_} as {column}" for column, type_ in types.items())
        selects = [f"select {nulls}\nlimit 0"]
    view = _NAMES.get(kind.schema.name, kind.schema.name)
    return f"create or replace view {view} as\n" + "\nunion all\n".join(selects) + ";\n"


def _parts(table: Table, text: str | None) -> Sequence[str]:
    # What another version made is no table to this one.
    with suppress(SchemaMismatch, WorkspaceError):
        manifest = table.manifest_of(text)
        return table.named_by(manifest) if manifest else ()
    return ()


def _files(workspace: Workspace, parts: Sequence[str]) -> str:
    """Where the parts are, to DuckDB: of a local workspace below its folder."""
    storage = workspace.storage
    root = "" if isinstance(storage, LocalStorage) else f"{storage.root}/".replace("s3a:", "s3:", 1)
    places = [f"{root}{part}" if is_part(part) else f"{root}{part}/**/*.parquet" for part in parts]
    listed = ", ".join("'{}'".format(place.replace("'", "''")) for place in places)
    return f"read_parquet([{listed}], hive_partitioning = false)"
