"""Records by byte range: few requests, few bytes, the same captures as a whole reading."""

from __future__ import annotations

import gzip
import io
import random
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.config.sources import Read
from pipeline.web.ranges import MOST_BETWEEN, Place, coalesced, read_places
from pipeline.web.warc import Capture, read_warc
from tests.servers import Web
from tests.web.network import READ
from tests.web.warcs import good, gz, http, members, page, record

LIMIT = 1_000_000

places = st.lists(
    st.tuples(st.integers(0, 10_000_000), st.integers(1, 50_000)), min_size=1, max_size=60
)


@given(places)
def test_every_place_is_in_one_span_and_little_else(chosen: list[Place]) -> None:
    spans = coalesced(chosen)
    held = [place for span in spans for place in span.places]
    assert sorted(held) == sorted(set(chosen))
    for span in spans:
        assert span.start == min(offset for offset, _ in span.places)
        assert span.end == max(offset + length for offset, length in span.places)
    asked = sum(span.end - span.start for span in spans)
    needed = sum(length for _, length in set(chosen))
    assert asked <= (1 + MOST_BETWEEN) * needed
    assert all(earlier.end <= later.start for earlier, later in pairwise(spans))


def test_neighbours_are_asked_for_at_once() -> None:
    assert len(coalesced([(0, 10), (10, 10), (20, 5)])) == 1
    assert len(coalesced([(0, 1_000), (1_010, 1_000), (9_000_000, 1_000)])) == 2


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members(*map(good, range(40))))
    return path


def whole(path: Path, reader: str = "fastwarc") -> list[Capture | SetAside]:
    with path.open("rb") as stream:
        return list(read_warc(stream, reader=reader, max_page_bytes=LIMIT))


@pytest.mark.parametrize("reader", ["fastwarc", "warcio"])
def test_records_are_those_of_a_whole_reading(warc: Path, reader: str) -> None:
    full = [item for item in whole(warc, reader) if isinstance(item, Capture)]
    chosen = full[::7] + full[-2:]
    found = list(
        read_places(
            str(warc),
            [(item.offset, item.length or 0) for item in chosen],
            Read(),
            reader=reader,
            max_page_bytes=LIMIT,
        )
    )
    assert found == sorted(set(chosen), key=lambda item: item.offset)


def test_a_place_where_no_record_is_costs_itself_alone(warc: Path) -> None:
    first, second, third, *_ = whole(warc)
    size = warc.stat().st_size
    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert isinstance(third, Capture)
    wrong = (second.offset + 3, second.length or 0)
    asked = [(first.offset, first.length or 0), wrong, (size - 10, 500), (size + 99, 10)]
    found = list(read_places(str(warc), asked, Read(), max_page_bytes=LIMIT))
    assert found[0] == first
    outcomes = [(item.outcome, item.offset) for item in found[1:] if isinstance(item, SetAside)]
    assert outcomes == [
        (Outcome.WRONG_RECORD, wrong[0]),
        (Outcome.TRUNCATED_RECORD, size - 10),
        (Outcome.TRUNCATED_RECORD, size + 99),
    ]


def test_a_length_beyond_all_pages_is_not_read(warc: Path) -> None:
    [item] = read_places(str(warc), [(0, LIMIT + 1)], Read(), max_page_bytes=LIMIT)
    assert isinstance(item, SetAside)
    assert item.outcome is Outcome.TOO_LARGE


def test_records_that_are_no_pages_keep_their_outcome(tmp_path: Path) -> None:
    path = tmp_path / "b.warc.gz"
    stored = gz(record(http(page(), status="404 Not Found")))
    path.write_bytes(gz(good(1)) + stored + gz(good(2)))
    offset = len(gz(good(1)))
    [item] = read_places(str(path), [(offset, len(stored))], Read(), max_page_bytes=LIMIT)
    assert isinstance(item, SetAside)
    assert (item.outcome, item.offset) == (Outcome.HTTP_STATUS, offset)


def test_a_place_that_is_none_is_set_aside(warc: Path) -> None:
    asked = [(-1, 0), (-7, 300), (0, 0), (0, -4)]
    items = list(read_places(str(warc), asked, Read(), max_page_bytes=LIMIT))
    assert [item.outcome for item in items if isinstance(item, SetAside)] == (
        [Outcome.WRONG_RECORD] * len(asked)
    )


def test_300_records_of_a_warc_of_64_mb_cost_hardly_more_than_their_bytes(web: Web) -> None:
    records = [record(http(page(n, 32_000)), url=f"http://a.example/{n}") for n in range(2_000)]
    # Packing that much takes longer than all the rest: stored as it is.
    stored = [gzip.compress(one, 0, mtime=0) for one in records]
    offsets = [0, *accumulate(map(len, stored))]
    web.files["a.warc.gz"] = b"".join(stored)
    assert offsets[-1] > 64_000_000
    chosen = random.Random(1).sample(range(2_000), 300)
    found = list(
        read_places(
            web.url("a.warc.gz"),
            [(offsets[number], len(stored[number])) for number in chosen],
            READ,
            max_page_bytes=LIMIT,
        )
    )
    full = read_warc(io.BytesIO(web.files["a.warc.gz"]), max_page_bytes=LIMIT)
    assert found == [item for number, item in enumerate(full) if number in set(chosen)]
    asked = [text.removeprefix("bytes=").split("-") for text in web.ranges()]
    cost = sum(int(last) + 1 - int(first) for first, last in asked)
    needed = sum(len(stored[number]) for number in chosen)
    assert needed <= cost <= 1.5 * needed
    assert len(asked) < 300
