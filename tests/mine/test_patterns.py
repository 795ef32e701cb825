from __future__ import annotations

import logging
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.mine.patterns import Pattern, Patterns

HEADER = "pattern\tmathematical\twho\twhen\tround\tnote\n"


def matched(patterns: Patterns, url: str) -> str | None:
    pattern = patterns.match(url)
    return pattern.pattern if pattern else None


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("https://mathoverflow.net/questions/1/why", "mathoverflow.net/questions"),
        ("http://www.mathoverflow.net/questions", "mathoverflow.net/questions"),
        ("http://MATHOVERFLOW.net:80/questions/?sort=new#x", "mathoverflow.net/questions"),
        ("http://mathoverflow.net//questions/2", "mathoverflow.net/questions"),
        ("http://mathoverflow.net/questions-and-answers", None),
        ("http://mathoverflow.net/Questions", None),
        ("http://mathoverflow.net/", None),
        ("http://meta.mathoverflow.net/questions", None),
        ("http://example.org/anything", "example.org"),
        ("http://example.org", "example.org"),
        ("http://example.org/a/b/c", "example.org/a/b"),
        ("http://example.org/a/x/c", "example.org/a/*/c"),
        ("http://example.org/a/x/d", "example.org/a"),
        ("http://example.org/a/x", "example.org/a"),
        ("http://example.org/a/b/d", "example.org/a/b"),
        ("http://example.org/w/1/z", "example.org/w/*/z"),
        ("http://example.org/w/1/z/2", "example.org/w/*/z"),
        ("http://example.org/w/2", "example.org/w/*"),
        ("http://example.org/w", "example.org"),
        ("ftp://example.org/a", None),
        ("nonsense", None),
    ],
)
def test_the_longest_matching_pattern_decides(url: str, pattern: str | None) -> None:
    patterns = Patterns.of(
        [
            "mathoverflow.net/questions",
            "example.org",
            "example.org/a",
            "example.org/a/b",
            "example.org/a/*/c",
            "example.org/w/*",
            "example.org/w/*/z",
        ]
    )
    if url == "http://example.org/a/b/c":
        # Three segments with a wildcard are longer than two without.
        pattern = "example.org/a/*/c"
    assert matched(patterns, url) == pattern


def test_a_literal_wins_over_a_wildcard_of_the_same_depth() -> None:
    patterns = Patterns.of(["a.org/*/x", "a.org/u/x", "a.org/u/*", "a.org/*/*/z"])
    assert matched(patterns, "http://a.org/u/x") == "a.org/u/x"
    assert matched(patterns, "http://a.org/v/x") == "a.org/*/x"
    assert matched(patterns, "http://a.org/u/y") == "a.org/u/*"
    assert matched(patterns, "http://a.org/u/x/z") == "a.org/*/*/z"


segments = st.lists(st.sampled_from(["a", "b", "%2A", "*"]), max_size=4)


@given(st.lists(segments, max_size=8), st.lists(st.sampled_from(["a", "b", "*"]), max_size=5))
def test_matching_is_what_trying_each_pattern_gives(
    patterns: list[list[str]], path: list[str]
) -> None:
    def fits(pattern: list[str]) -> bool:
        return len(pattern) <= len(path) and all(
            word in ("*", segment.replace("*", "%2A"))
            for word, segment in zip(pattern, path, strict=False)
        )

    fitting = [pattern for pattern in patterns if fits(pattern)]
    best = max(fitting, key=lambda p: (len(p), [word != "*" for word in p]), default=None)
    got = matched(
        Patterns.of("/".join(["h.org", *pattern]) for pattern in patterns),
        "/".join(["http://www.h.org", *path]),
    )
    assert got == ("/".join(["h.org", *best]) if best is not None else None)


@given(st.lists(segments, max_size=8), st.lists(st.sampled_from(["a", "b", "*"]), max_size=5))
def test_of_all_that_match_the_first_decides(patterns: list[list[str]], path: list[str]) -> None:
    names = {"/".join(["h.org", *pattern]) for pattern in patterns}
    url = "/".join(["http://www.h.org", *path])
    found = [pattern.pattern for pattern in Patterns.of(names).all_matching(url)]
    assert sorted(found) == sorted(name for name in names if Patterns.of([name]).match(url))
    assert found[:1] == [name for name in [matched(Patterns.of(names), url)] if name]
    # Without the first the second one decides, and so on.
    for number, following in enumerate(found):
        assert matched(Patterns.of(names - set(found[:number])), url) == following


def test_what_is_above_a_pattern_would_decide_without_it() -> None:
    patterns = Patterns.of(["a.org", "a.org/*/y", "a.org/x", "a.org/x/y", "a.org/x/y/z", "b.org/u"])
    above = {p.pattern: patterns.above(p.pattern) for p in patterns}
    assert {name: found and found.pattern for name, found in above.items()} == {
        "a.org": None,
        "a.org/*/y": "a.org",
        "a.org/x": "a.org",
        "a.org/x/y": "a.org/*/y",
        "a.org/x/y/z": "a.org/x/y",
        "b.org/u": None,
    }
    assert patterns.above("c.org") is None


@given(st.text(max_size=80))
def test_any_text_can_be_matched(text: str) -> None:
    patterns = Patterns.of(["a.org", "a.org/*"])
    assert matched(patterns, f"http://a.org/{text}") in ("a.org", "a.org/*")
    patterns.match(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://WWW.Example.org/Path/", "example.org/Path"),
        ("example.org", "example.org"),
        ("example.org//a//", "example.org/a"),
        ("bücher.example/π", "xn--bcher-kva.example/π"),
        ("a.org/%2a/*/x%2a", "a.org/%2A/*/x%2a"),
    ],
)
def test_patterns_have_one_spelling(text: str, normal: str) -> None:
    assert [pattern.pattern for pattern in Patterns.of([text])] == [normal]


@pytest.mark.parametrize(
    "text",
    ["", "/path", "*/path", "*.example.org", "a.org/x?y=1", "a.org/#f", "ftp://a.org", "a b"],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InputMalformed, match="no URL pattern"):
        Patterns.of([text])


def test_a_file_is_read_with_comments_and_header(tmp_path: Path) -> None:
    path = tmp_path / "url_patterns.tsv"
    path.write_text(
        "# people's tags\n" + HEADER + "\n"
        "a.org/x\tyes\tada\t2025-01-31\t1\tlecture notes\n"
        "# more\n"
        "b.org\tno\tbob\t2025-02-01\t2\t\n"
        "b.org\tno\tada\t2025-02-02\t2\tagrees\n"
    )
    assert list(Patterns.read(path)) == [
        Pattern("a.org/x", True, "ada", "2025-01-31", 1, "lecture notes"),
        Pattern("b.org", False, "bob", "2025-02-01", 2, ""),
    ]


def test_a_file_with_carriage_returns_and_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "url_patterns.tsv"
    text = "\ufeff" + HEADER + "a.org\tyes\tada\t2025-01-31\t1\t\n"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert [pattern.pattern for pattern in Patterns.read(path)] == ["a.org"]


@pytest.mark.parametrize(
    ("lines", "number", "message"),
    [
        ("a.org\tyes\tada\t2025-01-31\t1\n", 2, "5 fields"),
        ("a.org\tmaybe\tada\t2025-01-31\t1\t\n", 2, "'maybe'"),
        ("a.org\tyes\t\t2025-01-31\t1\t\n", 2, "nobody"),
        ("a.org\tyes\tada\t31.1.2025\t1\t\n", 2, "'31.1.2025'"),
        ("a.org\tyes\tada\t2025-01-31\tone\t\n", 2, "'one'"),
        (f"a.org\tyes\tada\t2025-01-31\t{'9' * 5_000}\t\n", 2, "round is '999"),
        ("#\na.org/?q\tyes\tada\t2025-01-31\t1\t\n", 3, "no URL pattern"),
        (
            "a.org\tyes\tada\t2025-01-31\t1\t\nwww.a.org/\tno\tbob\t2025-01-31\t1\t\n",
            3,
            "mathematical in line 2",
        ),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: str, number: int, message: str) -> None:
    path = tmp_path / "url_patterns.tsv"
    path.write_text(HEADER + lines)
    with pytest.raises(InputMalformed, match=message) as caught:
        Patterns.read(path)
    assert f"{path}:{number}" in str(caught.value)


def test_a_file_without_header_or_without_existence(tmp_path: Path) -> None:
    path = tmp_path / "url_patterns.tsv"
    path.write_text("a.org\tyes\tada\t2025-01-31\t1\t\n")
    with pytest.raises(InputMalformed, match="header"):
        Patterns.read(path)
    with pytest.raises(InputMissing):
        Patterns.read(tmp_path / "other.tsv")


def test_a_file_out_of_order_is_read_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "url_patterns.tsv"
    path.write_text(HEADER + "b.org\tyes\tada\t2025-01-31\t1\t\na.org\tyes\tada\t2025-01-31\t1\t\n")
    with caplog.at_level(logging.WARNING):
        assert len(Patterns.read(path)) == 2
    assert "not sorted" in caplog.text


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    patterns = Patterns(
        [
            Pattern("a.org/x", True, "ada", "2025-01-31", 1, "note"),
            Pattern("b.org", True, "auto", "", 2),
            *Patterns.of(["c.org/y"]),
        ]
    )
    path = tmp_path / "url_patterns.tsv"
    path.write_text(patterns.tsv())
    assert Patterns.read(path) == patterns


#: What spreadsheets make formulas of, and texts that look like ours after writing.
RISKY = [
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＠",
    '"',
    "'=",
    "''+",
    "'",
    "''",
    "\t=",
    "\r=",
    " =",
    "\n-",
    "\x85@",
]


@given(st.sampled_from(RISKY), st.text(max_size=12), st.text(max_size=5))
def test_no_spreadsheet_runs_a_cell_and_all_come_back(start: str, rest: str, who: str) -> None:
    note = f"{start}{rest}"
    said = Pattern(
        "a.org/x", True, f"{start}{who}" if who.strip() else "ada", "2025-01-31", 1, note
    )
    line = said.line()
    assert len(line.split("\n")) == len(line.splitlines()) == 1
    cells = line.split("\t")
    assert len(cells) == 6
    assert [cell for cell in cells if cell[:1] in set('=+-@\t\r"＝＋－＠')] == []
    back = Pattern.of_line(line, "here")
    assert back.line() == line
    if note.isprintable():
        assert back.note == note.strip()
    if said.who.isprintable():
        assert back.who == said.who.strip()


def test_notes_that_people_wrote_by_hand_are_read_as_they_are() -> None:
    for note in ("'tis", "it's =1", "=1", "''", "'"):
        line = f"a.org\tyes\tada\t2025-01-31\t1\t{note}"
        assert Pattern.of_line(line, "here").note == note
    assert Pattern.of_line("a.org\tyes\tada\t2025-01-31\t1\t'=1+1", "here").note == "=1+1"


def test_what_decides_on_a_pattern_is_told_by_its_own_stars() -> None:
    patterns = Patterns.of(["a.org/%2A", "a.org/*/x", "b.org/*", "b.org/*/y"])
    decisive = {
        name: found and found.pattern
        for name in ("a.org/*", "a.org/*/x/z", "a.org/%2A/y", "b.org/*", "b.org/u/y", "c.org")
        for found in [patterns.decisive(name)]
    }
    assert decisive == {
        "a.org/*": None,
        "a.org/*/x/z": "a.org/*/x",
        "a.org/%2A/y": "a.org/%2A",
        "b.org/*": "b.org/*",
        "b.org/u/y": "b.org/*/y",
        "c.org": None,
    }


def test_patterns_survive_pickling() -> None:
    patterns = Patterns.of(["a.org/x", "a.org/*/y"])
    copy = pickle.loads(pickle.dumps(patterns))
    assert copy == patterns
    assert matched(copy, "http://a.org/1/y") == "a.org/*/y"


def test_peoples_word_holds_against_automatic_tags() -> None:
    people = Patterns(
        [Pattern("a.org/x", False), Pattern("b.org/y/z", False), Pattern("c.org/*", True)]
    )
    automatic = Patterns.of(["a.org/x", "a.org/x/deep", "a.org/w", "b.org/y", "c.org/u", "c.org"])
    merged = people.merged_with(automatic)
    words = {pattern.pattern: pattern.mathematical for pattern in merged}
    assert words == {
        "a.org/x": False,
        "a.org/w": True,
        "b.org/y": True,
        "b.org/y/z": False,
        "c.org/*": True,
        "c.org": True,
    }
