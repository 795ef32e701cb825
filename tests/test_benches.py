"""Benches are found by their names, and tell ratios and demands alike. None is run here."""

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.bench import real_seeds
from tests.bench.__main__ import BENCHES
from tests.bench.interleaved import Measured, demand
from tests.documents import DOCUMENTS, read
from tests.places import PROJECT


def bench(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.process
def test_without_a_name_all_are_listed():
    told = bench("")
    assert told.returncode == 0
    for name, one in BENCHES.items():
        assert re.search(rf"^  {name} +{re.escape(one.about)}$", told.stdout, re.M)
        assert f"({one.cost})" in told.stdout


@pytest.mark.process
def test_a_name_that_is_none_is_told():
    told = bench("nonsense")
    assert told.returncode == 2
    assert "there is no bench 'nonsense'" in told.stderr
    assert "extraction" in told.stderr


@pytest.mark.process
def test_arguments_and_the_exit_status_are_the_benchs_own():
    told = bench("features", "--only", "it's none")
    assert told.returncode == 2
    assert '''invalid choice: "it's none"''' in told.stderr


@pytest.mark.parametrize("name", BENCHES)
def test_its_modules_exist(name):
    for module in BENCHES[name].modules:
        assert importlib.util.find_spec(f"tests.bench.{module}")


def test_benches_that_are_named_in_documents_exist():
    sources = [*DOCUMENTS, *(PROJECT / "tests" / "bench").glob("*.py")]
    named = {name for path in sources for name in re.findall(r"BENCH=(\w+)", read(path))}
    assert named - {"name"} <= set(BENCHES)
    assert len(named) > 5


def test_a_ratio_is_of_speeds_of_the_same_round():
    slowing = Measured(speeds=[30.0, 20.0, 4.0])
    other = Measured(speeds=[10.0, 10.0, 1.0])
    ratio = slowing.ratio_to(other)
    assert ratio is not None
    assert (ratio.median, ratio.least, ratio.greatest) == (3.0, 2.0, 4.0)
    assert ratio.rounds(1) == "rounds 2.0 to 4.0"
    assert slowing.ratio_to(Measured()) is None


def test_a_demand_says_whether_it_is_met():
    assert demand("speed", True) == ("speed: met", True)
    assert demand("speed", False) == ("speed: NOT MET", False)


def test_ten_seeds_are_the_same_each_time_and_their_rounds_go_into_one_table():
    labels = [
        {"url": f"https://www.{host}/{n}", "label": "math", "lang": language}
        for host, language, count in (
            *((f"h{number}.org", "en", 8) for number in range(6)),
            *((f"zh{number}.cn", "zh", 2 + number) for number in range(5)),
        )
        for n in range(count)
    ]
    seeds = real_seeds.seeds_of(labels)
    assert len(seeds) == 10
    assert seeds == real_seeds.seeds_of(labels[::-1])
    assert seeds["3zh"] == ("zh4.cn", "zh3.cn", "zh2.cn")
    assert {host for name in seeds if name.startswith("draw") for host in seeds[name]} <= {
        f"h{number}.org" for number in range(6)
    }

    def row(precision, stable=False):
        recall, decisions = {"en": 0.5}, {"share": 3, "suspected": 4}
        return {
            "precision": precision, "auc": 0.9, "recall": recall,
            "decisions": decisions, "stable": stable, "seconds": 60,
        }  # fmt: skip

    lines = real_seeds.tables({"a": [row(0.2), row(0.9, True)], "b": [row(0.4)] * 3})
    assert lines[1].split() == ["a", "1", "0.200", "0.9000", "0.50", "–", "–", "7", "4", "60"]
    assert [line.split() for line in lines[-3:]] == [
        ["1", "0.300", "0.200", "7", "0", "2"],
        ["2", "0.650", "0.400", "7", "1", "2"],
        ["3", "0.650", "0.400", "7", "1", "2"],
    ]
