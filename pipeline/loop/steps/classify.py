"""Every kept page's score by the round's model."""

from __future__ import annotations

from pyspark.sql import DataFrame

from pipeline.classify.model import score_pages
from pipeline.classify.score_notes import ScoreNotes
from pipeline.loop.generations import POOL, Generation, collected_from, older_of, pool_of
from pipeline.loop.pool_pages import carried_over, kept_rows
from pipeline.loop.step import Build, Step
from pipeline.loop.steps.train import model_file
from pipeline.workspace.manifest import Counts, Manifest


def _build(build: Build) -> Counts:
    run, config, table = build.run, build.config, build.workspace.scores(build.number)
    generation = collected_from(run, build.number)
    model = model_file(run, build.number)

    def score(pages: DataFrame) -> DataFrame:
        return score_pages(pages, model, config.train, config.classify.scorer)

    if older := _scored_before(build):
        build.progress.note("scoring what this model has not scored yet")
        before = table.read(build.spark)
        rows = carried_over(run, older, generation, before, score, build.checkpoint)
    else:
        build.progress.note("scoring")
        rows = kept_rows(run, generation, score)
    scores = build.stage(table, rows)
    build.notes = ScoreNotes(generation=generation.number)
    return Counts(generation.manifest.counts.rows_out, scores.count())


def _scored_before(build: Build) -> Generation | None:
    """The older generation of which the table that there is has scores by this very model."""
    manifest = build.workspace.scores(build.number).manifest()
    model = build.workspace.model(build.number).existing()
    if build.run.force or manifest is None or not model.content:
        return None
    if not manifest.recipe.inputs.get("model", "").endswith(f"+{model.content}"):
        return None

    def of(generation: Generation) -> Manifest | None:
        # Pages that took the place of removed ones have no score yet.
        whole = generation.manifest.counts.rows_out == manifest.rows
        return manifest if whole and pool_of(manifest) == generation.identity else None

    return older_of(build.run, build.recipe, of)


CLASSIFY = Step(
    name="classify",
    version=2,
    outputs=lambda run, number: [run.workspace.scores(number)],
    settings=lambda config, _: {
        "train": {"max_words": config.train.max_words},
        "classify": config.classify.model_dump(),
    },
    inputs=lambda run, number: {
        POOL: collected_from(run, number).identity,
        "model": run.workspace.model(number).existing().identity,
    },
    build=_build,
)
