"""A removal in the tables that name pages by their ids: pools, and those of rounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial, reduce
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import functions as F

from pipeline.base.errors import SchemaMismatch
from pipeline.corpus.candidates import TokenNotes, estimates, reaches_floor
from pipeline.corpus.selection import BELOW_FLOOR, BEYOND_BUDGET, SelectNotes
from pipeline.dedupe.pool import build_pool
from pipeline.dedupe.pool_notes import PROMOTED, PoolNotes
from pipeline.loop.generations import POOL
from pipeline.loop.removal_rewriting import Rewriting, path_of, shifted
from pipeline.loop.run import Run
from pipeline.topics.shares import ANY, TopicCountNotes, page_topics, topic_counts
from pipeline.workspace.manifest import Counts, Manifest
from pipeline.workspace.table_schemas import Checkpoint
from pipeline.workspace.tables import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Concerned(NamedTuple):
    """A table that has rows of removed pages: in which files, and how many."""

    table: Table
    manifest: Manifest
    files: list[str]
    rows: int


class Gone:
    """The pages that go, by their ids, and the tables that may name them."""

    def __init__(self, run: Run, ids: DataFrame) -> None:
        """``ids``: page_id, each once."""
        self.run, self.ids = run, ids

    def tables(self) -> Iterator[tuple[Table, Manifest]]:
        """All tables with rows or addresses of pages, as far as they are there."""
        workspace = self.run.workspace
        for kind in workspace.kinds():
            if {"page_id", "url"} & {*kind.schema.names}:
                yield from _existing(kind.tables.values())
        for older in workspace.older_generations():
            yield from _existing([workspace.pool(older), workspace.page_topics(older)])

    def concerned(self) -> list[Concerned]:
        """Tables with rows of these pages."""
        tables = [one for one in self.tables() if "page_id" in _names(one[0])]
        rewriting = Rewriting(self.run, 0)
        frames = []
        for index, (table, manifest) in enumerate(tables):
            assert table.declared
            rows = rewriting.rows_of(table.declared, table.named_by(manifest))
            frames.append(rows.select("page_id", "_file", F.lit(index).alias("table")))
        if not frames:
            return []
        union = reduce(lambda whole, more: whole.unionByName(more), frames)
        matched = union.join(self.ids, "page_id", "left_semi").groupBy("table", "_file").count()
        files: dict[int, dict[str, int]] = {}
        for row in matched.collect():
            path = path_of(self.run.workspace.storage, row["_file"])
            files.setdefault(row["table"], {})[path] = row["count"]
        return [
            Concerned(*tables[index], sorted(of), sum(of.values()))
            for index, of in sorted(files.items())
        ]

    def left(self, rows: DataFrame) -> DataFrame:
        """The rows of other pages."""
        return rows.join(self.ids, "page_id", "left_anti")

    def gone(self, rows: DataFrame) -> DataFrame:
        """The rows of these pages."""
        return rows.join(self.ids, "page_id", "left_semi")


def _existing(tables: Iterable[Table]) -> Iterator[tuple[Table, Manifest]]:
    for table in tables:
        # What another version made is no table to this one.
        with suppress(SchemaMismatch):
            if (manifest := table.manifest()) is not None:
                yield table, manifest


def _names(table: Table) -> list[str]:
    return table.declared.names if table.declared else []


def rewrite_pools(
    rewriting: Rewriting, gone: Gone, checkpoint: Checkpoint
) -> dict[str, tuple[int, int]]:
    """Write the pools anew where a removed page was one of several that are the same.

    Those that are left of them are compared again, as if it had never been there: one of them
    may be kept now. By a pool's identity, how many of the kept pages are gone, and how many are
    kept that were not.
    """
    workspace, run = rewriting.workspace, rewriting.run
    changed: dict[str, tuple[int, int]] = {}
    for number in (None, *workspace.older_generations()):
        pool, topics = workspace.pool(number), workspace.page_topics(number)
        manifest = pool.manifest()
        if manifest is None:
            continue
        rows = pool.read(run.spark)
        clusters = gone.gone(rows).select("cluster").distinct()
        of_them = checkpoint(rows.join(clusters, "cluster", "left_semi"), "clusters")
        again = _compared_again(rewriting, gone.left(of_them), checkpoint)
        before, now = _by_method(of_them), _by_method(again)
        notes = _renamed(rewriting, manifest)
        if before:
            assert pool.declared
            located = rewriting.rows_of(pool.declared, pool.named_by(manifest))
            matched = located.join(clusters, "cluster", "left_semi").select("_file").distinct()
            files = [path_of(rewriting.storage, row["_file"]) for row in matched.collect()]
            rewriting.rewrite(pool, manifest, files, partial(_without, clusters))
            if now:
                rewriting.add(pool, manifest, again)
        methods = {*before, *now} - {_KEPT}
        aside = {f"duplicate by {one}": now.get(one, 0) - before.get(one, 0) for one in methods}
        more = {name: sum(counts.values()) for name, counts in (("before", before), ("now", now))}
        counts = shifted(
            manifest.counts,
            more["now"] - more["before"],
            now.get(_KEPT, 0) - before.get(_KEPT, 0),
            aside,
        )
        rewriting.put(pool, manifest, rows=counts.rows_in, counts=counts, notes=notes)
        kept_before = of_them.where("page_id = kept_page_id")
        promoted = again.where("page_id = kept_page_id").join(
            kept_before.select("page_id"), "page_id", "left_anti"
        )
        changed[manifest.identity] = (gone.gone(kept_before).count(), promoted.count())
        _rewrite_topics(rewriting, gone, topics, promoted, counts.rows_out)
    return changed


_KEPT = "kept"


def _without(clusters: DataFrame, rows: DataFrame) -> DataFrame:
    return rows.join(clusters, "cluster", "left_anti")


def _by_method(rows: DataFrame) -> dict[str, int]:
    method = F.coalesce("method", F.lit(_KEPT)).alias("method")
    return dict(rows.groupBy(method).count().collect())


def _renamed(rewriting: Rewriting, manifest: Manifest) -> PoolNotes:
    """The notes of a pool, with the names that the parts of its pages have from now on."""
    notes = PoolNotes.of(manifest)
    if notes.pages is None:
        return notes
    pages = {
        crawl: of.model_copy(update={"parts": tuple(rewriting.expanded(of.parts))})
        for crawl, of in notes.pages.items()
    }
    return notes.model_copy(update={"pages": pages})


def _compared_again(rewriting: Rewriting, rows: DataFrame, checkpoint: Checkpoint) -> DataFrame:
    """The pool of the pages in ``rows``, of which all signatures are there."""
    run, workspace = rewriting.run, rewriting.workspace
    ids = rows.select("page_id")
    if not ids.head(1):
        return rows
    crawls = [name for name in workspace.crawls() if workspace.signatures(name).manifest()]
    signatures = [workspace.signatures(crawl).read(run.spark) for crawl in crawls]
    texts = [workspace.pages(crawl).read(run.spark).select("page_id", "text") for crawl in crawls]

    def of_these(frames: list[DataFrame]) -> DataFrame:
        union = reduce(lambda whole, more: whole.unionByName(more), frames)
        return union.join(ids, "page_id", "left_semi")

    settings = run.config.dedupe
    built = build_pool(
        checkpoint(of_these(signatures), "signatures"),
        settings,
        checkpoint=checkpoint,
        texts=of_these(texts) if settings.verify else None,
    )
    return checkpoint(built.pool, "compared again")


def _rewrite_topics(
    rewriting: Rewriting, gone: Gone, topics: Table, promoted: DataFrame, kept: int
) -> None:
    """Of pages that are kept now the topics are told, as others' were."""
    manifest, run = topics.manifest(), rewriting.run
    if manifest is None:
        return
    assert topics.declared
    rows = rewriting.rows_of(topics.declared, topics.named_by(manifest))
    files = [row["_file"] for row in gone.gone(rows).select("_file").distinct().collect()]
    rewriting.rewrite(
        topics, manifest, [path_of(rewriting.storage, file) for file in files], gone.left
    )
    left = gone.left(topics.read(run.spark))
    if promoted.head(1):
        pages = reduce(
            lambda whole, more: whole.unionByName(more),
            (
                rewriting.workspace.pages(crawl).read(run.spark)
                for crawl in rewriting.workspace.crawls()
            ),
        )
        more = page_topics(pages.join(promoted.select("page_id"), "page_id", "left_semi"))
        rewriting.add(topics, manifest, more)
        left = left.unionByName(more.select(*left.columns))
    counts = topic_counts(left)
    rewriting.put(
        topics,
        manifest,
        rows=left.count(),
        counts=Counts(kept, counts[ANY], {"no topic told": kept - counts[ANY]}),
        notes=TopicCountNotes(topics=counts),
    )


#: Tables whose counts are of something else than their rows.
_OF_PREFIXES = ("samples", "sample_pages")
_OF_BENCHMARKS = ("contamination", "let_pass", "exempted")
#: And those that have a way of their own.
_ELSEWHERE = ("pages", "ledger", "pool", "page_topics", "corpus")
#: The tagging page reads row groups, for some ten rows of a table at a time.
_LOOKED_AT_BYTES = 1 << 23


def rewrite_tables(
    rewriting: Rewriting,
    gone: Gone,
    concerned: Sequence[Concerned],
    changed: Mapping[str, tuple[int, int]],
) -> None:
    """Write all other tables anew where they have rows of removed pages.

    ``changed``: what :func:`rewrite_pools` gives.
    """
    went = {one.table.path: one for one in concerned}
    for table, manifest, files, rows in concerned:
        if (name := table.path.rpartition("/")[2]) in _ELSEWHERE or table.in_the_open:
            continue
        size = _LOOKED_AT_BYTES if name in _OF_PREFIXES else None
        rewriting.rewrite(table, manifest, files, gone.left, row_group_bytes=size)
        if name in (*_OF_PREFIXES, *_OF_BENCHMARKS):
            counts = manifest.counts
        else:
            counts = shifted(manifest.counts, -rows, -rows)
        if name not in ("scores", "candidates", "collected", *_OF_BENCHMARKS):
            renamed = rewriting.renamed.get(table.path, manifest)
            rewriting.put(table, renamed, rows=manifest.rows - rows, counts=counts)
    for number in rewriting.workspace.rounds():
        _count_round(rewriting, gone, number, went, changed)
    _count_benchmarks(rewriting, gone, went)


def _count_round(
    rewriting: Rewriting,
    gone: Gone,
    number: int,
    went: Mapping[str, Concerned],
    changed: Mapping[str, tuple[int, int]],
) -> None:
    """Scores and collection of a round: what they count follows from what the pool keeps."""
    workspace, run = rewriting.workspace, rewriting.run
    scores, collected = workspace.scores(number), workspace.collected(number)
    scored, manifest = scores.manifest(), collected.manifest()
    if scored is None:
        return
    rows = went[scores.path].rows if scores.path in went else 0
    _, promoted = changed.get(scored.recipe.inputs.get(POOL, ""), (0, 0))
    if not rows and not promoted:
        return
    counts = shifted(scored.counts, promoted - rows, -rows, {PROMOTED: promoted})
    rewriting.put(scores, scored, rows=scored.rows - rows, counts=counts)
    of_scores = gone.gone(scores.read(run.spark))
    below = of_scores.where(~reaches_floor(run.config.select)).count()
    _count_candidates(rewriting, gone, number, {BELOW_FLOOR: -below, PROMOTED: promoted})
    if manifest is None:
        return
    taken = gone.gone(collected.read(run.spark)).agg(F.count("*"), F.sum("tokens")).first()
    pages, tokens = (value or 0 for value in taken or (0, 0))
    aside = {BELOW_FLOOR: -below, BEYOND_BUDGET: below + pages - rows, PROMOTED: promoted}
    notes = SelectNotes.of(manifest)
    rewriting.put(
        collected,
        manifest,
        rows=manifest.rows - pages,
        counts=shifted(manifest.counts, promoted - rows, -pages, aside),
        notes=notes.model_copy(update={"tokens": notes.tokens - tokens}),
    )


def _count_candidates(
    rewriting: Rewriting, gone: Gone, number: int, aside: Mapping[str, int]
) -> None:
    """``aside``: by how much more or less pages of the round's scores are no candidates."""
    table = rewriting.workspace.candidates(number)
    manifest = table.manifest()
    if manifest is None:
        return
    rows, notes = table.read(rewriting.run.spark), TokenNotes.of(manifest)
    removed = gone.gone(rows).count()
    parts = {crawl: tuple(rewriting.expanded(of)) for crawl, of in notes.parts.items()}
    languages = estimates(gone.left(rows))
    rewriting.put(
        table,
        manifest,
        rows=manifest.rows - removed,
        counts=shifted(manifest.counts, sum(aside.values()) - removed, -removed, aside),
        notes=notes.model_copy(update={"parts": parts, "by_language": languages}),
    )


def _count_benchmarks(rewriting: Rewriting, gone: Gone, went: Mapping[str, Concerned]) -> None:
    workspace = rewriting.workspace
    contamination = workspace.contamination()
    manifest = contamination.manifest()
    if manifest is None:
        return
    looked_through = manifest.recipe.inputs.get("collection")
    pages = sum(
        went[path].rows
        for number in workspace.rounds()
        if (path := workspace.collected(number).path) in went
        and went[path].manifest.identity == looked_through
    )
    hit = contaminated(gone)
    for table in (contamination, workspace.let_pass(), workspace.exempted()):
        of_table = table.manifest()
        if of_table is None or not (pages or table.path in went):
            continue
        rows = went[table.path].rows if table.path in went else 0
        counts = shifted(of_table.counts, -pages, hit - pages, {"contaminated": -hit})
        rewriting.put(table, of_table, rows=of_table.rows - rows, counts=counts)


def contaminated(gone: Gone) -> int:
    """How many of the removed pages a trace of a benchmark condemns."""
    rows = gone.run.workspace.contamination().read(gone.run.spark)
    return gone.gone(rows).select("page_id").distinct().count()
