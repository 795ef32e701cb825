"""The pages that the round may take, with their tokens by the run's tokenizer."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from pipeline.corpus.candidates import TokenNotes, counted, estimates, holds, reaches_floor
from pipeline.corpus.selection import BELOW_FLOOR
from pipeline.corpus.tokenizer import Tokenizer, tokenizer
from pipeline.loop.generations import Generation, collected_from
from pipeline.loop.pool_pages import pages_of
from pipeline.loop.step import Build, Step
from pipeline.report.closing_tokens import TOKENS_SAY
from pipeline.workspace.manifest import Counts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_COUNTED = ("page_id", "tokens", "estimated_tokens", "language")


def _build(build: Build) -> Counts:
    build.progress.note("counting tokens")
    run, number, workspace = build.run, build.number, build.workspace
    generation, by = collected_from(run, number), tokenizer(build.config.tokens)
    scores = workspace.scores(number)
    reaching = build.checkpoint(
        scores.read(build.spark).where(reaches_floor(build.config.select)), "reaching the floor"
    )
    parts = {crawl: pages.parts for crawl, pages in generation.pages.items()}
    before = None if run.force or by.is_estimate else _counted_before(build, by, parts)
    reached = new = reaching.count()
    if before is None:
        rows = _count(build, generation, reaching, new, by)
    else:
        unknown = build.checkpoint(reaching.join(before, "page_id", "left_anti"), "to be counted")
        new = unknown.count()
        rows = reaching.join(before, "page_id")
        if new:
            rows = rows.unionByName(_count(build, generation, unknown, new, by))
    candidates = build.stage(workspace.candidates(number), rows)
    rows_out = candidates.count()
    build.notes = TokenNotes(
        tokenizer=by.description,
        counted=new,
        counted_before=rows_out - new,
        by_language=estimates(candidates),
        parts=parts,
    )
    scored = scores.existing().rows
    return Counts(scored, rows_out, {BELOW_FLOOR: scored - reached})


def _count(
    build: Build, generation: Generation, rows: DataFrame, number: int, by: Tokenizer
) -> DataFrame:
    columns: list[Column | str] = ["page_id", "language", F.col("tokens").alias("estimated_tokens")]
    if not by.is_estimate:
        columns.append("text")
    return counted(pages_of(build.run, generation, rows, number, columns), by)


def _counted_before(
    build: Build, by: Tokenizer, parts: dict[str, tuple[str, ...]]
) -> DataFrame | None:
    """What this round or the one before it has counted: by this tokenizer, of these texts."""
    tables = []
    for number in (build.number, build.number - 1):
        table = build.workspace.candidates(number)
        if (manifest := table.manifest() if number else None) is None:
            continue
        notes = TokenNotes.of(manifest)
        if notes.tokenizer.identity == by.description.identity and holds(parts, notes.parts):
            tables.append(table.read(build.spark).select(*_COUNTED))
    if not tables:
        return None
    return reduce(lambda whole, more: whole.unionByName(more), tables).dropDuplicates(["page_id"])


TOKENS = Step(
    name="tokens",
    version=1,
    outputs=lambda run, number: [run.workspace.candidates(number)],
    settings=lambda config, _: {"select": {"floor": config.select.floor}},
    inputs=lambda run, number: {
        "scores": run.workspace.scores(number).existing().identity,
        "tokenizer": tokenizer(run.config.tokens).description.identity,
    },
    build=_build,
    says=TOKENS_SAY,
)
