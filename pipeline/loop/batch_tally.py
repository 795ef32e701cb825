"""What a batch of pages and ledger holds: counted where it was written, checked WARC by WARC."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipeline.base.errors import CountsDisagree
from pipeline.base.outcomes import READ, Outcome
from pipeline.workspace.manifest import Counts

#: The columns that are counted by, of both tables (null where a table has none of that name).
_KEYS = ("table", "warc", "kind", "outcome")
TALLIED = (*_KEYS, "records", "warc_offset")
#: Groups of rows: how many rows, the sum of their ``records``, the largest ``warc_offset``.
TALLY = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in _KEYS),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("records", pa.int64()),
        pa.field("warc_offset", pa.int64()),
    ]
)
#: WARCs that a message names.
_NAMED = 5


def tally_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The groups of one task, of ``TALLY``, from rows with the columns of ``TALLIED``.

    One group may be told by several tasks; whoever takes them adds.
    """
    narrow = list(batches)
    if not narrow:
        return
    groups = (
        pa.Table.from_batches(narrow)
        .group_by(list(_KEYS))
        .aggregate([([], "count_all"), ("records", "sum"), ("warc_offset", "max")])
        .select([*_KEYS, "count_all", "records_sum", "warc_offset_max"])
        .rename_columns(TALLY.names)
    )
    yield from groups.cast(TALLY).to_batches()


@dataclass
class Tally:
    """How many rows of each table a batch has, and what its ledger says of each WARC."""

    pages: Counter[str] = field(default_factory=Counter)
    ledger_rows: int = 0
    #: by WARC, records by outcome, out of the ledger's rows of counts
    counted: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    #: WARCs that could not be read to their end, with the offset that they failed at
    failures: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[Mapping[str, Any]]) -> Tally:
        """From all groups of :func:`tally_rows`."""
        tally = cls()
        for group in groups:
            warc, outcome = group["warc"], group["outcome"]
            if group["table"] == "pages":
                tally.pages[warc] += group["rows"]
                continue
            tally.ledger_rows += group["rows"]
            if group["kind"] == "count":
                tally.counted[warc][outcome] += group["records"]
            elif group["kind"] == "warc" and outcome == Outcome.READ_FAILED:
                tally.failures[warc] = group["warc_offset"]
        return tally

    def check(self, title: str) -> None:
        """``CountsDisagree`` where a WARC's records are not its pages and what was set aside."""
        wrong = []
        for warc in sorted(self.counted.keys() | self.pages.keys()):
            records = self.counted.get(warc, Counter())
            read, ended = records[READ], records.total() - records[READ]
            claimed, pages = records[Outcome.PAGE], self.pages[warc]
            if read != ended or claimed != pages:
                wrong.append(f"{warc}: {read=}, {ended=}, {claimed=}, {pages=}")
        if wrong:
            raise CountsDisagree(
                f"{title}: records read are not pages and records set aside in "
                f"{'; '.join(wrong[:_NAMED])}",
                expected="read = pages + set aside, in each WARC",
                remedy="nothing was committed; this is a defect of mathmine, please report it",
            )

    def counts(self) -> Counts:
        """Of all WARCs: the records read, the pages that there are, and what was set aside."""
        outcomes: Counter[str] = Counter()
        for records in self.counted.values():
            outcomes.update(records)
        read = outcomes.pop(READ, 0)
        outcomes.pop(Outcome.PAGE, 0)
        return Counts(read, self.pages.total(), dict(sorted(outcomes.items())), unit="records")
