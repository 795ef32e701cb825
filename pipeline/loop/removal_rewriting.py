"""Tables without some of their rows: files that hold such rows are written anew, and no others.

What is left of them lies in folders beside them, which nothing reads until manifests name them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyspark.sql import functions as F

from pipeline.loop.run import Run
from pipeline.workspace.manifest import Counts, Manifest
from pipeline.workspace.notes import Notes
from pipeline.workspace.partitions import into_partitions
from pipeline.workspace.storage import Storage, is_part
from pipeline.workspace.table_schemas import TableSchema
from pipeline.workspace.tables import DATA, Table, read_parquet, write_parquet

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: How names of folders begin that a removal writes.
REMOVAL = "removal-"
#: How Spark numbers the files that it writes.
_NUMBER = re.compile(r"part-(\d{1,6})-")
#: The column of a row's file, as :func:`path_of` reads it.
FILE = "_metadata.file_path"


def shifted(
    counts: Counts, rows_in: int = 0, rows_out: int = 0, aside: Mapping[str, int] | None = None
) -> Counts:
    """Counts with so many more rows, or fewer."""
    reasons = dict(counts.set_aside)
    for reason, rows in (aside or {}).items():
        reasons[reason] = reasons.get(reason, 0) + rows
    return Counts(counts.rows_in + rows_in, counts.rows_out + rows_out, reasons, counts.unit)


def path_of(storage: Storage, place: str) -> str:
    """The path in a workspace of a file that Spark names by its escaped URI."""
    # Spark has one slash or three of a file of this machine.
    path = re.sub(r"^file:/+", "/", unquote(place))
    return path.removeprefix(f"{storage.root}/")


def delete_file(storage: Storage, path: str) -> None:
    """And, of this machine, the hidden file of checksums that Hadoop has for it."""
    storage.delete(path)
    folder, _, name = path.rpartition("/")
    storage.delete(f"{folder}/.{name}.crc")


def _numbers(files: Sequence[str]) -> list[int]:
    """Of each file its number, as it was written with; others where these come twice."""
    matches = (_NUMBER.match(path.rpartition("/")[2]) for path in files)
    numbers = [int(match[1]) for match in matches if match]
    return numbers if len({*numbers}) == len(files) else [*range(len(files))]


class Rewriting:
    """What one removal writes, and how manifests are to name it."""

    def __init__(self, run: Run, number: int) -> None:
        self.run = run
        self.workspace = run.workspace
        self.storage = run.workspace.storage
        own = uuid.uuid4().hex[:12]
        self._folders = (f"{REMOVAL}{number:04d}-{own}-{index}" for index in count())
        #: by a part of a table, what takes its place
        self.parts: dict[str, list[str]] = {}
        #: files and bytes that a part has more now
        self._grown: dict[str, tuple[int, int]] = {}
        #: manifests of tables whose parts are to have other names in their notes, by table
        self.renamed: dict[str, Manifest] = {}
        #: texts of small files, as they are to be and as they are
        self.now: dict[str, str] = {}
        self.before: dict[str, str] = {}
        #: files that were written anew, those in the open apart, and folders of what is left
        self.old: list[str] = []
        self.open: list[str] = []
        self.new: list[str] = []

    def rewrite(
        self,
        table: Table,
        manifest: Manifest,
        files: Collection[str],
        left: Callable[[DataFrame], DataFrame],
        *,
        row_group_bytes: int | None = None,
        indexed: Mapping[str, int] | None = None,
    ) -> None:
        """Write what is ``left`` of the rows of ``files``, which lie in parts of a table.

        Each file of rows becomes one, in the order that it has.
        """
        declared = table.declared
        assert declared is not None
        groups: dict[str, tuple[list[str], list[str]]] = {}
        for part in table.named_by(manifest):
            inside = [file for file in files if file == part or file.startswith(f"{part}/")]
            if inside:
                folder = part.rpartition("/")[0] if is_part(part) else part
                parts, concerned = groups.setdefault(folder, ([], []))
                parts.append(part)
                concerned += inside
        for folder, (parts, concerned) in groups.items():
            before = self.rows_of(declared, concerned, number="_row")
            numbers = _numbers(concerned)
            rows = self._in_files(left(before), concerned, numbers).select(*declared.names)
            place = folder if table.in_the_open else self._near(folder)
            uri = self.storage.uri(place)
            before_these = {*self._files(place)}
            write_parquet(rows, uri, row_group_bytes=row_group_bytes, indexed=indexed)
            self._drop_first({*self._files(place)} - before_these, numbers)
            written = table.written(place)
            stay = [] if is_part(parts[0]) else self._others(folder, concerned)
            self._take_place(parts, [*stay, *written], concerned, written)
            if table.in_the_open:
                self.open += concerned
                self.old = [file for file in self.old if file not in {*concerned}]
                self.new = [file for file in self.new if file not in {*written}]

    def rows_of(
        self, declared: TableSchema, parts: Sequence[str], *, number: str = ""
    ) -> DataFrame:
        """Rows of folders and files with their file's escaped URI as ``_file``, and if a name is
        given for it, their ``number`` in that file.
        """
        places = [self.storage.uri(part) for part in parts]
        rows = read_parquet(self.run.spark, places, declared.spark(), folders_are_columns=False)
        if not parts:
            return rows.withColumn("_file", F.lit(""))
        columns: list[str | Column] = [*declared.names, F.col(FILE).alias("_file")]
        if number:
            columns.append(F.col("_metadata.row_index").alias(number))
        return rows.select(*columns)

    def add(self, table: Table, manifest: Manifest, rows: DataFrame) -> None:
        """More rows of a table, in a part of their own."""
        first, *_ = table.named_by(manifest)
        place = self._near(first.rpartition("/")[0] if is_part(first) else first)
        write_parquet(rows, self.storage.uri(place))
        stay = self.parts.get(first, [first])
        self._take_place([first], [*stay, place], [], [place])

    def replace_whole(self, parts: Sequence[str], rows: DataFrame) -> list[str]:
        """Write rows that take the place of all that is in some parts; where they lie."""
        first = parts[0].rpartition("/")[0] if is_part(parts[0]) else parts[0]
        place = self._near(first)
        write_parquet(rows, self.storage.uri(place))
        files = [file for part in parts for file in self._files(part)]
        self._take_place(parts, [place], files, [place])
        return [place]

    def expanded(self, parts: Sequence[str]) -> list[str]:
        """The parts that are there now, for those that there were."""
        return [now for part in parts for now in self.parts.get(part, [part])]

    def put(
        self,
        table: Table,
        manifest: Manifest,
        *,
        rows: int,
        counts: Counts,
        notes: Notes | None = None,
    ) -> None:
        """Let the manifest say what the table is now, of ``rows`` rows."""
        parts = table.named_by(manifest)
        grown = [self._grown.get(part, (0, 0)) for part in parts]
        self.write(
            table.manifest_path,
            replace(
                manifest,
                parts=self.expanded(parts),
                rows=rows,
                files=manifest.files + sum(files for files, _ in grown),
                bytes=manifest.bytes + sum(size for _, size in grown),
                counts=counts,
                notes=notes.document() if notes else manifest.notes,
            ).to_json(),
            undone=not table.in_the_open,
        )

    def write(self, path: str, text: str, *, undone: bool = True) -> None:
        """Let a small file be this text; ``undone``: and as it is, when the removal is undone."""
        if undone:
            self.before[path] = self.storage.read(path) or ""
        self.now[path] = text

    def _drop_first(self, written: set[str], numbers: Sequence[int]) -> None:
        """Spark writes a first file though it has no rows; it goes where others have some."""
        if len(written) > 1 and 0 not in numbers:
            for path in written:
                if (match := _NUMBER.match(path.rpartition("/")[2])) and int(match[1]) == 0:
                    delete_file(self.storage, path)

    def _in_files(self, rows: DataFrame, files: Sequence[str], numbers: Sequence[int]) -> DataFrame:
        """In a partition each, which gives the file that it becomes its number, and so its place
        among the others.
        """
        named = rows.sparkSession.createDataFrame(
            [
                (path.rpartition("/")[2], number)
                for path, number in zip(files, numbers, strict=True)
            ],
            "_name string, _number int",
        )
        name = F.element_at(F.split("_file", "/"), -1)
        numbered = rows.join(F.broadcast(named), name == F.col("_name"))
        placed = into_partitions(numbered, 1 + max(numbers), F.col("_number"))
        return placed.sortWithinPartitions("_row")

    def _near(self, folder: str) -> str:
        """A new folder near one, where its table or batch has its own."""
        above, _, name = folder.rpartition("/")
        if name.startswith("table="):  # of a batch, whose tables' folders have these names
            above = above if f"/{REMOVAL}" not in above else above.rpartition("/")[0]
            return f"{above}/{next(self._folders)}/{name}"
        return f"{above if name.startswith(DATA) else folder}/{DATA}{next(self._folders)}"

    def _others(self, folder: str, files: Sequence[str]) -> list[str]:
        return [file for file in self._files(folder) if file not in {*files}]

    def _files(self, part: str) -> list[str]:
        if is_part(part):
            return [part]
        return [f"{part}/{name}" for name in self.storage.names(part) if is_part(name)]

    def _take_place(
        self, parts: Sequence[str], now: list[str], old: Sequence[str], new: Sequence[str]
    ) -> None:
        sizes = [self.storage.size(path) for path in new]
        before = [self.storage.size(path) for path in old]
        grown = self._grown.get(parts[0], (0, 0))
        self._grown[parts[0]] = (
            grown[0] + sum(files for files, _ in sizes) - sum(files for files, _ in before),
            grown[1] + sum(size for _, size in sizes) - sum(size for _, size in before),
        )
        self.parts |= {part: [] for part in parts}
        self.parts[parts[0]] = now
        self.old += old
        self.new += new
