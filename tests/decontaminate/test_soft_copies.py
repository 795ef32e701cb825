"""The same problem with other numbers, or in other words: told."""

from pipeline.decontaminate import soft_copies
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.soft_copies import RareWords, nearest, passages, telling_words

HANDSHAKES = (
    "10 people attend a party. During the party everyone shakes hands with everyone else. "
    "How many handshakes take place at the party?"
)
CHINESE = "果园里有苹果树120棵，梨树比苹果树多30棵，桃树的棵数是梨树的2倍。桃树有多少棵？"
FILLER = [
    Item(
        "other", "test", str(n), f"How many people at place number {n} attend and take a walk?", ""
    )
    for n in range(300)
]
ITEMS = [Item("math", "test", "h", HANDSHAKES, "45"), Item("zh", "dev", "t", CHINESE, ""), *FILLER]


def found(*texts):
    return nearest(RareWords(ITEMS), [(f"page {n}", text) for n, text in enumerate(texts)], 5)


def test_a_problem_with_other_numbers_is_told():
    page = HANDSHAKES.replace("10 people", "Once 25 guests").replace("attend", "came to")
    [copy] = found("An unrelated page on the weather of March.", page)
    assert (copy.benchmark, copy.item, copy.page_id) == ("math", "h", "page 1")
    assert copy.overlap > 0.9
    assert {"handshakes", "everyone", "party"} <= set(copy.words)
    assert copy.excerpt.startswith("Once 25 guests")


def test_so_is_one_without_spaces():
    page = CHINESE.replace("120", "75").replace("30", "18").replace("2倍", "3倍")
    [copy] = found(page)
    assert (copy.benchmark, copy.item) == ("zh", "t")
    assert copy.overlap > 0.9


def test_words_that_many_questions_have_say_nothing():
    assert found("Many people at that place attend it and take a walk, number or no number.") == []


def test_a_passage_is_told_once_and_the_nearest_first():
    twins = [Item("twin", "test", str(n), HANDSHAKES, "") for n in range(2)]
    rare = RareWords([*ITEMS, *twins])
    part = "Everyone shakes hands with everyone else at the party; how many handshakes?"
    copies = nearest(rare, [("part", part), ("whole", HANDSHAKES)], 5)
    assert [copy.page_id for copy in copies] == ["whole"]
    assert copies[0].overlap == 1


def test_what_is_looked_at_of_a_page_is_bounded(monkeypatch):
    monkeypatch.setattr(soft_copies, "_LONGEST_PAGE", 5_000)
    pieces = list(passages("word " * 10_000))
    assert sum(map(len, pieces)) <= 5_000 + len(pieces)
    assert max(map(len, pieces)) <= 2_001
    assert list(passages(" \n\n")) == []


def test_numbers_signs_and_short_words_are_left_out():
    assert telling_words(r"In 1999 the $\alpha + x^2 = \sin y$ 果园里") == ["the", "果园", "园里"]
