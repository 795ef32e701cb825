from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.base.outcomes import Outcome
from pipeline.report.address_story import (
    Example,
    LedgerRecord,
    PageStory,
    PoolPlace,
    RoundScore,
    Story,
    Trace,
    fate,
    story_lines,
)

KEPT = PoolPlace("aa", "https://a.example/x", "", None)
COPY = PoolPlace("bb", "https://b.example/y", "url", 1.0)
TAKEN = [RoundScore(1, 0.4, None, 0.5), RoundScore(2, 0.9, 7, 0.5)]
LEAK = Trace("contamination", "gsm8k", "test/12", "how many apples does")
PASSED = Trace("let_pass", "math", "9", "find the value of")
PAGE = PageStory(
    page_id="aa",
    url="https://a.example/x",
    crawl="sample",
    warc="w.warc.gz",
    offset=1_234,
    length=567,
    fetched=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    language="en",
    title="Limits",
    words=400,
    tokens=600,
    formulas=12,
    licence=None,
    reservation=None,
    pool=KEPT,
    rounds=TAKEN,
    corpus_made=True,
)

#: Each fate of a page: what is known of it, and the sentence.
FATES = {
    "not deduplicated": (
        {"pool": None},
        "extracted, and not in the pool: it has not been deduplicated yet",
    ),
    "copy by address": (
        {"pool": COPY},
        "dropped as a copy of https://b.example/y: the same address",
    ),
    "copy by words": (
        {"pool": replace(COPY, method="exact")},
        "dropped as a copy of https://b.example/y: the same words",
    ),
    "near copy": (
        {"pool": replace(COPY, method="minhash", similarity=0.876)},
        "dropped as a copy of https://b.example/y: nearly the same words (similarity 0.88)",
    ),
    "no round": ({"rounds": ()}, "kept by deduplication; no round has scored it yet"),
    "no score": (
        {"rounds": [RoundScore(1, None, None, 0.5)]},
        "kept by deduplication; round 1 has no score of it",
    ),
    "under the floor": (
        {"rounds": [RoundScore(1, 0.25, None, 0.5)]},
        "not collected: round 1 scores it 0.2500, under the floor 0.5",
    ),
    "no number": (
        {"rounds": [RoundScore(1, float("nan"), None, 0.5)]},
        "not collected: round 1 scores it nan, under the floor 0.5",
    ),
    "beyond the budget": (
        {"rounds": [RoundScore(1, 0.75, None, 0.5)]},
        "not collected: it scores 0.7500, and pages that score more fill the budget of round 1",
    ),
    "collected once": (
        {"rounds": [RoundScore(1, 0.9, 3, 0.5), RoundScore(2, 0.25, None, 0.5)]},
        "not collected: round 2 scores it 0.2500, under the floor 0.5; round 1 took it",
    ),
    "no corpus": (
        {"corpus_made": False},
        "collected in round 2; there is no corpus of that round yet",
    ),
    "in the corpus": ({"rank": 7}, "in the corpus, at rank 7"),
    "with what was let pass": ({"rank": 7, "traces": [PASSED]}, "in the corpus, at rank 7"),
    "in the corpus in part": (
        {"rank": 7, "traces": [LEAK], "unit": "segment"},
        "in the corpus, at rank 7, without the paragraphs that hold an item of a benchmark",
    ),
    "contaminated": (
        {"traces": [PASSED, LEAK]},
        "collected, and left out of the corpus: it holds an item of a benchmark",
    ),
    "reservation": (
        {"wish": "reservation", "reservation": "noai-meta"},
        "collected, and left out of the corpus for what it says of itself (reservation)",
    ),
    "licence": (
        {"wish": "non-commercial", "licence": "CC-BY-NC-4.0"},
        "collected, and left out of the corpus for what it says of itself (non-commercial)",
    ),
    "cut off": (
        {"cut": "fewer tokens than emit.min_tokens"},
        "collected, and left out of the corpus: fewer tokens than emit.min_tokens",
    ),
    "emptied": (
        {"traces": [LEAK], "unit": "segment"},
        "collected, and nothing is left of it without what it holds of benchmarks",
    ),
    "older corpus": ({}, "collected, and not in the corpus, which is of an earlier collection"),
}


@pytest.mark.parametrize("name", FATES)
def test_a_page_has_one_fate(name):
    changes, sentence = FATES[name]
    page = replace(PAGE, **changes)
    assert fate(page) == sentence
    first, *_ = story_lines(Story(page.url, pages=[page]))
    assert first == f"https://a.example/x: {sentence}"


@pytest.mark.parametrize("outcome", [one for one in Outcome if one.kind == "record"])
def test_a_record_without_a_page_says_why(outcome):
    record = LedgerRecord(
        "https://a.example/", "sample", "w.warc.gz", 99, str(outcome), "status 404\x1b[31m"
    )
    lines = list(story_lines(Story("https://a.example/", records=[record])))
    assert lines == [
        f"https://a.example/: set aside: {outcome}: {outcome.meaning}",
        "  status 404\\x1b[31m",
        "  record: sample, w.warc.gz, byte 99",
    ]


def test_the_whole_story_is_in_its_lines():
    page = replace(
        PAGE,
        rank=7,
        copies=[(f"https://c.example/{n}", "minhash") for n in range(12)],
        examples=[Example(2, "math", "pattern:a.example", False)],
        traces=[PASSED] * 11,
        topics=["calculus", "proofs"],
        domain=(40, 30, 0.75),
        reservation="noai-meta",
    )
    lines = list(story_lines(Story(page.url, pages=[page], text={"aa": ["  1 part"]})))
    assert lines[1:4] == [
        "  page: aa, fetched 2024-05-06 07:08:09",
        "  record: sample, w.warc.gz, byte 1,234, 567 bytes",
        "  text: 400 words, 600 tokens, 12 formulas, language en, title Limits",
    ]
    assert "  it says of itself: licence none, reservation noai-meta" in lines
    assert "  topics: calculus, proofs" in lines
    assert "  domain: 30 of its 40 pages collected (75.0%)" in lines
    assert "  round 1: score 0.4000, not collected" in lines
    assert "  round 2: score 0.9000, collected, rank 7" in lines
    assert "  round 2 used it to train its classifier: math, pattern:a.example" in lines
    assert "  let_pass: math 9: find the value of" in lines
    assert "  and 1 traces more" in lines
    assert any(line.endswith("https://c.example/9 (minhash) and 2 more") for line in lines)
    assert lines[-1] == "  1 part"


def test_where_there_is_nothing_what_is_near_is_named():
    story = Story("https://a.example/lmits", near=["https://a.example/limits"])
    assert list(story_lines(story)) == [
        "https://a.example/lmits: no record that was read has this address",
        "near it:",
        "  https://a.example/limits",
    ]


def test_of_a_removed_address_the_removal_is_told_and_nothing_near_it():
    line = "removed on 2026-01-31, by removal 1 of host a.example, asked for on …: asked"
    story = Story("https://a.example/x", removed=[line])
    assert list(story_lines(story)) == [
        f"https://a.example/x: {line}",
        "  no table has anything of it any more, and no later crawl brings it back",
    ]
