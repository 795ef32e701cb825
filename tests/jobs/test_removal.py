"""A host and an address are taken out of a finished run: nothing of them is left, and all else."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipeline.base.outcomes import Outcome
from pipeline.loop.address_lookup import look_up
from pipeline.loop.rounds import carry_out, whole_loop
from pipeline.loop.run import Run
from pipeline.report.address_story import story_lines
from pipeline.workspace.manifest import Manifest
from tests.jobs.in_process import Told, job
from tests.places import PROJECT
from tests.sample_runs import Finished

#: Tables that name pages, by the views of them.
TABLES = """pages ledger signatures pool page_topics seed scores candidates collected samples
    sample_pages contamination corpus""".split()


@dataclass(frozen=True)
class Removal:
    """A workspace out of which pages went, and how it was before."""

    finished: Finished
    workspace: Path
    host: str
    url: str
    ids: set[str]
    before: dict[str, int]
    files: dict[str, bytes]
    told: Told

    @property
    def run(self) -> Run:
        return Run(self.finished.web.config, str(self.workspace))

    def job(self, *arguments: object) -> Told:
        where = ["--workspace", self.workspace, "--config", self.finished.web.config_path]
        return job("remove", *where, *arguments)


def ask(workspace: Path, query: str) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute((workspace / "views.sql").read_text())
        connection.execute(f"set file_search_path = '{workspace}'")
        return connection.sql(query).fetchall()


def counted(workspace: Path) -> dict[str, int]:
    return {table: ask(workspace, f"select count(*) from {table}")[0][0] for table in TABLES}


def files_of(workspace: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(workspace)): path.read_bytes()
        for path in workspace.rglob("*")
        if path.is_file() and path.name[0] != "." and "removals" not in path.parts
    }


@pytest.fixture(scope="module")
def taken_out(finished, tmp_path_factory) -> Removal:
    """A host, and an address at another whose page others are copies of."""
    workspace = tmp_path_factory.mktemp("removal") / "w"
    shutil.copytree(finished.workspace, workspace)
    [(host,)] = ask(
        workspace, "select host from corpus group by host order by count(*) desc, host limit 1"
    )
    [(url,)] = ask(
        workspace,
        "select kept_url from duplicates join corpus on corpus.url = kept_url "
        f"where method <> 'url' and corpus.host <> '{host}' order by kept_url limit 1",
    )
    same = "select url_key from signatures join pages using (page_id) where url = '{}'"
    of_them = f"host = '{host}' or host like '%.{host}' or url_key in ({same.format(url)})"
    query = f"select page_id from pages join signatures using (page_id) where {of_them}"
    ids = {one for (one,) in ask(workspace, query)}
    before, files = counted(workspace), files_of(workspace)
    asked = workspace.parent / "requests.tsv"
    asked.write_text(f"# asked by mail\n{host}\tthe owner asks\n{url}\tpersonal data\t2026-01-31\n")
    where = ["--workspace", workspace, "--config", finished.web.config_path]
    dry = job("remove", *where, "--file", asked, "--dry-run")
    assert dry.status == 0, dry.err
    assert f"pages: {len(ids):,}; " in dry.out
    assert files_of(workspace) == files
    told = job("remove", *where, "--file", asked)
    assert told.status == 0, told.err
    return Removal(finished, workspace, host, url, ids, before, files, told)


def test_nothing_of_them_is_in_any_table_or_page(taken_out):
    assert len(taken_out.ids) > 5
    after = counted(taken_out.workspace)
    for table in TABLES:
        columns = ask(taken_out.workspace, f"describe {table}")
        for column in {name for name, *_ in columns} & {"page_id", "kept_page_id", "url", "host"}:
            found = ask(taken_out.workspace, f"select {column} from {table}")
            values = {value for (value,) in found}
            gone = {"url": {taken_out.url}, "host": {taken_out.host}}.get(column, taken_out.ids)
            assert not values & gone, (table, column)
        # The ledger has a row more a WARC, of how many records are removed.
        assert table == "ledger" or after[table] <= taken_out.before[table], table
    assert after["pages"] == taken_out.before["pages"] - len(taken_out.ids)
    assert "none is of a removed page" in taken_out.told.out
    for name in ("README.md", "domains.csv", "report.html", "manifest.json"):
        text = (taken_out.workspace / "corpus" / name).read_text()
        assert f"//{taken_out.host}" not in text, name
        assert taken_out.url not in text, name
    assert f"\n{taken_out.host}," not in (taken_out.workspace / "corpus/domains.csv").read_text()
    for number in (1, 2, 3):
        assert (
            taken_out.url not in (taken_out.workspace / f"rounds/{number}/report.html").read_text()
        )


def test_files_without_them_are_as_they_were(taken_out):
    """And those with them lie there until the next run, so that all can be undone."""
    after = files_of(taken_out.workspace)
    kept = {path for path in taken_out.files if path.endswith(".parquet")} & set(after)
    assert all(after[path] == taken_out.files[path] for path in kept)
    gone = set(taken_out.files) - set(after)
    assert all(
        path.startswith(("corpus/data/", "corpus_topics/", "corpus_report/")) for path in gone
    )


def test_every_row_is_accounted_for_as_if_they_had_never_been(taken_out):
    workspace = taken_out.run.workspace
    manifests = list(taken_out.workspace.rglob("manifest*.json"))
    for path in manifests:
        manifest = Manifest.from_json(path.read_text())
        manifest.counts.reconcile(str(path))
        assert all(rows > 0 for rows in manifest.counts.set_aside.values()), path
    counted_pages = ask(
        taken_out.workspace, "select sum(records) from ledger where kind='count' and outcome='page'"
    )
    assert counted_pages == ask(taken_out.workspace, "select count(*) from pages")
    [(moved,)] = ask(taken_out.workspace, "select records from outcomes where outcome = 'removed'")
    extracted = workspace.pages("sample").existing()
    assert extracted.counts.set_aside[Outcome.REMOVED] == moved >= len(taken_out.ids)
    assert extracted.rows == ask(taken_out.workspace, "select count(*) from pages")[0][0]
    pool = workspace.pool().existing()
    assert pool.counts.rows_in == extracted.rows
    assert (
        pool.counts.rows_out
        == ask(taken_out.workspace, "select count(*) from pool where page_id = kept_page_id")[0][0]
    )
    # A page that was a copy of one of them is kept now.
    lost = "select kept_page_id from pool where kept_page_id not in (select page_id from pool)"
    assert ask(taken_out.workspace, lost) == []
    for number in (1, 2, 3):
        scores, collected = (
            table(number).existing() for table in (workspace.scores, workspace.collected)
        )
        assert scores.counts.rows_in == pool.counts.rows_out
        assert scores.rows == scores.counts.rows_out
        assert collected.rows == collected.counts.rows_out
    assert workspace.corpus().existing().counts.rows_in == collected.rows
    assert pool.counts.rows_out > scores.rows


def test_all_is_up_to_date_and_the_story_of_an_address_tells_it(taken_out):
    plan = whole_loop(taken_out.run.config, 3)
    reports = carry_out(plan, taken_out.run, dry_run=True)
    assert {report.title: report.state for report in reports if report.state != "up to date"} == {}
    for address in (taken_out.url, f"https://{taken_out.host}/any"):
        [story] = look_up(taken_out.run, [address])
        assert "removed" in next(iter(story_lines(story)))
    assert "personal data" in "\n".join(story_lines(look_up(taken_out.run, [taken_out.url])[0]))


def test_it_is_undone_once_and_not_after_the_next_run(taken_out, tmp_path):
    shutil.copytree(taken_out.workspace, tmp_path / "w")
    where = ["--workspace", tmp_path / "w", "--config", taken_out.finished.web.config_path]
    told = job("remove", *where, "--undo", 1)
    assert told.status == 0, told.err
    assert counted(tmp_path / "w") == taken_out.before
    ranks = "select rank, page_id from 'corpus/data/*.parquet'"
    assert ask(tmp_path / "w", ranks) == ask(taken_out.finished.workspace, ranks)
    again = job("remove", *where, "--undo", 1)
    assert again.status == 1
    assert "cannot be undone any more" in again.err
    listed = json.loads((tmp_path / "w/removals/0001.json").read_text())
    assert listed["undone"]


def test_a_dry_run_as_a_person_starts_it(finished):
    """In a process of its own, which has no Spark before it asks for it."""
    url = ask(finished.workspace, "select url from corpus order by rank limit 1")[0][0]
    where = ["--workspace", str(finished.workspace), "--url", url, "--reason", "asked", "--dry-run"]
    told = subprocess.run(
        [sys.executable, str(PROJECT / "jobs" / "remove.py"), *where],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "corpus/data: 1 rows in 1 files" in told.stdout
    assert told.stdout.rstrip().endswith("nothing was changed")


@pytest.mark.slow
@pytest.mark.three_rounds
def test_a_further_round_and_a_new_reading_do_not_bring_them_back(taken_out, tmp_path):
    shutil.copytree(taken_out.workspace, tmp_path / "w")
    config = taken_out.finished.web.config
    plan = whole_loop(config, 4)
    run = Run(config, str(tmp_path / "w"), tags="skip")
    list(carry_out(plan, run, dry_run=False))
    after = counted(tmp_path / "w")
    assert after["pages"] == taken_out.before["pages"] - len(taken_out.ids)
    # What removed rows were in is deleted.
    old = [path for path in (tmp_path / "w").rglob("*.parquet") if path.is_file()]
    found = duckdb.execute(
        "select count(*) from read_parquet(?, union_by_name = true) where url = ? or host = ?",
        [list(map(str, old)), taken_out.url, taken_out.host],
    ).fetchall()
    assert found == [(0,)]
    forced = Run(config, str(tmp_path / "w"), force=True)
    list(carry_out(plan[:1], forced, dry_run=False))
    assert counted(tmp_path / "w")["pages"] == after["pages"]
