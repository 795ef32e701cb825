"""Pages in the manner of the software that writes most of the web's mathematics.

Each was written for the project; beside it is the text that must come out, whole.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.text import extract_page

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.html"))


@pytest.mark.parametrize("page", GOLDEN, ids=lambda page: page.stem)
def test_text_is_what_a_reader_would_copy_out(page: Path) -> None:
    wanted = page.with_suffix(".txt").read_text(encoding="utf-8")
    assert extract_page(page.read_bytes()).text == wanted.rstrip("\n")


def test_each_family_has_its_page() -> None:
    assert len(GOLDEN) >= 20
    assert {page.stem for page in GOLDEN} >= set(
        "phpbb discourse xenforo vbulletin stack-exchange mediawiki dokuwiki instiki proofwiki "
        "cnblogs csdn zhihu luogu aops libretexts exercise moodle doxygen latex2html".split()
    )
