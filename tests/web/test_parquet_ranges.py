"""A few hosts out of a part file of the index cost a small share of its bytes."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.web.parquet_ranges import Hosts, RangeFile, rows_of_hosts
from tests.servers import Web
from tests.web.network import READ

pytestmark = pytest.mark.usefixtures("own_connections")

COLUMNS = ("url", "url_host_name", "warc_record_offset")


def part_file(hosts: int = 3_000, pages: int = 40, **options: object) -> bytes:
    """A part file as Common Crawl's: sorted by key, here of 60 row groups."""
    chance = random.Random(1)
    rows = []
    for number in range(hosts):
        name = f"h{number:05d}.example"
        for page in range(pages):
            shown = f"www.{name}" if page % 2 else name
            url = f"https://{shown}/{chance.randbytes(40).hex()}"
            rows.append({
                "url_surtkey": f"example,h{number:05d})/{page:04d}", "url": url,
                "url_host_name": shown, "content_digest": chance.randbytes(20).hex(),
                "warc_record_offset": chance.randrange(1 << 30),
                "other": chance.randbytes(60).hex(),
            })  # fmt: skip
    rows.sort(key=lambda row: str(row["url_surtkey"]))
    out = io.BytesIO()
    groups = {"row_group_size": 2_000, "compression": "gzip", **options}
    pq.write_table(pa.Table.from_pylist(rows), out, **groups)
    return out.getvalue()


@pytest.fixture(scope="module")
def part() -> bytes:
    return part_file()


def looked_up(web: Web, hosts: Hosts, optional: tuple[str, ...] = ()) -> tuple[list, RangeFile]:
    file = RangeFile(web.url("part"), READ)
    tables = rows_of_hosts(file, "part", hosts, COLUMNS, optional)
    return [row for table in tables for row in table.to_pylist()], file


def test_three_hosts_cost_a_small_share(web: Web, part: bytes) -> None:
    web.files["part"] = part
    names = frozenset(f"h{number:05d}.example" for number in (7, 1_500, 2_999))
    rows, file = looked_up(web, Hosts(names), ("content_digest", "fetch_time"))
    assert len(rows) == 3 * 40
    assert {row["url_host_name"].removeprefix("www.") for row in rows} == names
    assert set(rows[0]) == {*COLUMNS, "content_digest"}
    # What was asked of the server is what is told.
    spans = [text.removeprefix("bytes=").split("-") for text in web.ranges()]
    assert sum(int(last) - int(first) + 1 for first, last in spans) == file.asked
    assert file.asked < 0.05 * file.bytes + 140_000
    assert len(web.requests) < 20


def test_rows_are_those_of_the_whole_file(web: Web, part: bytes) -> None:
    web.files["part"] = part
    names = frozenset(f"h{number:05d}.example" for number in range(0, 3_000, 97))
    rows, _ = looked_up(web, Hosts(names))
    whole = pq.read_table(io.BytesIO(part), columns=list(COLUMNS)).to_pylist()
    assert rows == [row for row in whole if row["url_host_name"].removeprefix("www.") in names]


def test_a_host_that_is_not_there_costs_the_footer(web: Web, part: bytes) -> None:
    web.files["part"] = part
    rows, file = looked_up(web, Hosts(frozenset({"elsewhere.org"})))
    assert (rows, file.asked) == ([], 131_072)


def test_whole_domains_are_found_under_any_host(web: Web) -> None:
    keys = ["org,a)/1", "org,a,www2)/2", "org,a:8080)/3", "org,ab)/4"]
    names = ["www.a.org", "b.a.org", "a.org", "ab.org"]
    table = {
        "url_surtkey": keys,
        "url": keys,
        "url_host_name": names,
        "warc_record_offset": [1] * 4,
    }
    out = io.BytesIO()
    pq.write_table(pa.table(table), out, row_group_size=1)
    web.files["part"] = out.getvalue()
    rows, _ = looked_up(web, Hosts(frozenset({"a.org"}), whole_domains=True))
    assert [row["url"] for row in rows] == keys[:3]
    rows, _ = looked_up(web, Hosts(frozenset({"a.org"})))
    assert [row["url"] for row in rows] == [keys[0], keys[2]]


@pytest.mark.parametrize("statistics", [False, ["url"]])
def test_a_file_without_statistics_is_read_in_full(web: Web, statistics: object) -> None:
    web.files["part"] = part_file(200, 40, write_statistics=statistics)
    rows, _ = looked_up(web, Hosts(frozenset({"h00100.example"})))
    assert len(rows) == 40


def test_a_wire_that_cuts_costs_no_row(web: Web, part: bytes) -> None:
    web.files["part"], web.cut_after, web.failing = part, 20_000, 0.2
    rows, _ = looked_up(web, Hosts(frozenset({"h00007.example"})))
    assert len(rows) == 40


def test_damage_is_told_with_the_file_s_name(web: Web, part: bytes, tmp_path: Path) -> None:
    hosts = Hosts(frozenset({"h00007.example"}))
    for broken in (part[:-4], part[:1_000], b"", b"PAR1PAR1", part[:-9] + b"\xff" * 9):
        web.files["part"] = broken
        with pytest.raises(InputMalformed, match="part cannot be read as Parquet"):
            looked_up(web, hosts)
    damaged = bytearray(part)
    damaged[1_000:30_000] = bytes(29_000)
    web.files["part"] = bytes(damaged)
    with pytest.raises(InputMalformed, match="part cannot be read as Parquet"):
        looked_up(web, hosts)
    out = io.BytesIO()
    pq.write_table(pa.table({"x": [1]}), out)
    web.files["part"] = out.getvalue()
    with pytest.raises(InputMalformed, match="it has no url, url_host_name"):
        looked_up(web, hosts)


def test_a_file_that_goes_away_is_told(web: Web, part: bytes) -> None:
    web.files["part"] = part
    file = RangeFile(web.url("part"), READ)
    del web.files["part"]
    with pytest.raises(InputMissing, match="404 Not Found"):
        list(rows_of_hosts(file, "part", Hosts(frozenset({"h00007.example"})), COLUMNS, ()))
