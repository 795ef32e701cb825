"""The round's collection: pages by rank, down to the token budget or the score floor."""

from __future__ import annotations

from pyspark.sql import functions as F

from pipeline.corpus.selection import (
    BELOW_FLOOR,
    BEYOND_BUDGET,
    SelectNotes,
    budget_of,
    overlap,
    reaches_floor,
    select_pages,
)
from pipeline.loop.generations import collected_from, in_terms_of
from pipeline.loop.pool_pages import all_pages
from pipeline.loop.step import Build, Step
from pipeline.report.closing_collection import COLLECTION
from pipeline.workspace.manifest import Counts


def _build(build: Build) -> Counts:
    build.progress.note("ranking")
    run, number = build.run, build.number
    generation = collected_from(run, number)
    scores = build.workspace.scores(number).read(build.spark)
    tokens = all_pages(run, generation).select("page_id", "tokens")
    collected = build.stage(
        build.workspace.collected(number),
        select_pages(scores, tokens, build.config.select, number, checkpoint=build.checkpoint),
    )
    taken, taken_tokens = collected.agg(F.count("*"), F.sum("tokens")).first() or (0, 0)
    below_floor = F.count_if(~reaches_floor(build.config.select))
    rows_in, below = scores.agg(F.count("*"), below_floor).first() or (0, 0)
    known_before = None
    if number > 1:
        previous = build.workspace.collected(number - 1).read(build.spark)
        previous = in_terms_of(run, previous, collected_from(run, number - 1), generation)
        known_before = overlap(collected, previous)
    build.notes = SelectNotes(tokens=taken_tokens or 0, already_collected=known_before)
    aside = {BELOW_FLOOR: below, BEYOND_BUDGET: rows_in - taken - below}
    return Counts(rows_in, taken, aside)


SELECT = Step(
    name="select",
    version=1,
    outputs=lambda run, number: [run.workspace.collected(number)],
    settings=lambda config, number: {
        "select": {
            "budget": budget_of(config.select, number),
            "floor": config.select.floor,
        }
    },
    inputs=lambda run, number: {
        "scores": run.workspace.scores(number).existing().identity,
        **(
            {"collection before": run.workspace.collected(number - 1).existing().identity}
            if number > 1
            else {}
        ),
    },
    build=_build,
    says=COLLECTION,
)
