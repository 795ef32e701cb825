"""What lies beside the corpus, for people and for programs, is what the corpus is."""

import csv
import io
import itertools
import json
import runpy
import shutil
import subprocess
import sys

import duckdb
import pytest

from pipeline.base.outcomes import Outcome
from pipeline.loop.address_lookup import look_up
from pipeline.loop.stored_record import record_of, with_text, write_record
from pipeline.report.address_story import fate, story_lines
from pipeline.report.croissant import CROISSANT_1_1
from pipeline.report.report_figures import ReportFigures
from pipeline.web.warc import Capture, read_warc
from tests.places import PROJECT


def ask(finished, query):
    """The answer of DuckDB with the views of the workspace."""
    views = finished.workspace / "views.sql"
    with duckdb.connect() as connection:
        connection.execute(f"set file_search_path = '{finished.workspace}'")
        connection.execute(views.read_text(encoding="utf-8"))
        return connection.sql(query).fetchall()


def test_every_host_is_in_the_list_of_domains(finished):
    with (finished.workspace / "corpus/domains.csv").open(encoding="utf-8", newline="") as lines:
        listed = [
            (line["host"], line["registered_domain"], int(line["pages"]), int(line["tokens"]))
            for line in csv.DictReader(lines)
        ]
    query = (
        "select host, min(registered_domain), count(*), sum(tokens)::bigint from corpus "
        "group by host order by 4 desc, 1"
    )
    assert listed == ask(finished, query)
    assert len(listed) > 10


def test_the_metadata_leads_from_the_corpus_back_to_warcs_and_seed(finished):
    metadata = json.loads((finished.workspace / "corpus/croissant.json").read_text())
    assert metadata["conformsTo"] == CROISSANT_1_1
    entities = {one["@id"]: one for one in metadata["prov:wasInfluencedBy"]}
    met, waiting = set(), [metadata["prov:wasGeneratedBy"]]
    while waiting:
        for used in waiting.pop()["prov:used"]:
            if used["@id"] not in met:
                met.add(used["@id"])
                entity = entities[used["@id"]]
                if "prov:wasGeneratedBy" in entity:
                    waiting.append(entity["prov:wasGeneratedBy"])
    labels = {entities[one]["prov:label"] for one in met}
    assert {
        "warcs, read for crawls/sample/pages",
        "pool",
        "rounds/1/collected",
        "rounds/3/seed, rounds/3/model",
    } <= labels
    assert any(label.startswith("seed file ") for label in labels)
    assert any(label.startswith("benchmark file ") for label in labels)
    # And nothing is told of that the corpus does not stand on.
    assert met == set(entities)


@pytest.mark.process
def test_the_metadata_is_valid_and_loads_a_record(finished):
    program = shutil.which("mlcroissant")
    if program is None:
        pytest.skip("no mlcroissant on the PATH: pipx install 'mlcroissant[parquet]'")

    def told(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments, "--jsonld", "croissant.json"],
            cwd=finished.workspace / "corpus",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    validated = told("validate")
    assert "Done." in validated
    assert "WARNING" not in validated
    loaded = told("load", "--record_set", "pages", "--num_records", "1")
    [(page_id,)] = ask(finished, "select page_id from corpus where rank = 1")
    assert f"'pages/page_id': b'{page_id}'" in loaded


#: A page of each fate that a quiet run has, and how the sentence that tells it begins.
PAGES = {
    "dropped as a copy of": """
        select page_id, url, method from pool join pages using (page_id)
        where page_id <> kept_page_id qualify row_number() over (partition by method) = 1""",
    "not collected: round 3 scores it": """
        select page_id, url, '' from scores join pages using (page_id)
        where round = 3 and score < 0.5 limit 1""",
    "in the corpus, at rank": "select page_id, url, '' from corpus where rank < 9 limit 1",
    "collected, and left out of the corpus: it holds": """
        select distinct page_id, url, '' from contamination join pages using (page_id) limit 1""",
    "collected, and left out of the corpus for what it says": """
        select page_id, url, '' from collected join pages using (page_id)
        where round = 3 and reservation is not null
        and page_id not in (select page_id from contamination) limit 1""",
}


def test_each_fate_of_the_sample_web_is_told(finished):
    pages = [(begin, *row) for begin, query in PAGES.items() for row in ask(finished, query)]
    aside = ask(
        finished,
        "select outcome, url from ledger where kind = 'record' and url is not null "
        "qualify row_number() over (partition by outcome order by url) = 1",
    )
    assert len(pages) + len(aside) >= 15
    missing = "https://revise-sums.example/no-such-page"
    cut_short = pages[-1][2][:-3]
    others = [missing, cut_short]
    addresses = [url for _, _, url, _ in pages] + [url for _, url in aside] + others
    stories = dict(zip(addresses, look_up(finished.run, addresses), strict=True))
    for begin, page_id, url, method in pages:
        [page] = [page for page in stories[url].pages if page.page_id == page_id]
        assert fate(page).startswith(begin), (method, fate(page))
    for outcome, url in aside:
        lines = "\n".join(story_lines(stories[url]))
        assert f"set aside: {outcome}: {Outcome(outcome).meaning}" in lines
    assert not stories[missing].pages
    assert all(near.startswith("https://") for near in stories[missing].near)
    assert any("revise-sums.example/" in near for near in stories[missing].near)
    assert stories[cut_short].near[0].startswith(cut_short)


def test_the_job_tells_it_and_changes_nothing(finished, monkeypatch, capsys):
    [(url, rank)] = ask(finished, "select url, rank from corpus order by rank limit 1")
    where = ["--workspace", str(finished.workspace), "--config", str(finished.web.config_path)]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["why.py", *where, "--url", url])
        patch.setattr(sys, "path", [*sys.path])
        for name in ("stdout", "stderr", "excepthook"):
            patch.setattr(sys, name, getattr(sys, name))
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(PROJECT / "jobs" / "why.py"), run_name="__main__")
    assert ended.value.code == 0
    assert f"{url}: in the corpus, at rank {rank}\n" in capsys.readouterr().out


def test_a_record_is_given_back_as_its_warc_has_it(finished, tmp_path):
    [(url, offset, length, warc)] = ask(
        finished, "select url, warc_offset, warc_length, warc from corpus where rank = 1"
    )
    [line] = write_record(finished.run, url, str(tmp_path / "record.warc.gz"))
    [file] = list(finished.web.folder.rglob(warc))
    assert (tmp_path / "record.warc.gz").read_bytes() == file.read_bytes()[offset:][:length]
    assert line.startswith(f"{length:,} bytes of {warc} at byte {offset:,}, in ")
    [record] = read_warc(tmp_path / "record.warc.gz")
    assert isinstance(record, Capture)
    assert record.url == url
    [story] = look_up(finished.run, [url])
    assert "parts of the page are not in its text" in "\n".join(
        story_lines(with_text(finished.run, story))
    )


def test_a_record_that_made_no_page_is_given_back_too(finished):
    [(url, offset)] = ask(
        finished,
        "select url, warc_offset from ledger where outcome = 'http-status' order by all limit 1",
    )
    stored, record = record_of(finished.run, url)
    assert record.offset == offset
    assert len(list(read_warc(io.BytesIO(stored)))) == 1


def test_the_report_accounts_for_every_record(finished):
    folder = finished.workspace / "corpus_report"
    [file] = folder.rglob("figures.json")
    figures = ReportFigures.model_validate_json(file.read_text(encoding="utf-8"))
    for stage in figures.stages:
        assert stage.rows_in == stage.rows_out + sum(reason.rows for reason in stage.lost)
        assert all(reason.meaning for reason in stage.lost), stage
    for before, after in itertools.pairwise(figures.stages):
        assert after.rows_in == before.rows_out
    [(pages, tokens, read)] = ask(
        finished,
        "select (select count(*) from corpus), (select sum(tokens) from corpus)::bigint, "
        "(select sum(records) from ledger where kind = 'count' and outcome = 'read')::bigint",
    )
    assert (figures.pages, figures.tokens, figures.stages[0].rows_in) == (pages, tokens, read)
    assert figures.stages[-1].rows_out == pages
    for sort in ("language", "crawl", "licence"):
        assert sum(total.tokens for total in figures.totals[sort]) == tokens, sort
    assert sum(figures.collected_scores) == figures.stages[-1].rows_in
    assert sum(one.pages for one in figures.clusters) == figures.stages[0].rows_out
    # Nearly all pages have one of two scores: the tenths between fall together.
    assert {page.collected for page in figures.samples} == {True, False}
    assert max(page.tenth for page in figures.samples) == 10
    page = (finished.workspace / "corpus/report.html").read_text(encoding="utf-8")
    assert f">{read:,}</td>" in page
    assert "<math" in page
    [corpus] = [one for one in figures.cut_offs if one.name == "the corpus"]
    assert (corpus.pages, corpus.tokens) == (pages, tokens)
    under = [one for one in figures.cut_offs if one.estimated]
    [(lower,)] = ask(
        finished, "select count(*) from scores where round = 3 and score >= 0.1 and score < 0.5"
    )
    assert sum(one.more_pages for one in under) == lower
    assert len(figures.best_beyond) == min(lower, 10)
