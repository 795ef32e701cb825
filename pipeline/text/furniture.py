"""Taking off what surrounds a page's content: navigation, footers, related links.

The careful counterpart of an extractor's main-content heuristics: it only takes
away what says of itself what it is, or is a list of hardly anything but links,
and keeps everything else.
"""

from __future__ import annotations

from typing import Any

from pipeline.text.formulas.tex import MARKS

_ELEMENTS = (
    "nav, footer, aside, form, button, dialog, menu, select, [hidden], [aria-modal=true], "
    "[role=navigation], [role=banner], [role=contentinfo], [role=complementary], [role=search], "
    "[role=dialog], [role=menu], [role=menubar], [role=toolbar]"
)
#: Parts of class names and ids.
_PARTS = (
    "sidebar side-bar navbar navigation breadcrumb footer cookie consent newsletter subscribe "
    "sharing social related recommend pagination table-of-contents advert sponsor promo popup "
    "masthead skip-link skip-to copyright headerlink prev-next prevnext post-nav nav-links "
    "author-bio recent-post tagcloud tag-cloud tag-list search-result"
).split()
#: Whole class names and ids.
_NAMES = (
    "toc nav menu share login signup modal widget widgets topbar top-bar banner ads ad tags "
    "taglist pager pagenav next-prev prev next previous site-header site-footer global-header "
    "global-footer secondary side recent archives blogroll"
).split()
_FURNITURE = ", ".join(
    [
        _ELEMENTS,
        *(f'[class*="{part}" i], [id*="{part}" i]' for part in _PARTS),
        *(f".{name}, #{name}" for name in _NAMES),
    ]
)
#: Never taken away, whatever they are called.
_CONTENT = frozenset(("html", "body", "main", "article"))
#: Lists with at least so many links, and so large a share of words within them.
MIN_LINKS = 2
LINK_SHARE = 0.8


def remove_furniture(document: Any) -> None:
    """Take navigation and its like out of the tree below ``document``."""
    for element in document.query_selector_all(_FURNITURE).values():
        parent = element.parent
        if parent is not None and element.tag not in _CONTENT:
            parent.remove_child(element)
    for element in document.query_selector_all("ul, ol").values():
        parent = element.parent
        if parent is not None and is_link_list(element):
            parent.remove_child(element)


def is_link_list(element: Any) -> bool:
    """Whether a list holds hardly anything but links, and no formula."""
    links = element.query_selector_all("a[href]").values()
    if len(links) < MIN_LINKS:
        return False
    text = element.text or ""
    if any(mark in text for mark in MARKS):
        return False
    linked = sum(len((link.text or "").split()) for link in links)
    return linked >= LINK_SHARE * len(text.split())
