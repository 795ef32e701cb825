"""Files of Hugging Face's buckets, against a stand-in for its library: there is no network here."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from pipeline.config.sources import Crawl, Read
from pipeline.web import hugging_face
from pipeline.web.listing import find_warcs
from pipeline.web.streams import ReadFailed, open_stream, read_all, stat
from tests.servers import Web
from tests.web.network import DATA, READ

pytestmark = pytest.mark.usefixtures("own_connections")

BUCKET = "hf://buckets/commoncrawl/commoncrawl/"


@pytest.fixture
def library(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The two names of the library that are used; a list of the paths that it was asked for."""
    asked: list[str] = []

    class HfFileSystem:
        def url(self, path: str) -> str:
            asked.append(path)
            if "elsewhere" in path:
                raise FileNotFoundError("no bucket elsewhere")
            if "flaky" in path and asked.count(path) < 3:
                raise RuntimeError("the Hub answered 500")
            return web.url(path.removeprefix(BUCKET))

    stand_in, utils = ModuleType("huggingface_hub"), ModuleType("huggingface_hub.utils")
    stand_in.HfFileSystem = HfFileSystem  # type: ignore[attr-defined]
    utils.build_hf_headers = lambda: {"authorization": "Bearer x"}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub", stand_in)
    monkeypatch.setitem(sys.modules, "huggingface_hub.utils", utils)
    hugging_face._library.cache_clear()
    yield asked
    hugging_face._library.cache_clear()


def test_a_file_of_a_bucket_is_read_as_any_other(web: Web, library: list[str]) -> None:
    web.cut_after = 400_000
    with open_stream(f"{BUCKET}file", READ, start=100, end=900_100) as stream:
        assert stream.read() == DATA[100:900_100]
    assert stat(f"{BUCKET}file", READ).bytes == len(DATA)
    assert len(library) == 2
    assert all(head["authorization"] == "Bearer x" for _, _, head in web.requests)


def test_a_crawl_is_found_in_the_mirror(web: Web, library: list[str]) -> None:
    path = "crawl-data/CC-MAIN-2026-22/segments/1/warc/a.warc.gz"
    web.files["crawl-data/CC-MAIN-2026-22/warc.paths.gz"] = gzip.compress(path.encode())
    read = READ.model_copy(update={"common_crawl": BUCKET})
    [file] = find_warcs(Crawl(warcs=("CC-MAIN-2026-22",)), read)
    assert file.path == BUCKET + path


def test_what_the_library_says_is_told(library: list[str]) -> None:
    with pytest.raises(ReadFailed, match="no bucket elsewhere"):
        read_all("hf://buckets/elsewhere/x/file", READ)
    assert read_all(f"{BUCKET}file", READ) == DATA
    with pytest.raises(ReadFailed, match="404 Not Found"):
        read_all(f"{BUCKET}flaky", READ)
    assert library.count(f"{BUCKET}flaky") == 3


def test_without_the_library_that_is_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    hugging_face._library.cache_clear()
    with pytest.raises(ReadFailed, match=r"pip install 'mathmine\[huggingface\]'"):
        read_all(f"{BUCKET}file", Read())
