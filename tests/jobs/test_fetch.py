"""Pages out of a columnar index: their own bytes, the rows of a full reading, nothing twice."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import ConfigError, InputEmpty, InputMalformed, InputMissing
from pipeline.config.run_file import load_config
from pipeline.loop.removal_list import Removal, item_of, removal_text
from pipeline.loop.rounds import carry_out, extraction, fetching
from pipeline.loop.run import Run
from pipeline.loop.step import Report
from pipeline.web.warc import Capture, read_warc
from tests.places import rows_in
from tests.sample_runs import beginning
from tests.servers import Web, web_server

#: Of each WARC file: about 1 MB.
RECORDS = 200

#: Of the index's many columns, those that are read; the last is one of the others.
INDEX = pa.schema({
    "url": pa.string(), "url_host_name": pa.string(), "fetch_status": pa.int16(),
    "content_mime_type": pa.string(), "content_mime_detected": pa.string(),
    "warc_filename": pa.string(), "warc_record_offset": pa.int32(),
    "warc_record_length": pa.int64(), "url_host_tld": pa.string(),
    "fetch_time": pa.timestamp("ms"), "content_digest": pa.string(),
})  # fmt: skip


def index_rows(warc: Path, path: str) -> Iterator[dict[str, object]]:
    """What an index says of the pages in a WARC, and of an answer that was none."""
    with warc.open("rb") as stream:
        found = list(read_warc(stream, max_page_bytes=5_000_000))
    for item in found:
        if not isinstance(item, Capture) or item.length is None:
            continue
        host = item.url.split("/")[2]
        row = {
            "url": item.url, "url_host_name": host, "fetch_status": 200,
            "content_mime_type": item.content_type.partition(";")[0],
            "content_mime_detected": "text/html",
            "warc_filename": path, "warc_record_offset": item.offset,
            "warc_record_length": item.length, "url_host_tld": host.rpartition(".")[2],
            "fetch_time": item.fetch_time.replace(tzinfo=None),
            "content_digest": base64.b32encode(hashlib.sha1(item.body).digest()).decode(),
        }  # fmt: skip
        yield row
        yield row | {"fetch_status": 404}
        yield row | {"content_mime_type": "application/pdf", "content_mime_detected": "image/png"}


@pytest.fixture(scope="module")
def published(sample_web, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place like Common Crawl's: WARC files under crawl-data/, an index of them beside."""
    root = tmp_path_factory.mktemp("published")
    rows = []
    for number, warc in enumerate(sorted((sample_web.folder / "warc").glob("*.warc.gz"))[:3]):
        path = f"crawl-data/CC-MAIN-2024-10/segments/{number}/warc/{warc.name}"
        (root / path).parent.mkdir(parents=True)
        (root / path).write_bytes(beginning(warc, RECORDS))
        rows += index_rows(root / path, path)
    table = root / "cc-index/table/cc-main/warc/crawl=CC-MAIN-2024-10/subset=warc"
    table.mkdir(parents=True)
    half = len(rows) // 2
    for part, of_rows in enumerate((rows[:half], rows[half:])):
        pq.write_table(pa.Table.from_pylist(of_rows, INDEX), table / f"part-{part}.gz.parquet")
    return root


@pytest.fixture(scope="module")
def hosts(published: Path) -> list[str]:
    """The hosts with the most pages."""
    found = duckdb.sql(
        "select regexp_replace(url_host_name, '^www\\.', '') h, count(*) n "
        f"from '{published}/cc-index/**/*.parquet' where fetch_status = 200 "
        "group by h order by n desc, h limit 4"
    ).fetchall()
    return [host for host, _ in found]


def run(folder: Path, published: Path, crawls: str, plan=fetching, **options) -> list[Report]:
    (folder / "run.toml").write_text(
        f'{crawls}\n[read]\ncommon_crawl = "{published}"\n', encoding="utf-8"
    )
    config = load_config(folder / "run.toml")
    whole = Run(config, str(folder / "w"), **options)
    return list(carry_out(plan(config, 1), whole, dry_run=False))


def crawl(*patterns: str, name: str = "tagged", index: str = "CC-MAIN-2024-10") -> str:
    return f"[crawls.{name}]\nindex = ['{index}']\npatterns = {json.dumps(patterns)}\n"


def table(folder: Path, what: str, name: str = "tagged") -> duckdb.DuckDBPyRelation:
    return duckdb.sql(f"select * from {rows_in(folder / 'w', f'crawls/{name}/{what}')}")


COLUMNS = "* exclude (crawl)"


@pytest.fixture(scope="module")
def fetched(spark, published, hosts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that fetched the pages of two hosts."""
    folder = tmp_path_factory.mktemp("fetched")
    reports = run(folder, published, crawl(*hosts[:2]))
    assert [report.state for report in reports] == ["built", "built"]
    return folder


def test_fetched_pages_are_the_rows_of_a_full_reading(fetched, tmp_path, published, hosts):
    whole = f"[crawls.whole]\nwarcs = ['{published}/crawl-data/**/*.warc.gz']\n"
    run(tmp_path, published, whole, extraction)
    ours = table(fetched, "pages").project(COLUMNS).order("page_id").fetchall()
    full = (
        table(tmp_path, "pages", "whole")
        .filter(f"host in ('{hosts[0]}', '{hosts[1]}')")
        .project(COLUMNS)
        .order("page_id")
        .fetchall()
    )
    assert len(ours) > 10
    assert ours == full
    aside = "kind = 'record'"
    ours = table(fetched, "ledger").filter(aside).project("warc, warc_offset, outcome, url")
    full = table(tmp_path, "ledger", "whole").filter(aside)
    full = full.project("warc, warc_offset, outcome, url")
    assert set(ours.fetchall()) <= set(full.fetchall())


def test_hosts_have_their_number_of_pages(fetched, published, hosts):
    found = dict(table(fetched, "hosts").fetchall())
    [(expected,)] = duckdb.sql(
        f"select count(*) from '{published}/cc-index/**/*.parquet' where fetch_status = 200 "
        f"and url_host_name in ('{hosts[0]}', 'www.{hosts[0]}') "
        "and content_mime_detected = 'text/html'"
    ).fetchall()
    assert found[hosts[0]] == expected
    assert not any(host.startswith("www.") for host in found)


def test_more_patterns_fetch_only_what_they_add(spark, tmp_path, published, hosts):
    # Tags of people are patterns, those that are not mathematical none.
    lines = [
        "pattern\tmathematical\twho\twhen\tround\tnote",
        *sorted(
            [f"{hosts[0]}\tyes\tada\t2024-05-01\t1\t", f"{hosts[1]}\tno\tada\t2024-05-01\t1\t"]
        ),
    ]
    (tmp_path / "tags.tsv").write_text("\n".join(lines) + "\n")
    run(tmp_path, published, crawl("tags.tsv"))
    assert {row[0] for row in table(tmp_path, "pages").project("host").fetchall()} == {hosts[0]}
    first = sorted((tmp_path / "w/crawls/tagged/batches").glob("*/*/*.parquet"))
    times = [path.stat().st_mtime_ns for path in first]
    [again, _] = run(tmp_path, published, crawl("tags.tsv"))
    assert again.state == "up to date"
    [more, _] = run(tmp_path, published, crawl(hosts[0], hosts[1]))
    assert more.state == "built"
    assert [path.stat().st_mtime_ns for path in first] == times
    found = table(tmp_path, "pages")
    assert {row[0] for row in found.project("host").fetchall()} == {hosts[0], hosts[1]}
    assert len(set(found.project("page_id").fetchall())) == len(found.fetchall())
    # A pattern that is taken back takes its pages along.
    run(tmp_path, published, crawl(hosts[1]))
    assert {row[0] for row in table(tmp_path, "pages").project("host").fetchall()} == {hosts[1]}


@pytest.mark.slow
def test_a_thousand_batches_are_planned_as_one(spark, tmp_path, published, hosts):
    run(tmp_path, published, crawl(hosts[0]))
    [first] = (tmp_path / "w/crawls/tagged/batches").iterdir()
    manifest = json.loads((first / "manifest.json").read_text())
    manifest["counts"] = {"in": 0, "out": 0, "set_aside": {}, "unit": "records"}
    for number in range(1, 1_000):
        batch = first.with_name(f"{number:05d}-empty")
        for name in ("pages", "ledger"):
            part = next((first / f"table={name}").glob("*.parquet"))
            empty = batch / f"table={name}" / "part.parquet"
            empty.parent.mkdir(parents=True)
            pq.write_table(pq.read_table(part, partitioning=None).slice(0, 0), empty)
        manifest["table"] = f"crawls/tagged/batches/{batch.name}"
        manifest["parts"] = [f"{manifest['table']}/table=pages"]
        manifest["notes"]["ledger_rows"] = 0
        manifest["recipe"]["inputs"] = {f"{number}.warc.gz": "0 records"}
        (batch / "manifest.json").write_text(json.dumps(manifest))
    [more, _] = run(tmp_path, published, crawl(hosts[0], hosts[1]))
    assert more.state == "built"
    assert {row[0] for row in table(tmp_path, "pages").project("host").fetchall()} == set(hosts[:2])


def test_what_other_crawls_read_whole_is_not_fetched(spark, tmp_path, published, hosts):
    [warc, *_] = sorted((published / "crawl-data").rglob("*.warc.gz"))
    run(tmp_path, published, f"[crawls.whole]\nwarcs = ['{warc}']\n{crawl(hosts[0])}")
    fetched = {name for (name,) in table(tmp_path, "pages").project("warc").fetchall()}
    assert fetched
    assert warc.name not in fetched


def test_dry_run_tells_what_it_would_cost(spark, tmp_path, published, hosts):
    (tmp_path / "run.toml").write_text(
        f'{crawl(hosts[0])}\n[read]\ncommon_crawl = "{published}"\n', encoding="utf-8"
    )
    config = load_config(tmp_path / "run.toml")
    whole = Run(config, str(tmp_path / "w"))
    [report, _] = carry_out(fetching(config, 1), whole, dry_run=True)
    assert report.state == "would run"
    number, _, told = report.reasons[-1].partition(" records in ")
    assert int(number.replace(",", "").split()[-1]) > 0
    assert "MB" in told
    assert not (tmp_path / "w" / "crawls").exists()
    # Of what was removed nothing is asked for.
    item = item_of("host", hosts[0], "the owner asks", "2026-01-31")
    removal = Removal(number=1, made="2026-02-01", items=(item,))
    whole.workspace.storage.write(whole.workspace.removal_file(1), removal_text(removal))
    [report, _] = carry_out(fetching(config, 1), whole, dry_run=True)
    assert "0 records in 0 WARCs match" in report.reasons[-1]


def test_index_that_is_wrong_ends_with_what_to_do(spark, tmp_path, published, hosts):
    with pytest.raises(InputMissing, match="no columnar index"):
        run(tmp_path, published, crawl(hosts[0], index="CC-MAIN-1999-01"))
    pq.write_table(pa.table({"url": ["x"]}), tmp_path / "other.parquet")
    with pytest.raises(InputMalformed, match="url_host_name"):
        run(tmp_path, published, crawl(hosts[0], index=str(tmp_path / "other.parquet")))
    mixed = crawl(hosts[0]).replace("'CC-MAIN", "'https://a.example/x.parquet', 'CC-MAIN")
    with pytest.raises(ConfigError, match="partly over HTTPS"):
        run(tmp_path, published, mixed)
    with pytest.raises(InputEmpty, match=r"under the patterns of crawl .*: no record"):
        run(tmp_path, published, crawl("nowhere.example"))


def rows_of(published: Path, host: str) -> list[dict[str, object]]:
    """What the index says of a host's pages."""
    table = duckdb.sql(
        f"select * from '{published}/cc-index/**/*.parquet' where fetch_status = 200 "
        f"and url_host_name like '%{host}' and content_mime_detected = 'text/html' order by all"
    )
    return table.to_arrow_table().to_pylist()


def test_rows_that_lie_cost_the_records_that_they_lie_about(spark, tmp_path, published, hosts):
    rows = rows_of(published, hosts[0])
    sound = len(rows)
    assert sound > 6
    rows[0]["warc_record_offset"] += 7
    # A neighbour's place; another payload; a digest that is none, which nothing can be told by.
    place = ("warc_filename", "warc_record_offset", "warc_record_length")
    rows[1] |= {key: rows[2][key] for key in place}
    rows[3]["content_digest"] = "A" * 32
    rows[4]["content_digest"] = "none"
    rows[5]["fetch_time"] = datetime(1999, 1, 1)
    broken = [
        rows[6] | {"warc_filename": None},
        rows[6] | {"warc_record_offset": None},
        rows[6] | {"warc_record_length": 10**9},
    ]
    table = pa.Table.from_pylist(rows + broken, INDEX)
    pq.write_table(table, tmp_path / "index.parquet")
    [report, _] = run(tmp_path, published, crawl(hosts[0], index=str(tmp_path / "index.parquet")))
    counts = report.counts
    # Of two rows about one place one is right, and the record that a row lost is not asked for.
    assert counts.set_aside["wrong-record"] == 3 + 2
    assert counts.rows_in == counts.rows_out + sum(counts.set_aside.values())
    assert counts.rows_in == sound - 1 + 2
    told = table_details(tmp_path)
    assert sum("digest" in detail for detail in told) == 1
    assert sum("1999" in detail for detail in told) == 1
    assert sum("names no place" in detail for detail in told) == 2
    [again, _] = run(tmp_path, published, crawl(hosts[0], index=str(tmp_path / "index.parquet")))
    assert again.state == "up to date"


def table_details(folder: Path) -> list[str]:
    aside = table(folder, "ledger").filter("outcome = 'wrong-record' and kind = 'record'")
    return [detail for (detail,) in aside.project("detail").fetchall()]


@pytest.fixture
def web(published: Path) -> Iterator[Web]:
    """All that is published, on a web server, with the lists that say what it is."""
    crawl_folder = "crawl-data/CC-MAIN-2024-10"
    with web_server() as server:
        for path in published.rglob("*.*"):
            if path.is_file():
                server.files[path.relative_to(published).as_posix()] = path.read_bytes()
        for kind, end in (("warc", ".warc.gz"), ("cc-index-table", ".parquet")):
            names = sorted(name for name in server.files if name.endswith(end))
            listing = "".join(f"{name}\n" for name in names)
            server.files[f"{crawl_folder}/{kind}.paths.gz"] = gzip.compress(listing.encode())
        yield server


BRIEF = "timeout_seconds = 30\npatience_seconds = 20\nlongest_wait_seconds = 0.2\n"


def run_over(web: Web, folder: Path, crawls: str, plan=fetching) -> list[Report]:
    read = f'[read]\ncommon_crawl = "{web.url("")}"\nlockout_seconds = 0.2\n{BRIEF}'
    (folder / "run.toml").write_text(f"{crawls}\n{read}", encoding="utf-8")
    config = load_config(folder / "run.toml")
    return list(carry_out(plan(config, 1), Run(config, str(folder / "w")), dry_run=False))


def test_an_index_over_https_gives_the_same_pages_without_a_key(
    fetched, tmp_path, hosts, web, capfd
):
    (tmp_path / "https").mkdir()
    web.lock_out_after, web.locked_requests = 6, 3
    web.cut_after = 300_000
    run_over(web, tmp_path / "https", crawl(*hosts[:2]))
    for name in ("pages", "ledger"):
        ours = table(tmp_path / "https", name).order("all").fetchall()
        assert ours == table(fetched, name).order("all").fetchall()
    counted = dict(table(tmp_path / "https", "hosts").fetchall())
    everything = dict(table(fetched, "hosts").fetchall())
    assert counted == {host: everything[host] for host in hosts[:2]}
    assert "2 part files of the index" in capfd.readouterr().err
    notes = json.loads((tmp_path / "https/w/crawls/tagged/pages/manifest.json").read_text())[
        "notes"
    ]
    parts = [data for name, data in web.files.items() if name.endswith(".parquet")]
    assert notes["index_bytes"] == sum(map(len, parts))
    assert 0 < notes["index_bytes_asked"] <= notes["index_bytes"] * 3
    # Nothing is looked up again where nothing has changed.
    web.requests.clear()
    assert [r.state for r in run_over(web, tmp_path / "https", crawl(*hosts[:2]))] == [
        "up to date", "up to date",
    ]  # fmt: skip
    assert not web.requests


def test_what_failed_is_told_and_tried_again_when_something_new_is_asked_of_it(
    spark, tmp_path, published, hosts, web, capfd
):
    gone = min(name for name in web.files if name.endswith(".warc.gz"))
    data = web.files.pop(gone)
    assert run_over(web, tmp_path, crawl(hosts[0]))[0].counts.set_aside["read-failed"] == 1
    web.files[gone] = data
    capfd.readouterr()
    # Another pattern, under which it has nothing.
    [report, _] = run_over(web, tmp_path, crawl(hosts[0], "nowhere.example"))
    assert (report.state, report.counts.set_aside["read-failed"]) == ("built", 1)
    assert f"in 1 WARCs that could not be read ({Path(gone).name})" in capfd.readouterr().err
    [report, _] = run_over(web, tmp_path, crawl(*hosts[:2]))
    assert "read-failed" not in report.counts.set_aside
    (tmp_path / "quiet").mkdir()
    run(tmp_path / "quiet", published, crawl(*hosts[:2]))
    ids = [set(table(place, "pages").project("page_id").fetchall())
           for place in (tmp_path, tmp_path / "quiet")]  # fmt: skip
    assert ids[0] == ids[1]


def test_a_part_of_the_index_that_is_cut_short_ends_the_run_with_its_name(
    spark, tmp_path, hosts, web
):
    [first, _] = sorted(name for name in web.files if name.endswith(".parquet"))
    whole = web.files[first]
    for broken in (whole[: len(whole) // 2], b"", b"PAR1" + bytes(500)):
        web.files[first] = broken
        with pytest.raises(InputMalformed, match=r"part-0\.gz\.parquet cannot be read as"):
            run_over(web, tmp_path, crawl(hosts[0]))
    del web.files[first]
    with pytest.raises(InputMissing, match=r"part-0\.gz\.parquet: there is no such file"):
        run_over(web, tmp_path, crawl(hosts[0]))
    web.files[first] = whole
    assert run_over(web, tmp_path, crawl(hosts[0]))[0].state == "built"
