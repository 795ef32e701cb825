"""A round's collection against those of all rounds before it."""

from __future__ import annotations

from pipeline.corpus.convergence import (
    ConvergeNotes,
    by_host_and_language,
    described,
    new_pages,
)
from pipeline.corpus.selection import overlap
from pipeline.loop.generations import collected_from, in_terms_of
from pipeline.loop.pool_pages import pages_of
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_convergence import CONVERGENCE
from pipeline.workspace.manifest import Counts


def _build(build: Build) -> Counts:
    build.progress.note("comparing with the rounds before")
    run, number, workspace = build.run, build.number, build.workspace
    generation = collected_from(run, number)
    collected = workspace.collected(number).read(build.spark)
    earlier = {
        n: in_terms_of(
            run, workspace.collected(n).read(build.spark), collected_from(run, n), generation
        )
        for n in range(1, number)
    }
    rows = workspace.collected(number).existing().rows
    new = collected.select("page_id", "tokens")
    if number > 1:
        new = build.checkpoint(new_pages(collected, earlier[number - 1]), "new pages")
    located = pages_of(run, generation, new, rows, ["page_id", "host", "language"])
    sums = build.checkpoint(by_host_and_language(located), "sums")
    in_both = {str(n): overlap(collected, before).known_pages for n, before in earlier.items()}
    build.notes = notes = ConvergeNotes(**dict(described(sums)), in_both=in_both)
    build.stage_json(workspace.convergence(number), "convergence.json", notes.document())
    return Counts(rows, notes.new_pages, {"in the round before": rows - notes.new_pages})


def _inputs(run: Run, number: int) -> dict[str, str]:
    collections = {
        f"collection of round {n}": run.workspace.collected(n).existing().identity
        for n in range(1, number + 1)
    }
    return {**collections, **collected_from(run, number).page_inputs()}


CONVERGE = Step(
    name="converge",
    version=1,
    outputs=lambda run, number: [run.workspace.convergence(number)],
    settings=lambda *_: {},
    inputs=_inputs,
    build=_build,
    says=CONVERGENCE,
)
