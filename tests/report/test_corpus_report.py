import re
from html.parser import HTMLParser

import pytest

from pipeline.report.corpus_report import corpus_report
from pipeline.report.formula_html import text_html
from pipeline.report.report_figures import ReportFigures
from tests.report.made_up import FORMULAS, HOSTILE, made_up
from tests.tagging.browser import CHROMIUM, NO_BROWSER, chromium

#: All that a report is made of.
PAGE = set("html head meta title style body h1 h2 h3 p div code table thead tbody tr th td".split())
DRAWING = set("svg g rect path line circle text".split())
FORMULA = set("math mrow mi mn mo msup msub msubsup mfrac mspace mtable mtr mtd mtext".split())


class Elements(HTMLParser):
    """Names of elements and attributes, and the text of the whole."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.words.append(data)


def test_nothing_of_a_page_becomes_markup():
    page = corpus_report(made_up())
    seen = Elements(page)
    assert seen.names <= PAGE | DRAWING | FORMULA
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert not seen.attributes & {"src", "href", "xlink:href", "action", "srcset"}
    assert "".join(seen.words).count(HOSTILE) >= 3
    assert "\u202e" not in page
    assert "\\u202e" in page
    assert "default-src 'none'" in page
    # What is left of addresses are names of vocabularies.
    assert set(re.findall(r'="(https?://[^"]*)"', page)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_each_record_can_be_accounted_for_and_each_section_is_there():
    page = corpus_report(made_up())
    for cell in ["10,000", "−5,000", "what the crawler asked a server", "−2,200", "−100", "700"]:
        assert f">{cell}</td>" in page, cell
    for heading in [
        "From records to the corpus",
        "By licence",
        "Domains",
        "Duplicates",
        "Benchmarks",
        "Precision and recall",
        "Sample pages",
        "What another cut-off would have",
        "How far the estimate of tokens was off",
        "The best pages that the corpus has not",
    ]:
        assert f">{heading}</h" in page, heading
    assert "scores 0.5002" in page
    for cell in ["about +30,000", "en 75%, zh 25%", "+31.0%", "-3.0%"]:
        assert f">{cell}</td>" in page, cell
    assert "No file was found of: math." in page
    assert page.count("<svg") >= 9
    # A page of the same figures is the same page.
    assert page == corpus_report(ReportFigures.model_validate(made_up().document()))


def test_a_run_without_benchmarks_and_without_curves_says_so():
    bare = made_up().model_copy(
        update={
            "benchmarks": (),
            "rounds": tuple(
                one.model_copy(update={"held_out": None, "lowest_score": None})
                for one in made_up().rounds
            ),
            "totals": {},
        }
    )
    page = corpus_report(bare)
    assert "NOT DECONTAMINATED" in page
    assert "Not known" in page


def test_formulas_are_set_and_what_cannot_be_set_is_shown_as_tex():
    shown = text_html(FORMULAS)
    assert '<math display="block">' in shown
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in shown
    assert "<mtable" in shown
    assert "<code>$\\frobnicate{x}$</code>" in shown
    assert "javascript" not in shown
    assert "$$\\sum_{k=1" in shown
    assert "it costs \\$5." in shown


@pytest.mark.parametrize(
    "tex", ["{" * 1_900, "\\frac" * 400, "x_" * 900, "\\left(" * 300, "<mi onclick=a()>", "&lt;"]
)
def test_hostile_tex_is_text(tex):
    seen = Elements(text_html(f"${tex}$"))
    assert "onclick" not in seen.attributes
    assert len(text_html(f"${tex}$")) < 200_000


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
def test_a_browser_shows_it_asks_for_nothing_and_runs_nothing(tmp_path):
    file = tmp_path / "report.html"
    file.write_text(corpus_report(made_up()), encoding="utf-8")
    with chromium() as browser:
        backgrounds = set()
        for width, scheme in ((400, "light"), (1280, "dark")):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            asked, complaints = [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda line, complaints=complaints: complaints.append(line.text))
            page.goto(file.as_uri())
            assert asked == [file.as_uri()]
            assert complaints == []
            assert page.title() == "Report of a corpus of mathematical web pages"
            # Nothing stands over the edge of the window, and formulas have a size.
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            box = page.locator("math[display=block]").first.bounding_box()
            assert box
            assert box["height"] > 20
            backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert len(backgrounds) == 2
