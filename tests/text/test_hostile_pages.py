"""Pages made to break a parser end as a page or set aside, and soon."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text import EXTRACTORS, Extractor, Page, extract_page
from pipeline.text.bounds import MAX_ATTRIBUTES
from pipeline.text.reader import MAX_DEPTH
from tests.text.invariants import FRAGMENTS, check


def outcome(html: str, extractor: Extractor = "fast") -> Page | Outcome:
    try:
        return extract_page(html.encode("utf-8", "surrogatepass"), extractor=extractor)
    except SetAside as reason:
        return reason.outcome


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize(
    "tag", ["div", "span", "b", "blockquote", "ul><li", "table><tr><td", "svg><g"]
)
def test_deep_nesting_is_set_aside(tag: str, extractor: Extractor) -> None:
    assert outcome("<body>" + f"<{tag}>" * 100_000 + "x", extractor) is Outcome.TOO_DEEP


def test_nesting_that_browsers_bear_is_kept() -> None:
    depth = MAX_DEPTH - 10
    page = outcome("<body>" + "<div>" * depth + "the text inside of it" + "</div>" * depth)
    assert isinstance(page, Page)


@pytest.mark.parametrize("attribute", ["a{}", "a{}=1", 'a{}=">"', "a{} = '<'"])
def test_a_million_attributes_are_set_aside(attribute: str) -> None:
    attributes = " ".join(attribute.format(number) for number in range(1_000_000 // 4))
    assert outcome(f"<body><p {attributes}>text</p>") is Outcome.TOO_DEEP


def test_a_large_data_uri_is_no_attack() -> None:
    uri = "data:image/png;base64," + "A b=" * 200_000
    page = outcome(f'<body><p>The text of the page.</p><img src="{uri}"></body>')
    assert isinstance(page, Page)


def test_many_attributes_of_many_elements_are_no_attack() -> None:
    page = outcome("<body>" + '<p class="a" id="b" data-c="d">text</p>' * (MAX_ATTRIBUTES * 2))
    assert isinstance(page, Page)


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_templates_nested_deep_do_not_crash(extractor: Extractor) -> None:
    html = "<body><p>Some text before it.</p>" + "<tEmplate>" * 4_000
    assert isinstance(outcome(html, extractor), Page)


@pytest.mark.parametrize(
    "bait",
    [
        "$", "$ ", "$a ", "a$", "$x$", "$x_1$ ", "\\(", "\\(a", "\\(x\\)", "\\[", "\\begin{align}",
        "\\$", "\\", "$$", "{", "^{", "<", "<a", '<a "', "<a =", "<!--", "&", "&#xD800;", "\ua874",
        "x<sup>2</sup>", "<em>$a</em>", "<br>$", "<img class=math alt=x>", "<math><mi>x</math>",
        "<script type=math/tex>x</script>", "<span class=MathJax>x</span>", "\ufeff", "\ud800",
        "<td colspan=10000000000000000>x", "<select><option>x", "<b>基</b>",
    ],
)  # fmt: skip
def test_endless_repetition_ends(bait: str) -> None:
    result = outcome("<body><p>" + bait * (400_000 // len(bait)))
    assert isinstance(result, Page) or result in (Outcome.NO_TEXT, Outcome.TOO_DEEP)


def test_endless_comment_in_a_formula_ends() -> None:
    script = '<script type="math/tex">' + "%" * 9_000 + "\n</script>"
    assert outcome("<body>" + script * 100) is Outcome.NO_TEXT


@settings(max_examples=300)
@given(
    st.binary(max_size=400),
    st.sampled_from(["", "text/html; charset=gbk", "charset=x", "charset="]),
)
def test_any_bytes_are_a_page_or_set_aside(html: bytes, content_type: str) -> None:
    check(html, content_type, "fast")


@settings(max_examples=400)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40))
def test_any_markup_is_a_page_or_set_aside(fragments: list[str]) -> None:
    check("".join(fragments).encode(), "", "fast")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30))
def test_any_markup_is_a_page_or_set_aside_with_trafilatura(fragments: list[str]) -> None:
    check("".join(fragments).encode(), "", "trafilatura")


def test_marks_that_a_page_writes_as_references_are_not_left_in_its_text() -> None:
    # Found by fuzzing: a closing mark without an opening one.
    check(b"\\]\\begin{alise<br>\xea\xa1\xb4\xea\xea\xa1\xb6&#xa875;")
    check(f"<p>{'text ' * 5}&#xa875; &#xfdd3; &#xa9de;</p>".encode())
