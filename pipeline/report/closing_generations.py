"""What is told of the generations of the pool, where there is more than one."""

from __future__ import annotations

from pipeline.base.printing import sentence
from pipeline.classify.score_notes import ScoreNotes
from pipeline.classify.train_notes import TrainNotes
from pipeline.dedupe.pool_notes import GenerationNotes
from pipeline.report.closing import FinishedRun, Section


def _newest(run: FinishedRun) -> int:
    manifest = run.workspace.pool().manifest()
    return GenerationNotes.of(manifest).number if manifest else 1


def _learnt_from(run: FinishedRun, number: int) -> int | None:
    manifest = run.workspace.model(number).manifest()
    return TrainNotes.of(manifest).generation or 1 if manifest else None


def _collected_from(run: FinishedRun, number: int) -> int | None:
    manifest = run.workspace.scores(number).manifest()
    return ScoreNotes.of(manifest).generation if manifest else None


def _cell(run: FinishedRun, number: int) -> dict[str, str]:
    if _newest(run) == 1:
        return {}
    learnt, collected = _learnt_from(run, number), _collected_from(run, number)
    if learnt is None:
        return {"generation": "–"}
    if collected is None or collected == learnt:
        return {"generation": str(learnt)}
    return {"generation": f"{collected}, model of {learnt}"}


def _lines(run: FinishedRun, last: int) -> list[str]:
    newest = _newest(run)
    collected = _collected_from(run, last) if newest > 1 else None
    if collected is None or collected == newest:
        return []
    return [
        sentence(
            f"generation {newest} of the pool has pages that round {last} did not see: round "
            f"{last + 1} takes them, or say --from-round {last} (with --keep-model its model "
            "scores them)"
        )
    ]


GENERATIONS = Section(_cell, _lines)
