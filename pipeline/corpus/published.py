"""The corpus in the form in which others take it: files by part and language, with indexes.

A *part* is what lies between the ends of two budgets, so that a budget is the first parts. In
a part each larger language has files of its own, and all other languages share some: whoever
wants a budget or a language takes whole files. In a file pages lie by rank, or, shuffled, in an
order that the seed alone gives.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.corpus.shards import INDEXED
from pipeline.workspace.table_schemas import schema

#: Where its files are, seen from its folder.
PUBLISHED_FILES = "data/*/*.parquet"
#: Files of all languages that have none of their own, and of all where pages are mixed.
OTHERS, MIXED = "other", "mixed"
#: A language has files of its own from this share of the text on, or from a file's worth.
OWN_FILES = 0.01
#: Bytes of Arrow in a row group: some 16 MB of Parquet, a good request, with narrow statistics.
_GROUP_BYTES = 48 << 20
#: Columns of few values.
_DICTIONARIES = """host registered_domain crawl language round licence licence_source reservation
    warc""".split()


@dataclass(frozen=True)
class Cell:
    """Bytes of text in a range of the order of a part and a group of languages."""

    part: int
    group: str
    place: int
    bytes: int


@dataclass(frozen=True)
class Written:
    """A file that was written: its place in the published folder, its ranks, its SHA-256."""

    path: str
    rows: int
    tokens: int
    bytes: int
    sha256: str
    first_rank: int
    last_rank: int


#: ``Written`` as rows.
WRITTEN = pa.schema(
    [
        ("path", pa.string()),
        ("rows", pa.int64()),
        ("tokens", pa.int64()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("first_rank", pa.int64()),
        ("last_rank", pa.int64()),
    ]
)


def own_groups(bytes_of: Mapping[str, int], file_bytes: int) -> list[str]:
    """The languages, of these bytes of text, that have files of their own; by their names."""
    whole = sum(bytes_of.values())
    return sorted(
        language
        for language, size in bytes_of.items()
        if language.isascii()
        and language.isalpha()
        and language not in (OTHERS, MIXED)
        and (size >= OWN_FILES * whole or size >= file_bytes)
    )


def placed(cells: Iterable[Cell], file_bytes: int) -> dict[tuple[int, str, int], str]:
    """By part, group and place in the order: the path of the file that such rows go to.

    Files of a part and group have about as many bytes of text each, ``file_bytes`` at most but
    for a range that alone has more; places that are next to each other go into one file.
    """
    grouped: dict[tuple[int, str], Counter[int]] = {}
    for cell in cells:
        grouped.setdefault((cell.part, cell.group), Counter())[cell.place] += cell.bytes
    paths = {}
    for (part, group), bytes_at in grouped.items():
        whole = bytes_at.total()
        files = max(1, -(-whole // file_bytes))
        before = 0
        for place in sorted(bytes_at):
            number = min(files - 1, before * files // max(whole, 1))
            paths[part, group, place] = f"data/part-{part}/{group}-{number:05d}.parquet"
            before += bytes_at[place]
    return paths


def write_files(
    folder: Path, batches: Iterable[pa.RecordBatch], *, sorted_by_rank: bool
) -> Iterator[Written]:
    """Write rows, with the columns of table ``corpus`` and ``path``, into files below ``folder``.

    Rows of one path come one after the other. Raises ``OSError``.
    """
    writer: _Writer | None = None
    try:
        for batch in batches:
            paths = batch.column("path")
            start = 0
            while start < batch.num_rows:
                path = paths[start].as_py()
                end = start + 1
                while end < batch.num_rows and paths[end].as_py() == path:
                    end += 1
                if writer is not None and writer.path != path:
                    yield writer.close()
                    writer = None
                writer = writer or _Writer(folder, path, sorted_by_rank=sorted_by_rank)
                writer.add(batch.slice(start, end - start))
                start = end
        if writer is not None:
            yield writer.close()
            writer = None
    finally:
        if writer is not None:
            writer.close()


class _Writer:
    """One file: row groups of some size, statistics and indexes, its checksum as it is written."""

    def __init__(self, folder: Path, path: str, *, sorted_by_rank: bool) -> None:
        self.path = path
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        self._sink = _Hashing(place.open("wb"))
        self._columns = schema("corpus").arrow()
        rank = self._columns.get_field_index("rank")
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._sink, mode="w"),
            self._columns,
            compression="zstd",
            use_dictionary=_DICTIONARIES,
            write_page_index=True,
            use_content_defined_chunking=True,
            bloom_filter_options={
                column: {"ndv": values, "fpp": 0.01} for column, values in INDEXED.items()
            },
            sorting_columns=[pq.SortingColumn(rank)] if sorted_by_rank else None,
        )
        self._waiting: list[pa.RecordBatch] = []
        self._size = 0
        self._rows = self._tokens = 0
        self._ranks: list[int] = []

    def add(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch.select(self._columns.names))
        self._size += batch.nbytes
        if self._size >= _GROUP_BYTES:
            self._flush()

    def close(self) -> Written:
        self._flush()
        self._writer.close()
        self._sink.close()
        return Written(
            path=self.path,
            rows=self._rows,
            tokens=self._tokens,
            bytes=self._sink.size,
            sha256=self._sink.digest.hexdigest(),
            first_rank=min(self._ranks, default=0),
            last_rank=max(self._ranks, default=0),
        )

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting).cast(self._columns)
        self._waiting, self._size = [], 0
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        self._rows += table.num_rows
        self._tokens += pc.sum(table.column("tokens")).as_py() or 0
        ends = pc.min_max(table.column("rank")).as_py()
        self._ranks += [ends["min"], ends["max"]]


class _Hashing:
    """A file that is written, and digested on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest, self.size = file, hashlib.sha256(), 0

    closed = False

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += memoryview(data).nbytes
        return self._file.write(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def configurations(
    budgets: Sequence[tuple[str, int]], groups: Sequence[str], *, mixed: bool
) -> list[tuple[str, list[str], list[list[str]]]]:
    """What ``load_dataset`` can be asked for by name: names, patterns of files, and filters.

    ``budgets``: name, and the number of parts that are it. Where languages are mixed, a language
    is all files and a filter.
    """
    made: list[tuple[str, list[str], list[list[str]]]] = [
        (name, [f"data/part-{part}/*.parquet" for part in range(1, parts + 1)], [])
        for name, parts in budgets
    ]
    for group in groups:
        files = [PUBLISHED_FILES if mixed else f"data/*/{group}-*.parquet"]
        made.append((group, files, [["language", "=", group]] if mixed else []))
    return made
