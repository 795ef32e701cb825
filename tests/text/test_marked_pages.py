"""Pages marked by reading them: see ``tests/bench/marked_pages.py``."""

from __future__ import annotations

import pytest

from pipeline.base.outcomes import SetAside
from pipeline.text import extract_page
from tests.bench.crawled import crawl
from tests.bench.marked_pages import Marked, Marks, golden_pages, marked_pages


def test_marks_count_what_is_gone_and_what_is_kept() -> None:
    page = Marked("wiki", "a", b"", "", ["A sum of squares"], ["Edit", "Add a comment"], False)
    marks = Marks()
    marks.add(page, "A sum of squares\n\n- Edit\n\nEditors edit what they edit, by and large.")
    gone, kept, share = marks.rates("wiki")
    assert (gone, kept) == (0.5, 1.0)
    assert share == pytest.approx(
        4 / (4 + len("Asumofsquares") + len("Editorseditwhattheyedit,byandlarge."))
    )
    assert marks.misses == {"wiki a": ["furniture: Edit"]}


def test_golden_pages_are_marked_by_what_must_come_out() -> None:
    page = next(page for page in golden_pages() if page.software == "phpbb")
    assert "Post Reply" in page.furniture
    assert "Yes: put an L of stones around a square." in page.content


def test_furniture_is_gone_and_content_is_kept() -> None:
    if not (crawl() / "labels.jsonl.gz").is_file():
        pytest.skip("the shared crawl is not here: its pages are marked by address")
    marks = Marks()
    pages = marked_pages()
    assert len(pages) >= 80
    for page in pages:
        try:
            text = extract_page(page.html, content_type=page.content_type).text
        except SetAside:
            text = ""
        marks.add(page, text)
    # Measured: 98.8 / 99.9 / 0.1 %.
    gone, kept, share = marks.rates("all")
    assert gone >= 0.97, marks.misses
    assert kept >= 0.98, marks.misses
    assert share <= 0.005, marks.misses
    for software, counts in marks.counts.items():
        if counts["furniture"]:
            assert marks.rates(software)[2] <= 0.03, software
