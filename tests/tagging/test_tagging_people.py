"""Several people, how sure they are, several paths at once, and what a skip is worth."""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import pytest

from pipeline.mine.patterns import HEADER, Pattern, Patterns
from pipeline.tagging.agreement import agreements, words_of
from pipeline.tagging.next_steps import NextSteps
from pipeline.tagging.store import Refused, TagStore

HEAD = "\t".join(HEADER)


def test_who_does_not_say_how_sure_they_are_has_files_as_before(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    store = TagStore(path, "ada", 1)
    store.decide("a.example", "mathematical")
    assert path.read_text().splitlines()[0] == HEAD
    store.decide("b.example", "not", confidence="unsure")
    head, *lines = path.read_text().splitlines()
    assert head == f"{HEAD}\tconfidence"
    assert [len(line.split("\t")) for line in lines] == [6, 7]
    assert [p.confidence for p in Patterns.read(path)] == ["", "unsure"]
    with pytest.raises(Refused, match="no confidence"):
        store.decide("c.example", "not", confidence="very")
    assert len(store.undo()) == 1
    assert [p.pattern for p in Patterns.read(path)] == ["a.example"]


@pytest.mark.parametrize("cell", ["", "SURE", "very", "=1+1", "3"])
def test_what_people_write_into_the_column_breaks_nothing(
    tmp_path: Path, cell: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tags.tsv"
    # As a spreadsheet leaves it: empty cells at the ends, carriage returns.
    path.write_bytes(
        f"{HEAD}\tconfidence\t\t\r\n# note\t\t\t\r\n"
        f"a.example\tyes\tada\t2025-01-31\t1\t\t{cell}\t\t\r\n"
        "b.example\tno\tada\t2025-01-31\t1\tx\r\n".encode()
    )
    with caplog.at_level(logging.WARNING):
        first, second = Patterns.read(path)
    assert first.confidence == ("sure" if cell == "SURE" else "")
    assert (second.note, second.confidence) == ("x", "")
    assert ("passed over" in caplog.text) == (cell not in ("", "SURE"))
    store = TagStore(path, "ada", 2)
    store.decide("c.example", "not", confidence="sure")
    with path.open(newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == [*HEADER, "confidence"]
    assert len(Patterns.read(path)) == 3


def test_several_paths_are_decided_and_undone_at_once(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    store = TagStore(path, "ada", 1)
    store.decide("a.example", "not")
    before = path.read_text()
    names = ["a.example", "b.example/x", "c.example"]
    with pytest.raises(Refused, match="no URL pattern"):
        store.decide_all([*names, "no pattern"], "mathematical")
    with pytest.raises(Refused, match="twice"):
        store.decide_all(["b.example", "b.example"], "not")
    assert path.read_text() == before
    store.decide_all(names, "mathematical", "seen")
    assert all(p.mathematical for p in Patterns.read(path))
    assert [e.prefix for e in TagStore(path, "ada", 1).undo()] == names
    assert path.read_text() == before
    # One of them was changed by hand: none is touched, and the decision before is next.
    store.decide_all(names, "mathematical")
    path.write_text(path.read_text().replace("c.example\tyes", "c.example\tno"))
    with pytest.raises(Refused, match=r"c\.example was changed since"):
        store.undo()
    assert len(Patterns.read(path)) == 3


def test_a_second_look_keeps_both_words_and_counts_their_agreement(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    ada, ben = TagStore(path, "ada", 1), TagStore(path, "ben", 1)
    names = [f"{letter}.example" for letter in "abcdefgh"]
    ada.decide_all(names[:5], "mathematical")
    ada.decide_all(names[5:], "not")
    assert ben.hosts()["a.example"].others == {"a.example"}
    assert ada.hosts()["a.example"].others == frozenset()
    text = path.read_text()
    ben.decide_all(names[:4], "mathematical", second=True)
    ben.decide_all(names[4:], "not", second=True)
    assert path.read_text() == text
    assert ben.hosts()["a.example"].others == frozenset()
    [dispute] = ada.hosts()["e.example"].disputes
    assert (dispute.who, dispute.mathematical) == ("ben", False)
    [pair] = agreements(ben.words())
    # By hand: 7 of 8 agree; by chance 5/8 * 4/8 + 3/8 * 4/8 = 1/2 would.
    assert (pair.one, pair.other, pair.both, pair.agreed) == ("ada", "ben", 8, 7)
    assert pair.kappa == pytest.approx((7 / 8 - 1 / 2) / (1 / 2))
    assert pair.low is not None
    assert pair.high is not None
    assert pair.low < pair.kappa < pair.high
    # Who settles it has seen both words: that is no agreement.
    ada.decide("e.example", "not", overrule=True)
    assert ada.hosts()["e.example"].disputes == ()
    assert agreements(ada.words()) == [pair]
    # All that ben said is his to take back.
    assert len(ben.undo()) == 4
    with pytest.raises(Refused, match="nobody else"):
        ben.decide("z.example", "not", second=True)


def test_agreement_is_not_defined_where_all_words_are_one() -> None:
    words = {"a": {"ada": True, "ben": True}, "b": {"cy": True}}
    [pair] = agreements(words)
    assert (pair.agreed, pair.kappa) == (1, None)
    held = [Pattern("a", True, "ada"), Pattern("b", True, "auto"), Pattern("c", True, "seed")]
    assert words_of([], held) == {"a": {"ada": True}}


def test_a_skip_is_over_once_something_is_said(tmp_path: Path) -> None:
    store = TagStore(tmp_path / "tags.tsv", "ada", 1)
    store.decide("a.example", "skip")
    assert store.hosts()["a.example"].skips == {"a.example"}
    store.decide("a.example", "not")
    assert store.hosts()["a.example"].skips == frozenset()
    store.undo()
    assert store.hosts()["a.example"].skips == {"a.example"}


def test_commands_are_as_they_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKELEVEL", "1")
    for name in ("MASTER", "SPARK_ARGS"):
        monkeypatch.delenv(name, raising=False)
    steps = NextSteps("/data/my run", 2, "it's.toml").document(waits=True)
    assert steps["without"] == (
        "make round N=3 'WORKSPACE=/data/my run' TAGS=skip 'CONFIG=it'\"'\"'s.toml'"
    )
    assert steps["review"] == "make tags N=2 'WORKSPACE=/data/my run' 'CONFIG=it'\"'\"'s.toml'"
    steps = NextSteps("w", 1, copied=True).document(waits=False)
    assert (steps["go_on"], steps["without"]) == ("make round N=2 WORKSPACE=URI", None)
    monkeypatch.delenv("MAKELEVEL")
    steps = NextSteps("w", 1).document(waits=True)
    assert str(steps["without"]).endswith("round.py --workspace w --round 2 --tags skip")
