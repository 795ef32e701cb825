"""Benches are found by their names, and tell ratios and demands alike. None is run here."""

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.bench import real_seeds
from tests.bench.__main__ import BENCHES
from tests.bench.grown_pages import Cost
from tests.bench.growth import costs_of, flat, in_turn, memory, table_of
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


def built(part, **cpu):
    return [
        {"part": part, "step": step.replace("_", " "), "seconds": 1.0, "cpu": seconds}
        for step, seconds in cpu.items()
    ]


def test_a_step_that_was_killed_costs_what_it_took_the_last_time():
    lines = [*built("one", train_1=9.0), {"ended": "x", "with": 1}, *built("one", train_1=2.0)]
    assert costs_of(lines, "one") == {"train 1": Cost("one", "train 1", 1.0, 2.0)}
    assert costs_of(lines, "two") == {}


@pytest.mark.parametrize(("largest", "met"), [(12.5, True), (12.6, False)])
def test_a_page_may_cost_a_quarter_more_at_the_largest_size(largest, met):
    by_size = {
        100: costs_of(built("b", mine_1=1.0, select_1=5.0), "b"),
        1_000: costs_of(built("b", mine_1=largest, select_1=20.0), "b"),
        10: costs_of(built("b", mine_1=0.01), "b"),
    }
    [(told, is_met)] = flat(by_size)
    assert "(mine 1)" in told
    assert is_met is met
    assert flat({10: by_size[10]}) == []


def test_what_a_page_more_takes_leaves_out_what_a_query_takes_to_start():
    by_size = {
        1_000: costs_of(built("b", mine_1=3.0, topics_1=1.0), "b"),
        3_000: costs_of(built("b", mine_1=4.0), "b"),
    }
    lines = [line.split() for line in table_of(by_size).splitlines()]
    assert lines[1:] == [
        ["mine", "1", "3.000", "1.333", "0.500", "1.0"],
        ["topics", "1", "1.000", "–", "–", "1.0"],
    ]


def test_a_second_crawl_is_compared_without_the_making_of_its_pages():
    lines = [
        *built("both at once", extract_one=50.0, train_1=4.0, classify_1=6.0),
        *built("the second", extract_two=50.0, classify_1=6.0),
        *({"ended": part, "with": {}} for part in ("both at once", "the second")),
        *built("three tags", extract_fetched=1.0, dedupe=3.0),
        {"ended": "three tags", "with": {}},
        {"ended": "same corpus", "with": False},
    ]
    share, same, tags = in_turn(7, lines)
    assert "0.60 of both" in share[0]
    assert (share[1], same[1], tags[1]) == (True, False, True)
    assert in_turn(7, [*lines, *built("three tags", mine_1=1.0)])[2][1] is False


@pytest.mark.parametrize(("last", "met"), [(125, True), (126, False)])
def test_the_driver_takes_as_much_memory_for_more_pages(last, met):
    by_size = {
        size: [{"ended": "both at once", "with": {"driver java": 100_000_000, "driver heap": heap}}]
        for size, heap in ((1_000, last * 1_000_000), (100, 100_000_000), (10, 1_000_000))
    }
    told, [(_, is_met)] = memory(by_size)
    assert told.splitlines()[-1].split() == ["driver", "heap", "1", "100", str(last)]
    assert is_met is met
