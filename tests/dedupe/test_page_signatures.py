"""What extraction says of a page beside its text is what is said of the text afterwards."""

from datetime import UTC, datetime
from functools import partial

import pyarrow as pa
import pytest

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import signature_columns, signed_with
from pipeline.dedupe.page_signatures import _described, _with_url_keys
from pipeline.extract.page_row import Work, page_row
from pipeline.loop.steps.dedupe import _why_signed
from pipeline.web.warc import Capture

SETTINGS = Dedupe(bands=4, rows=2)
PAGES = [
    "<p>The area of a circle of radius r is πr², whatever its centre.</p>",
    "<p>求圆的面积。</p>",
    "<p>!!!</p>",
    "<p>Short</p>",
]


def row_of(body, signer=None):
    capture = Capture(
        url="http://www.example.org/a?utm_source=x",
        offset=0,
        length=None,
        fetch_time=datetime(2024, 1, 1, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
        body=f"<html><body>{body}</body></html>".encode(),
        truncated=None,
    )
    return page_row(Work("c", "w", capture), "fast", 0, signer)


@pytest.mark.parametrize("body", PAGES)
def test_signed_while_it_is_read_or_afterwards(body):
    row = row_of(body, partial(signature_columns, SETTINGS))
    row["fetched"] = 5
    assert row["signed_with"] == signed_with(SETTINGS)
    [from_text] = _described(pa.RecordBatch.from_pylist([row]), SETTINGS).to_pylist()
    [from_row] = pa.Table.from_batches(
        _with_url_keys([pa.RecordBatch.from_pylist([row])])
    ).to_pylist()
    assert from_row == from_text


def test_the_reason_to_sign_again_is_told():
    told = _why_signed({None: 1_200, signed_with(SETTINGS): 3}, signed_with(Dedupe()))
    assert told.startswith(f"signing pages with {signed_with(Dedupe())}: ")
    assert "1,200 have no signature yet" in told
    assert f"3 were signed with {signed_with(SETTINGS)}" in told


def test_without_a_signer_a_row_lacks_the_signature_alone():
    signed = row_of(PAGES[0], partial(signature_columns, SETTINGS))
    assert signed.keys() - row_of(PAGES[0]).keys() == {"signature", "signed_with"}
