import pytest

from pipeline.base.errors import ConfigError, InputMissing
from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList, Entry, load_allowed
from pipeline.decontaminate.benchmark_index import build_index
from pipeline.decontaminate.benchmark_texts import texts_of
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.ngrams import find_traces
from pipeline.text.words import words
from tests.places import PROJECT

SHIPPED = PROJECT / "seeds" / "allowed_grams.toml"
REASON = 'reason = "it is nobody\'s own"\nreviewed = "a test, 2024-01-01"\n'
QUESTION = "A baker fills seven trays with twelve rolls each; how many rolls leave the oven?"


def ruling(**given):
    return Entry(reason="it is nobody's own", reviewed="a test, 2024-01-01", **given)


def allowing(*entries):
    return AllowList(allowed=entries)


def item(question, answer=""):
    return Item("bakery", "test", "1", question, answer)


def traces(page, question, *entries):
    return find_traces(page, build_index([item(question)], Decontaminate(), allowing(*entries)))


def test_each_gram_of_a_text_is_exempt_and_no_other():
    allowed = allowing(ruling(text="One two, three four FIVE"))
    grams = [("one", "two", "three"), ("three", "four", "five"), ("two", "three", "six")]
    assert [allowed.entry_of(gram, 3) for gram in grams] == [0, 0, None]


def test_a_short_text_exempts_only_the_text_that_equals_it():
    allowed = allowing(ruling(text="they are equal"))
    assert allowed.entry_of(("they", "are", "equal"), 10) == 0
    assert allowed.entry_of(("they", "are", "equal", "now"), 10) is None
    assert allowed.entry_of(("they", "are"), 10) is None


def test_a_pattern_is_matched_against_the_whole_gram():
    allowed = allowing(ruling(pattern=r"[01]( [01])*"))
    assert allowed.entry_of(("0", "1", "1"), 3) == 0
    assert allowed.entry_of(("0", "1", "2"), 3) is None
    assert allowed.entry_of(("0", "1", "1x"), 3) is None


def test_the_first_entry_that_covers_a_gram_counts():
    allowed = allowing(ruling(pattern="1 .*"), ruling(text="1 2 3"), ruling(pattern="0 .*"))
    assert allowed.entry_of(("1", "2", "3"), 3) == 0
    assert AllowList().entry_of(("1", "2", "3"), 3) is None


def test_a_page_that_holds_only_an_allowed_gram_is_spared_and_told():
    ten = " ".join(words(QUESTION)[:10])
    page = f"First this. {ten} and then that."
    assert find_traces(page, build_index([item(QUESTION)], Decontaminate())).hits
    found = traces(page, QUESTION, ruling(text=ten))
    assert found.hits == []
    [spared] = found.exempted
    assert (spared.entry, spared.rule, spared.gram) == (ten, "ngram", ten)
    assert page[spared.position : spared.position + spared.length] == ten
    assert spared.context == page


def test_a_copy_is_still_found_by_what_else_it_says():
    ten = " ".join(words(QUESTION)[:10])
    found = traces(QUESTION, QUESTION, ruling(text=ten))
    [hit] = found.hits
    assert hit.gram == " ".join(words(QUESTION)[1:11])
    assert hit.position == 0  # the run as a whole
    assert found.exempted == []


def test_an_allowed_short_answer_is_told_by_the_exact_rule():
    found = traces("So they are equal, it seems.", "They are equal", ruling(text="they are equal"))
    assert found.hits == []
    assert [one.rule for one in found.exempted] == ["exact"]


def test_an_item_is_exempt_when_all_its_grams_are():
    settings = Decontaminate()
    [text] = texts_of(item("0 1 2 3 4 5 6 7 8 9 10 11"), settings)
    whole = allowing(ruling(text="0 1 2 3 4 5 6 7 8 9 10 11 12"))
    part = allowing(ruling(text="0 1 2 3 4 5 6 7 8 9 10"))
    assert text.is_exempt(settings, whole)
    assert not text.is_exempt(settings, part)
    [unseen] = texts_of(item("one two"), settings)
    assert not unseen.is_exempt(settings, allowing(ruling(pattern=".*")))


def test_no_path_is_an_empty_list():
    assert load_allowed("") == AllowList()


def test_a_missing_file_says_how_to_go_without(tmp_path):
    with pytest.raises(InputMissing, match="leave it empty"):
        load_allowed(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("[[allowed", "is not TOML"),
        ('[[allowed]]\ntext = "a b c"\n', "allowed.0.reason"),
        ('[[allowed]]\ntext = "a"\nreason = "short"\nreviewed = "me, now"', "allowed.0.reason"),
        (f"[[allowed]]\n{REASON}", "either text or pattern"),
        (f'[[allowed]]\ntext = "a"\npattern = "a"\n{REASON}', "either text or pattern"),
        (f'[[allowed]]\ntext = "…"\n{REASON}', "no words"),
        (f'[[allowed]]\npattern = "("\n{REASON}', "no regular expression"),
        (f'[[allowed]]\ntext = "a"\ntexts = 1\n{REASON}', "allowed.0.texts"),
        (f'[[allowed]]\ntext = "a"\n{REASON}[[allowed]]\npattern = "a"\n{REASON}', "twice: a"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, document, told):
    path = tmp_path / "allowed.toml"
    path.write_text(document)
    with pytest.raises(ConfigError) as caught:
        load_allowed(str(path))
    assert told in str(caught.value)


def test_the_shipped_list_can_be_read_and_every_entry_has_its_reason():
    allowed = load_allowed(str(SHIPPED))
    assert len(allowed.allowed) >= 10
    for entry in allowed.allowed:
        assert entry.reason.endswith(".")


@pytest.mark.parametrize(
    ("gram", "exempt"),
    [
        ("1 2 3 4 5 6 7 8 9 10", True),
        ("0 0 1 0 1 1 0 1 0 0", True),
        ("7 7 7 7 7 7 7 7 7 7", True),
        ("7 7 7 7 7 7 7 7 7 8", False),
        ("x 1 x 2 x 3 x 4 x 5", True),
        ("x 1 y 2 x 3 y 4 x 5", False),
        ("how many rolls leave the oven if seven trays burn", False),
    ],
)
def test_the_shipped_list_exempts_what_it_says(gram, exempt):
    allowed = load_allowed(str(SHIPPED))
    assert (allowed.entry_of(gram.split(), 10) is not None) == exempt
