import gzip
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import Decontaminate
from pipeline.decontaminate import benchmark_index as index_module
from pipeline.decontaminate import ngrams
from pipeline.decontaminate.benchmark_index import build_index
from pipeline.decontaminate.benchmarks import Item, load_benchmarks
from pipeline.decontaminate.findings import index_report
from pipeline.decontaminate.ngrams import find_traces
from pipeline.text.words import words

SETTINGS = Decontaminate()

#: 14 words, then an answer of 11.
QUESTION = "A baker fills seven trays with twelve rolls each; how many rolls leave the oven?"
ANSWER = "Seven trays of twelve rolls are $7 \\times 12 = 84$ rolls."


def item(question=QUESTION, answer="", benchmark="bakery", id="1"):
    return Item(benchmark, "test", id, question, answer)


def index_of(*items, settings=SETTINGS):
    return build_index(items, settings)


def found(text, *items, settings=SETTINGS):
    return find_traces(text, index_of(*items, settings=settings)).hits


def passed(text, *items):
    traces = find_traces(text, index_of(*items))
    assert traces.hits == []
    return traces.passed


def test_a_run_of_ten_words_is_a_hit_and_nine_are_none():
    all_words = words(QUESTION)
    ten = " ".join(all_words[2:12])
    nine = " ".join(all_words[2:11])
    [hit] = found(f"before that {ten} and after", item())
    assert (hit.benchmark, hit.split, hit.item) == ("bakery", "test", "1")
    assert (hit.field, hit.rule, hit.gram) == ("question", "ngram", ten)
    assert found(f"before that {nine} and after", item()) == []


def test_question_and_answer_are_texts_of_their_own():
    both = item(answer=ANSWER)
    assert [hit.field for hit in found(ANSWER, both)] == ["answer"]
    across = " ".join(words(QUESTION)[-5:] + words(ANSWER)[:5])
    assert found(across, both) == []


def test_position_and_length_cover_the_whole_run_in_the_page():
    page = f"Intro.\n\nProblem 3: {QUESTION} (Solution below.)\n\nNothing."
    [hit] = found(page, item())
    assert page[hit.position : hit.position + hit.length] == QUESTION.rstrip("?")
    assert hit.context.startswith("Intro.")
    assert hit.context.endswith("Nothing.")


def test_the_context_of_a_long_match_is_short():
    long = " ".join(f"word{n}a" for n in range(2_000))
    [hit] = found(long, item(long))
    assert hit.length == len(long)
    assert len(hit.context) < 500


def test_two_runs_of_one_text_are_two_hits():
    ten = " ".join(words(QUESTION)[:10])
    hits = found(f"{ten} something else {ten}", item())
    assert [hit.position for hit in hits] == [0, len(ten) + 16]


@pytest.mark.parametrize(
    ("question", "matches"),
    [
        ("Compute pi squared", True),  # three words
        ("Compute pi", False),  # two
        ("Name the nine words that this question of mine", True),  # nine
    ],
)
def test_short_texts_are_found_whole_or_not_at_all(question, matches):
    hits = found(f"Exercise: {question.upper()}, quickly.", item(question))
    assert [hit.rule for hit in hits] == (["exact"] if matches else [])
    if matches:
        assert hits[0].gram == " ".join(words(question))
        cut = " ".join(words(question)[:-1])
        assert found(f"Exercise: {cut} quickly", item(question)) == []


def test_a_page_that_ends_inside_a_short_text_holds_another_short_text_only_once():
    both = [item("Compute pi squared", id="a"), item("Compute pi squared twice", id="b")]
    assert [hit.item for hit in found("Compute pi squared", *both)] == ["a"]
    assert {hit.item for hit in found("Compute pi squared twice", *both)} == {"a", "b"}


@pytest.mark.parametrize(
    "answer",
    ["$\\frac{1}{2} + 3$", "(1, 2, 3)", "$x = 3, y = 4$", "2\\sqrt{3}", "2 and 3", "frac{1}{2}"],
)
def test_an_answer_that_is_a_bare_value_condemns_no_page(answer):
    asked = "How much does it come to?"
    assert found(f"{asked} Here we have {answer} again.", item(asked, answer))[1:] == []
    # As a question it would: somebody asks for just that.
    assert found(f"Here we have {answer} again.", item(answer))


def test_a_bare_value_is_not_looked_for_at_any_length():
    value = "$x^2 + 3x + 4y^2 - 5xy + \\frac{1}{2} z^3 = 7 \\leq \\sqrt{8}$"
    assert len(words(value)) > 20
    traces = find_traces(f"Here we have {value} again.", index_of(item(answer=value)))
    assert traces.hits == traces.passed == []


def test_a_short_answer_counts_beside_its_question_alone():
    one = item("What did it cost?", "seven silver coins")
    [alone] = passed("it cost seven silver coins then", one)
    assert (alone.field, alone.rule, alone.share) == ("answer", "exact", 1)
    page = "What did it cost? Oh, it cost seven silver coins then."
    assert [hit.field for hit in found(page, one)] == ["question", "answer"]
    by_paper = Decontaminate(rule="paper")
    [hit] = found("it cost seven silver coins then", one, settings=by_paper)
    assert hit.field == "answer"


CHINESE = "妈咪买了3盒茶叶，一盒茶叶有6小包，一共买了多少小包茶叶？"


def test_chinese_problems_are_found_by_character():
    [hit] = found(f"例题：{CHINESE}答：18小包。", item(CHINESE))
    assert hit.rule == "ngram"
    assert passed("妈咪买了3盒茶叶，一", item(CHINESE)) == []  # nine
    assert passed("妈咪买了3盒茶叶，一盒", item(CHINESE))
    assert found("妈咪买了3盒茶叶，一盒茶叶有6", item(CHINESE))
    [short] = found("问：求圆的面积。", item("求圆的面积"))
    assert (short.rule, short.gram) == ("exact", "求 圆 的 面 积")


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        lambda text: text.replace(" ", "  \n"),
        lambda text: text.replace(" ", "\n\n"),
        lambda text: text.replace("$", "$$"),
        lambda text: text.replace("$", "\\(", 1).replace("$", "\\)", 1),
        lambda text: text.replace("{", "{ ").replace("\\frac", "\\dfrac"),
        lambda text: text.replace("x", "ｘ").replace("2", "２"),
        lambda text: text.replace(",", "").replace(".", ";"),
        lambda text: text.replace("\\frac", "\\left.\\displaystyle\\frac"),
    ],
)
def test_spelling_that_changes_no_mathematics_does_not_hide_an_item(disguise):
    text = "Let $f(x) = \\frac{x+1}{x-2}$ for real x, and find f(f(x)) where it exists."
    [hit] = found("Task. " + disguise(text), item(text))
    assert hit.position == len("Task. ")


def test_numbers_are_kept_apart():
    assert found(QUESTION, item(QUESTION.replace("twelve", "12"))) == []


def test_one_gram_of_many_items_names_them_up_to_a_bound():
    many = [item(id=str(n)) for n in range(ngrams.MOST_TEXTS + 5)]
    assert [hit.item for hit in found(QUESTION, *many[:3])] == ["0", "1", "2"]
    assert len(found(QUESTION, *many)) == ngrams.MOST_TEXTS


def test_hits_are_bounded_and_still_cover_every_match(monkeypatch):
    monkeypatch.setattr(ngrams, "MOST_HITS", 3)
    page = " and again, ".join([QUESTION] * 10)
    hits = found(page, item())
    assert len(hits) == 3
    assert hits[-1].position + hits[-1].length == len(page.rstrip("?"))


def test_the_last_of_bounded_hits_covers_short_texts_too(monkeypatch):
    monkeypatch.setattr(ngrams, "MOST_HITS", 1)
    page = "Compute pi squared. Then a lot of other words. Compute pi squared"
    [hit] = found(page, item("Compute pi squared"))
    assert (hit.position, hit.length) == (0, len(page))


@pytest.mark.parametrize("bits", [0, 6])
def test_texts_of_one_hash_are_told_apart(monkeypatch, bits):
    def colliding(found):
        whole = np.array([sum(map(ord, word)) for word in found], dtype=np.uint64)
        return whole & np.uint64((1 << bits) - 1)

    monkeypatch.setattr(index_module, "hash_words", colliding)
    monkeypatch.setattr(ngrams, "hash_words", colliding)
    other = item(
        "Nobody on the whole wide earth would ever guess what these words collide with", id="2"
    )
    index = index_of(item(), other, item("Compute pi squared", id="3"))
    clean = "An innocent page of some sixteen words that nobody ever put to a model as test."
    assert find_traces(clean, index).hits == []
    assert [hit.item for hit in find_traces(f"{clean} {QUESTION} {clean}", index).hits] == ["1"]
    assert [hit.item for hit in find_traces(f"{clean} compute pi squared", index).hits] == ["3"]


def test_text_that_cannot_be_placed_is_covered_by_its_line():
    # A compatibility ligature before an accent: only the whole line composes them.
    line = "ﬁ\u0301 " + QUESTION
    page = f"first line\n{line}\nlast line"
    [hit] = found(page, item())
    assert (hit.position, hit.length) == (page.index(line), len(line))


def test_no_items_give_no_hits():
    assert found(QUESTION) == []
    assert found("", item()) == []


def test_the_index_survives_pickling():
    index = index_of(item(answer=ANSWER), item("Compute pi squared"))
    again = pickle.loads(pickle.dumps(index))
    assert find_traces(QUESTION, again).hits == find_traces(QUESTION, index).hits != []
    assert index.nbytes > 0


def test_the_report_counts_texts_by_rule():
    settings = Decontaminate(grams=5, min_grams=3)
    items = [
        item("one two three four five", "a b", "x"),
        item("one two three", "some words here", "x"),
        item("one", "1 2 3", "x"),
        item("one two", "", "a"),
    ]
    report = index_report(items, settings)
    assert {name: line.document() for name, line in report.items()} == {
        "a": {
            "items": 1,
            "items by ngram": 0,
            "items by exact": 0,
            "ngram": 0,
            "exact": 0,
            "too-short": 1,
            "bare-value": 0,
            "exempt": 0,
            "unseen items": 1,
        },
        "x": {
            "items": 3,
            "items by ngram": 1,
            "items by exact": 1,
            "ngram": 1,
            "exact": 2,
            "too-short": 2,
            "bare-value": 1,
            "exempt": 0,
            "unseen items": 1,
        },
    }


WORD = st.sampled_from(["a", "b", "c", "x1", "角"])


@given(
    items=st.lists(st.lists(WORD, min_size=1, max_size=8), max_size=6),
    page=st.lists(WORD, max_size=60),
)
def test_hits_are_those_of_a_plain_search(items, page):
    settings = Decontaminate(grams=4, min_grams=2, rule="paper")
    texts = [item(" ".join(words), id=str(n)) for n, words in enumerate(items)]
    hits = find_traces(" ".join(page), build_index(texts, settings)).hits

    page_words = words(" ".join(page))
    expected = set()
    for n, question in enumerate(texts):
        found = words(question.question)
        if len(found) < settings.min_grams:
            continue
        length = min(len(found), settings.grams)
        grams = {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}
        for i in range(len(page_words) - length + 1):
            if tuple(page_words[i : i + length]) in grams:
                expected |= {(str(n), j) for j in range(i, i + length)}
    covered = set()
    offsets = {}
    position = 0
    for number, word in enumerate(word for token in page for word in words(token)):
        offsets[position] = number
        position += len(word) + 1
    for hit in hits:
        covered_words = words(" ".join(page)[hit.position : hit.position + hit.length])
        first = len(words(" ".join(page)[: hit.position]))
        covered |= {(hit.item, first + j) for j in range(len(covered_words))}
    assert covered == expected
    assert [hit.position for hit in hits] == sorted(hit.position for hit in hits)


def test_gzip_and_plain_give_the_same_items(tmp_path):
    row = json.dumps(
        {"benchmark": "x", "split": "s", "id": "1", "question": QUESTION, "answer": ""}
    )
    (tmp_path / "p").mkdir()
    (tmp_path / "g").mkdir()
    (tmp_path / "p/a.jsonl").write_text(row)
    (tmp_path / "g/a.jsonl.gz").write_bytes(gzip.compress(row.encode()))
    plain, zipped = (
        load_benchmarks(Decontaminate(benchmarks=str(tmp_path / name), names=("x",)))
        for name in "pg"
    )
    assert plain == zipped
