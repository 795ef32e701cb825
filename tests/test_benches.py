"""Benches are found by their names, and tell ratios and demands alike. None is run here."""

import importlib.util
import re
import subprocess
import sys

import pytest

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
