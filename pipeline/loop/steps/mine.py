"""Which domains are mathematical, and under which of their paths mathematics lies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.errors import CountsDisagree
from pipeline.config.settings import Config
from pipeline.loop.generations import collected_from
from pipeline.loop.pool_pages import all_pages, kept_rows, pages_of, sought
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.mine.crawled import crawled_pages
from pipeline.mine.domains import domain_name, domain_table, worth
from pipeline.mine.patterns import Patterns
from pipeline.mine.reasons import NEXT, REASONS, SUSPECTED, MineNotes
from pipeline.mine.suspects import Asking, strongly_suspected
from pipeline.mine.tree import (
    pages_in,
    placed_pages,
    prefix_table,
    sample_pages_columns,
    sample_table,
    with_deepest,
)
from pipeline.report.closing_collection import DOMAINS
from pipeline.workspace.manifest import Counts

#: The tagging page reads row groups, for some ten rows of each table at a time.
_LOOKED_AT_BYTES = 1 << 23


def _build_domains(build: Build) -> Counts:
    build.progress.note("counting pages by domain")
    number, settings = build.number, build.config.mine
    generation = collected_from(build.run, number)
    fetched = F.col("crawl").isin(_fetched(build.config))
    pages = kept_rows(
        build.run,
        generation,
        lambda pages: pages.select(
            "page_id",
            settings.domain,
            "language",
            fetched.alias("fetched"),
            strongly_suspected(build.config.suspects).alias("suspected"),
        ),
    )
    collected = build.workspace.collected(number)
    domains = build.stage(
        build.workspace.domains(number),
        domain_table(
            pages,
            collected.read(build.spark),
            settings,
            _crawled(build),
            _chosen(build),
            _asking(build),
        ),
    )
    queued = {reason: F.count_if(F.col("reason") == reason) for reason in REASONS}
    expected = F.when(F.col("queued"), worth())
    totals = domains.agg(
        F.count("*").alias("rows"),
        F.coalesce(F.sum("pages"), F.lit(0)).alias("pages"),
        F.coalesce(F.sum("collected"), F.lit(0)).alias("collected"),
        F.count_if("mathematical").alias("mathematical"),
        F.count_if(F.col("pages") < settings.min_pages).alias("too_small"),
        *(number.alias(reason) for reason, number in queued.items()),
        F.coalesce(F.sum(expected), F.lit(0)).alias("expected"),
    ).first()
    assert totals is not None
    next_ones = domains.select(expected.alias("expected")).dropna().orderBy(F.desc("expected"))
    counted = totals["pages"], totals["collected"]
    expected_rows = generation.manifest.counts.rows_out, collected.existing().rows
    if counted != expected_rows:
        raise CountsDisagree(
            f"the domains of round {number} hold {counted} pages and collected pages",
            expected=f"{expected_rows} as in the pool and the collection",
            remedy="this is a defect of mathmine, please report it",
        )
    build.notes = MineNotes(
        queued={reason: totals[reason] for reason in REASONS},
        expected=totals["expected"],
        expected_of_next=sum(row["expected"] for row in next_ones.limit(NEXT).collect()),
    )
    rows, mathematical, too_small = totals["rows"], totals["mathematical"], totals["too_small"]
    aside = {"too few pages": too_small, "small share": rows - mathematical - too_small}
    return Counts(rows, mathematical, aside, unit="domains")


def _asking(build: Build) -> Asking | None:
    """How people are asked about suspected domains; None where the settings let none in.

    They are asked once about each: one that a pattern of this round speaks of is passed over,
    and one that a round before this put into the queue, unless it has grown since.
    """
    settings, workspace, number = build.config.suspects, build.workspace, build.number
    if not settings.domains:
        return None
    path = workspace.patterns_file(number)
    patterns = Patterns.of_text(workspace.storage.read(path) or "", workspace.storage.place(path))
    names = {domain_name(host, build.config.mine) for host in patterns.hosts()}
    spoken_of = build.spark.createDataFrame(
        [(name, None) for name in sorted(names)], "domain string, pages long"
    )
    asked_before = [
        workspace.domains(earlier)
        .read(build.spark)
        .where(F.col("reason") == SUSPECTED)
        .select("domain", "pages")
        for earlier in range(1, number)
    ]
    passed_over = reduce(DataFrame.unionByName, asked_before, spoken_of)
    return Asking(settings, passed_over, build.checkpoint)


def _crawled(build: Build) -> DataFrame | None:
    """What the crawls' columnar indexes tell of domains; None where no crawl has one."""
    generation = collected_from(build.run, build.number)
    indexed = [name for name in _indexed(build.config) if name in generation.pages]
    if not indexed:
        return None
    hosts = [
        build.workspace.hosts(name).read(build.spark).select(F.lit(name).alias("crawl"), "*")
        for name in indexed
    ]
    fetched = all_pages(build.run, generation).where(F.col("crawl").isin(_fetched(build.config)))
    return crawled_pages(
        reduce(DataFrame.unionByName, hosts), fetched.select("crawl", "host"), build.config.mine
    )


def _chosen(build: Build) -> DataFrame | None:
    """The domains that annotations put into the tagging queue; None without annotations."""
    if not build.config.annotations:
        return None
    return build.workspace.annotations().read(build.spark).where("queued").select("domain")


def _indexed(config: Config) -> list[str]:
    return [name for name, crawl in config.crawls.items() if crawl.index or crawl.host_index]


def _fetched(config: Config) -> list[str]:
    return [name for name, crawl in config.crawls.items() if crawl.index and crawl.patterns]


def _build_prefixes(build: Build) -> Counts:
    build.progress.note("counting pages by path prefix")
    number, workspace, settings = build.number, build.workspace, build.config.mine
    generation = collected_from(build.run, number)
    domains = workspace.domains(number).read(build.spark)
    located = build.checkpoint(
        with_deepest(
            pages_in(domains, all_pages(build.run, generation), settings, build.config.suspects),
            settings,
        ),
        "located",
    )
    placed = build.checkpoint(
        placed_pages(
            sought(located),
            workspace.collected(number).read(build.spark),
            workspace.scores(number).read(build.spark),
        ),
        "placed",
    )
    prefixes = build.stage(workspace.prefixes(number), prefix_table(placed, settings))
    build.progress.note("choosing pages to look at")
    samples = build.stage(
        workspace.samples(number),
        sample_table(placed, prefixes, settings).orderBy("prefix", "place", "collected"),
        row_group_bytes=_LOOKED_AT_BYTES,
    )
    ids = build.checkpoint(samples.select("page_id").distinct(), "shown")
    shown = pages_of(build.run, generation, ids, samples.count(), sample_pages_columns(settings))
    # Pages of a prefix are looked at together, and most of these begin alike.
    build.stage(
        workspace.sample_pages(number),
        shown.orderBy("url", "page_id"),
        row_group_bytes=_LOOKED_AT_BYTES,
    )
    rows = prefixes.count()
    return Counts(rows, rows, unit="prefixes")


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    return {
        "pool": collected_from(run, number).identity,
        "collection": run.workspace.collected(number).existing().identity,
    }


def _domain_inputs(run: Run, number: int) -> Mapping[str, str]:
    generation = collected_from(run, number)
    asked = {
        f"index of {name}": run.workspace.hosts(name)
        for name in _indexed(run.config)
        if name in generation.pages
    }
    if run.config.annotations:
        asked["annotations"] = run.workspace.annotations()
    # Both grow with the pool, and have no older generations of their own: what a round on an
    # older one was told stands.
    manifest = run.workspace.domains(number).manifest() if generation.is_older else None
    stood = manifest.recipe.inputs if manifest else {}
    identities = {
        name: stood.get(name) or table.existing().identity for name, table in asked.items()
    }
    if run.config.suspects.domains:
        # Whom people were asked about.
        identities["seed"] = run.workspace.seed(number).existing().identity
        for earlier in range(1, number):
            domains = run.workspace.domains(earlier).existing()
            identities[f"domains of round {earlier}"] = domains.identity
    return {**_inputs(run, number), **identities}


#: Settings of the table of domains; the others are of the tree of their paths.
_OF_DOMAINS = {"domain", "share", "min_pages", "denominator"}
#: Settings by which a page is strongly suspected.
_OF_PAGES = {"formulas", "formulas_per_thousand_tokens"}

MINE = Step(
    name="mine",
    version=4,
    outputs=lambda run, number: [run.workspace.domains(number)],
    settings=lambda config, _: {
        "mine": config.mine.model_dump(include=_OF_DOMAINS),
        "suspects": config.suspects.model_dump(include=_OF_PAGES | {"domains", "share"}),
    },
    inputs=_domain_inputs,
    build=_build_domains,
    says=DOMAINS,
)

#: A step of its own: the next round's seed depends on domains, and not on how deep
#: their paths are shown to people.
PREFIXES = Step(
    name="prefixes",
    version=6,
    outputs=lambda run, number: [
        run.workspace.prefixes(number),
        run.workspace.samples(number),
        run.workspace.sample_pages(number),
    ],
    settings=lambda config, _: {
        "mine": config.mine.model_dump(exclude=_OF_DOMAINS - {"domain"}),
        "suspects": config.suspects.model_dump(include=_OF_PAGES),
    },
    inputs=lambda run, number: {
        **_inputs(run, number),
        **collected_from(run, number).page_inputs(),
        "scores": run.workspace.scores(number).existing().identity,
        "domains": run.workspace.domains(number).existing().identity,
    },
    build=_build_prefixes,
)
