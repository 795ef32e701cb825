"""From the bytes of an HTML page to text: the one function that extraction calls."""

from __future__ import annotations

from typing import NamedTuple

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from pipeline.base.arguments import Takes, checked, takes_one_of
from pipeline.base.errors import SetupError
from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text.bounds import check_source
from pipeline.text.content import LEAST_CHARACTERS
from pipeline.text.decode import to_utf8
from pipeline.text.extractors import EXTRACTORS, Extractor, Marked, marked_content
from pipeline.text.formulas.macros import has_own_commands, page_macros, with_macros
from pipeline.text.formulas.sources.delimiters import mark_delimited
from pipeline.text.formulas.sources.page_delimiters import page_delimiters
from pipeline.text.formulas.sources.scripts import write_scripts
from pipeline.text.html_tags import NUMBERS
from pipeline.text.language import language_of
from pipeline.text.layout import finish, lay_out, without_code
from pipeline.text.lines import Lines
from pipeline.text.marks import BLOCK, CODE_OPEN, DISPLAY_OPEN, INLINE_OPEN, without_marks
from pipeline.text.unshown import unshown_text

#: Languages that code is not taken for.
_CLEAR = ("en", "zh")
#: Characters of marked text that tell the language of what is no code in it.
_ENOUGH = 20_000
_TITLE = NUMBERS["title"]
#: Titles are cut here.
MAX_TITLE = 500


class Page(NamedTuple):
    """What extraction makes of one page.

    ``text``: main content in NFC, formulas as ``$…$`` and ``$$…$$``; never empty.
    ``title``: one line, may be empty. ``language``: two letters or ``und``.
    ``formulas``: how many are in ``text``; of elements ``blocks.MAX_FORMULAS`` at most become
    formulas, and what becomes of others stands there. ``notations``: how the page wrote
    them, sorted. ``encoding``: character set the bytes were in, WHATWG's name.
    """

    text: str
    title: str
    language: str
    formulas: int
    notations: tuple[str, ...]
    encoding: str


@checked(
    html=Takes(
        (bytes,),
        "bytes: the body of the response, before anything decoded it",
        'of a str: extract_page(text.encode(), content_type="text/html; charset=utf-8"); '
        "of a bytearray or a memoryview: bytes(it)",
    ),
    url=Takes((str,), "a str: the page's address, or nothing where it is not known"),
    content_type=Takes(
        (str,),
        'a str: the response\'s header, such as "text/html; charset=utf-8", or "" without one',
        "of bytes: content_type.decode('latin-1')",
    ),
    extractor=takes_one_of(*EXTRACTORS),
)
def extract_page(
    html: bytes,
    *,
    url: str = "",
    content_type: str = "",
    extractor: Extractor = "fast",
) -> Page:
    """The page's text with its mathematics, its title and its language.

    ``html`` is the body of an HTTP response, content encodings undone;
    ``content_type`` that response's header. Pure: the same bytes, the same page.
    Raises ``SetAside`` with ``BAD_CHARSET``, ``TOO_DEEP``, ``EXTRACTOR_FAILED`` or
    ``NO_TEXT``; never anything else on account of the page. ``ArgumentError``, a ``TypeError``,
    says that an argument is of another type.
    """
    return extract_watched(html, url=url, content_type=content_type, extractor=extractor).page


class Watched(NamedTuple):
    """A page, and what became of the rest of it."""

    page: Page
    #: The text with formulas still between their marks.
    marked: str
    #: What was read, and what of it was chosen.
    reading: Marked
    #: Lines that were left out for what they say.
    lines: list[str]


def extract_watched(
    html: bytes,
    *,
    url: str = "",
    content_type: str = "",
    extractor: Extractor = "fast",
) -> Watched:
    """As :func:`extract_page`, and how the page came about."""
    source, encoding = to_utf8(html, content_type)
    source = source.replace(b"\0", b"")
    check_source(source)
    try:
        document = LexborHTMLParser(source, options=LexborDocumentOptions.WO_EVENTS)
        body = document.body
        if body is None:
            raise SetAside(Outcome.NO_TEXT, "no body")
        title = _title(document.head)
        chosen = marked_content(document, body, title, extractor)
        marked, notations = chosen.content.marked, chosen.notations
        if len(marked) < LEAST_CHARACTERS:
            marked += BLOCK + unshown_text(document)
        own = page_delimiters(document, marked, source)
        if own is not None:
            marked, delimited = mark_delimited(marked, own, has_formulas=bool(notations))
            notations += delimited
        with_formulas = INLINE_OPEN in marked or DISPLAY_OPEN in marked
        if with_formulas and "\\" in marked and has_own_commands(marked):
            macros = page_macros(source, document)
            marked = marked if macros is None else with_macros(marked, macros)
        lines = Lines(has_posts=chosen.content.has_posts, people=chosen.content.people, title=title)
        with_code, written = marked, write_scripts(marked)
        # A page of nothing but such lines keeps them.
        marked = lay_out(written, lines) or lay_out(written)
        root = document.root
        declared = (root.attributes.get("lang") or "") if root is not None else ""
    except (SetAside, SetupError):
        raise
    except RecursionError:
        raise SetAside(Outcome.TOO_DEEP, "elements nested too deep to be walked") from None
    except Exception as error:  # foreign code on hostile input: any exception is the page's
        detail = f"{type(error).__name__}: {error}" + (f" ({url})" if url else "")
        raise SetAside(Outcome.EXTRACTOR_FAILED, detail) from error
    text, formulas = finish(marked)
    if not text:
        raise SetAside(Outcome.NO_TEXT, "nothing was left after extraction")
    page = Page(
        text=text,
        title=" ".join(title.split())[:MAX_TITLE].strip(),
        language=_language(marked, with_code, declared),
        formulas=formulas,
        notations=tuple(sorted(notations)) if formulas else (),
        encoding=encoding,
    )
    return Watched(page, marked, chosen, lines.dropped)


def _title(head: LexborNode | None) -> str:
    child = head.first_child if head is not None else None
    while child is not None:
        if child.tag_id == _TITLE:
            return without_marks(child.text())
        child = child.next
    return ""


def _language(text: str, marked: str, declared: str) -> str:
    """The language of ``text``; where it holds code, and is no clear case, of the rest."""
    language = language_of(text, declared)
    clear = language in _CLEAR or language == declared[:2].lower()
    if not clear and CODE_OPEN in marked:
        return language_of(lay_out(without_code(marked[:_ENOUGH])), declared)
    return language
