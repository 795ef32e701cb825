"""What a step is, and how one is run: only when needed, reconciled, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipeline.base.errors import MathmineError, SchemaMismatch
from pipeline.base.progress import Progress
from pipeline.base.small_files import write_json
from pipeline.base.version import __version__
from pipeline.config.settings import Config
from pipeline.loop.run import Run
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.notes import Notes
from pipeline.workspace.session import in_our_terms
from pipeline.workspace.tables import Table, read_parquet, write_parquet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.report.closing import Section


@dataclass(frozen=True)
class Step:
    """A step of the loop, as data.

    ``outputs``, ``settings`` and ``inputs`` describe; ``build`` does the work and
    stages each output through the ``Build`` that it is given.
    """

    name: str
    #: raised whenever equal inputs give other outputs than before
    version: int
    outputs: Callable[[Run, int], Sequence[Table]]
    settings: Callable[[Config, int], Mapping[str, Any]]
    inputs: Callable[[Run, int], Mapping[str, str]]
    build: Callable[[Build], Counts]
    #: what building would take, where that is much; for a dry run
    cost: Callable[[Run, Recipe], str] | None = None
    #: why to build what is up to date, if the run asks for that
    unfinished: Callable[[Run, int], str] | None = None
    #: what people are told of it at the end of a job, run alone or within a round
    says: Section | None = None
    #: whether the step belongs to a round of the loop
    per_round: bool = True
    #: whether what it makes is of pages that join from the next round on
    of_pages: bool = False
    #: what the step is about where it is one of several, such as a crawl
    scope: str = ""

    def recipe(self, run: Run, number: int) -> Recipe:
        outputs = self.outputs(run, number)
        return Recipe(
            step=self.name,
            version=self.version,
            schemas={t.declared.name: t.declared.version for t in outputs if t.declared},
            settings=dict(self.settings(run.config, number)),
            inputs=dict(self.inputs(run, number)),
        )

    def title(self, number: int) -> str:
        about = str(number) if self.per_round else self.scope
        return f"{self.name} {about}".strip()


@dataclass(frozen=True)
class Report:
    """How a step ended, for the closing table."""

    title: str
    state: str
    counts: Counts | None
    seconds: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """How tables came to be that were made together."""

    recipe: Recipe
    counts: Counts
    #: by ``time.monotonic``
    started: float
    notes: Notes | None = None
    #: see ``Manifest.content``
    content: str = ""


@dataclass(frozen=True)
class Contents:
    """What was written of a table: its parts (``Manifest.parts``), and how much they hold."""

    parts: list[str]
    rows: int
    files: int
    bytes: int


class Build:
    """What a step's ``build`` works with: the run, its round, and where outputs go."""

    def __init__(self, run: Run, step: Step, number: int, recipe: Recipe, progress: Progress):
        self.run = run
        self.step = step
        self.number = number
        self.recipe = recipe
        self.progress = progress
        self.config = run.config
        self.workspace = run.workspace
        self.notes: Notes | None = None
        self.content = ""
        self._outputs: list[tuple[Table, Contents]] = []
        self._side_files: list[tuple[Table, str, str]] = []
        self._checkpoints = 0

    @property
    def spark(self) -> SparkSession:
        session = self.run.spark
        self.progress.watch(session.sparkContext)
        return session

    def stage(
        self,
        table: Table,
        frame: DataFrame,
        *,
        row_group_bytes: int | None = None,
        indexed: Mapping[str, int] | None = None,
    ) -> DataFrame:
        """Write a table's next contents, which are its contents when the step ends.

        ``row_group_bytes``: of a table out of which people look at few rows, in the order of
        ``frame``; Parquet's own otherwise. ``indexed``: see ``write_parquet``.
        """
        declared = table.declared
        assert declared is not None
        types = dict(frame.dtypes)
        wanted = {c.name: c.dataType.simpleString() for c in declared.spark()}
        wrong = {n: types.get(n) for n in wanted if types.get(n) != wanted[n]}
        if wrong:
            raise SchemaMismatch(
                f"{self.step.name} made {wrong} for {table.path}", expected=str(wanted)
            )
        storage, folder = self.workspace.storage, table.begin()
        rows = frame.select(*declared.names)
        place = storage.uri(folder)
        write_parquet(rows, place, row_group_bytes=row_group_bytes, indexed=indexed)
        parts = table.written(folder)
        written = read_parquet(self.spark, [*map(storage.uri, parts)], declared.spark())
        self.staged(table, parts, written.count())
        return written

    def stage_rows(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """The same with a few rows that the driver holds, by the names of their columns."""
        assert table.declared is not None
        names = table.declared.names
        cells = [tuple(row[name] for name in names) for row in rows]
        self.stage(table, self.spark.createDataFrame(cells, table.declared.spark()).coalesce(1))

    def stage_folder(self, table: Table, folder: Path) -> None:
        """Copy a local folder as an output that is no table, such as a model."""
        place = table.begin()
        self.workspace.storage.put(folder, place)
        self.staged(table, [place], 0)

    def stage_json(self, table: Table, name: str, content: object) -> None:
        """Stage a folder with one JSON file in it."""
        with TemporaryDirectory(prefix="mathmine-") as folder:
            write_json(Path(folder) / name, content)
            self.stage_folder(table, Path(folder))

    def side_file(self, table: Table, path: str, text: str) -> None:
        """A text file that goes with a table; in place before its manifest is."""
        self._side_files.append((table, path, text))

    def staged(
        self, table: Table, parts: list[str], rows: int, size: tuple[int, int] | None = None
    ) -> None:
        """What is written of a table: its parts, their number of rows, of files and of bytes."""
        self._outputs.append((table, Contents(parts, rows, *(size or self._size(parts)))))

    def checkpoint(self, frame: DataFrame, name: str) -> DataFrame:
        """Write a frame to scratch space and read it back.

        Cuts the lineage, pins what Spark might otherwise compute twice, and
        survives the death of any executor.
        """
        self._checkpoints += 1
        path = self.workspace.scratch(f"{self._checkpoints:04d}-{name}")
        target = self.workspace.storage.uri(path)
        write_parquet(frame, target)
        return read_parquet(self.spark, [target], frame.schema)

    def commit(self, counts: Counts, started: float) -> None:
        """Let every staged output be its table: a write each, of its manifest."""
        made = Provenance(self.recipe, counts, started, self.notes, self.content)
        for table, contents in self._outputs:
            for owner, path, text in self._side_files:
                if owner == table:
                    self.workspace.storage.write(path, text)
            self.put_in_place(table, contents, made)

    def put_in_place(self, table: Table, contents: Contents, made: Provenance) -> Manifest:
        """Let a table be these contents."""
        manifest = Manifest(
            table=table.path,
            schema_version=table.schema_version,
            recipe=made.recipe,
            rows=contents.rows,
            bytes=contents.bytes,
            files=contents.files,
            counts=made.counts,
            code_version=__version__,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - made.started, 1),
            content=made.content,
            notes=made.notes.document() if made.notes else {},
            parts=contents.parts,
        )
        table.commit(manifest)
        return manifest

    def _size(self, parts: Sequence[str]) -> tuple[int, int]:
        sizes = [self.workspace.storage.size(part) for part in parts]
        return sum(files for files, _ in sizes), sum(size for _, size in sizes)


def execute(step: Step, run: Run, number: int = 1, *, dry_run: bool = False) -> Report:
    """Bring a step's outputs up to date.

    Returns at once where they are; with ``dry_run`` says only what would be done
    and why. What went wrong in Spark is raised in this project's own terms where
    it has them.
    """
    recipe = step.recipe(run, number)
    outputs = step.outputs(run, number)
    title = step.title(number)
    reasons = _reasons_to_build(recipe, outputs, force=run.force)
    if not reasons and step.unfinished and (reason := step.unfinished(run, number)):
        reasons = [reason]
    if not reasons:
        return Report(title, "up to date", outputs[0].existing().counts, 0.0)
    if dry_run:
        cost = [step.cost(run, recipe)] if step.cost else []
        return Report(title, "would run", None, 0.0, (*reasons, *cost))
    started = time.monotonic()
    run.doing = title
    with Progress(title) as progress:
        progress.note(f"starting: {'; '.join(reasons)}")
        build = Build(run, step, number, recipe, progress)
        try:
            counts = step.build(build)
            counts.reconcile(title)
            build.commit(counts, started)
        except MathmineError:
            raise
        except Exception as error:
            ours = in_our_terms(error)
            if ours is None:
                raise
            raise ours from error
        finally:
            run.workspace.clear_scratch()
            run.forget()
    return Report(title, "built", counts, time.monotonic() - started, tuple(reasons))


def _reasons_to_build(recipe: Recipe, outputs: Sequence[Table], *, force: bool) -> list[str]:
    manifests = [table.manifest() for table in outputs]
    missing = [t.path for t, m in zip(outputs, manifests, strict=True) if m is None]
    if missing:
        return [f"no {', '.join(missing)} yet"]
    if force:
        return ["forced"]
    for manifest in manifests:
        assert manifest is not None
        if manifest.recipe.fingerprint != recipe.fingerprint:
            return recipe.changes_since(manifest.recipe)
    return []
