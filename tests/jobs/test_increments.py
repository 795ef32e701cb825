"""Extraction does what is new, redoes what no longer holds, and leaves the rest."""

import os
import shutil

import duckdb
import pytest

from pipeline.config.run_file import load_config
from pipeline.loop.rounds import carry_out, extraction
from pipeline.loop.run import Run
from tests.places import rows_in
from tests.sample_runs import beginning

#: Of each WARC file.
RECORDS = 60


@pytest.fixture(scope="module")
def extracted(spark, sample_web, tmp_path_factory):
    """The first WARC files of the sample web, and a workspace with their pages."""
    folder = tmp_path_factory.mktemp("extracted")
    (folder / "warc").mkdir()
    for path in sample_warcs(sample_web)[:3]:
        (folder / "warc" / path.name).write_bytes(beginning(path, RECORDS))
    extract(folder)
    return folder


@pytest.fixture
def warcs(extracted, tmp_path):
    """Those files, with that workspace beside them, to do as one likes."""
    shutil.copytree(extracted, tmp_path, dirs_exist_ok=True)
    return tmp_path / "warc"


def sample_warcs(sample_web):
    return sorted((sample_web.folder / "warc").glob("*.warc.gz"))


def extract(tmp_path, extra=""):
    path = tmp_path / "run.toml"
    path.write_text(f'[crawls.c]\nwarcs = ["warc/*.warc.gz"]\n[extract]\nbatch_warcs = 1\n{extra}')
    run = Run(load_config(path), str(tmp_path / "w"))
    [report] = carry_out(extraction(run.config, 1), run, dry_run=False)
    return report


def batches(tmp_path):
    """When each batch's manifest was written, by the WARC that it holds."""
    found = {}
    for manifest in (tmp_path / "w/crawls/c/batches").glob("*/manifest.json"):
        [parquet] = manifest.parent.glob("table=pages/*.parquet")
        [(warc,)] = duckdb.sql(f"select distinct warc from '{parquet}'").fetchall()
        found[warc] = manifest.stat().st_mtime_ns
    return found


def page_ids(tmp_path):
    pages = rows_in(tmp_path / "w", "crawls/c/pages")
    ids = [i for (i,) in duckdb.sql(f"select page_id from {pages}").fetchall()]
    assert len(ids) == len(set(ids))
    return set(ids)


def test_more_warcs_cost_only_themselves(sample_web, tmp_path, warcs):
    before = batches(tmp_path)
    one_more = sample_warcs(sample_web)[3]
    (warcs / one_more.name).write_bytes(beginning(one_more, RECORDS))
    report = extract(tmp_path)
    assert report.reasons == ("input warcs changed",)
    after = batches(tmp_path)
    assert set(after) == {*before, one_more.name}
    assert {warc: after[warc] for warc in before} == before
    assert report.counts.rows_out == len(page_ids(tmp_path))


def test_warc_that_changed_or_went_is_not_left_behind(tmp_path, warcs):
    first, second, third = sorted(warcs.iterdir())
    before = batches(tmp_path)
    first.unlink()
    second.write_bytes(third.read_bytes())
    extract(tmp_path)
    after = batches(tmp_path)
    assert set(after) == {second.name, third.name}
    assert after[third.name] == before[third.name]
    assert after[second.name] > before[second.name]


def test_other_setting_reads_everything_again_and_says_why(tmp_path, warcs):
    before = batches(tmp_path)
    report = extract(tmp_path, "min_words = 50\n")
    assert report.reasons == ("setting extract.min_words: 10 → 50",)
    assert all(time > before[warc] for warc, time in batches(tmp_path).items())


def test_batch_that_was_half_committed_is_done_again(tmp_path, warcs):
    """As a kill before the manifest of a batch leaves it."""
    whole = page_ids(tmp_path)
    before = batches(tmp_path)
    folder = tmp_path / "w/crawls/c"
    [half] = folder.glob("batches/00001-*")
    (half / "manifest.json").unlink()
    (folder / "pages" / "manifest.json").unlink()
    report = extract(tmp_path)
    assert report.state == "built"
    assert page_ids(tmp_path) == whole
    assert not half.exists()
    changed = [warc for warc, time in batches(tmp_path).items() if time != before[warc]]
    assert len(changed) == 1


def test_touched_file_of_the_same_bytes_is_the_same_file(tmp_path, warcs):
    for path in warcs.iterdir():
        os.utime(path, (1, 1))
    assert extract(tmp_path).state == "up to date"
