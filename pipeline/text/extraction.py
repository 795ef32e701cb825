"""The main content of a parsed page as plain text, by one of two extractors.

Both see the tree after formulas were marked in it, so both keep them.
"""

from __future__ import annotations

import functools
import logging
from copy import deepcopy
from typing import Any, Literal, get_args

from resiliparse.extract.html2text import extract_plain_text

from pipeline.errors import SetupError
from pipeline.text.formulas.tex import DISPLAY_OPEN, INLINE_OPEN
from pipeline.text.furniture import is_link_list, remove_furniture

Extractor = Literal["resiliparse", "trafilatura"]
EXTRACTORS: tuple[Extractor, ...] = get_args(Extractor)

#: Main content shorter than this, out of a page that holds far more text, is
#: taken for a miss of the heuristics.
SUSPICIOUS_CHARACTERS = 200
SUSPICIOUS_SHARE = 0.1
#: So is main content that lacks more than this share of the page's formulas.
SUSPICIOUS_LOSS = 0.05

#: Levels below the body at which resiliparse no longer drops lists.
LIST_LEVELS = 3
_SHALLOW_LISTS = ", ".join(f"body{' > *' * level} > ul" for level in range(LIST_LEVELS))
_SECTIONS = "section[id], div.section[id], article[id]"


def main_content(tree: Any, extractor: Extractor, formulas: int) -> str:
    """Main content of ``tree``, in which ``formulas`` formulas are marked.

    Where the extractor takes the content for furniture, by what it leaves, the
    page without its furniture is taken instead. Changes ``tree`` then.
    """
    _forget_slugs(tree.document)
    if extractor == "trafilatura":
        text = _trafilatura(tree)
    else:
        _save_lists(tree)
        text = _plain_text(tree, main=True)
    kept = text.count(INLINE_OPEN) + text.count(DISPLAY_OPEN)
    if formulas - kept > SUSPICIOUS_LOSS * formulas:
        remove_furniture(tree.document)
        careful = _plain_text(tree, main=False)
        return careful if len(careful) > len(text) else text
    if len(text) < SUSPICIOUS_CHARACTERS:
        whole = _plain_text(tree, main=False)
        if len(text) <= SUSPICIOUS_SHARE * len(whole):
            remove_furniture(tree.document)
            return _plain_text(tree, main=False) or whole
    return text


def _forget_slugs(document: Any) -> None:
    """Ids of sections are their headings' words, which heuristics take for classes.

    A section "Other related functions" is no list of related pages.
    """
    for section in document.query_selector_all(_SECTIONS).values():
        section.remove_attribute("id")


def _save_lists(tree: Any) -> None:
    """Move lists of prose a few levels down.

    resiliparse takes any ``<ul>`` near the body for navigation, which costs plain
    pages, such as lecture notes, all their lists.
    """
    for element in tree.document.query_selector_all(_SHALLOW_LISTS).values():
        parent = element.parent
        if parent is not None and not is_link_list(element):
            outer = inner = tree.create_element("div")
            for _ in range(LIST_LEVELS - 1):
                inner = inner.append_child(tree.create_element("div"))
            parent.replace_child(outer, element)
            inner.append_child(element)


def _plain_text(tree: Any, *, main: bool) -> str:
    # Comments are kept: answers are where much of the web's mathematics is.
    text: str = extract_plain_text(
        tree, main_content=main, alt_texts=False, comments=True, post_meta=False
    )
    return text


def _trafilatura(tree: Any) -> str:
    trafilatura, settings = load_trafilatura()
    # Nested deep enough, templates crash whoever writes the tree out; none is content.
    for template in tree.document.query_selector_all("template").values():
        if (parent := template.parent) is not None:
            parent.remove_child(template)
    text: str | None = trafilatura.extract(
        tree.document.html,
        include_comments=True,
        include_tables=True,
        deduplicate=False,
        config=settings,
    )
    return text or ""


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
            remedy="pip install trafilatura lxml_html_clean, or extract.extractor = 'resiliparse'",
        ) from error
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    settings = deepcopy(DEFAULT_CONFIG)
    for name in ("MIN_FILE_SIZE", "MIN_OUTPUT_SIZE", "MIN_OUTPUT_COMM_SIZE"):
        settings["DEFAULT"][name] = "1"
    settings["DEFAULT"]["MAX_FILE_SIZE"] = str(1 << 40)
    return trafilatura, settings
