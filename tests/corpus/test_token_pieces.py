"""Counting by pieces is counting by the library: every character, any text."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config.settings import Tokens
from pipeline.corpus import token_pieces
from pipeline.corpus.token_pieces import PieceCounter, counts_alike, pieces
from pipeline.corpus.tokenizer import _read, tokenizer

_FILE = tokenizer(Tokens()).file
assert _FILE is not None
_DESCRIPTION = json.loads(_FILE)
_LIBRARY = _read(_FILE)
_COUNTER = PieceCounter(_LIBRARY, _DESCRIPTION)


def by_the_library(text: str) -> list[str]:
    assert _LIBRARY.pre_tokenizer is not None
    return [text[a:b] for _, (a, b) in _LIBRARY.pre_tokenizer.pre_tokenize_str(text)]


def whole(text: str) -> int:
    return len(_LIBRARY.encode(text, add_special_tokens=False))


def test_every_character_that_python_knows_is_cut_as_the_library_cuts_it() -> None:
    known = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    assert len(known) > 130_000
    for at in range(0, len(known), 2_000):
        text = "".join(f"a{one}b1{one} \n" for one in known[at : at + 2_000])
        assert pieces(text) == by_the_library(text), hex(ord(known[at]))


@given(
    st.text(
        st.one_of(
            st.sampled_from(" \n\r\t\u00a0\u3000\u2028\u200b\u0301\x01\x1c'.$\\({_^2٣½数あーa̱éΩ😀"),
            st.characters(codec="utf-8"),
        ),
        max_size=60,
    )
)
@settings(max_examples=300)
def test_any_text_has_as_many_tokens_as_the_library_makes(text: str) -> None:
    count = _COUNTER.count(text)
    if count is None:
        assert any(unicodedata.category(one) == "Cn" for one in text)
    else:
        assert count == whole(text)


@pytest.mark.parametrize("text", ["a<think>b", "<｜User｜>", "new: \U0003fffd"])
def test_what_only_the_library_can_tell_is_left_to_it(text: str) -> None:
    assert _COUNTER.count(text) is None
    assert tokenizer(Tokens()).count([text]) == [whole(text)]


def test_pieces_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_pieces, "_MOST_PIECES", 3)
    counter = PieceCounter(_LIBRARY, _DESCRIPTION)
    text = "one two three four five one two " + "x" * 50
    assert counter.count(text) == counter.count(text) == whole(text)
    assert len(counter._counts) <= 3


def test_only_tokenizers_that_cut_alike_are_counted_by_pieces() -> None:
    assert counts_alike(_DESCRIPTION)
    cuts = _DESCRIPTION["pre_tokenizer"]["pretokenizers"]
    for other in (
        {"normalizer": {"type": "NFC"}},
        {"pre_tokenizer": None},
        {"pre_tokenizer": {"type": "Sequence", "pretokenizers": cuts[1:]}},
        {"model": _DESCRIPTION["model"] | {"dropout": 0.1}},
        {"model": {"type": "Unigram"}},
    ):
        assert not counts_alike(_DESCRIPTION | other)
