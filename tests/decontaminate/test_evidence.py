"""What is weighed of a text, and what condemns."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate import evidence
from pipeline.decontaminate.benchmark_index import build_index
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.evidence import Evidence, EvidenceRule, Weighing, weight
from pipeline.decontaminate.ngrams import find_traces
from pipeline.decontaminate.rulings import Subject
from pipeline.text.words import words
from tests.places import shared

RULE = EvidenceRule.of(Decontaminate())
#: 30 words.
QUESTION = (
    "A gardener plants tulips in seven rows so that each row has three more bulbs than the row "
    "before it; how many bulbs are there in all if the first has five?"
)


def index_of(*items, **settings):
    return build_index(items, Decontaminate(**settings))


def question(text=QUESTION, answer=""):
    return Item("garden", "test", "1", text, answer)


@pytest.mark.parametrize(
    ("word", "halves"), [("tulips", 2), ("row", 2), ("x", 0), ("12", 0), ("圆", 1), ("leq", 0),
                         ("alpha", 0), ("sin", 0), ("in", 0), ("+", 0), ("три", 2)]
)  # fmt: skip
def test_words_of_a_language_are_telling(word, halves):
    assert weight(word) == halves


@pytest.mark.parametrize(
    ("field", "held", "condemns"),
    [
        # grams, part of the grams, part of the words, telling words
        ("question", Evidence(6, 0.5, 0.7, 0), True),
        ("answer", Evidence(6, 0.5, 0.7, 2), False),
        ("answer", Evidence(6, 0.5, 0.7, 4), True),
        ("answer", Evidence(9, 0.9, 0.95, 1), True),
        ("answer", Evidence(9, 0.9, 0.95, 0), False),
        ("question", Evidence(3, 0.2, 0.3, 4), True),
        ("question", Evidence(2, 0.2, 0.3, 4), False),
        ("question", Evidence(3, 0.2, 0.3, 3), False),
        # A phrase or two of a long solution.
        ("answer", Evidence(6, 0.06, 0.13, 10), False),
        # A part of a short question that holds few grams.
        ("question", Evidence(1, 0.1, 0.5, 3), True),
        ("question", Evidence(1, 0.1, 0.3, 3), False),
    ],
)
def test_how_much_condemns(field, held, condemns):
    assert RULE.condemns(field, held) == condemns
    assert EvidenceRule.of(Decontaminate(rule="paper")).condemns(field, held)


def test_half_of_a_text_condemns_and_a_phrase_of_it_is_let_pass_and_told():
    spelled = QUESTION.split()
    index = index_of(question())
    assert find_traces(" ".join(spelled[:15]), index).hits
    traces = find_traces(" ".join(spelled[:11]), index)
    assert traces.hits == []
    [passed] = traces.passed
    assert (passed.item, passed.words, passed.by_rule) == ("1", 8, False)
    assert passed.share == pytest.approx(11 / len(words(QUESTION)), abs=0.01)
    assert find_traces(" ".join(spelled[:11]), index_of(question(), rule="paper")).hits


def test_parts_of_a_text_that_stand_apart_are_weighed_together():
    spelled = QUESTION.split()
    page = f"{' '.join(spelled[:11])}. Something else. {' '.join(spelled[-11:])}"
    hits = find_traces(page, index_of(question())).hits
    assert len(hits) == 2
    assert {hit.share for hit in hits} == {round(22 / len(words(QUESTION)), 4)}


@pytest.mark.parametrize(
    "form",
    [
        r"$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$",
        r"$\begin{pmatrix} 1 & 0 & 0 & 0 \\ 0 & 1 & 0 & 0 \\ 0 & 0 & 1 & 0 \end{pmatrix}$",
        r"$\frac{x^2}{a^2} + \frac{y^2}{b^2} = 1$",
    ],
)
def test_a_formula_of_everybody_condemns_no_page(form):
    asked = f"Show that {form} holds for every row of the table which the pupils drew on Monday."
    traces = find_traces(f"As is well known, {form}.", index_of(question(asked)))
    assert traces.hits == []
    assert traces.passed


def test_a_text_that_condemns_is_told_instead_of_those_that_share_its_words():
    other = Item(
        "other", "test", "2", " ".join(["Elsewhere", *QUESTION.split()[:12]] + ["w"] * 30), ""
    )
    traces = find_traces(QUESTION, index_of(question(), other))
    assert {hit.benchmark for hit in traces.hits} == {"garden"}
    assert traces.passed == []


@pytest.mark.parametrize(
    ("ruling", "condemned"), [("chance", False), ("near", True), ("leak", True)]
)
def test_a_persons_word_counts_for_more_than_the_rule(ruling, condemned):
    subject = Subject("garden", "test", "1", "question")
    for page in (QUESTION, " ".join(QUESTION.split()[:11])):
        by_rule = find_traces(page, index_of(question()))
        ruled = find_traces(page, index_of(question()), {subject: ruling})
        [trace] = ruled.hits + ruled.passed
        assert bool(ruled.hits) == condemned
        assert trace.ruling == ruling
        assert trace.by_rule == bool(by_rule.hits)


def test_what_is_ruled_chance_is_told_beside_a_text_that_condemns():
    twin = Item("twin", "test", "2", QUESTION, "")
    traces = find_traces(
        QUESTION,
        index_of(question(), twin),
        {Subject("twin", "test", "2", "question"): "chance"},
    )
    assert [hit.benchmark for hit in traces.hits] == ["garden"]
    assert [(one.benchmark, one.ruling) for one in traces.passed] == [("twin", "chance")]


WORDS = st.lists(st.sampled_from("abcde"), min_size=3, max_size=9)


@given(
    texts=st.lists(WORDS, min_size=1, max_size=6),
    page=st.lists(st.sampled_from("abcde"), max_size=40),
    at_once=st.integers(1, 5),
)
def test_shares_are_those_of_a_plain_count(texts, page, at_once):
    grams = 3
    ids = {letter: number for number, letter in enumerate("abcde")}
    weights = np.array([2, 1, 1, 0, 2], dtype=np.uint8)
    starts = np.cumsum([0, *map(len, texts)], dtype=np.uint32)[:-1]
    word_ids = np.array([ids[letter] for text in texts for letter in text], dtype=np.uint32)
    held = {tuple(page[i : i + grams]) for i in range(len(page) - grams + 1)}
    positions, expected = [], {}
    for number, text in enumerate(texts):
        begins = [i for i in range(len(text) - grams + 1) if tuple(text[i : i + grams]) in held]
        positions += [int(starts[number]) + i for i in begins]
        covered = {j for i in begins for j in range(i, i + grams)}
        if begins:
            halves = sum(int(weights[ids[letter]]) for letter in {text[j] for j in covered})
            expected[number] = Evidence(
                len(begins),
                len(begins) / (len(text) - grams + 1),
                len(covered) / len(text),
                halves // 2,
            )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "_AT_ONCE", at_once)
        weighing = Weighing(starts, word_ids, weights, grams)
        assert weighing.weigh(np.array(positions, dtype=np.uint32)) == expected


def test_respelled_questions_are_found():
    for case in json.loads((shared("cases") / "respelled.json").read_text(encoding="utf-8")):
        page = f"Some lesson on the matter.\n\n{case['page']}\n\nAnd some more of it."
        [hit] = find_traces(page, index_of(question(case["question"]))).hits
        assert hit.share == 1, case["name"]
