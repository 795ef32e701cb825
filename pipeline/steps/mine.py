"""Which domains are mathematical, and under which of their paths mathematics lies."""

from __future__ import annotations

from pyspark.sql import functions as F

from pipeline.mine.domains import domain_table, prefix_table
from pipeline.step import Build, Counts, Step


def _build(build: Build) -> Counts:
    build.progress.note("counting pages by domain and path prefix")
    number, settings = build.number, build.config.mine
    pages = build.run.kept_pages().select("page_id", "url", "host", "registered_domain")
    collected = build.workspace.collected(number).read(build.spark).select("page_id")
    domains = build.stage(build.workspace.domains(number), domain_table(pages, collected, settings))
    build.stage(build.workspace.prefixes(number), prefix_table(pages, collected, domains, settings))
    rows = domains.count()
    mathematical = domains.where("mathematical").count()
    too_small = domains.where(F.col("pages") < settings.min_pages).count()
    aside = {"too few pages": too_small, "small share": rows - mathematical - too_small}
    kept = {reason: count for reason, count in aside.items() if count}
    return Counts(rows, mathematical, kept, unit="domains")


MINE = Step(
    name="mine",
    version=1,
    outputs=lambda run, number: [run.workspace.domains(number), run.workspace.prefixes(number)],
    settings=lambda config: {"mine": config.mine.model_dump()},
    inputs=lambda run, number: {
        "pool": run.workspace.pool().existing().identity,
        "collection": run.workspace.collected(number).existing().identity,
    },
    build=_build,
)
