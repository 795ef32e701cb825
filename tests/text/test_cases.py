"""Cases from the field, beside the project: pages, records, addresses, and what is right."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Literal

import pytest

from pipeline.base.outcomes import Outcome
from pipeline.text import extract_page
from pipeline.web.canonical import canonical_url
from pipeline.web.warc import Capture, read_warc

CASES = Path(__file__).parents[2] / "../shared/cases"

pytestmark = pytest.mark.skipif(
    not (CASES / "pages.json").exists(), reason="the cases are not beside the project"
)


def told(name: str) -> Any:
    file = CASES / name
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


PAGES: dict[str, dict[str, Any]] = told("pages.json")
RECORDS = sorted(file.name for file in (CASES / "records").glob("*.txt"))


@pytest.mark.parametrize("name", PAGES)
def test_page_has_what_it_must_and_nothing_else(name: str) -> None:
    text = extract_page((CASES / "pages" / name).read_bytes()).text
    assert [part for part in PAGES[name]["contains"] if part not in text] == []
    assert [part for part in PAGES[name]["lacks"] if part in text] == []


@pytest.mark.parametrize("pair", told("addresses.json"), ids=lambda pair: pair["a"])
def test_addresses_of_one_page_are_one(pair: dict[str, str]) -> None:
    assert canonical_url(pair["a"]) == canonical_url(pair["b"])


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("reader", ["fastwarc", "warcio"])
def test_record_is_a_page_or_set_aside_as_what_it_is(
    name: str, reader: Literal["fastwarc", "warcio"]
) -> None:
    found = list(read_warc(io.BytesIO((CASES / "records" / name).read_bytes()), reader=reader))
    assert len(found) == 1
    if isinstance(found[0], Capture):
        page = extract_page(found[0].body, content_type=found[0].content_type)
        assert "$x^2$" in page.text
    else:
        assert name.startswith("warc-gzip")
        assert found[0].outcome is Outcome.BAD_CONTENT_ENCODING
