"""The closing table in a terminal of 80 columns, in one of 160, and in a log."""

from __future__ import annotations

import pytest

from pipeline.cli import closing_table
from pipeline.loop.step import Report
from pipeline.workspace.manifest import Counts

ASIDE = {
    "metadata": 4_478,
    "request": 4_478,
    "http-status": 184,
    "robots-txt": 87,
    "duplicate by exact text": 12,
    "no-text": 9,
    "bad-content-encoding": 4,
}
REPORTS = [
    Report("extract sample", "built", Counts(13_473, 4_221, ASIDE, unit="records"), 38.2),
    Report("dedupe", "built", Counts(4_221, 4_221), 12.3),
    Report("train 1", "would run", None, 0.0, ("no rounds/1/seed, rounds/1/model yet",)),
]


def test_it_fits_80_columns_and_says_what_it_leaves_out() -> None:
    table = closing_table(REPORTS, 80)
    assert max(map(len, table.splitlines())) <= 80
    assert "    metadata 4,478, request 4,478, http-status 184, robots-txt 87 and 3 more: 25" in (
        table
    )
    assert "    no rounds/1/seed, rounds/1/model yet" in table
    for number in ("13,473 records", "4,221", "38.2"):
        assert number in table


def test_it_uses_160_columns_and_a_log_has_it_all() -> None:
    wide = closing_table(REPORTS, 160).splitlines()
    assert max(map(len, wide)) <= 160
    assert len(wide) == 4
    assert wide[0].endswith("set aside")
    assert "and 3 more: 25" in wide[1]
    assert wide[1].index("metadata") == wide[0].index("set aside")
    whole = closing_table(REPORTS).splitlines()
    assert whole[1].endswith("no-text 9, bad-content-encoding 4")


@pytest.mark.parametrize("width", [60, 100, 120])
def test_any_terminal_will_do(width: int) -> None:
    assert max(map(len, closing_table(REPORTS, width).splitlines())) <= width
