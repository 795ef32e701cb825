from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pipeline.config.sources import S3, Read
from pipeline.web import s3 as s3_module
from pipeline.web.streams import ReadFailed, list_objects, open_stream, read_all, stat
from tests.servers import LOOPBACK, Seaweed, seaweed
from tests.web.network import DATA, IMPATIENT, READ, RESTLESS
from tests.wire import unreliable_wire

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("own_connections")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with seaweed(tmp_path_factory.mktemp("s3")) as server:
        client = server.client()
        for bucket in ("crawl", "open"):
            client.create_bucket(Bucket=bucket)
            client.put_object(Bucket=bucket, Key="file", Body=DATA)
        server.open_to_all("open")
        yield server


@pytest.fixture
def keys(store: Seaweed, monkeypatch: pytest.MonkeyPatch) -> None:
    _only(monkeypatch, store.environment())


def _only(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    s3_module._client.cache_clear()


def on(endpoint: str, settings: Read = READ, **more: Any) -> Read:
    return settings.model_copy(update={"s3": S3(endpoint=endpoint, **more)})


@pytest.mark.usefixtures("keys")
def test_an_object_is_read_as_a_file_is(store: Seaweed) -> None:
    settings = on(store.endpoint)
    assert read_all("s3://crawl/file", settings) == DATA
    its = stat("s3://crawl/file", settings)
    assert its.bytes == len(DATA)
    assert its.identity
    with open_stream("s3://crawl/file", settings, start=1_000, end=2_000) as stream:
        assert stream.read() == DATA[1_000:2_000]
    with open_stream("s3://crawl/file", settings) as stream:
        stream.seek(-10, os.SEEK_END)
        assert stream.read() == DATA[-10:]


@pytest.mark.usefixtures("keys")
def test_every_byte_comes_from_a_store_that_turns_most_away(store: Seaweed) -> None:
    settings = on(store.endpoint)
    store.breaker(reads=1)
    try:
        with ThreadPoolExecutor(6) as threads:
            found = list(threads.map(lambda _: read_all("s3://crawl/file", settings), range(18)))
            sizes = set(threads.map(lambda _: stat("s3://crawl/file", settings).bytes, range(18)))
        store.breaker(reads=0)
        with pytest.raises(ReadFailed, match="503 ErrTooManyRequest"):
            read_all("s3://crawl/file", on(store.endpoint, IMPATIENT))
    finally:
        store.breaker(reads=None)
    assert found == [DATA] * 18
    assert sizes == {len(DATA)}


@pytest.mark.usefixtures("keys")
def test_an_object_over_a_wire_that_cuts_and_stalls(store: Seaweed) -> None:
    with unreliable_wire(store.port, seed=4, stalled=0.2) as wire:
        settings = on(f"http://{LOOPBACK}:{wire.port}", RESTLESS)
        assert read_all("s3://crawl/file", settings) == DATA
        assert wire.cuts


@pytest.mark.usefixtures("keys")
def test_an_object_that_changes_is_not_mixed(store: Seaweed) -> None:
    client = store.client()
    client.put_object(Bucket="crawl", Key="changing", Body=DATA * 8)
    with open_stream("s3://crawl/changing", on(store.endpoint)) as stream:
        stream.read(10_000)
        client.put_object(Bucket="crawl", Key="changing", Body=DATA[::-1] * 8)
        stream.seek(9_000_000)
        with pytest.raises(ReadFailed, match="changed while it was being read"):
            stream.read(1)


@pytest.mark.usefixtures("keys")
def test_what_s3_refuses_is_told_with_what_to_do(store: Seaweed) -> None:
    settings = on(store.endpoint)
    with pytest.raises(ReadFailed, match="there is no such object"):
        read_all("s3://crawl/nothing", settings)
    with pytest.raises(ReadFailed, match=r"there is no bucket nowhere at http.*\[read.s3\]"):
        read_all("s3://nowhere/file", settings)
    with pytest.raises(ReadFailed, match="there is no bucket nowhere"):
        stat("s3://nowhere/file", settings)
    with pytest.raises(ReadFailed, match="there is no bucket nowhere"):
        list(list_objects("s3://nowhere/", settings))
    with pytest.raises(ReadFailed, match="no object in it"):
        read_all("s3://crawl", settings)
    with pytest.raises(ReadFailed, match="unknown host"):
        read_all("s3://crawl/file", on("http://no-such-host.invalid", IMPATIENT))
    with pytest.raises(ReadFailed, match="configuration cannot be used"):
        read_all("s3://crawl/file", on("nonsense"))


def test_credentials_that_are_wrong_or_missing(
    store: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(monkeypatch, store.environment() | {"AWS_SECRET_ACCESS_KEY": "wrong"})
    with pytest.raises(ReadFailed, match="does not accept these credentials"):
        read_all("s3://crawl/file", on(store.endpoint))
    _only(monkeypatch, store.environment() | {"AWS_PROFILE": "nobody"})
    with pytest.raises(ReadFailed, match=r"configuration cannot be used: .*nobody"):
        read_all("s3://crawl/file", on(store.endpoint))
    without = store.environment()
    del without["AWS_ACCESS_KEY_ID"], without["AWS_SECRET_ACCESS_KEY"]
    _only(monkeypatch, without)
    with pytest.raises(ReadFailed, match=r"AWS_PROFILE.*anonymous = true"):
        stat("s3://crawl/file", on(store.endpoint))
    anonymous = on(store.endpoint, anonymous=True)
    with pytest.raises(ReadFailed, match="anonymous = false"):
        read_all("s3://crawl/file", anonymous)
    assert read_all("s3://open/file", anonymous) == DATA
    assert [path for path, _ in list_objects("s3://open/f*", anonymous)] == ["s3://open/file"]


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("pays", [True, False])
def test_who_requests_pays_where_that_is_set(store: Seaweed, pays: bool) -> None:
    settings = on(store.endpoint, requester_pays=pays)
    told: list[Any] = []

    def listen(request: Any, **_: Any) -> None:
        told.append(request.headers.get("x-amz-request-payer"))

    s3_module.client(settings).meta.events.register("before-send.s3", listen)
    read_all("s3://crawl/file", settings)
    stat("s3://crawl/file", settings)
    list(list_objects("s3://crawl/", settings))
    assert [value and os.fsdecode(value) for value in told] == ["requester" if pays else None] * 3


@pytest.mark.usefixtures("keys")
def test_listings_come_whole_and_fit_their_pattern(store: Seaweed) -> None:
    client, settings = store.client(), on(store.endpoint)
    names = [f"seg/{n % 3}/warc/{n:04d}.warc.gz" for n in range(1_050)]
    names += ["seg/0/wat/0001.wat.gz", "seg/list.txt", "seg/0/warc/odd name+%41[1]#?.gz"]
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(lambda name: client.put_object(Bucket="crawl", Key=name, Body=b"x"), names)
        )

    def listed(pattern: str) -> list[str]:
        found = list(list_objects(f"s3://crawl/{pattern}", settings))
        assert all(its.bytes == 1 for _, its in found)
        assert len({path for path, _ in found}) == len(found)
        return sorted(path.removeprefix("s3://crawl/") for path, _ in found)

    assert listed("seg/") == sorted(names)
    assert listed("seg/*/warc/*.warc.gz") == sorted(names[:1_050])
    assert listed("seg/**/*.wat.gz") == ["seg/0/wat/0001.wat.gz"]
    assert listed("seg/[01]/w?t/*") == ["seg/0/wat/0001.wat.gz"]
    assert listed("seg/*/warc/0007*") == ["seg/1/warc/0007.warc.gz"]
    assert listed("seg/*.txt") == ["seg/list.txt"]
    assert listed("seg/nothing*") == listed("nothing/") == []
    [odd] = list_objects("s3://crawl/seg/0/warc/odd*", settings)
    assert read_all(odd[0], settings) == b"x"
    assert stat(odd[0], settings) == odd[1]
