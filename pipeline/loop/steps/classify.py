"""Every kept page's score by the round's model."""

from __future__ import annotations

from pipeline.classify.model import score_pages
from pipeline.loop.pool_pages import kept_rows
from pipeline.loop.step import Build, Step
from pipeline.loop.steps.train import model_file
from pipeline.workspace.manifest import Counts


def _build(build: Build) -> Counts:
    build.progress.note("scoring")
    model = model_file(build.run, build.number)
    config = build.config
    scores = build.stage(
        build.workspace.scores(build.number),
        kept_rows(
            build.run,
            lambda pages: score_pages(pages, model, config.train, config.classify.scorer),
        ),
    )
    return Counts(build.workspace.pool().existing().counts.rows_out, scores.count())


CLASSIFY = Step(
    name="classify",
    version=2,
    outputs=lambda run, number: [run.workspace.scores(number)],
    settings=lambda config, _: {
        "train": {"max_words": config.train.max_words},
        "classify": config.classify.model_dump(),
    },
    inputs=lambda run, number: {
        "pool": run.workspace.pool().existing().identity,
        "model": run.workspace.model(number).existing().identity,
    },
    build=_build,
)
