"""What people read: nothing that a terminal obeys, nothing endless, no password."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.base.errors import InputMissing, TagsNeeded
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.base.printing import (
    LONGEST_NAME,
    LONGEST_SENTENCE,
    aligned,
    listed,
    masked,
    named,
    terminal_width,
    visible,
)
from pipeline.base.progress import Progress
from pipeline.web.remote import ReadFailed
from tests.places import PROJECT

HOSTILE = (
    "\x1b]0;pwned\x07\x9b31m\x85\r\t\u202e\u2066\u200f\u061c" + "\u2028\u200b\ufeff\u00ad\u2064"
)
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def test_no_control_format_or_surrogate_character_is_let_through() -> None:
    raw = [
        hex(number)
        for number in range(0x110000)
        if unicodedata.category(chr(number)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and not visible(chr(number)).isascii()
    ]
    assert raw == []
    # Without a shape, and of other categories.
    for character in "\u034f\u115f\u3164\ufe0f\U000e01ef\ufdd0\uffff":
        assert visible(character).startswith("\\")


def test_escapes_are_pythons() -> None:
    assert visible("a\x1b[31m\n\u202e\U000e0041\ud800\x85") == (
        r"a\x1b[31m\n\u202e\U000e0041\ud800\x85"
    )


@given(st.text())
def test_what_can_be_seen_stays_and_what_is_shown_is_one_line(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert len(shown.splitlines()) <= 1
    if not RAW.search(text) and text.isascii():
        assert shown == text.replace("\n", r"\n")


def test_letters_of_any_script_stay() -> None:
    text = "Привет, 世界！ naïve ∑ \u3000é 😀"
    assert visible(text) == text


@pytest.mark.parametrize("text", ["x" * 1_000_000, "\x1b" * 1_000, "\u0301" * 300])
def test_endless_names_end_with_an_ellipsis(text: str) -> None:
    shown = visible(text, 50)
    assert len(shown) == 50
    assert shown[-1] == "…"
    assert visible("x" * 50, 50) == "x" * 50


def test_tables_hold_any_cell() -> None:
    lines = aligned([["name", "pages"], [HOSTILE + "\nforged  1", "2"], ["n" * 5_000, "3"]])
    assert len(lines) == 3
    assert not RAW.search("".join(lines))
    assert max(map(len, lines)) <= LONGEST_NAME + 10
    assert named(["a\nb", "c"]) == r"a\nb, c"


WIDE = [
    ["round", "seed", "held-out precision", "recall", "AUC", "collected", "tokens", "domains"],
    *([str(number), "12,345", "98.1%", "91.2%", "0.991", "5,824", "9,000,000", "41"]
      for number in (1, 2)),
]  # fmt: skip


def test_a_table_fits_its_terminal_and_loses_no_number() -> None:
    assert len(aligned(WIDE, width=160)) == 3
    narrow = aligned(WIDE, width=40)
    assert max(map(len, narrow)) <= 40
    # Parts one below the other, each with the first column.
    blocks = [block.splitlines() for block in "\n".join(narrow).split("\n\n")]
    assert all(len(block) == 3 and block[0].startswith("round") for block in blocks)
    shown = " ".join(narrow)
    assert all(cell in shown for row in WIDE for cell in row)


def test_words_at_the_end_are_cut_rather_than_moved() -> None:
    rows = [["rank", "begins"], ["1", "word " * 40]]
    lines = aligned(rows, width=80)
    assert [len(line) for line in lines] == [12, 80]
    assert lines[1].endswith("…")


@given(
    st.integers(1, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.text(max_size=60), min_size=columns, max_size=columns), min_size=1
        )
    ),
    st.integers(60, 200),
)
def test_no_table_is_wider_than_its_terminal(rows: list[list[str]], width: int) -> None:
    assert max(map(len, aligned(rows, width=width)), default=0) <= width


def test_what_columns_says_goes_for_tables_and_a_log_has_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert terminal_width() == 80
    assert max(map(len, aligned(WIDE))) <= 80
    for nothing in ("", "0", "wide"):
        monkeypatch.setenv("COLUMNS", nothing)
        assert terminal_width() is None  # standard output of these tests is no terminal
        assert len(aligned(WIDE)) == 3


def test_a_long_list_says_what_it_leaves_out() -> None:
    counts = [("http-status", 900), ("no-text", 40), ("too-deep", 3), ("bad-charset", 2)]
    assert listed(counts) == "http-status 900, no-text 40, too-deep 3, bad-charset 2"
    assert listed(counts, 42) == "http-status 900, no-text 40 and 2 more: 5"
    assert listed(counts, 5) == "http-status 900 and 3 more: 45"
    assert listed([]) == ""


SECRETS = [
    ("https://ada:pass@host.example/x", "https://***@host.example/x"),
    ("https://ada:p@ss@host.example/x", "https://***@host.example/x"),
    ("https://token@host.example", "https://***@host.example"),
    ("s3a://AKIA1:ab/c+d=@bucket/run: no", "s3a://***@bucket/run: no"),
    (
        "at https://b.example/k?X-Amz-Credential=AKIA%2F1&X-Amz-Date=1&X-Amz-Signature=5f0a "
        "and https://c.example/?sig=a%2Bb&se=2",
        "at https://b.example/k?X-Amz-Credential=***&X-Amz-Date=1&X-Amz-Signature=*** "
        "and https://c.example/?sig=***&se=2",
    ),
    ("url: /k?X-Amz-Security-Token=FwoG%3D&x=1", "url: /k?X-Amz-Security-Token=***&x=1"),
    ("/k?AWSAccessKeyId=AK&Signature=s%3D&E=1", "/k?AWSAccessKeyId=***&Signature=***&E=1"),
    ("'https://h/?token=abc'", "'https://h/?token=***'"),
    ("https://h/?a=1&access_token=abc#x", "https://h/?a=1&access_token=***#x"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), SECRETS)
def test_passwords_and_keys_of_addresses_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://host.example:8080/@ada/x",
        "https://host.example/a@b?c=d",
        "ada@host.example",
        "a = b; signature of f",
        "https://host.example/?page=2&assign=3",
        "hdfs://name:9000/run",
    ],
)
def test_other_addresses_stay_as_they_are(text: str) -> None:
    assert masked(text) == text


def test_masking_takes_no_time_in_the_square() -> None:
    masked("https://a:b" * 20_000 + "&" * 20_000 + "=" + "?secret" * 20_000)


def test_errors_are_visible_masked_and_one_line_a_part() -> None:
    secret = "https://ada:pass@h.example/x?Signature=abc"
    error = TagsNeeded(
        f"{HOSTILE}\n  to do:    rm -rf {secret}",
        listed=[f"a{HOSTILE}", "b" * 9_000],
        expected=secret,
        remedy=secret,
    )
    for one in (error, pickle.loads(pickle.dumps(error))):
        assert not RAW.search(str(one))
        assert "pass" not in f"{one} {one!r} {one.args}"
        assert "abc" not in f"{one} {one!r} {one.args}"
        lines = str(one).split("\n")
        assert len(lines) == 5
        assert max(map(len, lines)) <= LONGEST_SENTENCE


def test_what_the_ledger_keeps_is_masked() -> None:
    secret = "s3a://key:sec/ret@bucket/a?X-Amz-Signature=5f"
    assert SetAside(Outcome.EXTRACTOR_FAILED, f"bad ({secret})").detail == (
        "bad (s3a://***@bucket/a?X-Amz-Signature=***"
    )
    failed = pickle.loads(pickle.dumps(ReadFailed(secret, 7, f"no way to {secret}")))
    assert "ret" not in f"{failed} {failed.path} {failed.cause}".replace("Signature", "")
    assert "5f" not in f"{failed} {failed.path} {failed.cause}"


def test_progress_is_visible_and_masked(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("extract") as progress:
        progress.note(f"reading https://ada:pass@h.example/{HOSTILE}\nforged")
    [line] = capsys.readouterr().err.splitlines()
    assert not RAW.search(line)
    assert "https://***@h.example/" in line


def run(*arguments: str) -> str:
    told = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, capture_output=True, timeout=300, check=False
    )
    return (told.stdout + told.stderr).decode()


@pytest.mark.process
def test_whatever_a_process_prints_is_visible() -> None:
    """Warnings, logs and tracebacks too, though no place thinks of it."""
    said = run(
        "-c",
        "import logging, sys, warnings\n"
        "from pipeline.base.printing import print_visibly\n"
        "print_visibly(); print_visibly()\n"
        f"evil = {HOSTILE!r}\n"
        "print('printed', evil, '\\ud800')\n"
        "sys.stdout.writelines(['written', evil, '\\n'])\n"
        "warnings.warn('warned' + evil)\n"
        "logging.getLogger('x').warning('logged' + evil)\n"
        "raise ValueError('raised ' + evil + ' s3a://key:secret@bucket')\n",
    )
    assert not RAW.search(said)
    for word in ("printed", "written", "warned", "logged", "raised"):
        assert rf"{word} \x1b]0;pwned" in said.replace(f"{word}\\", f"{word} \\")
    assert "s3a://***@bucket" in said
    assert "Traceback" in said


@pytest.mark.process
@pytest.mark.parametrize("program", ["pipeline.extract", "pipeline.tagging", "pipeline.sampleweb"])
def test_command_lines_tell_of_bad_arguments_visibly(program: str) -> None:
    said = run("-m", program, f"--{HOSTILE}=https://ada:pass@h.example", "x", "y", "z" * 9_000)
    assert "error:" in said
    assert not RAW.search(said)
    assert "pass@" not in said
    assert len(said) < 5_000


def test_every_program_prints_visibly() -> None:
    """But for those whose output only programs read, and what runs before all is installed."""
    apart = {"base/bootstrap.py", "classify/fit.py", "base/java.py"}
    programs = {
        f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8")
        for folder in ("pipeline", "jobs")
        for path in (PROJECT / folder).rglob("*.py")
    }
    programs = {name: text for name, text in programs.items() if '__name__ == "__main__"' in text}
    assert len(programs) > 20
    ways = re.compile(
        r"(?<![.\w])(run_program|run_job|run_rounds|tell|answer|change|print_visibly)\("
    )
    assert {name for name, text in programs.items() if not ways.search(text)} == apart


@pytest.mark.process
def test_a_path_that_is_missing_is_told_in_two_lines(tmp_path: Path) -> None:
    name = "no\nsuch\x1b[2J"
    said = run("jobs/emit.py", "--config", str(tmp_path / name))
    assert said.splitlines()[0].endswith(r"no\nsuch\x1b[2J")
    assert len(said.splitlines()) == 2
    assert str(InputMissing("a\nb")) == r"a\nb"
