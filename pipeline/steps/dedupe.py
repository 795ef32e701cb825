"""Pages to the pool: which copy of each page is kept."""

from __future__ import annotations

from pyspark.sql import functions as F

from pipeline.dedupe.minhash import SIGNATURE_SCHEME, expected_recall
from pipeline.dedupe.pool import build_pool
from pipeline.step import Build, Counts, Step


def _build(build: Build) -> Counts:
    settings = build.config.dedupe
    build.progress.note("comparing pages")
    pages = build.run.pages().select("page_id", "url", "text", "formulas", "fetch_time")
    pool = build.stage(
        build.workspace.pool(), build_pool(pages, settings, checkpoint=build.checkpoint)
    )
    rows = pool.groupBy("method").agg(F.count("*").alias("rows")).collect()
    by_method = {row["method"]: row["rows"] for row in rows}
    kept = by_method.pop(None, 0)
    build.notes["signatures"] = dict(SIGNATURE_SCHEME)
    build.notes["expected recall by similarity"] = {
        str(similarity): round(expected_recall(similarity, settings.bands, settings.rows), 3)
        for similarity in (0.6, 0.7, 0.8, 0.9)
    }
    return Counts(pages.count(), kept, {f"duplicate by {m}": n for m, n in by_method.items()})


DEDUPE = Step(
    name="dedupe",
    version=1,
    outputs=lambda run, _: [run.workspace.pool()],
    settings=lambda config: {"dedupe": config.dedupe.model_dump(), **SIGNATURE_SCHEME},
    inputs=lambda run, _: run.page_inputs(),
    build=_build,
    per_round=False,
)
