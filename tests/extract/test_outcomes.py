"""Each outcome of the closed list: what makes it, what the ledger has of it, where it is told."""

from __future__ import annotations

import contextlib
import copy
import io
import pickle
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.base.outcomes import READ, Outcome, SetAside
from pipeline.config.settings import Extract
from pipeline.config.sources import Read
from pipeline.extract.page_row import Row
from pipeline.extract.warc_rows import extract_records, extract_warc, ledger_row
from pipeline.web import warc as warc_module
from pipeline.web.listing import WarcFile
from pipeline.web.ranges import read_places
from pipeline.web.record_checks import Claim
from pipeline.web.streams import ReadFailed
from pipeline.web.urls import page_id
from pipeline.web.warc import Capture, read_warc
from pipeline.workspace.table_schemas import schema
from tests.documents import read
from tests.places import PROJECT
from tests.poison import deadly_row_maker
from tests.web.warcs import HTML, good, gz, http, page, record

SETTINGS = Extract(min_words=3, max_page_bytes=200_000, max_page_seconds=1, max_record_seconds=0.2)


def kind(name: str) -> Callable[[], bytes]:
    return lambda: gz(record(b"software: x", kind=name))


def response(body: bytes, **fields: str) -> Callable[[], bytes]:
    return lambda: gz(record(http(body, **fields)))  # type: ignore[arg-type]


#: WARCs of one record, or less, of which that becomes.
INPUTS: dict[Outcome, Callable[[], bytes]] = {
    Outcome.PAGE: lambda: gz(good(0)),
    Outcome.WARCINFO: kind("warcinfo"),
    Outcome.REQUEST: kind("request"),
    Outcome.METADATA: kind("metadata"),
    Outcome.REVISIT: kind("revisit"),
    Outcome.OTHER_RECORD: kind("conversion"),
    Outcome.ROBOTS_TXT: lambda: gz(record(http(b"User-agent: *"), url="http://a.example/robots.txt")),
    Outcome.NOT_HTTP: lambda: gz(record(b"20240301\na.example. A 1.2.3.4", url="dns:a.example")),
    Outcome.HTTP_STATUS: response(page(), status="404 Not Found"),
    Outcome.NOT_HTML: response(b"%PDF-1.7", content_type="application/pdf"),
    Outcome.EMPTY_BODY: response(b" \n"),
    Outcome.BAD_RECORD: lambda: gz(record(http(page()), length="many")),
    Outcome.TRUNCATED_RECORD: lambda: gz(good(0))[:-20],
    Outcome.BAD_HTTP: lambda: gz(record(b"no status line")),
    Outcome.BAD_CONTENT_ENCODING: lambda: gz(record(http(b"\x1f\x8b\0", "Content-Encoding: gzip"))),
    Outcome.BAD_URL: lambda: gz(record(http(page()), url="http://no host.example/")),
    Outcome.TOO_LARGE: response(page(size=300_000)),
    Outcome.BAD_CHARSET: response(b"<html><body>" + random.Random(1).randbytes(20_000)),
    Outcome.TOO_DEEP: response(HTML + b"<div>" * 30_000 + b"x"),
    Outcome.NO_TEXT: response(HTML + b"<p>Two words</p>"),
    Outcome.UNREADABLE_WARC: lambda: b"no WARC at all",
}  # fmt: skip
#: Pages that no hand can write: they need a defect of a library. What such a defect does is done
#: in the sandbox at one page in place of extraction.
POISONS = {
    Outcome.EXTRACTOR_FAILED: "raise",
    Outcome.EXTRACTOR_CRASHED: "segfault",
    Outcome.EXTRACTOR_TIMEOUT: "endless",
    Outcome.OUT_OF_MEMORY: "ten-gigabytes",
}


def name_of(outcome: Outcome) -> str:
    return f"{outcome}.warc.gz"


def rows_of(outcome: Outcome, folder: Path, patch: pytest.MonkeyPatch) -> list[Row]:
    """The rows of a WARC in which one record ends so."""
    data = INPUTS.get(outcome, INPUTS[Outcome.PAGE])()
    path = folder / name_of(outcome)
    path.write_bytes(data)
    file = WarcFile(path.name, str(path), len(data), "")
    if outcome in POISONS:
        # All of them, as the sandbox is kept from one WARC to the next.
        deadly = [f"{poison}={page_id(name_of(one), 0)}" for one, poison in POISONS.items()]
        patch.setenv("DEADLY", " ".join(deadly))
        return list(extract_warc(file, "c", SETTINGS, Read(), deadly_row_maker))
    if outcome is Outcome.READ_FAILED:
        # A server that does not answer any more: tests/web/test_streams.py has real ones.
        def cut() -> Iterator[Capture | SetAside]:
            yield from read_warc(path)
            raise ReadFailed("https://a.example/one.warc.gz", 77, "the connection was cut")

        return list(extract_records(cut(), path.name, "c", SETTINGS))
    if outcome is Outcome.WRONG_RECORD:
        meant = {0: [Claim("http://another.example/")]}
        records = read_places(
            str(path), [(0, len(data))], Read(), claims=meant, max_page_bytes=200_000
        )
        return list(extract_records(records, path.name, "c", SETTINGS))
    if outcome is Outcome.REMOVED:
        return list(extract_warc(file, "c", SETTINGS, Read(), is_removed=lambda url: bool(url)))
    if outcome is Outcome.READER_TIMEOUT:
        # No bytes are known at which a reader stays for ever: here one does.
        def stays(_stream: object, _limit: int) -> Iterator[tuple[object, object, int]]:
            while True:
                pass
            yield

        patch.setitem(warc_module._READERS, "fastwarc", stays)  # type: ignore[arg-type]
    return list(extract_warc(file, "c", SETTINGS, Read()))


def counts_of(rows: list[Row]) -> Counter[str]:
    return Counter({row["outcome"]: row["records"] for row in rows if row.get("kind") == "count"})


@pytest.mark.process
@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_is_made_by_something(
    outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(outcome, tmp_path, monkeypatch)
    counts = counts_of(rows)
    assert counts[outcome] == 1
    assert counts.pop(READ) == counts.total()
    own = [row for row in rows if row.get("outcome") == outcome and row["kind"] != "count"]
    assert [row["kind"] for row in own] == ([] if outcome.kind == "count" else [outcome.kind])
    for row in own:
        assert set(row) == {"table", *schema("ledger").names}
        whole = outcome is Outcome.UNREADABLE_WARC
        assert (row["warc_offset"] is None) == whole


def test_the_document_lists_all_outcomes_with_their_meanings() -> None:
    text = read(PROJECT / "docs" / "common-crawl.md").partition("### What becomes of a record")[2]
    listed = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+) \|$", text, re.M)
    assert listed == [(str(one), one.kind, one.meaning) for one in Outcome]


def test_the_list_stands_nowhere_else() -> None:
    """Not in the code: there outcomes are named as members. Words such as page mean much else."""
    names = "|".join(re.escape(one) for one in Outcome if "-" in one)
    for path in (PROJECT / "pipeline").rglob("*.py"):
        # A simulated web names its own damages, of which some are called alike.
        if path.name == "outcomes.py" or "sampleweb" in path.parts:
            continue
        assert not re.search(rf"[\"']({names})[\"']", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("outcome", ["bad-url", "no-such-outcome", "", None, Outcome.PAGE])
def test_nothing_is_set_aside_for_another_reason(outcome: object) -> None:
    with pytest.raises(ValueError, match="nothing is set aside as"):
        SetAside(outcome)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nothing is set aside as"):
        SetAside.in_full(outcome, "")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a valid Outcome"):
        Outcome("no-such-outcome")  # type: ignore[call-arg]


def test_what_is_set_aside_is_frozen_equal_and_the_same_after_a_pipe() -> None:
    aside = SetAside(Outcome.BAD_HTTP, "https://u:p@h/?token=1: no", 7, "http://a/")
    assert aside.detail == "https://***@h/?token=*** no"
    for name in ("outcome", "detail", "offset", "url", "args", "other"):
        with pytest.raises(AttributeError):
            setattr(aside, name, "x")
    for same in (pickle.loads(pickle.dumps(aside)), copy.deepcopy(aside)):
        assert same == aside
        assert hash(same) == hash(aside)
        assert (same.outcome, same.offset, same.url) == (Outcome.BAD_HTTP, 7, "http://a/")
    assert aside != aside.at(8, "http://a/")
    assert aside.at(8, None) == SetAside.in_full(Outcome.BAD_HTTP, aside.detail, 8)


def test_it_can_be_raised_through_a_context_manager() -> None:
    @contextlib.contextmanager
    def manager() -> Iterator[None]:
        yield

    with pytest.raises(SetAside) as caught, manager():
        raise SetAside(Outcome.NO_TEXT)
    assert str(caught.value) == "no-text"


def test_what_is_yielded_holds_no_frame() -> None:

    (aside,) = read_warc(io.BytesIO(INPUTS[Outcome.EMPTY_BODY]()))
    assert isinstance(aside, SetAside)
    assert aside.outcome is Outcome.EMPTY_BODY
    assert (aside.__traceback__, aside.__context__, aside.__cause__) == (None, None, None)


def test_a_row_holds_what_parquet_can() -> None:
    aside = SetAside(Outcome.BAD_URL, "a\ud800", 3, "http://\ud800/")
    row = ledger_row("c", "a.warc.gz", aside)
    assert (row["detail"], row["url"]) == ("a?", "http://?/")


@pytest.mark.parametrize("kind", [str, Path])
def test_read_warc_opens_a_path(kind: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "two.warc.gz"
    path.write_bytes(gz(good(0)) + gz(good(1)))
    records = list(read_warc(kind(path)))  # type: ignore[arg-type]
    assert [record.url for record in records] == ["http://a.example/0", "http://a.example/1"]
    assert all(isinstance(record, Capture) for record in records)
