"""Three rounds over the sample web: what comes out is what the truth says should."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.base.errors import InputMissing
from pipeline.classify.train_notes import TrainNotes
from pipeline.corpus.convergence import ConvergeNotes
from pipeline.loop.rounds import carry_out, last_round, only, until_stable, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.steps.count import TOKENS
from pipeline.loop.steps.emit import EMIT
from pipeline.loop.steps.select import SELECT
from pipeline.mine.patterns import Patterns
from pipeline.report.closing_judgement import JudgeNotes
from pipeline.workspace.table_schemas import schema
from tests.documents import blocks
from tests.places import rows_in
from tests.sample_runs import round_lines

#: Views without rows. The sample's benchmarks hold nothing that the list allows
#: (test_decontamination.py), its pages hold whole items or nothing of them, and it has no index.
EMPTY = {"exempted", "exemptions", "let_pass", "annotations", "verdicts", "hosts"}


def rows(finished, query):
    """A DuckDB query in the workspace's folder, as an analyst would put it."""
    with duckdb.connect() as connection:
        connection.execute((finished.workspace / "views.sql").read_text())
        # The fixture is a copy.
        connection.execute(f"set file_search_path = '{finished.workspace}'")
        return connection.sql(query).fetchall()


def corpus_urls(finished):
    return {url for (url,) in rows(finished, "select url from corpus")}


def test_every_step_accounts_for_all_its_rows(finished):
    assert all(report.state == "built" for report in finished.reports)
    for report in finished.reports:
        report.counts.reconcile(report.title)


def test_every_record_of_every_warc_is_in_the_ledger_or_a_page(finished):
    planned = json.loads((finished.web.folder / "outcomes.json").read_text())["warcs"]
    counted = rows(
        finished,
        "select warc, outcome, sum(records)::int from ledger where kind = 'count' group by all",
    )
    found = {name: Counter() for name in planned}
    for warc, outcome, records in counted:
        found[warc][outcome] = records
    for warc, plan in planned.items():
        outcomes = found[warc]
        assert outcomes.pop("read") == outcomes.total(), warc
        # Damaged records may end in one of several ways; the rest is fixed.
        uncertain = {name for item in plan["uncertain"] for name in item["allowed"]}
        for outcome, records in plan["outcomes"].items():
            if outcome not in uncertain:
                assert outcomes[outcome] == records, (warc, outcome)
    pages = rows(finished, "select count(*) from pages")[0][0]
    assert pages == sum(outcomes["page"] for outcomes in found.values())


def test_the_loop_finds_what_is_unlike_the_seed_and_stays_precise(finished):
    judged = [
        JudgeNotes.of(finished.run.workspace.judgement(number).existing())
        for number in range(1, finished.rounds + 1)
    ]

    def recall(number, kind):
        return next(k.share for k in judged[number - 1].kinds if k.kind == kind)

    assert recall(1, "math-like") > 0.8
    assert recall(1, "math-unlike") < 0.5
    assert recall(3, "math-unlike") > recall(1, "math-unlike") + 0.3
    for truth in judged:
        assert truth.precision >= 0.95


def test_no_leak_is_in_the_corpus_and_no_look_alike_is_missing(finished):
    urls = corpus_urls(finished)
    leaks = [label for label in finished.web.labels if label["leak"]]
    assert len(leaks) >= 10
    assert not [label["url"] for label in leaks if label["url"] in urls]
    hit = {
        url
        for (url,) in rows(
            finished,
            "select url from contamination join pages using (page_id)",
        )
    }
    clean = {label["url"] for label in finished.web.labels if not label["leak"]}
    assert not hit & clean
    look_alikes = {label["url"] for label in finished.web.labels if label["lookalike"]}
    assert look_alikes & urls


def test_each_family_of_duplicates_is_one_page(finished):
    pool = "pool join pages using (page_id)"
    kept = {
        url for (url,) in rows(finished, f"select url from {pool} where page_id = kept_page_id")
    }
    families: dict[str, list[str]] = {}
    for label in finished.web.labels:
        if label["family"]:
            families.setdefault(label["family"], []).append(label["url"])
    assert len(families) >= 10
    extracted = {url for (url,) in rows(finished, "select distinct url from pages")}
    for family, urls in families.items():
        present = [url for url in urls if url in extracted]
        assert sum(url in kept for url in set(present)) == (1 if present else 0), family
    # A page of no family is dropped only for its own second capture.
    alone = [label["url"] for label in finished.web.labels if not label["family"]]
    assert {url for url in alone if url in extracted} <= kept


def test_tables_have_their_declared_columns(finished):
    places = {name: name for name in ("pool", "contamination", "let_pass", "exempted")}
    places["corpus"] = "corpus/data"
    for name in (
        "seed",
        "scores",
        "candidates",
        "collected",
        "domains",
        "prefixes",
        "samples",
        "sample_pages",
    ):
        places[name] = f"rounds/2/{name}"
    relations = {name: rows_in(finished.workspace, place) for name, place in places.items()}
    # Files of batches have the columns of both tables.
    relations |= {"pages": "pages", "ledger": "ledger"}
    for name, relation in relations.items():
        found = rows(finished, f"describe select * from {relation}")
        assert [row[0] for row in found] == schema(name).names, name
        required = [column.name for column in schema(name).columns if not column.nullable]
        nulls = " or ".join(f'"{column}" is null' for column in required)
        assert rows(finished, f"select count(*) from {relation} where {nulls}") == [(0,)], name


def test_commands_of_the_documents_work_in_a_workspace(finished):
    found = re.findall(r'^python -c "(import duckdb.*)"$', "".join(blocks("sh")), re.M)
    assert found
    for command in set(found):
        printed = subprocess.run(
            [sys.executable, "-c", command.replace('\\"', '"')],
            cwd=finished.workspace,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "│ en" in printed
        assert "│ zh" in printed


def test_queries_of_the_documents_over_the_views_work(finished, monkeypatch):
    monkeypatch.chdir(finished.workspace)
    queries = blocks("sql")
    assert len(queries) > 3
    with duckdb.connect() as connection:
        connection.execute((finished.workspace / "views.sql").read_text())
        for query in "".join(queries).split(";"):
            if query.strip():
                assert connection.sql(query).fetchall(), query
        for (view,) in connection.sql(
            "select view_name from duckdb_views() where not internal"
        ).fetchall():
            found = connection.sql(f"select count(*) from {view}").fetchall()[0][0]
            assert (found == 0) == (view in EMPTY), view


def test_a_pages_warc_is_found_by_its_full_address(finished, monkeypatch):
    monkeypatch.chdir(finished.workspace)
    with duckdb.connect() as connection:
        connection.execute((finished.workspace / "views.sql").read_text())
        warcs = connection.sql("select crawl, name, address, bytes, identity from warcs").fetchall()
        lost = connection.sql(
            "select count(*) from pages anti join warcs "
            "on warcs.crawl = pages.crawl and warcs.name = pages.warc"
        ).fetchall()
    assert lost == [(0,)]
    there = sorted((finished.web.folder / "warc").glob("*.warc.gz"))
    assert sorted(address for _, _, address, _, _ in warcs) == list(map(str, there))
    for crawl, name, address, size, identity in warcs:
        assert (crawl, name, size) == ("sample", Path(address).name, Path(address).stat().st_size)
        assert identity


@pytest.mark.parametrize(
    "table", ["pool", "rounds/1/scores", "rounds/1/domains", "crawls/sample/pages"]
)
def test_tables_are_read_by_their_folders_alone(finished, table):
    """By pandas, DuckDB and, where it is installed, datasets: nothing else is in their way."""
    manifest = json.loads((finished.workspace / table / "manifest.json").read_text())
    folders = [finished.workspace / part for part in manifest["parts"]]
    assert sum(len(pd.read_parquet(folder)) for folder in folders) == manifest["rows"]
    for folder in folders:
        names = [path.name for path in folder.iterdir() if not path.name.startswith((".", "_"))]
        assert names
        assert all(name.endswith(".parquet") for name in names)
        assert duckdb.sql(f"select * from '{folder}/*.parquet' limit 1").fetchall()


def test_datasets_reads_a_tables_folder(finished, tmp_path):
    datasets = pytest.importorskip("datasets", reason="the library datasets is not installed here")
    manifest = json.loads((finished.workspace / "pool" / "manifest.json").read_text())
    [folder] = manifest["parts"]
    rows = datasets.load_dataset(
        "parquet", data_dir=str(finished.workspace / folder), cache_dir=str(tmp_path)
    )
    assert rows["train"].num_rows == manifest["rows"]


def test_second_run_does_nothing_and_needs_no_spark(finished, monkeypatch):
    def refuse(*_):
        raise AssertionError("Spark was started")

    monkeypatch.setattr("pipeline.loop.run.start_session", refuse)
    run = Run(finished.web.config, str(finished.workspace))
    reports = list(carry_out(whole_loop(run.config, finished.rounds), run, dry_run=False))
    assert {report.state for report in reports} == {"up to date"}
    told = "\n".join(round_lines(run, finished.rounds))
    assert "decontaminated against 2 benchmarks" in told
    assert "of its pages" in told
    assert "the loop has converged: stop" in told
    assert re.search(r"^of the pages of +in round 1 +in round 2 +in round 3$", told, re.M)
    # Without a number of rounds the loop would have stopped here.
    reports = list(carry_out(until_stable(run, 6), run, dry_run=False))
    assert {report.state for report in reports} == {"up to date"}
    assert last_round(run, 6) == finished.rounds


def test_what_is_new_is_what_the_last_round_had_not(finished):
    new = "select count(*), sum(tokens) from collected where round = 2 and page_id not in "
    new += "(select page_id from collected where round = 1)"
    notes = ConvergeNotes.of(finished.run.workspace.convergence(2).existing())
    assert [(notes.new_pages, notes.new_tokens)] == rows(finished, new)
    assert notes.new_pages > 0
    for largest in (notes.by_host, notes.by_language):
        assert sum(one.pages for one in largest) <= notes.new_pages
    assert {one.language for one in notes.by_language} >= {"zh", "en"}


def test_patterns_that_counted_are_beside_the_seed(finished):
    assert not Patterns.read(finished.workspace / "rounds/1/patterns.tsv")
    said = Patterns.read(finished.web.folder / "url_patterns.tsv")
    counted = Patterns.read(finished.workspace / "rounds/3/patterns.tsv")
    assert counted
    assert set(counted) <= set(said)
    notes = TrainNotes.of(finished.run.workspace.seed(3).existing())
    assert (notes.patterns.people, notes.patterns.automatic) == (len(counted), 0)


def test_every_prefix_has_pages_to_look_at_whose_texts_begin_as_they_do(finished):
    [(prefixes, without)] = rows(
        finished,
        "select count(*), count_if(samples is null) from (from prefixes where round = 2) left join "
        "(select prefix, count(*) as samples from sample_places where round = 2 group by all) "
        "using (prefix)",
    )
    assert (prefixes > 50, without) == (True, 0)
    [(pages, right)] = rows(
        finished,
        "select count(*), count_if(starts_with(pages.text, shown.text) and pages.url = shown.url) "
        "from (from sample_pages where round = 2) as shown "
        "join pages using (page_id)",
    )
    assert pages == right > 100


#: Settings that are changed, and how that is told.
CHANGED = {
    "emit": ({"shard_bytes": 1_000_000}, "setting emit.shard_bytes: "),
    "decontaminate": ({"grams": 12}, "setting decontaminate.grams: 10 → 12"),
    "mine": ({"prefix_depth": 2}, "setting mine.prefix_depth: 3 → 2"),
    "select": (
        {"budgets": (4_000_000, 6_000_000, 500_000)},
        "setting select.budget: 8000000 → 500000",
    ),
}


def test_change_of_a_setting_rebuilds_what_depends_on_it_and_nothing_else(finished, tmp_path):
    shutil.copytree(finished.workspace, tmp_path / "w")
    config = finished.web.config
    changed = config.model_copy(
        update={
            section: getattr(config, section).model_copy(update=change)
            for section, (change, _) in CHANGED.items()
        }
    )
    run = Run(changed, str(tmp_path / "w"))
    plan = whole_loop(changed, finished.rounds)
    last_begins = [step.title(number) for step, number in plan].index("train 3")
    # Of earlier rounds nothing follows from what would be built anew: each is looked at alone.
    reports = [
        report for one in plan[:last_begins] for report in carry_out([one], run, dry_run=True)
    ]
    would_run = {report.title: report.reasons for report in reports if report.state != "up to date"}
    assert list(would_run) == ["prefixes 1", "prefixes 2"]
    assert {reasons[0] for reasons in would_run.values()} == {CHANGED["mine"][1]}
    reports = list(carry_out(plan[last_begins:], run, dry_run=False))
    rebuilt = {report.title: report.reasons for report in reports if report.state == "built"}
    # Of each step the sections of its own settings that changed. All else is built anew
    # because of what it is made of, and what is made of nothing new is not.
    expected = {
        "select 3": ["select"],
        "converge 3": [],
        "mine 3": [],
        "prefixes 3": ["mine"],
        "topics 3": [],
        "judge 3": [],
        "decontaminate": ["decontaminate"],
        "emit": ["emit"],
        "corpus topics": [],
        "report": [],
    }
    assert list(rebuilt) == list(expected)
    for title, sections in expected.items():
        told = [reason for reason in rebuilt[title] if not reason.startswith("input ")]
        assert len(told) == len(sections), (title, told)
        for reason, section in zip(told, sections, strict=True):
            assert reason.startswith(CHANGED[section][1])
        from_others = any(reason.startswith("input ") for reason in rebuilt[title])
        assert from_others == (title != "select 3"), title


def test_who_tagged_and_why_changes_nothing(finished, tmp_path):
    tags = tmp_path / "url_patterns.tsv"
    text = (finished.web.folder / "url_patterns.tsv").read_text()
    tags.write_text(text.replace("\tsample\t", "\tada\t").replace("sample web", "seen by eye"))
    config = finished.web.config
    config = config.model_copy(update={"tags": config.tags.model_copy(update={"file": str(tags)})})
    run = Run(config, str(finished.workspace))
    plan = whole_loop(config, finished.rounds)
    assert {r.state for r in carry_out(plan, run, dry_run=True)} == {"up to date"}


def test_corpus_is_never_made_with_another_collections_traces(finished, tmp_path):
    """As when a round is selected anew and only jobs/emit.py is run after it."""
    shutil.copytree(finished.workspace, tmp_path / "w")
    config = finished.web.config
    changed = config.model_copy(update={"select": config.select.model_copy(update={"floor": 0.05})})
    run = Run(changed, str(tmp_path / "w"))
    list(carry_out(only(TOKENS, SELECT)(changed, 3), run, dry_run=False))
    with pytest.raises(InputMissing, match="of another collection"):
        list(carry_out(only(EMIT)(changed, 3), run, dry_run=False))


def test_corpus_is_in_the_order_of_rank_and_its_card_says_what_it_is(finished):
    ranks = rows(finished, "select rank from 'corpus/data/*.parquet'")
    assert ranks == sorted(ranks)
    indexed = "from parquet_metadata('corpus/data/*.parquet') where bloom_filter_offset is not null"
    assert ("page_id",) in rows(finished, f"select path_in_schema {indexed}")
    card = (finished.workspace / "corpus" / "README.md").read_text()
    assert f"{len(ranks):,} pages" in card
    assert "`sample-zh`" in card
