"""How many pages each host has, of Common Crawl's host index."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.config.sources import Crawl, Read
from pipeline.extract.columnar_index import index_identity
from pipeline.extract.host_index import pages_of_hosts
from pipeline.web.parquet_ranges import Hosts
from tests.servers import Web, web_server

ROWS = [("org,a", 7), ("org,a,b", 2), ("org,mathoverflow", 1_000), ("org,none", 0), ("org,z", None)]
OTHER = [("org,a", 99)]
TABLE = "projects/host-index/v2/crawl={}/part-0.parquet"
CRAWL = "CC-MAIN-2024-10"


def part(rows: list[tuple[str, int | None]]) -> bytes:
    out = io.BytesIO()
    columns = {"surt_host_name": [name for name, _ in rows], "fetch_200": [n for _, n in rows]}
    table = pa.table(
        columns, schema=pa.schema([("surt_host_name", "string"), ("fetch_200", "int32")])
    )
    pq.write_table(table, out, row_group_size=2)
    return out.getvalue()


@pytest.fixture
def web() -> Iterator[Web]:
    files = {TABLE.format(CRAWL): part(ROWS), TABLE.format("CC-MAIN-2023-50"): part(OTHER)}
    with web_server() as server:
        server.files.update(files)
        server.files["v2.paths.gz"] = gzip.compress("\n".join(files).encode())
        yield server


def counted(spark: SparkSession, crawl: Crawl, hosts: Hosts | None, read: Read) -> dict[str, int]:
    return dict(pages_of_hosts(spark, crawl, hosts, read).collect())


ALL = {"a.org": 7, "b.a.org": 2, "mathoverflow.org": 1_000}


@pytest.mark.parametrize("on_web", [True, False])
def test_hosts_have_the_pages_of_their_crawl(
    spark: SparkSession, web: Web, tmp_path: Path, on_web: bool
) -> None:
    place = web.url("v2.paths.gz")
    if not on_web:
        for name, data in web.files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        place = str(tmp_path / "projects/host-index/v2")
    crawl = Crawl(warcs=(CRAWL,), host_index=(place,))
    read = Read(common_crawl=web.url(""))
    assert counted(spark, crawl, None, read) == ALL
    some = Hosts(frozenset({"a.org", "elsewhere.net"}))
    assert counted(spark, crawl, some, read) == {"a.org": 7}
    whole = Hosts(frozenset({"a.org"}), whole_domains=True)
    assert counted(spark, crawl, whole, read) == {"a.org": 7, "b.a.org": 2}


def test_what_is_no_host_index_is_told(spark: SparkSession, web: Web, tmp_path: Path) -> None:
    read = Read(common_crawl=web.url(""))
    crawl = Crawl(warcs=("CC-MAIN-1999-01",), host_index=(web.url("v2.paths.gz"),))
    with pytest.raises(InputMissing, match="has nothing of CC-MAIN-1999-01"):
        pages_of_hosts(spark, crawl, None, read)
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other.parquet")
    crawl = Crawl(warcs=(CRAWL,), host_index=(str(tmp_path / "other.parquet"),))
    with pytest.raises(InputMalformed, match="is no host index: it has no surt_host_name"):
        pages_of_hosts(spark, crawl, None, read)
    crawl = Crawl(warcs=(CRAWL,), host_index=(str(tmp_path / "nothing"),))
    with pytest.raises(InputMissing, match="no host index"):
        pages_of_hosts(spark, crawl, None, read)


def test_index_that_changed_in_a_byte_is_another(tmp_path: Path) -> None:
    part = tmp_path / "part-0.parquet"
    part.write_bytes(b"one")
    before = index_identity([str(tmp_path), "CC-MAIN-2024-10"])
    assert index_identity([str(tmp_path), "CC-MAIN-2024-10"]) == before
    part.write_bytes(b"two")
    os.utime(part, ns=(1, 1))
    assert index_identity([str(tmp_path), "CC-MAIN-2024-10"]) != before
    assert before.endswith("; CC-MAIN-2024-10")
