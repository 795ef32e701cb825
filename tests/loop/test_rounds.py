"""Which steps the loop takes, and when it stops by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config.settings import Config
from pipeline.config.sources import Crawl
from pipeline.loop.rounds import carry_out, last_round, until_stable, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.step import Step
from pipeline.workspace.manifest import Counts, Manifest


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(Config(crawls={"c": Crawl(warcs=("x.warc.gz",))}), str(tmp_path / "w"))


@pytest.mark.parametrize(
    ("stable_from", "most", "last"), [(3, 6, 3), (3, 2, 2), (2, 1, 1), (9, 4, 4), (1, 1, 1)]
)
def test_rounds_go_on_until_one_is_stable_or_there_were_enough(
    run: Run, monkeypatch: pytest.MonkeyPatch, stable_from: int, most: int, last: int
) -> None:
    asked: list[int] = []

    def is_stable(_: Run, number: int) -> bool:
        asked.append(number)
        return number >= stable_from

    monkeypatch.setattr("pipeline.loop.rounds.is_stable", is_stable)
    steps = [step.title(number) for step, number in until_stable(run, most)]
    assert steps == [step.title(number) for step, number in whole_loop(run.config, last)]
    # Each round is asked about once, when its own steps were carried out.
    assert asked == [number for number in range(1, most) if number <= last]
    assert last_round(run, most) == last


def test_a_round_is_asked_about_only_when_it_was_carried_out(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def is_stable(_: Run, number: int) -> bool:
        assert f"prefixes {number}" in done
        return number == 2

    monkeypatch.setattr("pipeline.loop.rounds.is_stable", is_stable)
    for step, number in until_stable(run, 5):
        done.append(step.title(number))
    assert done[-3:] == ["emit", "corpus topics", "report"]
    assert "train 2" in done
    assert "train 3" not in done


def test_nothing_is_stable_in_an_empty_workspace(run: Run) -> None:
    assert last_round(run, 4) == 4


def made(run: Run, step: Step, **changed: object) -> None:
    """The manifest of what a step made, some of its recipe being other than today's."""
    [table] = step.outputs(run, 1)
    recipe = replace(step.recipe(run, 1), **changed)
    version = table.schema_version
    manifest = Manifest(table.path, version, recipe, 1, 1, 1, Counts(1, 1), "", "", 0.0)
    run.workspace.storage.write(table.manifest_path, manifest.to_json())


def test_a_dry_run_tells_pages_that_come_from_pages_that_are_made_anew(run: Run) -> None:
    def step(name: str, table: str, *, of_pages: bool) -> Step:
        return Step(
            name=name,
            version=1,
            outputs=lambda run, number: [getattr(run.workspace, table)(number)],
            settings=lambda *_: {},
            inputs=lambda *_: {"x": "today"},
            build=lambda _: Counts(0, 0),
            of_pages=of_pages,
        )

    read, told = (step(n, n, of_pages=True) for n in ("pages", "signatures"))
    trained, scored = (step(n, n, of_pages=False) for n in ("model", "scores"))
    plan = [(one, 1) for one in (read, told, trained, scored)]

    def states() -> list[str]:
        return [report.state for report in carry_out(plan, run, dry_run=True)]

    for one in (read, told, trained, scored):
        made(run, one)
    assert states() == ["up to date"] * 4
    made(run, read, inputs={"x": "yesterday"})
    assert states() == ["would run", "would follow", "up to date", "up to date"]
    made(run, trained, inputs={"x": "yesterday"})
    assert states() == ["would run", "would follow", "would follow", "would follow"]
    made(run, trained)
    made(run, read, settings={"min_words": 1})
    assert states() == ["would run", "would follow", "would follow", "would follow"]
