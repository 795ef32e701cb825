"""The main content of a parsed page as marked text, by one of two extractors.

Both see formulas as marked TeX in place of whatever the page drew, so both keep them.
"""

from __future__ import annotations

import functools
import logging
import re
from collections import Counter
from copy import deepcopy
from typing import Any, Literal, NamedTuple, get_args

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.base.errors import SetupError
from pipeline.text.content import LEAST_CHARACTERS, Content, main_content
from pipeline.text.formulas.in_tree import write_into_tree
from pipeline.text.formulas.sources.page_delimiters import page_delimiters
from pipeline.text.formulas.sources.typesetters import Delimiters
from pipeline.text.marks import (
    CODE_CLOSE,
    CODE_OPEN,
    DISPLAY_OPEN,
    INLINE_OPEN,
    KEPT_NEWLINE,
    KEPT_SPACE,
    LINE,
)
from pipeline.text.reader import Reader

Extractor = Literal["fast", "trafilatura"]
EXTRACTORS: tuple[Extractor, ...] = get_args(Extractor)

#: Where trafilatura keeps fewer of the formulas, it has taken content for furniture.
SUSPICIOUS_LOSS = 0.05


#: Characters that a page may have around what its scripts are to draw: forums keep that in
#: ``<noscript>`` too, for readers and crawlers without scripts.
MOST_OF_A_FRAME = 1_000


class Marked(NamedTuple):
    """What extraction has of a page before its text is finished."""

    content: Content
    read: Reader
    #: Formulas of elements on the page, by notation.
    notations: Counter[str]


def marked_content(
    document: LexborHTMLParser, body: LexborNode, title: str, extractor: Extractor
) -> Marked:
    """Marked text of the main content, and how it was found.

    Raises ``SetAside`` (``TOO_DEEP``), and ``SetupError`` where the extractor is not
    installed. The tree may be changed.
    """
    reader = Reader(body)
    if reader.unread and reader.characters < LEAST_CHARACTERS:
        reader = Reader(body, everything=True)
    if reader.noscripts and reader.characters < MOST_OF_A_FRAME:
        reader = _without_scripts(reader)
    content = main_content(reader, title)
    marked = content.marked
    if extractor == "trafilatura":
        notations = write_into_tree(body, page_delimiters(document, marked) or Delimiters())
        chosen = _trafilatura(document)
        if _signs(chosen) >= (1 - SUSPICIOUS_LOSS) * _signs(marked):
            return Marked(content._replace(marked=chosen), reader, notations)
    return Marked(content, reader, reader.notations)


def _without_scripts(reader: Reader) -> Reader:
    """The longest of a page's ``<noscript>``, where that is most of the page's text."""
    longest = max(reader.noscripts, key=lambda element: len(element.text_lexbor()))
    inside = Reader(longest)
    return inside if inside.characters > reader.characters else reader


def _signs(text: str) -> int:
    """How many formulas begin in ``text``, about."""
    return sum(map(text.count, (INLINE_OPEN, DISPLAY_OPEN, "\\(", "\\[", "\\begin", "$")))


def _trafilatura(document: LexborHTMLParser) -> str:
    trafilatura, settings = load_trafilatura()
    document.strip_tags(["template"], recursive=True)
    text: str | None = trafilatura.extract(
        document.html,
        include_comments=True,
        include_tables=True,
        deduplicate=False,
        config=settings,
    )
    # Line by line; of code, which has its marks inside, each line begins where it began.
    return _INDENTED.sub(_kept, text or "").replace("\n", LINE)


def _kept(code: re.Match[str]) -> str:
    return code[0].replace("\n", KEPT_NEWLINE).replace(" ", KEPT_SPACE)


_INDENTED = re.compile(f"{CODE_OPEN}[^{CODE_CLOSE}]*\n[^{CODE_CLOSE}]*{CODE_CLOSE}")


@functools.cache
def load_trafilatura() -> tuple[Any, Any]:
    """The library and its settings, without the sizes at which it drops a page unasked.

    Imported where it is asked for, since that takes half a second and 50 MB.
    Raises ``SetupError`` where it, or what it needs, is not installed.
    """
    try:
        import trafilatura
        from trafilatura.settings import DEFAULT_CONFIG
    except ImportError as error:
        raise SetupError(
            f"the extractor trafilatura cannot be loaded: {error}",
            remedy="pip install trafilatura lxml_html_clean, or extract.extractor = 'fast'",
        ) from error
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    settings = deepcopy(DEFAULT_CONFIG)
    for name in ("MIN_FILE_SIZE", "MIN_OUTPUT_SIZE", "MIN_OUTPUT_COMM_SIZE"):
        settings["DEFAULT"][name] = "1"
    settings["DEFAULT"]["MAX_FILE_SIZE"] = str(1 << 40)
    return trafilatura, settings
