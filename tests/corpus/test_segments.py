import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.segments import without_segments

TEXT = "first\nparagraph\n\nsecond\n \t\nthird\n\n\n\nfourth"


def spans(*parts):
    return [(TEXT.index(part), len(part)) for part in parts]


@pytest.mark.parametrize(
    ("touched", "left"),
    [
        ([], "first\nparagraph\n\nsecond\n\nthird\n\nfourth"),
        (["irs"], "second\n\nthird\n\nfourth"),
        (["econd\n \t\nthi"], "first\nparagraph\n\nfourth"),
        (["fourth"], "first\nparagraph\n\nsecond\n\nthird"),
        (["third", "first"], "second\n\nfourth"),
        (["\n\nsecond"], "first\nparagraph\n\nthird\n\nfourth"),
        (["first", "second", "third", "fourth"], ""),
    ],
)
def test_paragraphs_that_a_hit_touches_go(touched, left):
    assert without_segments(TEXT, spans(*touched)) == left


def test_a_long_hit_is_not_forgotten_behind_a_short_one():
    assert without_segments(TEXT, [(0, len(TEXT) - 6), (1, 2)]) == "fourth"


def test_nothing_comes_of_nothing():
    assert without_segments("", []) == ""
    assert without_segments("\n \n\n", []) == ""


@given(
    paragraphs=st.lists(st.text(alphabet="ab\u2028 ", min_size=1).filter(str.strip), max_size=8),
    data=st.data(),
)
def test_exactly_the_untouched_paragraphs_stay(paragraphs, data):
    text = "\n\n".join(paragraphs)
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, max(len(text) - 1, 0)), st.integers(1, 12)), max_size=4)
    )
    kept, position = [], 0
    for paragraph in paragraphs:
        end = position + len(paragraph)
        if not any(begin < end and begin + length > position for begin, length in spans):
            kept.append(paragraph)
        position = end + 2
    assert without_segments(text, spans) == "\n\n".join(kept)
