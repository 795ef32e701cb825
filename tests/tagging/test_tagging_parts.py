"""Formulas in text, the file of tags, the journal, and what is left to decide."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mined_rounds import small_round

from pipeline.base.errors import ConfigError, InputMalformed, InputMissing, WorkspaceError
from pipeline.corpus.formula_trees import mathml_tree, pieces
from pipeline.mine.patterns import Pattern, Patterns
from pipeline.mine.prefixes import url_prefixes
from pipeline.tagging.document import TagsDocument
from pipeline.tagging.merging import compared
from pipeline.tagging.mined import MinedRound, Node, PathTree
from pipeline.tagging.standing import standing
from pipeline.tagging.store import HostTags, Refused, TagStore

HEADER = "pattern\tmathematical\twho\twhen\tround\tnote\n"


def back(text: str) -> str:
    """Pieces put together again."""
    parts = []
    for piece in pieces(text):
        dollars = "$$" if piece.get("display") else "$"
        parts.append(piece.get("text") or f"{dollars}{piece['tex']}{dollars}")
    return "".join(parts)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("let $x$ be", ["x"]),
        ("$$a\n+b$$ and $c$.", ["a\n+b", "c"]),
        ("it costs $5 and $7", []),
        ("from $20,000 to $30,000.", []),
        ("$ x$ and $x $", []),
        (r"\$x$ and $\$5$", [r"\$5"]),
        ("$a\nb$", []),
        ("$5x$ for $3", ["5x"]),
    ],
)
def test_formulas_are_told_from_money(text: str, formulas: list[str]) -> None:
    assert [piece["tex"] for piece in pieces(text) if "tex" in piece] == formulas
    assert back(text) == text


@given(st.text(alphabet=r"$\ab{}^_&5 " + "\n", max_size=60))
def test_no_text_is_lost(text: str) -> None:
    assert back(text) == text


def names(tree: Any) -> set[str]:
    if isinstance(tree, str):
        return set()
    name, attributes, children = tree
    return {name, *attributes}.union(*map(names, children))


@pytest.mark.parametrize(
    ("tex", "elements"),
    [
        (r"\frac{a}{b}", {"mfrac"}),
        (r"\sqrt[3]{x} \leq \sum_{k=1}^n k^2", {"mroot", "msup"}),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", {"mtable", "mtr", "mtd"}),
        (r"\begin{cases}1 & x>0\\0 & x \le 0\end{cases}", {"mtable"}),
        (r"\begin{align}a&=b\\c&=d\end{align}", {"mtable"}),
        (r"\operatorname{Hom}(A, \mathbb{Z})", {"mo"}),
        ("设x=1", {"mi"}),
    ],
)
def test_formulas_become_trees(tex: str, elements: set[str]) -> None:
    assert elements <= names(mathml_tree(tex, True))


@pytest.mark.parametrize(
    "tex",
    [
        r"\unknown{x}",
        "x^{",
        r"\left( a",
        "{" * 1_900,
        r"\frac" * 390,
        "x" * 2_001,
        r"\def\a{\a\a}\a",
        "x^" * 900,
        "a+" * 999,
    ],
)
def test_what_cannot_be_typeset_stays_tex(tex: str) -> None:
    tree = mathml_tree(tex, False)
    assert tree is None or len(json.dumps(tree)) < 100_000


def test_links_and_styles_of_formulas_are_dropped() -> None:
    tree = mathml_tree(r"\href{javascript:alert(1)}{x}\style{background:url(x)}{y}", False)
    assert tree is not None
    assert not names(tree) & {"href", "style", "class", "id"}


def test_comments_go_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    path.write_text(
        f"# head\n{HEADER}# of b\nb.example\tno\tben\t2024-01-01\t1\t x \n"
        "a.example\tyes\tada\t2024-01-01\t1\t\n# tail\n"
    )
    document = TagsDocument.read(path).with_pattern(
        Pattern("aa.example", True, "cy", "2024-01-02", 2)
    )
    assert document.text() == (
        f"# head\n{HEADER}a.example\tyes\tada\t2024-01-01\t1\t\n"
        "aa.example\tyes\tcy\t2024-01-02\t2\t\n"
        "# of b\nb.example\tno\tben\t2024-01-01\t1\t x \n# tail\n"
    )
    without = document.with_lines("b.example", [], None)
    assert without.text().endswith("aa.example\tyes\tcy\t2024-01-02\t2\t\n# tail\n# of b\n")


def test_undo_restores_another_persons_very_line(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    text = f"{HEADER}a.example\tyes\tben\t2024-01-01\t1\t odd  spaces\n"
    path.write_text(text)
    ada = TagStore(path, "ada", 1)
    with pytest.raises(Refused, match="ben says"):
        ada.decide("a.example", "not")
    ada.decide("a.example", "not", overrule=True)
    ada.decide("a.example/b", "skip")
    assert [len(ada.undo()), len(ada.undo()), len(ada.undo())] == [1, 1, 0]
    assert path.read_text() == text


def test_a_decision_that_never_landed_is_no_decision(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    store = TagStore(path, "ada", 1)
    store.decide("a.example", "mathematical")
    before = path.read_text()
    store.decide("b.example", "mathematical")
    # Killed after the journal, before the tags; and within the line of a next event.
    path.write_text(before)
    with store.journal.path.open("a") as file:
        file.write('{"action": "skip", "who": "a')
    again = TagStore(path, "ada", 1)
    [event] = again.undo()
    assert event.prefix == "a.example"
    assert Patterns.read(path) == Patterns()
    again.decide("c.example", "split")
    assert "c.example" in TagStore(path, "ada", 1).hosts()["c.example"].splits


def test_what_was_edited_by_hand_is_not_undone(tmp_path: Path) -> None:
    path = tmp_path / "tags.tsv"
    store = TagStore(path, "ada", 1)
    store.decide("a.example", "mathematical")
    edited = path.read_text().replace("yes", "no")
    path.write_text(edited)
    with pytest.raises(Refused, match="changed since"):
        store.undo()
    assert path.read_text() == edited
    assert store.undo() == []


@pytest.mark.parametrize("who", ["", "auto", "a\tb", "a\nb"])
def test_names_that_the_file_cannot_hold_are_refused(tmp_path: Path, who: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name"):
        TagStore(tmp_path / "tags.tsv", who, 1)


@pytest.mark.parametrize("prefix", ["", "a b", "A.example", "a.example/", "a.example/x?y", "a\tb"])
def test_only_patterns_in_their_one_spelling_are_saved(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(Refused):
        TagStore(tmp_path / "tags.tsv", "ada", 1).decide(prefix, "not")


@pytest.mark.parametrize(
    "note", ["=HYPERLINK(x)", "+1", "-1 is one", "@sum", "\t=x", "\r=x", '"=x"', "'=x", "plain"]
)
def test_notes_come_back_as_they_were_written_and_run_nowhere(tmp_path: Path, note: str) -> None:
    path = tmp_path / "tags.tsv"
    store = TagStore(path, "=ada", 1)
    store.decide("a.example", "mathematical", note)
    store.decide("b.example", "not", note)
    assert len(store.undo()) == 1
    with path.open(newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 2
    assert not {cell[:1] for cell in rows[1]} & set('=+-@\t\r"')
    [pattern] = Patterns.read(path)
    assert (pattern.note, pattern.who) == (note.strip(), "=ada")
    assert len(TagStore(path, "=ada", 1).undo()) == 1
    assert list(Patterns.read(path)) == []


def test_a_star_of_an_address_is_tagged_as_itself(tmp_path: Path) -> None:
    [*_, prefix] = url_prefixes("https://a.example/wiki/*", 3)
    TagStore(tmp_path / "tags.tsv", "ada", 1).decide(prefix, "mathematical")
    patterns = Patterns.read(tmp_path / "tags.tsv")
    assert patterns.match("https://a.example/wiki/*/x")
    assert patterns.match("https://a.example/wiki/Algebra") is None


def test_a_dispute_in_the_journal_that_is_no_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "tags.journal.jsonl").write_text(
        '{"action": "dispute", "who": "ben", "round": 1, "prefix": "a.example", "before": [],'
        f' "after": ["a.example\\tno\\tben\\t2025-01-01\\t{"9" * 5_000}\\t"],'
        ' "at": "2025-01-01", "id": "1"}\n'
    )
    with pytest.raises(InputMalformed, match=r"tags\.journal\.jsonl: round is '999"):
        TagStore(tmp_path / "tags.tsv", "ada", 1).hosts()


def said(name: str, *, yes: bool = True, who: str = "ada") -> Pattern:
    return Pattern(name, yes, who, "2025-01-01", 1)


TREE = PathTree(
    Node(name, name.count("/"), pages, 0, 0.0, 0.0, 0.0, 0.0)
    for name, pages in [("h", 100), ("h/a", 50), ("h/a/x", 30), ("h/a/y", 20), ("h/b", 40)]
)


def left(tags: HostTags) -> tuple[str, list[str], int]:
    now = standing(TREE, [tags])
    return now.state, [node.prefix for node in now.open], now.gain


def test_what_is_left_to_decide() -> None:
    assert left(HostTags()) == ("open", ["h"], 100)
    assert left(HostTags((said("h"),))) == ("done", [], 0)
    assert left(HostTags(splits=frozenset({"h"}))) == ("begun", ["h/a", "h/b"], 90)
    assert left(HostTags((said("h/a/x"),))) == ("begun", ["h/b", "h/a/y"], 60)
    assert left(HostTags((said("h/*", yes=False),), frozenset({"h"}))) == ("done", [], 0)
    assert left(HostTags(skips=frozenset({"h"}))) == ("skipped", [], 0)
    # What was put off is not decided, unless something is said of it or above it.
    put_off = HostTags(skips=frozenset({"h/a"}), splits=frozenset({"h"}))
    assert left(put_off) == ("begun", ["h/b"], 40)
    assert standing(TREE, [put_off]).undecided == 90
    assert left(HostTags((said("h"),), skips=frozenset({"h/a"}))) == ("done", [], 0)
    disputed = HostTags((said("h"), said("h/a/x")), disputes=(said("h/a/x", yes=False),))
    assert left(disputed) == ("disputed", ["h/a/x"], 30)


def test_merging_compares_every_word() -> None:
    ours = Patterns([said("a"), said("b"), said("c", who="auto"), said("d")])
    theirs = Patterns(
        [said("a", who="ben"), said("b", yes=False), said("c", yes=False), said("d/e", yes=False)]
    )
    merge = compared(ours, theirs)
    assert [p.pattern for p in merge.additions] == ["c", "d/e"]
    assert [p.pattern for p in merge.agreed] == ["a"]
    assert [(one.pattern, other.mathematical) for one, other in merge.disputes] == [("b", False)]
    assert [(one.pattern, other.pattern) for one, other in merge.exceptions] == [("d", "d/e")]


def test_a_round_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="none") as error:
        MinedRound("s3a://bucket/run", 2)
    assert "rounds/2/{domains,prefixes,samples,sample_pages}" in error.value.remedy
    with pytest.raises(InputMissing, match="rounds/3/domains"):
        MinedRound(str(small_round().write(tmp_path)), 3)
