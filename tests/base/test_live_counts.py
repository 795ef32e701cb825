"""What tasks tell of themselves while they run, and what an outsider may tell."""

from __future__ import annotations

import socket
import struct

import pytest

from pipeline.base.live_counts import Address, LiveCounts, counted, pace


def measure(row: tuple[int, int | None]) -> tuple[int, int | None]:
    return row


def until(live: LiveCounts, totals: tuple[int, int]) -> tuple[int, int]:
    """Datagrams on one machine arrive at once, or they are lost."""
    for _ in range(100):
        if live.totals() == totals:
            break
    return live.totals()


def test_totals_are_those_of_all_tasks_and_the_rows_pass_unchanged() -> None:
    with LiveCounts("127.0.0.1") as live:
        rows = [(1, 10), (0, None), (1, 400)]
        running = counted(rows, live.address, 7, measure, 1_000)
        assert [next(running), next(running)] == rows[:2]
        # The first row is told at once: a line of progress after ten seconds has numbers.
        assert until(live, (1, 10)) == (1, 10)
        assert list(running) == rows[2:]
        assert until(live, (2, 1_000)) == (2, 1_000)
        list(counted(rows, live.address, 8, measure, 500))
        # A task that is run again counts once.
        list(counted(rows, live.address, 7, measure, 1_000))
        assert until(live, (4, 1_500)) == (4, 1_500)
    assert live.totals() == (4, 1_500)


def test_what_is_no_datagram_of_this_run_counts_nothing() -> None:
    with LiveCounts("127.0.0.1") as live, socket.socket(type=socket.SOCK_DGRAM) as other:
        place = (live.address.host, live.address.port)
        for text in (b"", b"x" * 39, b"x" * 9_000, struct.pack("!16sQQQ", b"x" * 16, 1, 2, 3)):
            other.sendto(text, place)
        assert until(live, (1, 1)) == (0, 0)


def test_without_a_way_to_the_driver_nothing_is_lost() -> None:
    rows = [(1, 5)] * 3
    assert list(counted(rows, None, 1, measure, 5)) == rows
    nowhere = Address("host.invalid", 9, b"x" * 16)
    assert list(counted(rows, nowhere, 1, measure, 5)) == rows


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((0, 0, 100, 5.0), ""),
        ((300, 30, 100, 10.0), "300 pages, 30 pages a second, 30%, 23 s left"),
        ((300, 0, 0, 10.0), "300 pages, 30 pages a second"),
        ((9_000, 1, 100, 10.0), "9,000 pages, 900 pages a second, 1%, 16 min left"),
        ((9_000, 1, 10_000, 10.0), "9,000 pages, 900 pages a second, 0%, 27.8 h left"),
        ((9_000, 200, 100, 10.0), "9,000 pages, 900 pages a second, 100%, 0 s left"),
    ],
)
def test_pace(numbers: tuple[int, int, int, float], text: str) -> None:
    assert pace(*numbers) == text
