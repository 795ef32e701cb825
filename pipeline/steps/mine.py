"""Which domains are mathematical, and under which of their paths mathematics lies."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.errors import CountsDisagree
from pipeline.mine.domains import domain_table, prefix_table
from pipeline.step import Build, Counts, Run, Step


def _build_domains(build: Build) -> Counts:
    build.progress.note("counting pages by domain")
    number, settings = build.number, build.config.mine
    pages, collected = _pages(build), build.workspace.collected(number)
    domains = build.stage(
        build.workspace.domains(number),
        domain_table(pages, collected.read(build.spark), settings),
    )
    sums = domains.agg(F.sum("pages"), F.sum("collected")).first()
    expected = build.workspace.pool().existing().counts["out"], collected.existing().rows
    if sums is None or tuple(sums) != expected:
        raise CountsDisagree(
            f"the domains of round {number} hold {sums} pages and collected pages",
            expected=f"{expected} as in the pool and the collection",
            remedy="this is a defect of mathmine, please report it",
        )
    rows = domains.count()
    mathematical = domains.where("mathematical").count()
    too_small = domains.where(F.col("pages") < settings.min_pages).count()
    aside = {"too few pages": too_small, "small share": rows - mathematical - too_small}
    kept = {reason: count for reason, count in aside.items() if count}
    return Counts(rows, mathematical, kept, unit="domains")


def _build_prefixes(build: Build) -> Counts:
    build.progress.note("counting pages by path prefix")
    number = build.number
    domains = build.workspace.domains(number).read(build.spark)
    collected = build.workspace.collected(number).read(build.spark)
    prefixes = build.stage(
        build.workspace.prefixes(number),
        prefix_table(_pages(build), collected, domains, build.config.mine),
    )
    rows = prefixes.count()
    return Counts(rows, rows, unit="prefixes")


def _pages(build: Build) -> DataFrame:
    return build.run.kept_pages().select("page_id", "url", "host", "registered_domain")


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    return {
        "pool": run.workspace.pool().existing().identity,
        "collection": run.workspace.collected(number).existing().identity,
    }


MINE = Step(
    name="mine",
    version=1,
    outputs=lambda run, number: [run.workspace.domains(number)],
    settings=lambda config, _: {"mine": config.mine.model_dump(exclude={"prefix_depth"})},
    inputs=_inputs,
    build=_build_domains,
)

#: A step of its own: the next round's seed depends on domains, and not on how deep
#: their paths are shown to people.
PREFIXES = Step(
    name="prefixes",
    version=1,
    outputs=lambda run, number: [run.workspace.prefixes(number)],
    settings=lambda config, _: {"mine": config.mine.model_dump(include={"domain", "prefix_depth"})},
    inputs=lambda run, number: {
        **_inputs(run, number),
        "domains": run.workspace.domains(number).existing().identity,
    },
    build=_build_prefixes,
)
