from __future__ import annotations

import pickle
import unicodedata

import pytest

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text import EXTRACTORS, Extractor, Page, extract_page

BODY = "".join(
    f"<p>Paragraph {number} of the article says something about continuous functions, so that "
    "there is enough prose for any extractor to find.</p>"
    for number in range(5)
)


def test_page_says_what_it_is() -> None:
    page = extract_page(
        f"<html><head><meta charset=utf-8><title>A  title\n here</title></head><body>{BODY}"
        r"<p>And \(x\) too.</p></body></html>".encode()
    )
    assert page.title == "A title here"
    assert (page.language, page.encoding) == ("en", "utf-8")
    assert (page.formulas, page.notations) == (1, ("paren",))


def test_page_is_small_and_can_be_pickled() -> None:
    page = extract_page(f"<body>{BODY}</body>".encode())
    assert pickle.loads(pickle.dumps(page)) == page
    assert not hasattr(page, "__dict__")


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_furniture_goes_and_content_stays(extractor: Extractor) -> None:
    html = f"""<html><body>
      <nav><ul><li><a href=/>Navigation entry</a></li><li><a href=/b>Other entry</a></li></ul></nav>
      <main><h1>Heading of it</h1>{BODY}<ul><li>First item of a list</li><li>Second</li></ul></main>
      <footer>Footer of the site, all rights reserved</footer></body></html>"""
    text = extract_page(html.encode(), extractor=extractor).text
    assert "Heading of it" in text
    assert "Paragraph 4" in text
    assert "First item of a list" in text
    assert "Navigation entry" not in text
    assert "Footer of the site" not in text


def test_answers_and_comments_are_content() -> None:
    html = f"""<html><body><main><div class="question">{BODY}</div>
      <div class="answer"><p>The answer is that one uses compactness of the interval here.</p></div>
      <div id="comments" class="comments"><div class="comment"><p>Nice answer, thank you for it,
      but what about open intervals?</p></div></div></main></body></html>"""
    text = extract_page(html.encode()).text
    assert "uses compactness" in text
    assert "what about open intervals" in text


def test_single_chinese_characters_stay() -> None:
    line = "<p>选择一组空间的<strong>基</strong>，它是<b>好</b>的<b>！</b></p>"
    html = f"<body><main>{BODY}{line}</main></body>"
    assert "选择一组空间的基，它是好的！" in extract_page(html.encode()).text


def test_section_named_like_furniture_stays() -> None:
    html = f"""<body><main><section id="intro">{BODY}</section>
      <section id="other-related-functions"><h2>Other related functions</h2>{BODY}
      <p>The gradient is in this section.</p></section></main></body>"""
    assert "The gradient is in this section." in extract_page(html.encode()).text


def test_content_taken_for_furniture_comes_back_for_its_formulas() -> None:
    formulas = "".join(rf"<p>Here \(x_{{{n}}} = {n}\) is said.</p>" for n in range(30))
    html = f"<body><main>{BODY}</main><div class='sidebar-x related'>{formulas}</div></body>"
    outside = f"<body><main>{BODY}</main><div class='col'>{formulas}</div></body>"
    assert extract_page(outside.encode()).formulas == 30
    # What says of itself that it is a sidebar stays out all the same.
    assert extract_page(html.encode()).formulas == 0


@pytest.mark.parametrize("extractor", EXTRACTORS)
def test_short_page_is_kept_whole(extractor: Extractor) -> None:
    page = extract_page(b"<body><div class=nav>Only this line is here.</div>", extractor=extractor)
    assert "Only this line is here." in page.text


@pytest.mark.parametrize("extractor", EXTRACTORS)
@pytest.mark.parametrize("html", [b"", b"   ", b"<html></html>", b"<script>x</script>", b"\0\0\0"])
def test_page_without_text_is_set_aside(html: bytes, extractor: Extractor) -> None:
    with pytest.raises(SetAside) as caught:
        extract_page(html, extractor=extractor)
    assert caught.value.outcome is Outcome.NO_TEXT


def test_text_is_composed_and_clean() -> None:
    html = "<p>Cafe\u0301 &#0; &#x7; a\u200b\ufeff b\x00c&#xD800; d</p>\r\n\r\n\r\n<p>e\u2028f</p>"
    text = extract_page(html.encode()).text
    assert unicodedata.is_normalized("NFC", text)
    assert "Café" in text
    assert "\x00" not in text
    assert "\x07" not in text
    assert "\r" not in text
    assert "\n\n\n" not in text
    text.encode("utf-8")


def test_broken_markup_is_survived() -> None:
    html = f"<p><b>Unclosed <i>everything</b> {BODY}<table><tr><td>cell<div>"
    assert "Paragraph 4" in extract_page(html.encode()).text


def test_same_bytes_same_page() -> None:
    html = rf"<body>{BODY}<p>\(x\)</p></body>".encode()
    assert extract_page(html) == extract_page(html)
    assert isinstance(extract_page(html), Page)


def test_foreign_failure_is_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> str:
        raise ValueError("no such node")

    monkeypatch.setattr("trafilatura.extract", broken)
    with pytest.raises(SetAside, match=r"ValueError: no such node \(http://a/\)") as caught:
        extract_page(b"<p>x</p>", url="http://a/", extractor="trafilatura")
    assert caught.value.outcome is Outcome.EXTRACTOR_FAILED


def test_what_scripts_would_draw_is_read_out_of_noscript() -> None:
    text = "The sum of the first odd numbers is a square, as one sees by induction. " * 3
    page = f"<div>Something went wrong.</div><noscript><h1>Sums</h1><p>{text}</p></noscript>"
    assert extract_page(page.encode()).text == f"Sums\n\n{text.strip()}"
    hint = f"<p>{text}</p><noscript><p>Please enable JavaScript.</p></noscript>"
    assert extract_page(hint.encode()).text == text.strip()
