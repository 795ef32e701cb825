"""From the id of a crawl to a corpus, over a server that plays Common Crawl's, without any key."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.config.run_file import load_config
from pipeline.loop.rounds import carry_out, only, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.step import Report
from pipeline.loop.steps.annotate import VERDICTS
from pipeline.web.parquet_ranges import turned
from pipeline.web.warc import Capture, read_warc
from tests.documents import blocks
from tests.jobs.test_fetch import INDEX, index_rows
from tests.places import rows_in
from tests.sample_runs import SampleWeb, make_sample_web
from tests.servers import Web, web_server
from tests.web.warcs import http, members, record

pytestmark = pytest.mark.slow

LICENCE = "<https://creativecommons.org/licenses/by/4.0/>; rel=license"
CRAWL = "CC-SUPPLEMENTAL-2026-22"
#: Supplemental crawls have their offsets as long numbers.
KEYED = INDEX.append(pa.field("url_surtkey", pa.string()))


@pytest.fixture(scope="module")
def small_web(tmp_path_factory: pytest.TempPathFactory) -> SampleWeb:
    return make_sample_web(tmp_path_factory.mktemp("small"), 1_200)


def part_of_index(paths: dict[str, Path]) -> bytes:
    rows = []
    for path, warc in paths.items():
        for row in index_rows(warc, path):
            host = str(row["url_host_name"]).removeprefix("www.")
            rows.append(row | {"url_surtkey": ",".join(reversed(host.split("."))) + ")/"})
    rows.sort(key=lambda row: str(row["url_surtkey"]))
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, KEYED), out, row_group_size=200)
    return out.getvalue()


def reserves_itself(host: str) -> bool:
    return zlib.crc32(host.encode()) % 3 == 0


def with_wishes(warc: Path) -> bytes:
    """The pages of a WARC file, a third of the hosts asking not to be mined, others licensed."""
    stored = []
    for item in read_warc(warc):
        if isinstance(item, Capture):
            host = item.url.split("/")[2].removeprefix("www.")
            wish = "X-Robots-Tag: noai" if reserves_itself(host) else f"Link: {LICENCE}"
            block = http(item.body, wish, content_type=item.content_type)
            stored.append(record(block, url=item.url, date=item.fetch_time.isoformat()))
    return members(*stored)


@pytest.fixture(scope="module")
def cdn(small_web: SampleWeb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Listing, WARC files and index of a crawl, as Common Crawl has them."""
    folder = tmp_path_factory.mktemp("warcs")
    for warc in (small_web.folder / "warc").glob("*.warc.gz"):
        (folder / warc.name).write_bytes(with_wishes(warc))
    warcs = sorted(folder.iterdir())
    paths = {f"projects/cc/{CRAWL}/segments/1/warc/{warc.name}": warc for warc in warcs}
    part = f"cc-index/table/cc-supplemental/warc/crawl={CRAWL}/subset=warc/part-0.gz.parquet"
    with web_server() as server:
        server.files.update({path: warc.read_bytes() for path, warc in paths.items()})
        server.files[part] = part_of_index(paths)
        for kind, names in (("warc", paths), ("cc-index-table", [part])):
            listing = "".join(f"{name}\n" for name in names)
            server.files[f"crawl-data/{CRAWL}/{kind}.paths.gz"] = gzip.compress(listing.encode())
        yield server


def run(web: SampleWeb, cdn: Web, folder: Path, crawl: str) -> list[Report]:
    toml = web.config_path.read_text(encoding="utf-8")
    toml = re.sub(r"\[crawls\.sample\]\nwarcs = .*\n", crawl, toml)
    read = f'[read]\ncommon_crawl = "{cdn.url("")}"\nconnections = 4\nlockout_seconds = 0.2\n'
    (folder / "run.toml").write_text(f"{toml}\n{read}", encoding="utf-8")
    config = load_config(folder / "run.toml")
    whole = Run(config, str(folder / "w"))
    return list(carry_out(whole_loop(config, 1), whole, dry_run=False))


def corpus(folder: Path) -> duckdb.DuckDBPyRelation:
    return duckdb.sql(f"select * from '{folder}/w/corpus/data/*.parquet'")


def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_an_id_becomes_a_corpus(spark, small_web, cdn, tmp_path, monkeypatch):
    no_keys(monkeypatch)
    cdn.lock_out_after, cdn.locked_requests = 5, 3
    reports = run(small_web, cdn, tmp_path, f'[crawls.cc]\nwarcs = ["{CRAWL}"]\n')
    assert all(report.state == "built" for report in reports)
    assert len(corpus(tmp_path)) > 50
    # Those who ask for it are left out and counted; what others say is beside their texts.
    assert not any(reserves_itself(host) for (host,) in corpus(tmp_path).project("host").fetchall())
    said = corpus(tmp_path).project("licence, licence_source, reservation").distinct().fetchall()
    assert said == [("CC-BY-4.0", "header", None)]
    [emit] = [report for report in reports if report.title == "emit"]
    left_out = emit.counts.set_aside["reservation"]
    assert left_out > 10
    card = (tmp_path / "w/corpus/README.md").read_text(encoding="utf-8")
    assert f"left out for what they say: {left_out:,} for `reservation`" in card
    assert f"| `CC-BY-4.0` | {len(corpus(tmp_path)):,} |" in card


def test_patterns_become_a_corpus_through_the_index(
    spark, small_web, cdn, tmp_path, monkeypatch, capfd
):
    no_keys(monkeypatch)
    [part] = [name for name in cdn.files if name.endswith(".parquet")]
    names = pq.read_table(io.BytesIO(cdn.files[part]), columns=["url_host_name"])[0].to_pylist()
    hosts = sorted({name.removeprefix("www.") for name in names if name.strip("[]") == name})
    chosen = hosts[::2]
    scores = {"surt_host_name": [turned(host) for host in chosen], "edu": [4.5] * len(chosen)}
    out = io.BytesIO()
    pq.write_table(pa.table(scores), out)
    cdn.files["projects/edu.parquet"] = out.getvalue()
    annotation = (
        f'[annotations.edu]\ntables = ["{cdn.url("projects/edu.parquet")}"]\n'
        'columns = ["edu"]\nqueue = "edu > 3"\n'
    )
    cdn.requests.clear()
    crawl = f'[crawls.cc]\nindex = ["{CRAWL}"]\npatterns = {chosen}\n{annotation}'
    run(small_web, cdn, tmp_path, crawl)
    fetched = {host for (host,) in corpus(tmp_path).project("host").distinct().fetchall()}
    assert fetched
    assert fetched <= set(chosen)
    assert "1 part files of the index" in capfd.readouterr().err
    # What others say of the domains is beside them, and puts them before people.
    [query] = blocks("duckdb")
    with duckdb.connect() as connection:
        connection.execute((tmp_path / "w" / "views.sql").read_text())
        said = connection.sql(
            "select pages, domains.queued, mathematical, value "
            "from domains join annotations using (domain)"
        ).fetchall()
        assert connection.sql(query).fetchall()
    assert said
    assert all(queued == (pages >= 10) for pages, queued, _, _ in said)
    assert {value for *_, value in said} == {"4.5"}
    # And this run's own verdicts are such a table for others.
    config = load_config(tmp_path / "run.toml")
    list(carry_out(only(VERDICTS)(config, 1), Run(config, str(tmp_path / "w")), dry_run=False))
    verdicts = duckdb.sql(f"select * from {rows_in(tmp_path / 'w', 'rounds/1/verdicts')}")
    assert set(verdicts.project("surt_host_name").fetchall()) <= {(turned(h),) for h in chosen}
    # No WARC file was read whole.
    assert all("range" in head for method, name, head in cdn.requests if name.endswith(".warc.gz"))
