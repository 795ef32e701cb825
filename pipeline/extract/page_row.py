"""From a capture to its row of ``pages``: what is done in the sandbox, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pickle import PickleBuffer
from typing import Any, NamedTuple

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text import Extractor, count_tokens, extract_page
from pipeline.text.text_key import comparable_words, text_key
from pipeline.text.words import words
from pipeline.web.rights import rights_of
from pipeline.web.urls import host_of, page_id, registered_domain
from pipeline.web.warc import Capture

Row = dict[str, Any]


class Work(NamedTuple):
    """A capture, and where it comes from: names of its crawl and its WARC file."""

    crawl: str
    warc: str
    capture: Capture

    def __reduce__(self) -> tuple[Any, ...]:
        """With the body as a buffer, which need not be copied on its way to the sandbox."""
        fields = self.capture._replace(body=PickleBuffer(self.capture.body))  # type: ignore[arg-type]
        return _work, (self.crawl, self.warc, *fields)


def _work(crawl: str, warc: str, *fields: Any) -> Work:
    return Work(crawl, warc, Capture(*fields))


#: Makes, of the words that a page is compared by, the columns of its signature.
Signer = Callable[[Sequence[str]], Mapping[str, object]]
#: Makes, of extractor and least number of words, what makes a row of each capture.
RowMaker = Callable[[Extractor, int], Callable[[Work], Row]]

_TRIAL = Work(
    "trial",
    "trial.warc",
    Capture(
        url="https://www.example.org/",
        offset=0,
        length=None,
        fetch_time=datetime(2024, 1, 1, tzinfo=UTC),
        content_type="text/html; charset=utf-8",
        body=b"<html><head><title>Trial</title></head><body><p>A page that every extractor "
        rb"can read, and a formula: \(x^2\).</p></body></html>",
        truncated=None,
    ),
)


def row_maker(
    extractor: Extractor, min_words: int, signer: Signer | None = None
) -> Callable[[Work], Row]:
    """:func:`page_row` with these settings, ready: every library loaded and tried.

    Called in the sandbox. Raises what a library raises, or ``SetupError``, where that fails, so
    that no page is blamed for what this machine lacks.
    """
    page_row(_TRIAL, extractor, 1, signer)
    return lambda work: page_row(work, extractor, min_words, signer)


def page_row(work: Work, extractor: Extractor, min_words: int, signer: Signer | None = None) -> Row:
    """The ``pages`` row of a capture: ``table`` and the columns of ``schemas/pages.toml``.

    The text's words are made once, for all that is counted and compared of them. Without
    ``signer`` the page has no signature.

    Raises ``SetAside`` where it makes no page: ``BAD_URL``, what ``extract_page`` raises, and
    ``NO_TEXT`` for fewer words than ``min_words`` (of ``pipeline.text.words``).
    """
    capture = work.capture
    host = host_of(capture.url)
    domain = registered_domain(host)
    page = extract_page(
        capture.body, url=capture.url, content_type=capture.content_type, extractor=extractor
    )
    text_words = words(page.text)
    number_of_words = len(text_words)
    if number_of_words < min_words:
        raise SetAside(Outcome.NO_TEXT, f"{number_of_words} words")
    compared = text_words or comparable_words(page.text)
    rights = rights_of(capture.body, capture.signals)
    return {
        "table": "pages",
        "page_id": page_id(work.warc, capture.offset),
        "crawl": work.crawl,
        "url": storable(capture.url),
        "host": host,
        "registered_domain": domain,
        "fetch_time": capture.fetch_time,
        "language": page.language,
        "title": page.title,
        "text": page.text,
        "words": number_of_words,
        "tokens": count_tokens(page.text),
        "formulas": page.formulas,
        "notations": " ".join(page.notations),
        "licence": rights.licence,
        "licence_source": rights.licence_source,
        "reservation": rights.reservation,
        "encoding": page.encoding,
        "warc_truncated": capture.truncated,
        "characters": len(page.text),
        "text_key": text_key(compared),
        **(signer(compared) if signer else {}),
        "warc": work.warc,
        "warc_offset": capture.offset,
        "warc_length": capture.length,
    }


def storable(text: str | None) -> str | None:
    """``text`` without lone surrogates, which no Parquet string can hold: each becomes ``?``."""
    return text if text is None else text.encode("utf-8", "replace").decode()
