from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from pipeline.config.sources import Read
from pipeline.loop.connection_shares import machines, shared_among_machines


@pytest.mark.parametrize(
    ("hosts", "executors", "number"),
    [
        (["a"], 0, 1),
        (["a", "b", "a", "b"], 0, 2),
        (["a", "a", "b", "b"], 8, 4),  # half of them are not there yet
        (["a", "b", "c"], 2, 3),
        ([], 20, 20),
        ([], 0, 1),
    ],
)
def test_machines_are_counted_with_those_to_come(
    hosts: list[str], executors: int, number: int
) -> None:
    assert machines(hosts, executors) == number


def test_one_machine_has_all_connections(spark: SparkSession) -> None:
    assert shared_among_machines(Read(connections=7), spark).machine_connections == 7
    assert shared_among_machines(Read(connections_per_machine=3), spark).machine_connections == 3


def test_a_machine_has_its_part(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.loop.connection_shares as shares

    monkeypatch.setattr(shares, "_hosts_of_executors", lambda _: ["a", "b", "b", "c"])
    assert shared_among_machines(Read(connections=32), spark).machine_connections == 10
    assert shared_among_machines(Read(connections=2), spark).machine_connections == 1
