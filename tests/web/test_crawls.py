"""Crawls by their ids: what their lists say, and what is told of an id that is none."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import InputMissing
from pipeline.config.sources import CRAWL_ID, Crawl, Read
from pipeline.web import crawls
from pipeline.web.crawls import crawl_paths
from pipeline.web.listing import find_warcs
from tests.servers import LOOPBACK, Web, free_ports
from tests.web.network import READ

pytestmark = pytest.mark.usefixtures("own_connections")

KNOWN = ["CC-MAIN-2026-22", "CC-MAIN-2024-10", "CC-MAIN-2008-2009"]
SUPPLEMENTAL = "CC-SUPPLEMENTAL-2026-22"


def reading(web: Web) -> Read:
    web.files["collinfo.json"] = json.dumps([{"id": name} for name in KNOWN]).encode()
    update = {"common_crawl": web.url(""), "crawl_list": web.url("collinfo.json")}
    return READ.model_copy(update=update)


def publish(web: Web, crawl: str, kind: str, *paths: str) -> None:
    text = "".join(f"{path}\n" for path in paths)
    web.files[f"crawl-data/{crawl}/{kind}.paths.gz"] = gzip.compress(text.encode())


def test_ids_of_crawls_are_told_from_names_of_files() -> None:
    ids = (*KNOWN, SUPPLEMENTAL, "CC-MAIN-2024-1O", "cc-main-2024-10", "CC-NEWS-2024-01")
    assert all(CRAWL_ID.fullmatch(name) for name in ids)
    others = ("cc-index", "CC-MAIN-20240101-00000.warc.gz", "CC-MAIN-2024-10/a", "warc", "CC-MAIN")
    assert not any(CRAWL_ID.fullmatch(name) for name in others)


@pytest.mark.parametrize("crawl", ["CC-MAIN-2024-10", SUPPLEMENTAL])
def test_a_crawl_has_the_files_of_its_list(web: Web, crawl: str) -> None:
    read = reading(web)
    publish(web, crawl, "warc", f"crawl-data/{crawl}/b.warc.gz", f"projects/cc/{crawl}/a.warc.gz")
    files = find_warcs(Crawl(warcs=(crawl,)), read)
    assert [file.path for file in files] == [
        web.url(f"projects/cc/{crawl}/a.warc.gz"), web.url(f"crawl-data/{crawl}/b.warc.gz"),
    ]  # fmt: skip


def test_an_index_is_its_part_for_pages(web: Web) -> None:
    table = f"cc-index/table/cc-supplemental/warc/crawl={SUPPLEMENTAL}"
    publish(
        web, SUPPLEMENTAL, "cc-index-table", f"{table}/subset=robotstxt/part-0.parquet",
        f"{table}/subset=warc/part-0.parquet", f"{table}/subset=warc/_SUCCESS",
    )  # fmt: skip
    paths = crawl_paths(SUPPLEMENTAL, "cc-index-table", reading(web))
    assert paths == [web.url(f"{table}/subset=warc/part-0.parquet")]


def test_an_index_without_a_list_is_known_by_its_files(web: Web) -> None:
    paths = crawl_paths(SUPPLEMENTAL, "cc-index-table", reading(web))
    assert len(paths) == 10
    assert paths[3].startswith(web.url("projects/"))
    assert "/part-00003-" in paths[3]


def test_a_crawl_without_a_list_has_the_files_of_its_index(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reading(web)
    names = [f"projects/cc/{SUPPLEMENTAL}/{number}.warc.gz" for number in (2, 1, 2, 3)]
    for part in range(2):
        out = io.BytesIO()
        pq.write_table(pa.table({"warc_filename": names[part * 2 :][:2], "url": ["u"] * 2}), out)
        web.files[f"part-{part}.parquet"] = out.getvalue()
    monkeypatch.setitem(crawls._UNLISTED, SUPPLEMENTAL, ("part-{}.parquet", 2))
    files = find_warcs(Crawl(warcs=(SUPPLEMENTAL,)), read)
    assert [file.path for file in files] == [web.url(name) for name in sorted(set(names))]


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("CC-MAIN-2024-1O", "CC-MAIN-2024-10"),
        ("cc-main-2024-10", "CC-MAIN-2024-10"),
        ("CC-MAIN-2026-23", "CC-MAIN-2026-22"),
        ("CC-MIAN-2024-10", "CC-MAIN-2024-10"),
    ],
)
def test_a_typo_gets_the_nearest_name(web: Web, wrong: str, near: str) -> None:
    with pytest.raises(InputMissing, match=f"no crawl {wrong}") as caught:
        find_warcs(Crawl(warcs=(wrong,)), reading(web))
    assert caught.value.remedy == f"did you mean {near}?"


def test_a_crawl_that_is_one_and_has_no_list_is_told(web: Web) -> None:
    with pytest.raises(InputMissing, match="404 Not Found") as caught:
        crawl_paths("CC-MAIN-2024-10", "warc", reading(web))
    assert "the crawl is one" in caught.value.remedy


@pytest.mark.parametrize("answer", [b"", b"{}", b'["x"]', b"[1, 2", None])
def test_a_list_of_crawls_that_is_none_is_told(web: Web, answer: bytes | None) -> None:
    read = reading(web)
    if answer is None:
        del web.files["collinfo.json"]
    else:
        web.files["collinfo.json"] = answer
    with pytest.raises(InputMissing) as caught:
        crawl_paths("CC-MAIN-2024-1O", "warc", read)
    assert caught.value.remedy or caught.value.expected


def test_without_a_network_that_is_what_is_said() -> None:
    address = f"http://{LOOPBACK}:{free_ports(1)[0]}/"
    update = {"common_crawl": address, "crawl_list": f"{address}c.json", "patience_seconds": 0.2}
    with pytest.raises(InputMissing, match="cannot be reached") as caught:
        crawl_paths("CC-MAIN-2024-10", "warc", READ.model_copy(update=update))
    assert "cannot be read either" in caught.value.remedy
    update |= {"common_crawl": "https://no-such-host.invalid", "patience_seconds": 900}
    with pytest.raises(InputMissing, match="unknown host"):
        crawl_paths("CC-MAIN-2024-10", "warc", Read(**(READ.model_dump() | update | {
            "crawl_list": "https://no-such-host.invalid/c.json"})))  # fmt: skip
