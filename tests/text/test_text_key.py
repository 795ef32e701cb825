from pipeline.text.text_key import comparable_words, text_key
from pipeline.web.canonical import url_key


def key(text: str) -> str:
    return text_key(comparable_words(text))


def test_keys_are_the_same_on_every_machine() -> None:
    assert url_key("http://www.example.org/a/") == url_key("https://example.org/a")
    assert url_key("https://example.org/a") == "932885c98e32c8621dbdb3fea27b4ce1"
    assert key("Let $x$ be a number.") == "87d283ba04da0db8b0957a0a843c38f8"


def test_white_space_case_width_and_delimiters_make_no_difference() -> None:
    assert key("Let $x$ be\n\n a  Number 数 学") == key("LET $$x$$ be a ｎｕｍｂｅｒ 数学")


def test_words_their_order_and_their_borders_do() -> None:
    texts = ["one two three", "two one three", "one two", "onetwo three", "一二", "二一"]
    assert len({key(text) for text in texts}) == len(texts)


def test_texts_without_a_word_are_alike_only_where_they_are_the_same() -> None:
    assert key("+ - \n =") == key("+  - =")
    assert key("+ - =") != key("= - +")
    assert comparable_words("") == [""]
    assert comparable_words(" \n ") == [""]


def test_lone_surrogates_are_hashed_like_anything_else() -> None:
    assert url_key("https://example.org/\ud800") != url_key("https://example.org/\ud801")
    assert key("\ud800") != key("\ud801")
