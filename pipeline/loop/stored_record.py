"""The WARC record that a page came from: its bytes, and what extraction left out of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pipeline.base.errors import InputMissing, MathmineError, WorkspaceError
from pipeline.base.outcomes import SetAside
from pipeline.base.printing import visible
from pipeline.loop.address_lookup import look_up
from pipeline.loop.run import Run
from pipeline.loop.warc_lists import WarcLists
from pipeline.report.address_story import LedgerRecord, PageStory, Story
from pipeline.text.page import extract_watched
from pipeline.text.why import dropped_parts
from pipeline.web.streams import is_remote, open_stream, open_warc
from pipeline.web.warc import BLOCK_ALLOWANCE, Capture, read_warc

#: Parts left out that are told, and characters of each and of its name.
_MOST_PARTS, _LONGEST_PART, _LONGEST_NAME = 40, 120, 60


def with_text(run: Run, story: Story) -> Story:
    """The story, with what extraction left out of each page's text, where its WARC is at hand."""
    lists = WarcLists(run.config)
    for page in story.pages:
        story.text[page.page_id] = list(_text_lines(run, lists, page))
    return story


def record_of(run: Run, address: str) -> tuple[bytes, PageStory | LedgerRecord]:
    """The bytes of the newest record of the address, as they are stored in its WARC.

    Raises ``InputMissing`` where no record that was read has the address, or where its WARC is
    not among those that the configuration names.
    """
    [story] = look_up(run, [address])
    known: list[PageStory | LedgerRecord] = [*story.pages, *story.records]
    for one in known:
        if one.offset is not None:
            length = one.length if isinstance(one, PageStory) else None
            path = _path_of(WarcLists(run.config), one.crawl, one.warc)
            return stored_bytes(run, path, one.offset, length), one
    near = f"; near it is {story.near[0]}" if story.near else ""
    raise InputMissing(
        f"no record that was read has the address {address}{near}",
        remedy="give an address of the crawls of this workspace; why says what is near it",
    )


def write_record(run: Run, address: str, target: str) -> list[str]:
    """Write that record to the file ``target``; lines that say what it is."""
    stored, one = record_of(run, address)
    try:
        Path(target).write_bytes(stored)
    except OSError as error:
        raise WorkspaceError(
            f"{target} cannot be written: {error.strerror}", remedy="give another file to --out"
        ) from None
    return [f"{len(stored):,} bytes of {one.warc} at byte {one.offset:,}, in {target}"]


def stored_bytes(run: Run, path: str, offset: int, length: int | None) -> bytes:
    """The record at ``offset`` of the WARC at ``path``, by range: ``length`` bytes where it is
    known, otherwise up to the next record. Raises as ``open_warc`` and reading its stream do.
    """
    most = run.config.extract.max_page_bytes + BLOCK_ALLOWANCE
    read = run.config.read
    end = offset + (length or most)
    opened = (
        open_stream(path, read, start=offset, end=end) if is_remote(path) else open_warc(path, read)
    )
    with closing(opened) as stream:
        stream.seek(offset)
        stored = stream.read(length or most)
    return stored if length else stored[: _end_of_first(stored)]


def _end_of_first(stored: bytes) -> int:
    """Where the second record of some bytes begins; their end if there is one record."""
    for item in read_warc(io.BytesIO(stored), max_page_bytes=len(stored) + 1):
        if item.offset:
            return item.offset
    return len(stored)


def _path_of(lists: WarcLists, crawl: str, warc: str) -> str:
    for file in lists.files.get(crawl, []):
        if file.name == warc:
            return file.path
    raise InputMissing(
        f"{warc} is not among the WARC files that crawl {crawl} names",
        remedy="pages that were fetched through an index are looked up there by their address: "
        "docs/common-crawl.md",
    )


def _text_lines(run: Run, lists: WarcLists, page: PageStory) -> Iterator[str]:
    try:
        path = _path_of(lists, page.crawl, page.warc)
        stored = stored_bytes(run, path, page.offset, page.length)
        [capture] = [
            item
            for item in read_warc(
                io.BytesIO(stored), max_page_bytes=run.config.extract.max_page_bytes
            )
            if isinstance(item, Capture)
        ]
        watched = extract_watched(
            capture.body,
            content_type=capture.content_type,
            extractor=run.config.extract.extractor,
        )
    except (MathmineError, OSError, ValueError, SetAside) as error:
        yield f"  its text cannot be made again: {visible(str(error), 200)}"
        return
    parts = list(dropped_parts(watched.reading, watched.lines))
    yield f"  {len(parts):,} parts of the page are not in its text"
    for part in parts[:_MOST_PARTS]:
        name = f" ({visible(part.name, _LONGEST_NAME)})" if part.name else ""
        yield f"    {part.rule}{name}: {visible(part.text, _LONGEST_PART)}"
    if len(parts) > _MOST_PARTS:
        yield f"    and {len(parts) - _MOST_PARTS:,} more"
