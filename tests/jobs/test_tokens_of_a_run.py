"""Tokens of a run's pages, counted once each, and budgets of its corpus."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from pipeline.corpus.candidates import TokenNotes
from pipeline.corpus.cut_offs import ReportNotes
from pipeline.corpus.shards import EmitNotes
from pipeline.loop.rounds import carry_out, only
from pipeline.loop.run import Run
from pipeline.loop.steps.count import TOKENS
from pipeline.loop.steps.emit import EMIT
from pipeline.loop.steps.report import REPORT
from pipeline.workspace.query import open_views
from tests.tokenizer_files import small_tokenizer


@pytest.fixture(scope="module")
def workspace(finished, tmp_path_factory):
    """Of one's own: a few seconds' work is done over in it."""
    copy = tmp_path_factory.mktemp("tokens") / "workspace"
    shutil.copytree(finished.workspace, copy)
    return copy


def changed(finished, **sections):
    config = finished.web.config
    update = {
        name: getattr(config, name).model_copy(update=values) for name, values in sections.items()
    }
    return config.model_copy(update=update)


def test_a_round_counts_what_the_one_before_it_has_not(finished, workspace, tmp_path, monkeypatch):
    file = tmp_path / "tokenizer.json"
    small = small_tokenizer(file)
    run = Run(changed(finished, tokens={"tokenizer": str(file)}), str(workspace))
    for number in (1, 2):
        list(carry_out(only(TOKENS)(run.config, number), run, dry_run=False))
    first, second = (
        TokenNotes.of(run.workspace.candidates(number).existing()) for number in (1, 2)
    )
    monkeypatch.chdir(workspace)
    with duckdb.connect() as connection:
        connection.execute((workspace / "views.sql").read_text())
        texts = connection.sql(
            "select round, text, candidates.tokens, estimated_tokens, pages.tokens, score "
            "from candidates join pages using (page_id) where round < 3"
        ).fetchall()
        [(both, over)] = connection.sql(
            "select (select count(*) from candidates one join candidates two using (page_id) "
            "where one.round = 1 and two.round = 2), "
            "(select count(*) from scores where round = 2 and score >= 0.5)"
        ).fetchall()
    assert all(score >= 0.5 for *_, score in texts)
    assert all(estimated == of_page for *_, estimated, of_page, _ in texts)
    encodings = small.encode_batch([text for _, text, *_ in texts])
    assert [tokens for _, _, tokens, *_ in texts] == [len(one.ids) for one in encodings]
    assert (first.counted_before, second.counted_before) == (0, both)
    assert both > 0
    assert second.counted + second.counted_before == over
    assert sum(one.tokens for one in second.by_language) == sum(
        tokens for number, _, tokens, *_ in texts if number == 2
    )


def test_budgets_are_views_configurations_and_whole_files(finished, workspace, monkeypatch):
    monkeypatch.chdir(workspace)  # where the views are opened
    whole = EmitNotes.of(finished.run.workspace.corpus().existing()).tokens
    budgets = (whole // 2, whole // 4)
    config = changed(finished, emit={"budgets": budgets, "shard_bytes": 1_000_000})
    run = Run(config, str(workspace))
    list(carry_out(only(EMIT, REPORT)(config, finished.rounds), run, dry_run=False))
    notes = EmitNotes.of(run.workspace.corpus().existing())
    names = [end.name for end in notes.budgets]
    assert names == [str(budget) for budget in sorted(budgets)]
    listed = json.loads((workspace / "corpus/budgets.json").read_text())["budgets"]
    card = (workspace / "corpus/README.md").read_text()
    with open_views(str(workspace)) as views:
        for end, line in zip(notes.budgets, listed, strict=True):
            rows = views.sql(f"select count(*), sum(tokens)::bigint from corpus_{end.name}")
            assert rows.fetchall() == [(end.pages, end.tokens)]
            assert end.tokens <= end.budget
            files = [f"corpus/data/{file['name']}" for file in line["files"]]
            assert sum(file["rows"] for file in line["files"]) == end.pages
            # Each is a whole number of files, as the card's configurations need it.
            found = views.sql(f"select count(*), max(rank) from read_parquet({files})").fetchall()
            assert found[0][0] == end.pages
            assert f'- config_name: "{end.name}"' in card
    cut_offs = ReportNotes.of(run.workspace.corpus_report().existing()).cut_offs
    assert [one.name for one in cut_offs][:4] == [
        *(f"budget {name}" for name in names),
        "the corpus",
        f"all that round {finished.rounds} collected",
    ]
    assert [one.tokens for one in cut_offs[:2]] == [end.tokens for end in notes.budgets]
    assert cut_offs[2].more_pages == 0
    assert cut_offs[3].more_pages > 0
