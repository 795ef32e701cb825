"""The round's collection: pages by rank, down to the token budget, of those over the floor."""

from __future__ import annotations

from pyspark.sql import functions as F

from pipeline.corpus.candidates import TokenNotes
from pipeline.corpus.selection import (
    BEYOND_BUDGET,
    SelectNotes,
    budget_of,
    overlap,
    select_pages,
)
from pipeline.loop.generations import collected_from, in_terms_of
from pipeline.loop.step import Build, Step
from pipeline.report.closing_collection import COLLECTION
from pipeline.workspace.manifest import Counts


def _build(build: Build) -> Counts:
    build.progress.note("ranking")
    run, number = build.run, build.number
    generation = collected_from(run, number)
    candidates = build.workspace.candidates(number)
    collected = build.stage(
        build.workspace.collected(number),
        select_pages(
            candidates.read(build.spark), build.config.select, number, checkpoint=build.checkpoint
        ),
    )
    taken, taken_tokens = collected.agg(F.count("*"), F.sum("tokens")).first() or (0, 0)
    counts = candidates.existing().counts
    known_before = None
    if number > 1:
        previous = build.workspace.collected(number - 1).read(build.spark)
        previous = in_terms_of(run, previous, collected_from(run, number - 1), generation)
        known_before = overlap(collected, previous)
    build.notes = SelectNotes(
        tokens=taken_tokens or 0,
        already_collected=known_before,
        tokenizer=TokenNotes.of(candidates.existing()).tokenizer,
    )
    aside = {**counts.set_aside, BEYOND_BUDGET: counts.rows_out - taken}
    return Counts(counts.rows_in, taken, aside)


SELECT = Step(
    name="select",
    version=2,
    outputs=lambda run, number: [run.workspace.collected(number)],
    settings=lambda config, number: {"select": {"budget": budget_of(config.select, number)}},
    inputs=lambda run, number: {
        "candidates": run.workspace.candidates(number).existing().identity,
        **(
            {"collection before": run.workspace.collected(number - 1).existing().identity}
            if number > 1
            else {}
        ),
    },
    build=_build,
    says=COLLECTION,
)
