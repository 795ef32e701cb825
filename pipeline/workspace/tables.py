"""A table of a workspace: where its contents are, and how a build replaces them.

A table exists when its manifest does, whatever files lie there, and is what the manifest names
(``Manifest.parts``). ``begin`` gives a build a folder of its own in the table's place, the rows
are written there once, and ``commit`` writes the manifest that names it: one small file, which
every storage replaces at once. Nothing is renamed or copied.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.base.errors import InputMissing, SchemaMismatch, WorkspaceError
from pipeline.workspace.manifest import Manifest
from pipeline.workspace.partitions import count_read
from pipeline.workspace.storage import Storage, is_part
from pipeline.workspace.table_schemas import TableSchema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

#: The record beside a table; older states that are kept have a number, ``manifest-3.json``.
MANIFEST = "manifest.json"
_MANIFESTS = re.compile(r"manifest(-\d+)?\.json")
#: How folders of a table's contents begin.
DATA = "data-"


@dataclass(frozen=True)
class Table:
    """A table, or another folder of files (``declared`` None), in a workspace."""

    storage: Storage
    path: str
    made_by: str
    declared: TableSchema | None
    manifest_path: str
    #: whether its files lie in its place itself, for people to open
    in_the_open: bool = False

    @property
    def place(self) -> str:
        """Where it is, as people write it."""
        return self.storage.place(self.path)

    @property
    def schema_version(self) -> int:
        return self.declared.version if self.declared else 1

    def manifest(self) -> Manifest | None:
        """None where the table does not exist; ``SchemaMismatch`` for another version's."""
        return self.manifest_of(self.storage.read(self.manifest_path))

    def manifest_of(self, text: str | None) -> Manifest | None:
        """:meth:`manifest`, for the text that is in its file."""
        if text is None:
            return None
        try:
            version = json.loads(text)["schema_version"]
            manifest = Manifest.from_json(text) if version == self.schema_version else None
        except (ValueError, KeyError, TypeError) as error:
            raise WorkspaceError(
                f"{self.storage.place(self.manifest_path)} is no manifest: {error!r}",
                remedy="delete that file; the table is then built again",
            ) from None
        if manifest is None:
            raise SchemaMismatch(
                f"{self.place} has schema version {version}",
                expected=f"version {self.schema_version}, which this code reads and writes",
                remedy="use another workspace, or the version of mathmine that wrote this one, "
                f"or delete {self.storage.place(self.manifest_path)} to have the table built again",
            )
        return manifest

    def existing(self) -> Manifest:
        """The manifest; ``InputMissing`` says which job makes the table."""
        manifest = self.manifest()
        if manifest is None:
            raise InputMissing(
                f"there is no {self.path} in {self.storage.root}",
                remedy=f"run jobs/{self.made_by}.py first, or jobs/round.py, which runs "
                "whatever is missing",
            )
        return manifest

    def parts(self) -> list[str]:
        """The folders or files that are the table now; ``InputMissing`` where it is not there."""
        return self.named_by(self.existing())

    def read(self, spark: SparkSession) -> DataFrame:
        """All rows, with the declared columns only."""
        manifest = self.existing()
        assert self.declared is not None
        count_read(spark, self.declared, manifest)
        return self.read_parts(spark, self.named_by(manifest))

    def read_parts(self, spark: SparkSession, parts: Sequence[str]) -> DataFrame:
        """The rows of some of :meth:`parts`, such as those of some batches."""
        assert self.declared is not None
        places = tuple(self.storage.uri(part) for part in parts)
        # What is written once is listed once. As before there were parts, anything may change.
        read = read_declared if self.path in parts else _read_once
        rows = read(spark, places, self.declared)
        # Columns of folders are left out; the others are new ones of each reading, to be joined.
        return rows.select(*(rows[name].alias(name) for name in self.declared.names))

    def local_files(self) -> list[Path]:
        """The table's files of Parquet, in a workspace on this machine, by name."""
        files: list[Path] = []
        for part in self.parts():
            place = Path(self.storage.place(part))
            files += place.iterdir() if place.is_dir() else [place]
        return sorted(file for file in files if is_part(file.name))

    def begin(self) -> str:
        """A build begins: the folder to write the table's next contents into.

        What no manifest of its place names goes: what a killed build has left, and the contents
        before those of today, which readers may have had open. Only under the lock.
        """
        if self.in_the_open:
            self._name_files()
        self._clear()
        return self.path if self.in_the_open else f"{self.path}/{DATA}{uuid.uuid4().hex[:12]}"

    def written(self, folder: str) -> list[str]:
        """The parts that a build has written into the folder that :meth:`begin` gave it."""
        if not self.in_the_open:
            return [folder]
        manifest = self.manifest()
        known = set(self.named_by(manifest)) if manifest else set()
        return [file for file in self._files() if file not in known]

    def commit(self, manifest: Manifest) -> None:
        """The build ends: from this one write on the table is what ``manifest`` names.

        The contents of before stay until the next build begins, for those who read them; but
        those in the open go, since whoever opens a place takes all that lies there.
        """
        self.storage.write(self.manifest_path, manifest.to_json())
        if self.in_the_open:
            self._clear()

    def remove(self) -> None:
        """The manifest goes first: from then on the table does not exist."""
        self.storage.delete(self.manifest_path)
        self.storage.delete(self.path)

    def _clear(self) -> None:
        """Delete all that lies in the table's place, but what manifests name, and these."""
        names = self.storage.names(self.path)
        manifest_files = {f"{self.path}/{name}" for name in names if _MANIFESTS.fullmatch(name)}
        stay = set(manifest_files)
        for text in self.storage.read_all(sorted(manifest_files | {self.manifest_path})):
            if (manifest := self.manifest_of(text)) is not None:
                stay.update(self.named_by(manifest))
        if self.path in stay:  # as before parts had names
            return
        # Of a folder of which single files are named, all stay.
        named = {path.removeprefix(f"{self.path}/").partition("/")[0] for path in stay}
        for name in names:
            # Hadoop has a hidden file of checksums beside each of this machine.
            of_file = name.removeprefix(".").removesuffix(".crc") if name[0] == "." else name
            if of_file not in named:
                self.storage.delete(f"{self.path}/{name}")

    def _files(self) -> list[str]:
        return [f"{self.path}/{name}" for name in self.storage.names(self.path) if is_part(name)]

    def _name_files(self) -> None:
        """Have the manifest of before parts had names name the files that there are."""
        manifest = self.manifest()
        if manifest is not None and manifest.parts is None:
            named = replace(manifest, parts=self._files())
            self.storage.write(self.manifest_path, named.to_json())

    def named_by(self, manifest: Manifest) -> list[str]:
        """The parts that a manifest of the table names."""
        return [self.path] if manifest.parts is None else manifest.parts


def read_parquet(
    spark: SparkSession,
    places: Sequence[str],
    columns: StructType,
    *,
    folders_are_columns: bool = True,
) -> DataFrame:
    """The rows of folders and files, whatever they are called.

    To Spark every path is a pattern, so its signs are escaped. (Told that paths are none, it
    takes several with a bracket each as often as there are.) A folder
    ``table=pages`` in a place makes a column; Spark takes that in one place alone, so of several
    ``folders_are_columns`` must be False.
    """
    if not places:
        return spark.createDataFrame([], columns)
    # Manifests lie among the Parquet files of a workspace of before.
    options = {"pathGlobFilter": "*.parquet"}
    if not folders_are_columns:
        options["recursiveFileLookup"] = "true"
    return (
        spark.read.options(**options)
        .schema(columns)
        .parquet(*[_literal(place) for place in places])
    )


def _literal(place: str) -> str:
    """The pattern that nothing but this place matches."""
    return re.sub(r"[\\{}\[\]*?]", r"\\\g<0>", place)


def read_declared(spark: SparkSession, places: Sequence[str], declared: TableSchema) -> DataFrame:
    """The same with the columns of a declared table."""
    return read_parquet(spark, places, declared.spark())


#: Listing the files of a crawl takes a second for each thousand, and each step reads them.
_read_once = lru_cache(maxsize=64)(read_declared)


def write_parquet(
    rows: DataFrame,
    place: str,
    *,
    parted_by: Sequence[str] = (),
    row_group_bytes: int | None = None,
    indexed: Mapping[str, int] | None = None,
) -> None:
    """Add the rows to a folder, at once for all of them, and nothing but files of rows.

    ``row_group_bytes``: Parquet's own where it is None. ``indexed``: columns with a Bloom filter
    in each row group, and about how many values of each are in one. (Statistics of row groups
    and of pages Parquet's writer always writes.)
    """
    options = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}
    for column, values in (indexed or {}).items():
        options[f"parquet.bloom.filter.enabled#{column}"] = "true"
        options[f"parquet.bloom.filter.expected.ndv#{column}"] = str(values)
    if row_group_bytes:
        options["parquet.block.size"] = str(row_group_bytes)
    rows.write.mode("append").options(**options).partitionBy(*parted_by).parquet(place)
