"""Benchmark texts planted in clean pages, as tests/bench/injection.py does for the table."""

import random
from itertools import groupby

import pytest

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.benchmark_index import build_index
from pipeline.decontaminate.benchmarks import Item, load_benchmarks
from pipeline.decontaminate.findings import index_report
from pipeline.decontaminate.ngrams import find_traces
from pipeline.sampleweb.sample_benchmark import CHINESE, ENGLISH, items
from tests.bench.injection import (
    HALF,
    KINDS,
    SHORTER,
    VERBATIM,
    WRITTEN,
    flagged_standard_forms,
    inject,
    prose,
)
from tests.places import shared

#: Texts of a real benchmark that are planted.
_EACH = 6
EVERY = Decontaminate(names=("*",))


def sample_items():
    for benchmark in (ENGLISH, CHINESE):
        for one in items(7, benchmark):
            yield Item(benchmark, "test", one.id, one.question.tex(), one.answer.tex())


def everything_is_found(tallies):
    for benchmark, line in tallies.items():
        assert line[VERBATIM].planted, benchmark
        assert not line[VERBATIM].missed, benchmark
        assert not line[SHORTER].missed, benchmark


def test_the_sample_webs_items_are_found_however_they_are_written():
    tallies = inject(sample_items(), EVERY, each=25)
    assert sorted(tallies) == sorted([ENGLISH, CHINESE])
    everything_is_found(tallies)
    for benchmark, line in tallies.items():
        for kind in KINDS:
            # Few of the items have a formula, and perhaps none that was drawn.
            assert kind == "delimiters" or line[kind].planted == 25, kind
            assert line[kind].recall == 1, (benchmark, kind, line[kind].missed)


@pytest.fixture(scope="module")
def real():
    settings = EVERY.model_copy(update={"benchmarks": str(shared("benchmarks"))})
    return settings, load_benchmarks(settings)


def test_every_real_benchmark_can_be_indexed(real):
    settings, found = real
    files = {path.name.removesuffix(".jsonl.gz") for path in shared("benchmarks").glob("*.gz")}
    report = index_report(found, settings)
    assert len(report) >= len(files) > 30
    assert sum(line.items for line in report.values()) == len(found)
    for name, line in report.items():
        assert line.ngram > 0, name
        assert line.unseen_items == 0, name


def test_a_sample_of_every_real_benchmark_is_found(real):
    settings, found = real
    choice = random.Random(3)
    sample = []
    for _, of_one in groupby(found, key=lambda item: item.benchmark):
        of_one = list(of_one)
        sample += choice.sample(of_one, min(_EACH, len(of_one)))
    tallies = inject(sample, settings, each=_EACH)
    assert len(tallies) > 30
    everything_is_found(tallies)
    for kind in [*WRITTEN, HALF]:
        planted = sum(line[kind].planted for line in tallies.values())
        missed = sum(len(line[kind].missed) for line in tallies.values())
        assert planted > (50 if kind in KINDS else 5) or kind == "environments", kind
        # Half of a text of few words has no gram.
        assert missed <= (0.3 if kind == HALF else 0.02) * planted, kind


def test_no_standard_form_is_flagged(real):
    settings, found = real
    assert flagged_standard_forms(found, settings) == []


@pytest.mark.slow
def test_every_text_of_every_real_benchmark_is_found(real):
    settings, found = real
    # In HTML and otherwise written are those of the sample above.
    everything_is_found(inject(found, settings, each=2))


@pytest.mark.slow
def test_the_index_of_every_real_benchmark_is_small_and_clean_text_clean(real):
    settings, found = real
    index = build_index(found, settings)
    assert index.nbytes < 200_000_000
    assert find_traces(prose(random.Random(7), 20_000), index).hits == []
