"""Pages to the pool: which copy of each page is kept."""

from __future__ import annotations

from pipeline.dedupe.minhash import SIGNATURE_SCHEME, expected_recall
from pipeline.dedupe.pool import build_pool, duplicate_counts
from pipeline.step import Build, Counts, Step


def _build(build: Build) -> Counts:
    settings = build.config.dedupe
    build.progress.note("comparing pages")
    pages = build.run.pages().select("page_id", "url", "text", "formulas", "fetch_time")
    pool = build.stage(
        build.workspace.pool(), build_pool(pages, settings, checkpoint=build.checkpoint)
    )
    by_method = {row["method"]: row["rows"] for row in duplicate_counts(pool).collect()}
    kept = by_method.pop("kept", 0)
    build.notes["signatures"] = {**SIGNATURE_SCHEME, **settings.model_dump()}
    build.notes["expected recall by similarity"] = {
        str(similarity): round(expected_recall(similarity, settings.bands, settings.rows), 3)
        for similarity in (0.6, 0.7, 0.8, 0.9)
    }
    return Counts(pages.count(), kept, {f"duplicate by {m}": n for m, n in by_method.items()})


DEDUPE = Step(
    name="dedupe",
    version=1,
    outputs=lambda run, _: [run.workspace.pool()],
    settings=lambda config, _: {"dedupe": config.dedupe.model_dump(), **SIGNATURE_SCHEME},
    inputs=lambda run, _: run.page_inputs(),
    build=_build,
    per_round=False,
)
