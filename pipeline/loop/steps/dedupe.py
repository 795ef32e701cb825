"""Pages to the pool: what is compared of each page, a table a crawl; which copy is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame

from pipeline.base.errors import SignatureMismatch
from pipeline.config.settings import Config
from pipeline.dedupe.buckets import count_buckets
from pipeline.dedupe.minhash import expected_recall, signature_settings, signed_with
from pipeline.dedupe.page_signatures import describe_pages, other_pages, signed_pages
from pipeline.dedupe.pool import build_pool, duplicate_counts
from pipeline.dedupe.pool_notes import (
    Banding,
    GenerationNotes,
    PoolNotes,
    SignatureNotes,
    count_verified,
)
from pipeline.loop.generations import SIGNATURES, made_as, make_way, pages_now
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_pool import POOL
from pipeline.workspace.manifest import Counts, Manifest

#: Settings that only say how signatures are made: those of the signatures' own table.
_OF_SIGNATURES = {"seed", "shingle_words", "minhash"}
_TOLD_SIMILARITIES = (0.6, 0.7, 0.75, 0.8, 0.9)


def signatures_step(crawl: str) -> Step:
    """The step for one crawl: it is signed once, whatever crawls come after it."""
    return Step(
        name="signatures",
        version=1,
        outputs=lambda run, _: [run.workspace.signatures(crawl)],
        settings=lambda config, _: signature_settings(config.dedupe),
        inputs=lambda run, _: {"pages": run.workspace.pages(crawl).existing().identity},
        build=lambda build: _sign(build, crawl),
        per_round=False,
        of_pages=True,
        scope=crawl,
    )


def _sign(build: Build, crawl: str) -> Counts:
    pages, table = build.workspace.pages(crawl), build.workspace.signatures(crawl)
    parts = pages_now(build.run, [crawl])[crawl].parts
    build.notes = SignatureNotes(parts=parts)
    signed_before = _signed_before(build, table.manifest())
    if signed_before and set(signed_before) <= set(parts):
        build.progress.note("new pages' signatures")
        later = pages.read_parts(build.spark, sorted(set(parts) - set(signed_before)))
        described = _described(build, later)
        described = table.read(build.spark).unionByName(described)
    else:
        build.progress.note("pages' signatures")
        described = _described(build, pages.read(build.spark))
    signed = build.stage(table, described)
    return Counts(pages.existing().rows, signed.count())


def _described(build: Build, pages: DataFrame) -> DataFrame:
    """What is compared of ``pages``: as extraction signed them or, where it did not, anew."""
    settings = build.config.dedupe
    others = other_pages(pages, settings)
    by_settings: dict[str | None, int] = dict(others.groupBy("signed_with").count().collect())
    if not by_settings:
        return signed_pages(pages, settings)
    build.progress.note(_why_signed(by_settings, signed_with(settings)))
    return signed_pages(pages, settings).unionByName(describe_pages(others, settings))


def _why_signed(by_settings: Mapping[str | None, int], wanted: str) -> str:
    """Why the text of pages is read to sign it: what they were signed with before, if at all."""
    why = [
        f"{pages:,} were signed with {signed}" if signed else f"{pages:,} have no signature yet"
        for signed, pages in sorted(by_settings.items(), key=str)
    ]
    return f"signing pages with {wanted}: {'; '.join(why)}"


def _signed_before(build: Build, manifest: Manifest | None) -> tuple[str, ...] | None:
    """The parts whose signatures, made as this build makes them, are there already."""
    if manifest is None or build.run.force:
        return None
    return SignatureNotes.of(manifest).parts if made_as(manifest.recipe, build.recipe) else None


def _inputs(run: Run, _: int) -> Mapping[str, str]:
    """The signatures of all crawls; refuses those that do not belong together."""
    inputs = {}
    for crawl in run.config.crawls:
        manifest = run.workspace.signatures(crawl).existing()
        wanted = signatures_step(crawl).recipe(run, 1)
        changes = wanted.changes_since(manifest.recipe)
        if changes:
            raise SignatureMismatch(
                f"the signatures of crawl {crawl} cannot be compared: {'; '.join(changes)}",
                expected="signatures made with this run's settings, of the pages at hand",
                remedy="run jobs/dedupe.py or jobs/round.py, which sign the crawl again, or "
                "give the settings back that it was signed with",
            )
        inputs[f"{SIGNATURES} {crawl}"] = manifest.identity
    return inputs


def _settings(config: Config, _: int) -> Mapping[str, Any]:
    unused = _OF_SIGNATURES | (set() if config.dedupe.verify else {"least_similarity"})
    return {"dedupe": config.dedupe.model_dump(exclude=unused)}


def _build(build: Build) -> Counts:
    settings, spark, workspace = build.config.dedupe, build.spark, build.workspace
    build.progress.note("comparing pages")
    signatures = [workspace.signatures(crawl).read(spark) for crawl in build.config.crawls]
    pages = [workspace.pages(crawl) for crawl in build.config.crawls] if settings.verify else []
    texts = [table.read(spark).select("page_id", "text") for table in pages]
    result = build_pool(
        reduce(DataFrame.unionByName, signatures),
        settings,
        checkpoint=build.checkpoint,
        texts=reduce(DataFrame.unionByName, texts) if texts else None,
    )
    pool = build.stage(workspace.pool(), result.pool)
    by_method = {row["method"]: row["rows"] for row in duplicate_counts(pool).collect()}
    kept = by_method.pop("kept", 0)
    made_of = GenerationNotes(
        signatures=signature_settings(settings), pages=pages_now(build.run, build.config.crawls)
    )
    build.notes = PoolNotes(
        signatures=made_of.signatures,
        generation=make_way(build.run, build.recipe, made_of),
        pages=made_of.pages,
        banding=Banding(bands=settings.bands, rows=settings.rows),
        expected_recall_by_similarity={
            str(similarity): round(expected_recall(similarity, settings.bands, settings.rows), 3)
            for similarity in _TOLD_SIMILARITIES
        },
        buckets=count_buckets(result.stars),
        verified=None if result.verified is None else count_verified(result.verified),
    )
    return Counts(
        _rows_in(build),
        kept,
        {f"duplicate by {method}": number for method, number in by_method.items()},
    )


def _rows_in(build: Build) -> int:
    return sum(build.workspace.signatures(c).existing().rows for c in build.config.crawls)


DEDUPE = Step(
    name="dedupe",
    version=2,
    outputs=lambda run, _: [run.workspace.pool()],
    settings=_settings,
    inputs=_inputs,
    build=_build,
    says=POOL,
    per_round=False,
    of_pages=True,
)
