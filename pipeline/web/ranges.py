"""Single records out of WARC files, by byte range: what is asked for costs its own bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Literal

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.config.sources import Read
from pipeline.web.record_checks import Claim, checked_record
from pipeline.web.streams import is_remote, open_stream, open_warc
from pipeline.web.warc import BLOCK_ALLOWANCE, Capture, read_warc

#: Offset and length in the WARC as stored, in bytes.
Place = tuple[int, int]
#: Bytes between records that may be read with them, as a share of the records' own: a
#: request saved is worth that.
MOST_BETWEEN = 0.25


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file that is asked for at once, and the records in it."""

    start: int
    end: int
    places: tuple[Place, ...]


def coalesced(places: Sequence[Place], most_between: float = MOST_BETWEEN) -> list[Span]:
    """As few spans as hold all ``places``, the smallest gaps bridged first.

    What stands between the records of a span is at most ``most_between`` (a share) of all
    records' bytes, in all spans together. Spans come by offset; a place that is named twice
    is in one once.
    """
    ordered = sorted(set(places))
    ends: list[int] = []
    for offset, length in ordered:
        ends.append(max(offset + length, ends[-1] if ends else 0))
    gaps = [max(0, ordered[i + 1][0] - ends[i]) for i in range(len(ordered) - 1)]
    left = most_between * sum(length for _, length in ordered)
    bridged: set[int] = set()
    for index in sorted(range(len(gaps)), key=gaps.__getitem__):
        left -= gaps[index]
        if left < 0:
            break
        bridged.add(index)
    spans: list[Span] = []
    first = 0
    for index in range(len(ordered)):
        if index not in bridged:
            spans.append(Span(ordered[first][0], ends[index], tuple(ordered[first : index + 1])))
            first = index + 1
    return spans


def read_places(
    path: str,
    places: Sequence[Place],
    read: Read,
    *,
    claims: Mapping[int, Sequence[Claim]] = MappingProxyType({}),
    reader: Literal["fastwarc", "warcio"] = "fastwarc",
    max_page_bytes: int,
) -> Iterator[Capture | SetAside]:
    """The records at ``places``, each as a reading of the whole file gives it, by offset.

    ``path``: a local path or an address; ``claims``: by offset what an index says of the
    record there, any of which must hold, else it is set aside; ``max_page_bytes``: records
    that are longer as stored are set aside unread. Otherwise as ``read_warc``. Raises as
    ``open_warc`` and reading its stream do.
    """
    for offset, length in sorted(set(places)):
        if offset < 0 or length <= 0:
            detail = f"the index names no place: offset {offset}, length {length}"
            yield SetAside(Outcome.WRONG_RECORD, detail, offset)
        elif length > max_page_bytes:
            yield SetAside(Outcome.TOO_LARGE, f"{length} bytes as stored", offset)
    sound = [place for place in places if place[0] >= 0 and 0 < place[1] <= max_page_bytes]
    for span in coalesced(sound):
        with closing(_opened(path, span, read)) as stream:
            for offset, length in span.places:
                stream.seek(offset)
                stored = stream.read(length)
                items = read_warc(io.BytesIO(stored), reader=reader, max_page_bytes=max_page_bytes)
                item = _first(items, offset, cut=len(stored) < length)
                most = max_page_bytes + BLOCK_ALLOWANCE
                yield checked_record(item, stored, claims.get(offset, ()), most)


def _opened(path: str, span: Span, read: Read) -> BinaryIO:
    if is_remote(path):
        return open_stream(path, read, start=span.start, end=span.end)
    return open_warc(path, read)


def _first(items: Iterator[Capture | SetAside], offset: int, *, cut: bool) -> Capture | SetAside:
    """The record that begins where the bytes do, with its offset in the file."""
    for item in items:
        if item.offset == 0:
            if isinstance(item, SetAside):
                return item.at(offset, item.url)
            return item._replace(offset=offset)
    if cut:
        detail = "the file ends before the place that the index names does"
        return SetAside(Outcome.TRUNCATED_RECORD, detail, offset)
    detail = "no WARC record at the place that the index names"
    return SetAside(Outcome.WRONG_RECORD, detail, offset)
