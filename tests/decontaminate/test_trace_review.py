"""A reviewer's rulings: what is shown, in which order, and what is kept."""

import io
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.decontaminate import trace_review
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.rulings import Subject, keep_ruling, load_rulings
from pipeline.decontaminate.trace_review import (
    Case,
    doubtful,
    review,
    rows_of,
    shown,
    side_by_side,
    summary,
    unruled,
)

SUBJECT = Subject("bakery", "test", "1", "question")
ITEM = Item("bakery", "test", "1", "How many rolls\nleave the oven?", "84")
ITEMS = {("bakery", "test", "1"): ITEM}


def row(page_id="p", share=0.5, condemned=True, **changes):
    trace = {"page_id": page_id, **SUBJECT._asdict(), "share": share, "words": 4}
    return trace | {"context": f"around {page_id}", "condemned": condemned} | changes


def case(page_id="p", condemned=True):
    return Case(page_id, SUBJECT, 0.5, 4, condemned, ("the page's text",))


def pressing(keys):
    pressed = iter(keys)
    return lambda _: next(pressed, "")


def test_rulings_are_read_as_they_were_kept_and_the_last_counts(tmp_path):
    path = tmp_path / "rulings.tsv"
    keep_ruling(path, "p", SUBJECT, "leak", "ada")
    keep_ruling(path, "q", SUBJECT, "near", "ada")
    keep_ruling(path, "p", SUBJECT, "chance", "bob")
    assert load_rulings(str(path)) == {"p": {SUBJECT: "chance"}, "q": {SUBJECT: "near"}}
    assert path.read_text().splitlines()[0].startswith("page_id\tbenchmark")
    assert load_rulings("") == {}


def test_a_name_with_a_tab_is_refused_before_it_spoils_the_file(tmp_path):
    path = tmp_path / "rulings.tsv"
    with pytest.raises(ValueError, match="tab"):
        keep_ruling(path, "p", SUBJECT._replace(item="a\tb"), "leak", "ada")
    assert not path.exists()


@pytest.mark.parametrize("line", ["p\tbakery\ttest\t1\tquestion\tmaybe\tada", "p\tleak", "\x00"])
def test_a_wrong_line_is_named(tmp_path, line):
    path = tmp_path / "rulings.tsv"
    keep_ruling(path, "p", SUBJECT, "leak", "ada")
    with path.open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(InputMalformed, match=":3: no ruling"):
        load_rulings(str(path))


def test_no_file_says_how_to_go_without(tmp_path):
    with pytest.raises(InputMissing, match="leave it empty"):
        load_rulings(str(tmp_path / "none.tsv"))


def test_the_most_doubtful_come_first_and_a_pair_once():
    rows = [
        row("sure", 1.0),
        row("passed", 0.45, condemned=False),
        row("border", 0.5),
        row("border", 0.5, context="elsewhere on it"),
        row("far", 0.1, condemned=False),
    ]
    cases = doubtful(rows, 0.5)
    assert [one.page_id for one in cases] == ["border", "passed", "far", "sure"]
    assert cases[0].excerpts == ("around border", "elsewhere on it")
    assert [one.condemned for one in cases] == [True, False, False, True]


def test_only_so_many_traces_are_held(monkeypatch):
    monkeypatch.setattr(trace_review, "MOST_TRACES", 3)
    assert len(doubtful((row(str(n), n / 10) for n in range(10)), 0.5)) == 3


def test_a_table_is_read_in_batches(tmp_path):
    columns = {name: [value] for name, value in row().items() if name != "condemned"}
    pq.write_table(pa.table(columns), tmp_path / "part-0.parquet")
    assert list(rows_of([tmp_path / "part-0.parquet"], condemned=False)) == [row(condemned=False)]
    assert list(rows_of([], condemned=True)) == []


def test_texts_stand_side_by_side_whatever_they_hold():
    lines = side_by_side("seven trays of twelve rolls\x1b[31m each", "一" * 30 + "\u202eend", 43)
    assert all(len(line) <= 63 for line in lines)
    assert {line.count(" | ") for line in lines} <= {0, 1}
    whole = "\n".join(lines)
    assert "\x1b" not in whole
    assert "\u202e" not in whole
    assert whole.count("一") == 30
    assert [line.split(" | ")[0].strip() for line in lines][:2] == ["seven trays of", "twelve"] or (
        "seven trays of" in lines[0]
    )


def test_item_and_page_are_shown_and_an_item_that_is_gone_is_said():
    whole = "\n".join(shown(case(), ITEM, 90, "1/2"))
    for part in ("1/2 condemned", "50% of the text", "leave the oven?", "the page's text", "84"):
        assert part in whole
    assert "not among the benchmarks" in "\n".join(shown(case(), None, 90, "1/2"))


def test_each_ruling_is_kept_when_its_key_is_pressed(tmp_path):
    path = tmp_path / "rulings.tsv"
    cases = [case("a"), case("b"), case("c", condemned=False), case("d"), case("e")]
    given = review(
        cases, ITEMS, path, "ada", pressing(["l", "s", "?", "N", "c", "q", "l"]), io.StringIO()
    )
    assert load_rulings(str(path)) == {
        "a": {SUBJECT: "leak"}, "c": {SUBJECT: "near"}, "d": {SUBJECT: "chance"}
    }  # fmt: skip
    assert given == Counter({(True, "leak"): 1, (False, "near"): 1, (True, "chance"): 1})
    assert summary(given) == "3 rulings kept; of 2 condemned, 1 leaks or near: precision 50%"
    left = unruled(cases, load_rulings(str(path)))
    assert [one.page_id for one in left] == ["b", "e"]


def test_the_end_of_the_input_ends_the_review(tmp_path):
    path = tmp_path / "rulings.tsv"
    assert not review([case()], ITEMS, path, "ada", pressing([]), io.StringIO())
    assert summary(Counter()) == "0 rulings kept"
