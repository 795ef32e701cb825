"""A round's collection against those of all rounds before it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from pipeline.corpus.convergence import ConvergeNotes, described, new_pages
from pipeline.corpus.selection import overlap
from pipeline.loop.pool_pages import all_pages, page_inputs
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.report.closing_convergence import CONVERGENCE
from pipeline.workspace.manifest import Counts


def _build(build: Build) -> Counts:
    build.progress.note("comparing with the rounds before")
    number, workspace = build.number, build.workspace
    collected = workspace.collected(number).read(build.spark)
    earlier = {n: workspace.collected(n).read(build.spark) for n in range(1, number)}
    new = build.checkpoint(
        new_pages(collected, earlier.get(number - 1), all_pages(build.run)), "new pages"
    )
    in_both = {str(n): overlap(collected, before).known_pages for n, before in earlier.items()}
    build.notes = notes = ConvergeNotes(**dict(described(new)), in_both=in_both)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "convergence.json").write_text(
            json.dumps(notes.document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        build.stage_folder(workspace.convergence(number), Path(folder))
    rows = workspace.collected(number).existing().rows
    return Counts(rows, notes.new_pages, {"in the round before": rows - notes.new_pages})


def _inputs(run: Run, number: int) -> dict[str, str]:
    collections = {
        f"collection of round {n}": run.workspace.collected(n).existing().identity
        for n in range(1, number + 1)
    }
    return {**collections, **page_inputs(run)}


CONVERGE = Step(
    name="converge",
    version=1,
    outputs=lambda run, number: [run.workspace.convergence(number)],
    settings=lambda *_: {},
    inputs=_inputs,
    build=_build,
    says=CONVERGENCE,
)
