"""Rulings on grams, from the list through the job to the views."""

import io
import shutil

import duckdb
import pytest

from pipeline.decontaminate.__main__ import main
from pipeline.decontaminate.findings import top_grams
from pipeline.decontaminate.rulings import load_rulings
from pipeline.loop.rounds import carry_out, closing, only
from pipeline.loop.run import Run
from pipeline.loop.steps.decontaminate import DECONTAMINATE
from tests.places import rows_in


@pytest.fixture(scope="module")
def ruled(finished, tmp_path_factory):
    """The finished run's traces once more, with a ruling on every Chinese gram."""
    folder = tmp_path_factory.mktemp("ruled")
    allowed = folder / "allowed.toml"
    allowed.write_text(
        "[[allowed]]\npattern = '.*[一-龥].*'\nreason = \"a test of rulings\"\n"
        'reviewed = "a test"\n',
        encoding="utf-8",
    )
    shutil.copytree(finished.workspace, folder / "w")
    config = finished.web.config
    changed = config.decontaminate.model_copy(update={"allowed": str(allowed)})
    run = Run(config.model_copy(update={"decontaminate": changed}), str(folder / "w"))
    [report] = carry_out(only(DECONTAMINATE)(run.config, 3), run, dry_run=False)
    assert report.state == "built"
    return folder / "w", run


@pytest.fixture
def views(ruled, monkeypatch):
    monkeypatch.chdir(ruled[0])
    with duckdb.connect() as connection:
        connection.execute((ruled[0] / "views.sql").read_text())
        yield lambda query: connection.sql(query).fetchall()


def pages_hit(place, which):
    found = duckdb.sql(f"select distinct page_id from {rows_in(place, 'contamination')} {which}")
    return {page_id for (page_id,) in found.fetchall()}


def test_a_ruling_moves_traces_from_one_table_to_the_other(ruled, finished, views):
    english = pages_hit(finished.workspace, "where benchmark = 'sample-en'")
    chinese = pages_hit(finished.workspace, "where benchmark = 'sample-zh'")
    assert english
    assert chinese - english
    assert pages_hit(ruled[0], "") == english
    assert {page for (page,) in views("select distinct page_id from exempted")} == chinese
    [(entry, pages, grams, spared)] = views("select entry, pages, grams, spared from exemptions")
    assert entry == ".*[一-龥].*"
    assert (pages, spared) == (len(chinese), len(chinese - english))
    assert grams >= pages


def test_every_trace_is_shown_where_it_stands(views):
    rows = views(
        "select text, context, gram, position, length from pages join ("
        "select page_id, context, gram, position, length from contamination union all by name "
        "select page_id, context, gram, position, length from exempted) using (page_id)"
    )
    assert len(rows) > 20
    for text, context, gram, position, length in rows:
        assert text[position : position + 20] in context
        assert length >= len(gram) / 2


def test_the_report_has_the_views_grams(ruled, finished, views, spark):
    hits = ruled[1].workspace.contamination().read(spark)
    top = [tuple(row) for row in top_grams(hits).limit(10).collect()]
    seen = views(
        "select rule, gram, pages, alone, list_min(benchmarks) from contaminating_grams limit 10"
    )
    assert top == seen
    assert seen[0][2] >= 1


def test_the_job_and_the_round_say_what_was_exempted(ruled):
    lines = "\n".join(closing(only(DECONTAMINATE)(ruled[1].config, 3), ruled[1], 3))
    assert "decontaminated against 2 benchmarks, 300 items" in lines
    assert "exempted " in lines
    assert "the grams that hit most" in lines


def test_a_change_of_the_list_makes_the_traces_anew(ruled, finished):
    assert (
        DECONTAMINATE.recipe(ruled[1], 3).fingerprint
        != DECONTAMINATE.recipe(finished.run, 3).fingerprint
    )


def test_a_persons_rulings_are_obeyed_by_the_next_run(finished, tmp_path, monkeypatch, capsys):
    workspace, rulings = tmp_path / "w", tmp_path / "rulings.tsv"
    shutil.copytree(finished.workspace, workspace)
    before = pages_hit(workspace, "")
    config = tmp_path / "run.toml"
    told = finished.web.config
    changed = told.decontaminate.model_copy(update={"rulings": str(rulings)})
    monkeypatch.setattr(
        "pipeline.decontaminate.__main__.load_config",
        lambda _: told.model_copy(update={"decontaminate": changed}),
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("c\nl\nq\n"))
    command = ["review", "--workspace", str(workspace), "--config", str(config), "--who", "ada"]
    assert main(command) == 0
    assert (
        "2 rulings kept; of 2 condemned, 1 leaks or near: precision 50%" in capsys.readouterr().out
    )
    ruled = {
        said: (page, text.item, text.field)
        for page, of_page in load_rulings(str(rulings)).items()
        for text, said in of_page.items()
    }
    assert sorted(ruled) == ["chance", "leak"]

    run = Run(told.model_copy(update={"decontaminate": changed}), str(workspace))
    [report] = carry_out(only(DECONTAMINATE)(run.config, 3), run, dry_run=False)
    assert report.state == "built"
    left = duckdb.sql(
        f"select page_id, item, field from {rows_in(workspace, 'contamination')}"
    ).fetchall()
    assert ruled["chance"] not in left
    assert ruled["leak"] in left
    assert before - {page for page, _, _ in left} <= {ruled["chance"][0]}
    [(ruling, by_rule)] = duckdb.sql(
        f"select distinct ruling, by_rule from {rows_in(workspace, 'let_pass')}"
    ).fetchall()
    assert (ruling, by_rule) == ("chance", True)
    lines = "\n".join(closing(only(DECONTAMINATE)(run.config, 3), run, 3))
    assert "reviewed hits: 1 chance, 1 leak; precision 50%" in lines
