"""A round stands on the pages that there were when it began; the next one takes them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.config.settings import Config
from pipeline.config.sources import Crawl
from pipeline.dedupe.pool_notes import CrawlPages, GenerationNotes
from pipeline.loop.generations import (
    all_present,
    collected_from,
    learnt_from,
    made_alike,
    make_way,
    newest,
)
from pipeline.loop.pool_pages import later_batches
from pipeline.loop.run import Run
from pipeline.report.closing_generations import GENERATIONS
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.tables import Table


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(Config(crawls={"a": Crawl(warcs=("x.warc.gz",))}), str(tmp_path / "w"))


def put(
    run: Run,
    table: Table,
    inputs: Mapping[str, str],
    notes: Mapping = {},
    parts: Sequence[str] | None = None,
) -> str:
    """A table as far as its manifest says; its identity."""
    recipe = Recipe("step", 1, {}, {"setting": 1}, dict(inputs))
    manifest = Manifest(
        table=table.path,
        schema_version=table.schema_version,
        recipe=recipe,
        rows=1,
        bytes=1,
        files=1,
        counts=Counts(1, 1),
        code_version="",
        finished="",
        seconds=0.0,
        notes={**notes},
        parts=[*parts] if parts else None,
    )
    run.workspace.storage.write(table.manifest_path, manifest.to_json())
    run.forget()
    return manifest.identity


def put_pages(run: Run, *batches: str) -> CrawlPages:
    """Crawl ``a``, whose batches are called by what is in them."""
    pages = run.workspace.pages("a")
    identity = put(run, pages, {"warcs": " ".join(batches)}, parts=batches)
    return CrawlPages(identity=identity, parts=batches)


def put_pool(run: Run, pages: CrawlPages) -> str:
    """A pool of crawl ``a`` and its topics, as steps dedupe and page topics leave them."""
    inputs = {"signatures of a": pages.identity}
    recipe = Recipe("step", 1, {}, {"setting": 1}, inputs)
    number = make_way(run, recipe, GenerationNotes(signatures={}, pages={"a": pages}))
    notes = {"signatures": {}, "generation": number, "pages": {"a": pages.model_dump()}}
    identity = put(run, run.workspace.pool(), inputs, notes)
    put(run, run.workspace.page_topics(), {"pool": identity})
    return identity


def put_round(run: Run, number: int, pool: str, scored: str = "") -> None:
    put(run, run.workspace.model(number), {"pool": pool})
    put(run, run.workspace.scores(number), {"pool": scored or pool})


def stands(run: Run, number: int) -> tuple[int, int]:
    return learnt_from(run, number).number, collected_from(run, number).number


def again(run: Run, **options: object) -> Run:
    return Run(run.config, run.uri, **options)  # type: ignore[arg-type]


def test_a_pool_that_no_round_stands_on_is_replaced(run: Run) -> None:
    put_pool(run, put_pages(run, "one"))
    put_pool(run, put_pages(run, "one", "two"))
    assert newest(run).number == 1
    assert run.workspace.older_generations() == []


def test_a_round_keeps_its_pages_and_the_next_one_takes_all(run: Run) -> None:
    first = put_pool(run, put_pages(run, "one"))
    put_round(run, 1, first)
    put_pool(run, put_pages(run, "one", "two"))
    assert run.workspace.older_generations() == [1]
    assert (stands(run, 1), stands(run, 2)) == ((1, 1), (2, 2))
    older = learnt_from(run, 1)
    assert older.identity == first
    assert [len(one.pages["a"].parts) for one in (older, newest(run))] == [1, 2]
    assert older.pool(run.workspace).existing().identity == first
    assert later_batches(older.pages, newest(run).pages).keys() == {"a"}
    assert later_batches(newest(run).pages, older.pages) == {}


def test_rounds_are_rebuilt_from_where_people_say(run: Run) -> None:
    first = put_pool(run, put_pages(run, "one"))
    for number in (1, 2, 3):
        put_round(run, number, first)
    second = put_pool(run, put_pages(run, "one", "two"))
    assert [stands(again(run, from_round=2), n) for n in (1, 2, 3)] == [(1, 1), (2, 2), (2, 2)]
    kept = again(run, from_round=2, keep_model=True)
    assert [stands(kept, n) for n in (1, 2, 3)] == [(1, 1), (1, 2), (2, 2)]
    # And stay there when nobody says it again; no round stands on less than one before it.
    put_round(run, 2, first, second)
    assert [stands(run, n) for n in (1, 2, 3)] == [(1, 1), (1, 2), (2, 2)]


def test_pages_that_are_gone_take_their_generation_along(run: Run) -> None:
    put_round(run, 1, put_pool(run, put_pages(run, "one", "two")))
    put_pool(run, put_pages(run, "one", "two", "three"))
    assert stands(run, 1) == (1, 1)
    put_pages(run, "one", "other", "three")
    assert stands(run, 1) == (2, 2)


def test_other_settings_leave_no_generation_behind(run: Run) -> None:
    put_round(run, 1, put_pool(run, put_pages(run, "one")))
    pages = put_pages(run, "one", "two")
    recipe = Recipe("step", 1, {}, {"setting": 2}, {"signatures of a": "s"})
    assert make_way(run, recipe, GenerationNotes(signatures={}, pages={"a": pages})) == 1
    assert run.workspace.older_generations() == []


def test_generations_that_no_round_needs_are_removed(run: Run) -> None:
    put_round(run, 1, put_pool(run, put_pages(run, "one")))
    put_round(run, 1, put_pool(run, put_pages(run, "one", "two")))
    put_pool(run, put_pages(run, "one", "two", "three"))
    assert (run.workspace.older_generations(), newest(run).number) == ([2], 3)


def test_a_kill_between_two_pools_loses_neither_number_nor_round(run: Run) -> None:
    first = put_pages(run, "one")
    put_round(run, 1, put_pool(run, first))
    pages = put_pages(run, "one", "two")
    recipe = Recipe("step", 1, {}, {"setting": 1}, {"signatures of a": pages.identity})
    notes = GenerationNotes(signatures={}, pages={"a": pages})
    # Killed after the first, and begun anew.
    assert [make_way(run, recipe, notes) for _ in range(2)] == [2, 2]
    assert stands(run, 1) == (1, 1)
    put_pool(run, pages)
    assert (newest(run).number, stands(run, 1)) == (2, (1, 1))


def test_pools_are_alike_but_for_their_pages() -> None:
    def notes(**crawls: str) -> GenerationNotes:
        pages = {name: CrawlPages(identity=is_, parts=()) for name, is_ in crawls.items()}
        return GenerationNotes(signatures={"seed": 1}, pages=pages)

    def recipe(version: int = 1, **inputs: str) -> Recipe:
        return Recipe(
            "dedupe", version, {}, {}, {f"signatures of {n}": i for n, i in inputs.items()}
        )

    one, both = notes(a="a1"), notes(a="a1", b="b1")
    assert made_alike(recipe(a="s"), one, recipe(a="s", b="t"), both)
    # The same pages, signed otherwise.
    assert not made_alike(recipe(a="s"), one, recipe(a="u", b="t"), both)
    assert not made_alike(recipe(a="s"), one, recipe(2, a="s", b="t"), both)
    otherwise = one.model_copy(update={"signatures": {"seed": 2}})
    assert not made_alike(recipe(a="s"), otherwise, recipe(a="s", b="t"), both)
    assert not made_alike(recipe(a="s"), GenerationNotes(signatures={}), recipe(a="s", b="t"), both)


def test_all_pages_are_present_where_every_batch_is() -> None:
    before = {"a": CrawlPages(identity="1", parts=("x", "y"))}
    for parts, present in ((("x", "y", "z"), True), (("x", "z"), False), ((), False)):
        assert all_present(before, {"a": CrawlPages(identity="2", parts=parts)}) is present
    assert not all_present(before, {})


def test_people_are_told_of_generations_only_where_there_are_several(run: Run) -> None:
    assert GENERATIONS.cells is not None
    assert GENERATIONS.lines is not None
    first = put_pool(run, put_pages(run, "one"))
    put_round(run, 1, first)
    assert (GENERATIONS.cells(run, 1), GENERATIONS.lines(run, 1)) == ({}, [])
    put_pool(run, put_pages(run, "one", "two"))
    put(run, run.workspace.scores(1), {"pool": first}, {"generation": 1})
    [line] = GENERATIONS.lines(run, 1)
    assert "generation 2 of the pool has pages that round 1 did not see" in line
    assert "--from-round 1" in line
