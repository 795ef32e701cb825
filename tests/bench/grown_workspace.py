"""A finished workspace made larger: pages of its corpus again at other hosts, in every table.

Nothing is computed anew: ids, addresses and ranks are changed, and texts are lengthened. All
manifests say what is there, so that jobs take the workspace for a run's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from pipeline.corpus.shards import EmitNotes, ShardFile
from pipeline.loop.batches import BatchNotes, ledger_parts
from pipeline.workspace.manifest import Counts, Manifest
from pipeline.workspace.places import Workspace
from pipeline.workspace.storage import is_part
from pipeline.workspace.table_schemas import schema
from pipeline.workspace.tables import Table

#: Rows that are in memory at a time, and of a row group.
_ROWS = 10_000
_FILE_BYTES = 64_000_000
#: How a column of a copy is made.
_CHANGED = {
    "page_id": "coalesce(id, page_id)",
    "kept_page_id": "if(number > 0, md5(kept_page_id || number), kept_page_id)",
    "cluster": "if(number > 0, md5(cluster || number), cluster)",
    "url": "if(number > 0, replace(url, domain, 'k' || number || '-' || domain), url)",
    "host": "if(number > 0, replace(host, domain, 'k' || number || '-' || domain), host)",
    "registered_domain": "if(number > 0, 'k' || number || '-' || domain, registered_domain)",
    # Twice: a page of the sample web is short.
    "text": "if(number > 0, number || ' ' || text || chr(10) || number || ' ' || text, text)",
    "rank": "(rank - 1) * (1 + {copies}) + coalesce(number, 0) + 1",
}
#: Of the ledger's counts, those that grow.
_MORE_RECORDS = (
    "if(kind = 'count' and outcome in ('page', 'read'), records + coalesce(more, 0), records)"
)


def grow(workspace: Workspace, root: Path, size: int) -> dict[str, int]:
    """Let the corpus have ``size`` bytes of text or more; pages of the corpus, bytes of text and
    copies of each page that there are now.
    """
    sql = duckdb.connect()
    sql.execute(f"set memory_limit = '1500MB'; set file_search_path = '{root}'")
    corpus = workspace.corpus()
    pages = [part for crawl in workspace.crawls() for part in _parts(workspace.pages(crawl))]
    sql.execute(
        "create table base as select page_id, pages.registered_domain as domain, pages.warc, "
        f"strlen(corpus.text) as size from {_rows(root, _parts(corpus))} as corpus "
        f"join {_rows(root, pages)} as pages using (page_id) "
        "where contains(pages.url, pages.registered_domain)"
    )
    [(bytes_now,)] = sql.sql("select sum(size) from base").fetchall()
    copies = size // (2 * bytes_now) + 1
    sql.execute(
        "create table copies as select page_id as of_page, warc as of_warc, domain, number, "
        "if(number > 0, md5(page_id || number), page_id) as id "
        f"from base, range({copies} + 1) as numbers(number)"
    )
    for crawl in workspace.crawls():
        grown = [
            _grow_batch(sql, root, workspace, crawl, one) for one in _batches(workspace, crawl)
        ]
        for table in (workspace.pages(crawl), workspace.ledger(crawl)):
            manifest = table.existing()
            more = sum(grown)
            rows = manifest.rows + more * (table == workspace.pages(crawl))
            _put(table, root, manifest, rows=rows, counts=_more(manifest.counts, more, more))
    one_each = [workspace.signatures(crawl) for crawl in workspace.crawls()]
    rounds = [
        table(number)
        for number in workspace.rounds()
        for table in (workspace.scores, workspace.candidates, workspace.collected)
    ]
    for table in (*one_each, workspace.pool(), workspace.page_topics(), *rounds):
        _grow_table(sql, root, table, copies)
    _grow_corpus(sql, root, corpus, copies)
    [(number, length)] = sql.sql(
        f"select count(*), sum(strlen(text)) from {_rows(root, _parts(corpus))}"
    ).fetchall()
    return {"pages": number, "bytes": length, "copies": copies}


def _parts(table: Table) -> list[str]:
    return table.named_by(table.existing())


def _rows(root: Path, parts: Sequence[str]) -> str:
    files = [str(file) for part in parts for file in _files(root, part)]
    return f"read_parquet({files}, hive_partitioning = false)"


def _files(root: Path, part: str) -> list[Path]:
    if is_part(part.rpartition("/")[2]):
        return [root / part]
    return sorted(file for file in (root / part).iterdir() if is_part(file.name))


def _batches(workspace: Workspace, crawl: str) -> list[str]:
    parts = _parts(workspace.pages(crawl))
    return sorted({part.split("/batches/")[1].partition("/")[0] for part in parts})


def _grow_batch(
    sql: duckdb.DuckDBPyConnection, root: Path, workspace: Workspace, crawl: str, name: str
) -> int:
    """Pages and ledger of a batch; how many more pages it has."""
    batch = workspace.batch(crawl, name)
    manifest = batch.existing()
    parts = batch.named_by(manifest)
    before = manifest.rows
    rows = _write(sql, root, "pages", parts, files=8)
    ledger = ledger_parts(manifest)
    columns = ", ".join(
        f"{_MORE_RECORDS} as records" if column == "records" else column
        for column in schema("ledger").names
    )
    _replace(
        sql,
        root,
        "ledger",
        ledger,
        [
            f"select {columns} from {_rows(root, ledger)} left join (select of_warc, count(*) as "
            "more from copies where number > 0 group by 1) on of_warc = warc"
        ],
    )
    size = sum(file.stat().st_size for part in ledger for file in _files(root, part))
    notes = BatchNotes.of(manifest).model_copy(update={"ledger_bytes": size, "ledger_files": 1})
    counts = _more(manifest.counts, rows - before, rows - before)
    _put(batch, root, manifest, rows=rows, counts=counts, notes=notes.document())
    return rows - before


def _grow_table(sql: duckdb.DuckDBPyConnection, root: Path, table: Table, copies: int) -> None:
    manifest = table.existing()
    assert table.declared is not None
    parts = table.named_by(manifest)
    [(of_base,)] = sql.sql(
        f"select count(distinct page_id) from {_rows(root, parts)} semi join base using (page_id)"
    ).fetchall()
    [(base,)] = sql.sql("select count(*) from base").fetchall()
    rows = _write(sql, root, table.declared.name, parts, files=4, copies=copies)
    counts = _more(manifest.counts, copies * base, copies * of_base)
    _put(table, root, manifest, rows=rows, counts=counts)


def _grow_corpus(sql: duckdb.DuckDBPyConnection, root: Path, table: Table, copies: int) -> None:
    manifest = table.existing()
    parts = table.named_by(manifest)
    [(rank, length)] = sql.sql(
        f"select max(rank), sum(strlen(text)) from {_rows(root, parts)}"
    ).fetchall()
    step = rank * _FILE_BYTES // (2 * length * copies) + 1
    query = _select("corpus", _rows(root, parts), copies)
    queries = [
        f"select * from ({query}) where rank > {low * (1 + copies)} "
        f"and rank <= {(low + step) * (1 + copies)} order by rank"
        for low in range(0, rank, step)
    ]
    names = _replace(sql, root, "corpus", parts, queries)
    files, rows = [], 0
    for name in names:
        [(number, first, last)] = sql.sql(
            f"select count(*), min(rank), max(rank) from {_rows(root, [name])}"
        ).fetchall()
        files.append(ShardFile(name=Path(name).name, rows=number, first_rank=first, last_rank=last))
        rows += number
    notes = EmitNotes.of(manifest).model_copy(update={"files": tuple(files), "budgets": ()})
    more = rows - manifest.rows
    _put(
        table,
        root,
        replace(manifest, parts=names),
        rows=rows,
        counts=_more(manifest.counts, more, more),
        notes=notes.document(),
    )


def _select(name: str, rows: str, copies: int) -> str:
    columns = ", ".join(
        f"{_CHANGED[column].format(copies=copies)} as {column}" if column in _CHANGED else column
        for column in schema(name).names
    )
    return f"select {columns} from {rows} left join copies on of_page = page_id"


def _write(
    sql: duckdb.DuckDBPyConnection,
    root: Path,
    name: str,
    parts: Sequence[str],
    *,
    files: int,
    copies: int = 0,
) -> int:
    """A table's rows and their copies, in no order, in place of the rows; how many there are."""
    query = _select(name, _rows(root, parts), copies)
    queries = [
        f"select * from ({query}) where hash(page_id) % {files} = {one}" for one in range(files)
    ]
    names = _replace(sql, root, name, parts, queries)
    return sum(pq.ParquetFile(root / one).metadata.num_rows for one in names)


def _replace(
    sql: duckdb.DuckDBPyConnection,
    root: Path,
    name: str,
    parts: Sequence[str],
    queries: Sequence[str],
) -> list[str]:
    """Write what the queries give into the first part's folder, a file each; the files."""
    old = [file for part in parts for file in _files(root, part)]
    columns, names = schema(name).arrow(), []
    folder = old[0].parent
    for number, query in enumerate(queries):
        path = folder / f"part-{number:05d}-grown.parquet"
        with pq.ParquetWriter(path, columns, compression="zstd", write_page_index=True) as writer:
            for batch in sql.sql(query).to_arrow_reader(_ROWS):
                writer.write_batch(batch.cast(columns))
        names.append(str(path.relative_to(root)))
    for file in old:
        file.unlink()
        file.with_name(f".{file.name}.crc").unlink(missing_ok=True)
    return names


def _more(counts: Counts, rows_in: int, rows_out: int) -> Counts:
    """With so many more; what is in and not out goes for the first reason that there is."""
    aside = dict(counts.set_aside)
    if left := rows_in - rows_out:
        reason = next(iter(aside))
        aside[reason] += left
    return Counts(counts.rows_in + rows_in, counts.rows_out + rows_out, aside, counts.unit)


def _put(
    table: Table,
    root: Path,
    manifest: Manifest,
    *,
    rows: int,
    counts: Counts,
    notes: Mapping[str, Any] | None = None,
) -> None:
    files = [file for part in table.named_by(manifest) for file in _files(root, part)]
    changed = replace(
        manifest,
        rows=rows,
        files=len(files),
        bytes=sum(file.stat().st_size for file in files),
        counts=counts,
        notes=dict(notes) if notes is not None else manifest.notes,
    )
    (root / table.manifest_path).write_text(changed.to_json(), encoding="utf-8")
