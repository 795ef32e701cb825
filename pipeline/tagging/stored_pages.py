"""The pages behind samples as they are stored: their whole texts, and what was fetched.

A text comes out of the table of pages, a fetched page out of its WARC file, both by the place
that the sample has of it. Nothing is asked of a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.base.errors import MathmineError
from pipeline.base.outcomes import SetAside
from pipeline.config.settings import Config
from pipeline.tagging.sanitised import Sanitised, sanitised
from pipeline.web.ranges import read_places
from pipeline.web.streams import is_remote
from pipeline.workspace.places import Workspace

#: Characters of a text that are shown.
MAX_TEXT = 200_000
_OLD = (
    "the samples of this round were made before they told where pages are stored: "
    "make round makes them anew"
)


class NotAtHand(Exception):
    """Why a stored page cannot be shown, as a sentence for people."""


@dataclass(frozen=True)
class Place:
    """Where a page is: the crawl, and the record in a WARC file, in bytes as stored."""

    page_id: str
    url: str
    crawl: str
    warc: str
    offset: int
    length: int | None

    @classmethod
    def of(cls, page: dict[str, Any]) -> Place:
        """That of a sample page. Raises ``NotAtHand`` where it does not tell."""
        if not page["crawl"] or not page["warc"] or page["warc_offset"] is None:
            raise NotAtHand(_OLD)
        names = ("page_id", "url", "crawl", "warc", "warc_offset", "warc_length")
        return cls(*(page[name] for name in names))


class StoredPages:
    """Stored pages of one workspace and configuration; what was asked for last is kept."""

    def __init__(self, workspace: Workspace, config: Config) -> None:
        self.workspace, self._config = workspace, config
        self.text = lru_cache(maxsize=8)(self._text)
        self.fetched = lru_cache(maxsize=4)(self._fetched)
        self._warcs = lru_cache(maxsize=None)(self._warcs_of)

    def _text(self, place: Place) -> str:
        """The whole text, up to ``MAX_TEXT`` characters. Raises ``NotAtHand``."""
        try:
            files = self.workspace.pages(place.crawl).local_files()
        except MathmineError:
            files = []
        for path in files:
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    if not _may_hold(file.metadata.row_group(group), "warc", place.warc):
                        continue
                    ids = file.read_row_group(group, columns=["page_id"])["page_id"]
                    row = pc.index(ids, place.page_id).as_py()
                    if row >= 0:
                        return _row(file, group, row)[:MAX_TEXT]
        raise NotAtHand(
            f"the text of the whole page is not here: no page of that id in the pages of crawl "
            f"{place.crawl} in {self.workspace}"
        )

    def _fetched(self, place: Place) -> Sanitised:
        """What was fetched, made harmless. Raises ``NotAtHand``."""
        where = f"{place.warc}, from byte {place.offset:,}"
        if place.length is None:
            raise NotAtHand(f"the record shares its gzip member with others: {where}")
        path = self._warcs(place.crawl).get(place.warc)
        if path is None:
            raise NotAtHand(
                f"the WARC file is not at hand: {where}; the table warcs of crawl {place.crawl} "
                "does not tell where it was read, or is not in this workspace"
            )
        if is_remote(path):
            raise NotAtHand(
                f"the WARC file is on the network, where this page asks for nothing: "
                f"{path}, from byte {place.offset:,}"
            )
        try:
            most = self._config.extract.max_page_bytes
            span = [(place.offset, place.length)]
            record = next(read_places(path, span, self._config.read, max_page_bytes=most))
        except MathmineError as error:
            raise NotAtHand(f"{error.problem}; the record was in {where}") from None
        except OSError as error:
            raise NotAtHand(f"{path} cannot be read: {error.strerror}") from None
        if isinstance(record, SetAside):
            raise NotAtHand(
                f"no page is there any more: {where}: {record.outcome} {record.detail}".rstrip()
            )
        if record.url != place.url:
            raise NotAtHand(f"another page is there now: {where}; was the file written anew?")
        try:
            return sanitised(record.body, record.content_type)
        except ValueError as error:
            raise NotAtHand(f"{error}; the record is in {where}") from None

    def _warcs_of(self, crawl: str) -> dict[str, str]:
        """Where a crawl's WARC files were read, by their names."""
        try:
            files = self.workspace.warcs(crawl).local_files()
        except MathmineError:
            files = []
        columns = [pq.read_table(path, columns=["name", "address"]) for path in files]
        return {row["name"]: row["address"] for part in columns for row in part.to_pylist()}


def _may_hold(group: pq.RowGroupMetaData, column: str, value: str) -> bool:
    """Whether a row group's statistics leave it open that the value is in the column."""
    for number in range(group.num_columns):
        part = group.column(number)
        if part.path_in_schema == column and (limits := part.statistics) and limits.has_min_max:
            return bool(limits.min <= value <= limits.max)
    return True


def _row(file: pq.ParquetFile, group: int, row: int) -> str:
    """The text in one row of a row group, read a batch at a time."""
    first = 0
    for batch in file.iter_batches(256, [group], ["text"]):
        if row < first + batch.num_rows:
            return str(batch["text"][row - first])
        first += batch.num_rows
    raise IndexError(row)
