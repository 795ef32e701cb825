"""A batch is counted in tasks, and checked WARC by WARC."""

import pyarrow as pa
import pytest

from pipeline.base.errors import CountsDisagree
from pipeline.loop.batch_tally import TALLIED, Tally, tally_rows
from pipeline.workspace.manifest import Counts
from pipeline.workspace.table_schemas import extracted_schema


def count(warc, outcome, records):
    return {"table": "ledger", "warc": warc, "kind": "count", "outcome": outcome} | {
        "records": records
    }


def page(warc):
    return {"table": "pages", "warc": warc, "warc_offset": 5}


def aside(warc, kind, outcome, offset=None):
    return {"table": "ledger", "warc": warc, "kind": kind, "outcome": outcome} | {
        "records": 1,
        "warc_offset": offset,
    }


WHOLE = [
    *(page("a"), page("a"), page("b")),
    aside("a", "record", "extractor-failed", 7),
    *(count("a", "read", 4), count("a", "page", 2), count("a", "extractor-failed", 1)),
    count("a", "not-html", 1),
    *(count("b", "read", 1), count("b", "page", 1)),
]


def tallied(rows, tasks=3):
    """As the tasks tell it: each of some rows, in batches of two."""
    schema = pa.schema([extracted_schema().field(name) for name in TALLIED])
    groups = []
    for task in range(tasks):
        table = pa.Table.from_pylist(rows[task::tasks], schema=schema)
        for batch in tally_rows(iter(table.to_batches(max_chunksize=2))):
            groups += batch.to_pylist()
    return Tally.of(groups)


@pytest.mark.parametrize("tasks", [1, 3, 20])
def test_counts_are_those_of_all_warcs_however_many_tasks_tell(tasks):
    tally = tallied(WHOLE, tasks)
    tally.check("extract c, batch 0")
    aside = {"extractor-failed": 1, "not-html": 1}
    assert tally.counts() == Counts(5, 3, aside, unit="records")
    assert (tally.ledger_rows, tally.failures) == (7, {})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (WHOLE[1:], "a: read=4, ended=4, claimed=2, pages=1"),
        ([*WHOLE, page("c")], "c: read=0, ended=0, claimed=0, pages=1"),
        ([*WHOLE, count("b", "not-html", 1)], "b: read=1, ended=2, claimed=1, pages=1"),
        # The sums agree, the WARCs do not.
        ([*WHOLE[1:], page("b")], "a: read=4, ended=4, claimed=2, pages=1; b: read=1"),
    ],
)
def test_warc_whose_records_are_not_its_pages_and_what_was_set_aside_is_named(rows, told):
    with pytest.raises(CountsDisagree, match=f"extract c, batch 0: .* set aside in {told}"):
        tallied(rows).check("extract c, batch 0")


def test_warcs_that_could_not_be_read_are_named_with_the_offset():
    failed = [
        aside("c", "warc", "read-failed", 99),
        aside("d", "warc", "read-failed"),
        aside("a", "warc", "unreadable-warc", 3),
    ]
    assert tallied([*WHOLE, *failed]).failures == {"c": 99, "d": None}
