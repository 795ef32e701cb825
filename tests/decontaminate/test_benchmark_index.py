import json
import subprocess
import sys

import numpy as np
import pytest

from pipeline.base.errors import SchemaMismatch
from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList, Entry
from pipeline.decontaminate.benchmark_index import (
    Name,
    Strings,
    build_index,
    open_index,
    write_index,
)
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.ngrams import find_traces

QUESTION = "A baker fills seven trays with twelve rolls each; how many rolls leave the oven?"
CHINESE = "妈妈买了3盒茶叶，一盒茶叶有6小包，一共买了多少小包茶叶？"
ITEMS = [
    Item("bakery", "test", "1", QUESTION, "They are equal"),
    Item("茶", "dev", "二", CHINESE, "18小包"),
    Item("bakery", "test", "short", "Compute pi squared", ""),
]
ALLOWED = AllowList(
    allowed=(Entry(text="they are equal", reason="a phrase of English", reviewed="a test"),)
)
PAGES = [
    f"Exercise. {QUESTION}\n\n{CHINESE} So they are equal; compute pi squared.",
    "So they are equal.",
    "Clean.",
    "",
]


def index():
    return build_index(ITEMS, Decontaminate(), ALLOWED)


def test_a_mapped_index_finds_what_the_built_one_does(tmp_path):
    built = index()
    mapped = open_index(write_index(built, tmp_path))
    assert [find_traces(page, mapped) for page in PAGES] == [
        find_traces(page, built) for page in PAGES
    ]
    assert find_traces(PAGES[0], mapped).hits
    assert find_traces(PAGES[1], mapped).exempted
    assert mapped.nbytes == built.nbytes
    assert {name: array.dtype for name, array in mapped.arrays.items()} == {
        name: array.dtype for name, array in built.arrays.items()
    }


def test_arrays_are_mapped_and_not_copied(tmp_path):
    mapped = open_index(write_index(index(), tmp_path))
    for name in ("hashes", "positions", "word_ids", "bitmap", "words"):
        assert len(mapped.arrays[name])
        assert not mapped.arrays[name].flags.owndata
        assert not mapped.arrays[name].flags.writeable


def test_an_index_of_nothing_can_be_mapped(tmp_path):
    mapped = open_index(write_index(build_index([], Decontaminate()), tmp_path))
    assert [find_traces(page, mapped).hits for page in PAGES] == [[]] * len(PAGES)


def test_numbers_lead_to_names(tmp_path):
    mapped = open_index(write_index(index(), tmp_path))
    names = [mapped.name(number) for number in range(5)]
    assert names == [
        Name("bakery", "test", "1", "question", "ngram"),
        Name("bakery", "test", "1", "answer", "exact"),
        Name("茶", "dev", "二", "question", "ngram"),
        Name("茶", "dev", "二", "answer", "exact"),
        Name("bakery", "test", "short", "question", "exact"),
    ]


def test_the_file_is_called_by_what_it_holds(tmp_path):
    first, again = write_index(index(), tmp_path), write_index(index(), tmp_path)
    other = write_index(build_index(ITEMS[:1], Decontaminate(), ALLOWED), tmp_path)
    unruled = write_index(build_index(ITEMS, Decontaminate()), tmp_path)
    assert first == again
    assert len({first.name, other.name, unruled.name}) == 3


@pytest.mark.process
def test_the_same_items_make_the_same_file_in_another_process(tmp_path):
    here = write_index(index(), tmp_path)
    program = (
        "import sys, pathlib, tests.decontaminate.test_benchmark_index as t;"
        "print(t.write_index(t.index(), pathlib.Path(sys.argv[1])).name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == here.name


@pytest.mark.parametrize("key", ["format", "words"])
def test_an_index_of_other_code_is_refused(tmp_path, key):
    path = write_index(index(), tmp_path)
    line, rest = path.read_bytes().split(b"\n", 1)
    head = json.loads(line)
    head[key] += 1
    path.write_bytes(json.dumps(head).encode() + b"\n" + rest)
    with pytest.raises(SchemaMismatch, match="was written with"):
        open_index(path)


def test_strings_come_back_by_their_numbers():
    spelled = ["a", "", "角度", "\ud800", "last"]
    strings = Strings.of(spelled)
    assert len(strings) == len(spelled)
    assert [strings[number] for number in range(len(spelled))] == spelled


def test_equal_grams_lie_side_by_side():
    both = build_index([ITEMS[0], ITEMS[0]], Decontaminate())
    hashes = both.arrays["hashes"]
    assert (np.diff(hashes.astype(object)) >= 0).all()
    assert len(hashes) == 2 * len(np.unique(hashes))
