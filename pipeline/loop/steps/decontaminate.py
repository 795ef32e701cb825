"""Traces of benchmarks in the round's collection, each with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.base.file_identity import file_identity
from pipeline.decontaminate.allowed import load_allowed
from pipeline.decontaminate.benchmark_index import build_index
from pipeline.decontaminate.benchmarks import (
    fingerprint_files,
    load_benchmarks,
    names_without_items,
)
from pipeline.decontaminate.findings import (
    DecontaminateNotes,
    index_report,
    not_indexable,
    scan_report,
    soft_copies,
)
from pipeline.decontaminate.rulings import load_rulings
from pipeline.decontaminate.scan import contaminating, exempted, let_pass, scan_pages
from pipeline.loop.generations import collected_from
from pipeline.loop.pool_pages import pages_of
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_benchmarks import BENCHMARKS
from pipeline.text.words import WORDS_VERSION
from pipeline.workspace.manifest import Counts
from pipeline.workspace.tables import Table


def _build(build: Build) -> Counts:
    settings = build.config.decontaminate
    allowed = load_allowed(settings.allowed)
    collected = build.workspace.collected(build.number)
    rows_in = collected.existing().rows
    outputs = _outputs(build.run, build.number)
    if not settings.benchmarks:
        # Said here, in the manifest, in the closing lines and on the corpus's card.
        build.notes = DecontaminateNotes(benchmarks={})
        for table in outputs:
            build.stage_rows(table, [])
        return Counts(rows_in, rows_in)
    build.progress.note("reading benchmarks")
    items = load_benchmarks(settings)
    index = build_index(items, settings, allowed)
    report = index_report(items, settings, allowed)
    unseen = any(line.unseen_items for line in report.values())
    build.progress.note(f"looking for {len(items):,} benchmark items in {rows_in:,} pages")
    taken = collected.read(build.spark).select("page_id", "tokens")
    # Looked at from several sides, and all text is read for it.
    pages = build.checkpoint(
        pages_of(
            build.run,
            collected_from(build.run, build.number),
            taken.select("page_id"),
            rows_in,
            ["page_id", "text"],
        ),
        "taken",
    )
    rulings = load_rulings(settings.rulings)
    traces = build.checkpoint(scan_pages(pages, index, rulings), "traces")
    hits = build.stage(outputs[0], contaminating(traces))
    passed = build.stage(outputs[1], let_pass(traces))
    spared = build.stage(outputs[2], exempted(traces))
    build.notes = DecontaminateNotes(
        **dict(scan_report(hits, passed, spared, allowed, taken, settings.rule)),
        benchmarks=report,
        missing_names=tuple(names_without_items(items, settings)),
        soft_copies=soft_copies(items, pages, hits, settings.soft_pages),
        not_indexable=tuple(not_indexable(items, settings, allowed)) if unseen else (),
    )
    hit = hits.select("page_id").distinct().count()
    return Counts(rows_in, pages.count() - hit, {"contaminated": hit})


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    settings = run.config.decontaminate
    folder = Path(settings.benchmarks)
    files = {}
    for path in fingerprint_files(settings):
        # Items are called by their file's path in the folder, so it is part of the name.
        name = path.relative_to(folder) if path.is_relative_to(folder) else path.name
        files[f"benchmark file {name}"] = file_identity(path)
    if settings.allowed:
        load_allowed(settings.allowed)
        files["allowed grams"] = file_identity(Path(settings.allowed))
    if settings.rulings:
        load_rulings(settings.rulings)
        files["rulings"] = file_identity(Path(settings.rulings))
    return {"collection": run.workspace.collected(number).existing().identity, **files}


def _outputs(run: Run, _: int) -> list[Table]:
    return [run.workspace.contamination(), run.workspace.let_pass(), run.workspace.exempted()]


DECONTAMINATE = Step(
    name="decontaminate",
    version=3,
    outputs=_outputs,
    settings=lambda config, _: {
        "decontaminate": config.decontaminate.model_dump(
            exclude={"unit", "benchmarks", "catalogue", "allowed", "rulings"}
        ),
        "words": WORDS_VERSION,
    },
    inputs=_inputs,
    build=_build,
    says=BENCHMARKS,
    per_round=False,
)
