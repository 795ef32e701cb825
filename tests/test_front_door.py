"""The front door, as a program uses it: what comes out, and what is said of wrong arguments."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pipeline
from pipeline import (
    Capture,
    SetAside,
    errors,
    estimated_jaccard,
    extract_page,
    find_traces,
    index_benchmarks,
    load_config,
    minhash,
    read_warc,
)
from pipeline.base.arguments import checked, takes_one_of
from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import shingle_hashes, true_jaccard
from pipeline.text.text_key import comparable_words
from tests.places import PROJECT

QUESTION = "Janet has 16 ducks. How many eggs do they lay in a week?"
INDEX = index_benchmarks(texts=[QUESTION])
SIGNATURE = minhash(QUESTION)
#: Functions that take anything: the checks stand before them.
Given = Callable[..., Any]


@pytest.mark.parametrize(
    ("function", "given", "named", "found", "advice"),
    [
        (extract_page, ["<p>x"], {}, "html is of type str", "extract_page(text.encode(), "),
        (extract_page, [None], {}, "html is None", "bytes: the body of the response"),
        (extract_page, [[b"<p>x"]], {}, "html is of type list", "bytes: the body"),
        (extract_page, [bytearray(b"<p>x")], {}, "html is of type bytearray", "bytes(it)"),
        (extract_page, [], {"html": "<p>x"}, "html is of type str", ".encode()"),
        (extract_page, [b"x"], {"content_type": b"text/html"}, "is of type bytes", "latin-1"),
        (extract_page, [b"x"], {"content_type": None}, "content_type is None", "without one"),
        (extract_page, [b"x"], {"charset": "utf-8"}, "no argument charset", "content_type"),
        (extract_page, [b"x"], {"extractor": "slow"}, "extractor is 'slow'", "'trafilatura'"),
        (extract_page, [b"x"], {"extractor": 2}, "extractor is of type int", "'fast' or"),
        (extract_page, [b"x"], {"url": 3}, "url is of type int", "a str"),
        (read_warc, [b"WARC/1.0"], {}, "source is of type bytes", "io.BytesIO(data)"),
        (read_warc, [io.BytesIO()], {"reader": "curl"}, "reader is 'curl'", "'warcio'"),
        (load_config, [3], {}, "path is of type int", "a str or a Path"),
        (minhash, [b"x"], {}, "text is of type bytes", "data.decode()"),
        (estimated_jaccard, ["a", "b"], {}, "left is of type str", "minhash(text)"),
        (find_traces, [extract_page(b"<p>x"), INDEX], {}, "text is of type Page", "page.text"),
        (find_traces, ["x", [QUESTION]], {}, "index is of type list", "index_benchmarks("),
        (index_benchmarks, [], {"texts": QUESTION}, "texts is one text", "texts=[text]"),
        (index_benchmarks, [], {"texts": [QUESTION, 2]}, "text 2 is of type int", "a str"),
        (index_benchmarks, [7], {}, "folder is of type int", "a str or a Path"),
    ],
)
def test_a_wrong_argument_is_told_in_words_when_the_function_is_called(
    function: Given, given: list[Any], named: dict[str, Any], found: str, advice: str
) -> None:
    with pytest.raises(errors.ArgumentError) as caught:
        function(*given, **named)
    assert function.__name__ in caught.value.problem
    assert found in caught.value.problem
    assert advice in f"{caught.value.expected} {caught.value.remedy}"
    assert isinstance(caught.value, TypeError)


def test_a_wrong_argument_is_not_shown_whole() -> None:
    @checked(name=takes_one_of("a"))
    def function(name: str) -> str:
        """What it does."""
        return name

    with pytest.raises(errors.ArgumentError) as caught:
        function("x" * 9_000)
    assert len(str(caught.value)) < 200
    assert (function("a"), function.__name__, function.__doc__) == (
        "a",
        "function",
        "What it does.",
    )


def test_a_character_set_that_nobody_knows_is_no_error() -> None:
    page = extract_page("<p>Größe".encode(), content_type="text/html; charset=nonsense")
    assert (page.text, page.encoding) == ("Größe", "utf-8")


def test_a_page_without_text_can_be_caught() -> None:
    with pytest.raises(SetAside, match="no-text"):
        extract_page(b"<p></p>")


def test_a_configuration_may_be_named_by_a_str() -> None:
    path = PROJECT / "seeds" / "sample.toml"
    assert load_config(str(path)) == load_config(path)


def test_every_name_is_there_and_listed() -> None:
    assert set(pipeline.__all__) <= set(dir(pipeline))
    assert pipeline.Capture is Capture
    with pytest.raises(AttributeError, match="no attribute 'extract_pages'"):
        pipeline.extract_pages  # noqa: B018


def test_minhash_estimates_the_similarity_of_two_texts() -> None:
    words = [f"word{number}" for number in range(400)]
    one, other = " ".join(words[:300]), " ".join(words[30:330])
    left, right = (
        np.unique(shingle_hashes(comparable_words(text), Dedupe())) for text in (one, other)
    )
    truth = true_jaccard(left, right)
    assert 0.7 < truth < 0.9
    assert estimated_jaccard(minhash(one), minhash(other)) == pytest.approx(truth, abs=0.12)
    assert minhash(one).shape == (112,)
    assert minhash(one).dtype == np.uint32
    assert estimated_jaccard(minhash(one), minhash(one.upper())) == 1
    assert estimated_jaccard(minhash(one), minhash("something else")) == 0


def test_signatures_of_different_lengths_are_not_compared() -> None:
    with pytest.raises(errors.SignatureMismatch, match="of 112 and of 8 minima"):
        estimated_jaccard(SIGNATURE, minhash(QUESTION, Dedupe(bands=2, rows=4)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {"benchmark": name, "split": "test", "id": "1", "question": question, "answer": "7"}
        for name, question in (("ducks", QUESTION), ("other", "Which number is prime?"))
    ]
    (tmp_path / "all.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_a_folder_of_benchmarks_is_searched_for_whole(folder: Path) -> None:
    index = index_benchmarks(folder, texts=["A text of one's own"])
    page = f"{QUESTION} Which number is prime? A text of one's own."
    found = find_traces(page, index).hits
    assert [(hit.benchmark, hit.rule) for hit in found] == [
        ("ducks", "ngram"),
        ("other", "exact"),
        ("texts", "exact"),
    ]
    assert find_traces("How many eggs?", index).hits == []


def test_what_is_allowed_is_no_hit(folder: Path) -> None:
    allowed = folder / "allowed.toml"
    allowed.write_text(
        '[[allowed]]\ntext = "Which number is prime?"\nreason = "asked everywhere"\n'
        'reviewed = "ada, 2026"\n'
    )
    traces = find_traces("Which number is prime?", index_benchmarks(folder, allowed=allowed))
    assert traces.hits == []
    assert [one.entry for one in traces.exempted] == ["Which number is prime?"]


def test_an_index_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.InputEmpty, match="no benchmark to look for"):
        index_benchmarks()
    with pytest.raises(errors.InputMissing, match="no folder of benchmarks"):
        index_benchmarks(tmp_path / "nowhere")
    with pytest.raises(errors.InputMalformed, match="text 2 is too short"):
        index_benchmarks(texts=[QUESTION, "two words"])
