"""Traces of benchmarks in the round's collection, each with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import functions as F

from pipeline.decontaminate.benchmarks import (
    fingerprint_files,
    load_benchmarks,
    names_without_items,
)
from pipeline.decontaminate.ngrams import build_index, index_report
from pipeline.decontaminate.scan import scan_pages
from pipeline.manifest import file_identity
from pipeline.step import Build, Counts, Run, Step
from pipeline.text.words import WORDS_VERSION


def _build(build: Build) -> Counts:
    settings = build.config.decontaminate
    collected = build.workspace.collected(build.number)
    rows_in = collected.existing().rows
    table = build.workspace.contamination()
    if not settings.benchmarks:
        # Said here, in the manifest, in the closing lines and on the corpus's card.
        build.notes |= {"benchmarks": {}, "missing names": [], "pages hit": {}}
        assert table.declared is not None
        build.stage(table, build.spark.createDataFrame([], table.declared.ddl()))
        return Counts(rows_in, rows_in)
    build.progress.note("reading benchmarks")
    items = load_benchmarks(settings)
    build.notes["benchmarks"] = index_report(items, settings)
    build.notes["missing names"] = names_without_items(items, settings)
    build.progress.note(f"looking for {len(items):,} benchmark items in {rows_in:,} pages")
    texts = (
        build.run.pages()
        .select("page_id", "text")
        .join(collected.read(build.spark).select("page_id"), "page_id")
    )
    hits = build.stage(table, scan_pages(texts, build_index(items, settings)))
    hit = hits.select("page_id").distinct().count()
    build.notes["pages hit"] = {
        row["benchmark"]: row["pages"]
        for row in hits.groupBy("benchmark")
        .agg(F.count_distinct("page_id").alias("pages"))
        .collect()
    }
    aside = {"contaminated": hit} if hit else {}
    return Counts(rows_in, texts.count() - hit, aside)


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    settings = run.config.decontaminate
    folder = Path(settings.benchmarks)
    benchmarks = {}
    for path in fingerprint_files(settings):
        # Items are called by their file's path in the folder, so it is part of the name.
        name = path.relative_to(folder) if path.is_relative_to(folder) else path.name
        benchmarks[f"benchmark file {name}"] = file_identity(path)
    return {"collection": run.workspace.collected(number).existing().identity, **benchmarks}


DECONTAMINATE = Step(
    name="decontaminate",
    version=1,
    outputs=lambda run, _: [run.workspace.contamination()],
    settings=lambda config, _: {
        "decontaminate": config.decontaminate.model_dump(
            exclude={"unit", "benchmarks", "catalogue"}
        ),
        "words": WORDS_VERSION,
    },
    inputs=_inputs,
    build=_build,
    per_round=False,
)
