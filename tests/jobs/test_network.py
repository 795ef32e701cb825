"""Crawls over the network: the pages of a quiet run, whatever the network does, and a ledger of
what could not be read."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.base.errors import InputEmpty, InputMissing
from pipeline.config.run_file import load_config
from pipeline.loop.rounds import carry_out, extraction
from pipeline.loop.run import Run
from pipeline.loop.step import Report
from tests.places import rows_in
from tests.sample_runs import beginning
from tests.servers import Web, seaweed, web_server
from tests.wire import unreliable_wire

#: Of each WARC file: some 700 KB.
RECORDS = 100
#: A server to which a busy machine leaves no time has not gone silent.
READ = """
[read]
timeout_seconds = 60
patience_seconds = 300
longest_wait_seconds = 0.2
"""
#: For a wire on which nothing more comes, which this is to find out.
RESTLESS = READ.replace("timeout_seconds = 60", "timeout_seconds = 1")


@pytest.fixture(scope="module")
def warcs(sample_web) -> dict[str, bytes]:
    """The first records of three WARC files."""
    paths = sorted((sample_web.folder / "warc").glob("*.warc.gz"))[:3]
    return {path.name: beginning(path, RECORDS) for path in paths}


@pytest.fixture
def web(warcs: dict[str, bytes]) -> Iterator[Web]:
    """A web server with three WARC files and a list of them, as Common Crawl has it."""
    folder = "crawl-data/CC-MAIN-2024-10"
    with web_server() as server:
        for name, data in warcs.items():
            server.files[f"{folder}/warc/{name}"] = data
        listing = "".join(f"{folder}/warc/{name}\n" for name in warcs)
        server.files[f"{folder}/warc.paths.gz"] = gzip.compress(listing.encode())
        yield server


def run(folder: Path, crawl: str, read: str = READ, **options) -> Report:
    (folder / "run.toml").write_text(f"[crawls.c]\n{crawl}\n{read}", encoding="utf-8")
    config = load_config(folder / "run.toml")
    whole = Run(config, str(folder / "w"), **options)
    [report] = carry_out(extraction(config, 1), whole, dry_run=False)
    return report


def rows(folder: Path, what: str) -> list[tuple]:
    """All rows of a table, whatever batch they are in."""
    table = duckdb.sql(f"select * from {rows_in(folder / 'w', f'crawls/c/{what}')}")
    return sorted(table.fetchall(), key=repr)


@pytest.fixture(scope="module")
def quiet(spark, sample_web, warcs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same crawl, from files of this machine."""
    folder = tmp_path_factory.mktemp("quiet")
    for name, data in warcs.items():
        (folder / name).write_bytes(data)
    run(folder, 'warcs = ["*.warc.gz"]')
    return folder


def common_crawl(web: Web, port: int | None = None, read: str = READ) -> str:
    return read + f'common_crawl = "http://127.0.0.1:{port or web.port}/"\n'


def assert_same(folder: Path, quiet: Path) -> None:
    assert rows(folder, "pages") == rows(quiet, "pages")
    assert rows(folder, "ledger") == rows(quiet, "ledger")


def test_crawl_id_is_read_over_a_wire_that_is_cut_and_stalls(spark, tmp_path, web, quiet):
    with unreliable_wire(web.port, seed=1, whole=(50_000, 400_000), stalled=0.2) as wire:
        report = run(
            tmp_path, 'warcs = ["CC-MAIN-2024-10"]', common_crawl(web, wire.port, RESTLESS)
        )
    assert report.state == "built"
    assert wire.cuts > 3
    assert_same(tmp_path, quiet)


def test_server_that_ignores_ranges_and_fails_at_random(spark, tmp_path, web, quiet):
    web.ignores_range, web.failing, web.retry_after = True, 0.3, "0"
    names = [web.url(name) for name in web.files if name.endswith(".warc.gz")]
    run(tmp_path, f"warcs = {names}")
    assert_same(tmp_path, quiet)


def test_lock_out_of_a_cdn_is_waited_out(spark, tmp_path, web, quiet):
    web.lock_out_after, web.locked_requests = 2, 4
    read = common_crawl(web) + "lockout_seconds = 0.2\nconnections = 2\n"
    report = run(tmp_path, 'warcs = ["CC-MAIN-2024-10"]', read)
    assert report.state == "built"
    assert_same(tmp_path, quiet)
    # The list and three files, and those that were refused: none was asked in vain.
    assert len(web.requests) == 4 + 4


def test_s3_that_throttles_and_cuts(spark, tmp_path, warcs, quiet):
    with seaweed(tmp_path) as store:
        client = store.client()
        client.create_bucket(Bucket="crawl")
        for name, data in warcs.items():
            client.put_object(Bucket="crawl", Key=f"warc/{name}", Body=data)
        # Spark's workers were started before there were any keys.
        store.open_to_all("crawl")
        store.breaker(reads=1)
        with unreliable_wire(store.port, seed=2, whole=(50_000, 400_000)) as wire:
            settings = f'[read.s3]\nendpoint = "http://127.0.0.1:{wire.port}"\nanonymous = true\n'
            run(tmp_path, 'warcs = ["s3://crawl/warc/*.warc.gz"]', READ + settings)
        store.breaker(reads=None)
    assert wire.cuts > 3
    assert_same(tmp_path, quiet)


def test_first_and_fraction_of_a_crawl(spark, tmp_path, web, warcs):
    run(tmp_path, 'warcs = ["CC-MAIN-2024-10"]\nfirst = 1', common_crawl(web))
    assert {row[0] for row in _warcs(tmp_path)} == {next(iter(warcs))}
    # More of them later: only the new ones are read.
    web.requests.clear()
    run(tmp_path, 'warcs = ["CC-MAIN-2024-10"]\nfirst = 2', common_crawl(web))
    asked = {name for _, name, _ in web.requests if name.endswith(".warc.gz")}
    assert [name.rpartition("/")[2] for name in asked] == [list(warcs)[1]]


def _warcs(folder: Path) -> list[tuple[str]]:
    return duckdb.sql(
        f"select distinct warc from {rows_in(folder / 'w', 'crawls/c/pages')}"
    ).fetchall()


def pages_identity(folder: Path) -> str:
    config = load_config(folder / "run.toml")
    return Run(config, str(folder / "w")).workspace.pages("c").existing().identity


def test_what_finally_fails_is_in_the_ledger_and_can_be_tried_again_alone(
    spark, tmp_path, web, warcs, quiet
):
    gone = f"crawl-data/CC-MAIN-2024-10/warc/{list(warcs)[1]}"
    data = web.files.pop(gone)
    crawl, read = 'warcs = ["CC-MAIN-2024-10"]', common_crawl(web)
    report = run(tmp_path, crawl, read)
    assert report.counts.set_aside["read-failed"] == 1
    [failed] = [row for row in rows(tmp_path, "ledger") if "read-failed" in row and "warc" in row]
    assert list(warcs)[1] in failed
    assert any("404" in str(value) for value in failed)
    assert list(warcs)[1] not in {name for (name,) in _warcs(tmp_path)}
    known = pages_identity(tmp_path)
    # Nothing is tried again unasked.
    web.files[gone] = data
    web.requests.clear()
    assert run(tmp_path, crawl, read).state == "up to date"
    assert not [name for _, name, _ in web.requests if name.endswith(".warc.gz")]
    report = run(tmp_path, crawl, read, retry_failed=True)
    assert report.state == "built"
    assert {name for _, name, _ in web.requests if name.endswith(".warc.gz")} == {gone}
    assert_same(tmp_path, quiet)
    # To whatever is made of these pages they are others now.
    assert pages_identity(tmp_path) != known
    assert run(tmp_path, crawl, read, retry_failed=True).state == "up to date"


def test_a_file_that_fails_in_its_middle_leaves_no_page(spark, tmp_path, web, warcs, quiet):
    name = next(iter(warcs))
    path = f"crawl-data/CC-MAIN-2024-10/warc/{name}"
    web.files[path] = web.files[path][: len(web.files[path]) // 2]
    web.length_error = 0
    # The server promises more than it has, over and over.
    half = len(web.files[path])
    read = common_crawl(web)
    web.length_error = 1_000
    with pytest.raises(InputEmpty, match=r"batches/.*/table=ledger; .*retry-failed"):
        run(tmp_path, f'warcs = ["{web.url(path)}"]', read)
    ledger = f"{tmp_path}/w/crawls/c/batches/*/table=ledger/*.parquet"
    reasons = duckdb.sql(f"from read_parquet('{ledger}')").fetchall()
    [failed] = [row for row in reasons if "warc" in row and "read-failed" in row]
    assert half in failed
    web.length_error = 0
    web.files[path] = warcs[name]
    report = run(tmp_path, f'warcs = ["{web.url(path)}"]', read, retry_failed=True)
    assert "read-failed" not in report.counts.set_aside


def test_names_that_are_wrong_end_at_once(spark, tmp_path, web):
    with pytest.raises(InputMissing, match="404"):
        run(tmp_path, f'warcs = ["{web.url("no.warc.gz")}"]')
    with pytest.raises(InputMissing, match=r"CC-MAIN-2030-01/warc\.paths\.gz"):
        run(tmp_path, 'warcs = ["CC-MAIN-2030-01"]', common_crawl(web))
