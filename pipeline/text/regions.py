"""Parts of a page that may be no content, or that are the main content."""

from __future__ import annotations

from typing import Final, NamedTuple

#: So many links, where they are most of a block's text, make a list of links.
MIN_LINKS = 3
#: Characters of the longest block that is about a post.
LONGEST_CARD = 240
#: The same of a section of links to other pages.
LONGEST_SECTION = 2_000


class Kind:
    """What a region is.

    Plain numbers: to name a member of an enumeration takes ten times as long, and it is done
    several times an element.
    """

    #: Named navigation, footer and so on.
    FURNITURE: Final = 1
    #: A list, or another block, of hardly anything but links.
    LINKS: Final = 2
    #: Said to be the main content.
    MAIN: Final = 3
    HEADER: Final = 4
    #: Perhaps furniture, if there is little in it.
    WEAK: Final = 5
    #: Not shown at first.
    HIDDEN: Final = 6
    #: Calls itself content, or is a box that an author wrote.
    CONTENT: Final = 7
    #: What one person wrote among others.
    POST: Final = 8
    #: Who wrote a post and when, if there is a post.
    CARD: Final = 9
    #: The same within a line.
    INLINE_CARD: Final = 10
    #: What stands beside the text, within an article.
    ASIDE: Final = 11
    #: Stands in most posts and is the text of none.
    RECURRING: Final = 12
    #: Stands under several posts of one person.
    SIGNATURE: Final = 13
    #: Outside of the main content, which is nearly all.
    OUTSIDE: Final = 14
    #: Below a heading that says that it is of other pages.
    SECTION_OF_OTHERS: Final = 16
    #: A heading of which nothing is left but itself.
    BARE_HEADING: Final = 15


class Region(NamedTuple):
    """``pieces[start:end]`` of a page."""

    kind: int
    start: int
    end: int
    #: Characters of text in it, of these in links, and in long runs outside of links.
    characters: int
    linked: int
    prose: int
    formulas: int
    links: int
    #: How many headings are in it.
    headings: int
    #: The page's own names for it: classes, id, role or tag.
    names: str
    #: Its class path, by its number in ``Pieces.paths``, where asked for.
    path: int = 0


#: ``made(Region, (kind, start, ...))``, of which a page has hundreds: to call ``Region`` takes
#: four times as long, as that is a function of Python's, compiled or not.
made = tuple.__new__


def in_order(regions: list[Region]) -> list[Region]:
    """Regions as they are read: inner ones before those that hold them."""
    return sorted(regions, key=lambda region: (region.end, -region.start))


def holds(outer: Region, inner: Region) -> bool:
    """Whether ``inner`` stands in ``outer``, or is as large."""
    return outer.start <= inner.start and inner.end <= outer.end
