"""A round's collection against those of all rounds before it."""

from __future__ import annotations

from pipeline.corpus.convergence import described, new_pages
from pipeline.corpus.selection import overlap
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Counts, Step


def _build(build: Build) -> Counts:
    build.progress.note("comparing with the rounds before")
    number, workspace = build.number, build.workspace
    collected = workspace.collected(number).read(build.spark)
    earlier = {n: workspace.collected(n).read(build.spark) for n in range(1, number)}
    new = build.checkpoint(
        new_pages(collected, earlier.get(number - 1), build.run.pages()), "new pages"
    )
    told = described(new)
    told["in both"] = {
        str(n): overlap(collected, before)["known pages"] for n, before in earlier.items()
    }
    build.notes.update(told)
    build.stage_json(workspace.convergence(number), "convergence.json", told)
    rows = workspace.collected(number).existing().rows
    known = rows - told["new pages"]
    return Counts(rows, told["new pages"], {"in the round before": known} if known else {})


def _inputs(run: Run, number: int) -> dict[str, str]:
    collections = {
        f"collection of round {n}": run.workspace.collected(n).existing().identity
        for n in range(1, number + 1)
    }
    return {**collections, **run.page_inputs()}


CONVERGE = Step(
    name="converge",
    version=1,
    outputs=lambda run, number: [run.workspace.convergence(number)],
    settings=lambda *_: {},
    inputs=_inputs,
    build=_build,
)
