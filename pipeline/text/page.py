"""From the bytes of an HTML page to text: the one function that extraction calls."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from resiliparse.parse.html import HTMLTree

from pipeline.errors import SetupError
from pipeline.ledger import Outcome, SetAside
from pipeline.text.bounds import check_depth, check_source
from pipeline.text.decode import decode
from pipeline.text.extraction import Extractor, main_content
from pipeline.text.formulas import finish, mark_formulas, without_formulas, without_marks
from pipeline.text.language import language_of

#: Titles are cut here.
MAX_TITLE = 500

# resiliparse's main content drops text of a single character outside ASCII, which
# in Chinese is a word; a word joiner, taken out again at the end, saves it. The
# signs left out stand between links.
_LONE_CHARACTER = re.compile(r">([^\x00-\x7f\s·•«»‹›→←↑↓×–—…★☆►▶])<")
# What has no place in text: controls other than tab and newline, separators that
# only look like newlines, word joiners, byte order marks, noncharacters, lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Page:
    """What extraction makes of one page.

    ``text``: main content in NFC, formulas as ``$…$`` and ``$$…$$``; never empty.
    ``title``: one line, may be empty. ``language``: two letters or ``und``.
    ``formulas``: how many are in ``text``. ``notations``: how the page wrote them,
    sorted. ``encoding``: character set the bytes were in, WHATWG's name.
    """

    text: str
    title: str
    language: str
    formulas: int
    notations: tuple[str, ...]
    encoding: str


def extract_page(
    html: bytes,
    *,
    url: str = "",
    content_type: str = "",
    extractor: Extractor = "resiliparse",
) -> Page:
    """The page's text with its mathematics, its title and its language.

    ``html`` is the body of an HTTP response, content encodings undone;
    ``content_type`` that response's header. Pure: the same bytes, the same page.
    Raises ``SetAside`` with ``BAD_CHARSET``, ``TOO_DEEP``, ``EXTRACTOR_FAILED`` or
    ``NO_TEXT``; never anything else on account of the page.
    """
    page, _ = extract_marked(html, url=url, content_type=content_type, extractor=extractor)
    return page


def extract_marked(
    html: bytes,
    *,
    url: str = "",
    content_type: str = "",
    extractor: Extractor = "resiliparse",
) -> tuple[Page, str]:
    """As :func:`extract_page`, and the text with formulas still between their marks."""
    source, encoding = decode(html, content_type)
    source = without_marks(source.replace("\0", ""))
    check_source(source)
    if not source.isascii():
        source = _LONE_CHARACTER.sub(">\\1\u2060<", source)
    try:
        tree = HTMLTree.parse(source)
        check_depth(tree.document)
        title = " ".join(clean(without_marks(tree.title or "")).split())[:MAX_TITLE].strip()
        found = mark_formulas(tree, source)
        marked = main_content(tree, extractor, found.total())
    except (SetAside, SetupError):
        raise
    except Exception as error:  # foreign code on hostile input: any exception is the page's
        detail = f"{type(error).__name__}: {error}" + (f" ({url})" if url else "")
        raise SetAside(Outcome.EXTRACTOR_FAILED, detail) from error
    marked = clean(marked)
    finished, formulas = finish(marked)
    # Once more: a mark that was taken out may have stood before a combining accent.
    text = unicodedata.normalize("NFC", finished).strip()
    if not text:
        raise SetAside(Outcome.NO_TEXT, "nothing was left after extraction")
    page = Page(
        text=text,
        title=title,
        language=language_of(without_formulas(marked)),
        formulas=formulas,
        notations=tuple(sorted(found)) if formulas else (),
        encoding=encoding,
    )
    return page, marked


def clean(text: str) -> str:
    """NFC, newline as the only line end, no controls, at most one blank line in a row."""
    text = "\n".join(map(str.rstrip, text.splitlines()))
    text = _BLANK_LINES.sub("\n\n", _UNWANTED.sub("", text))
    return unicodedata.normalize("NFC", text).strip()
