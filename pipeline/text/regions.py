"""Parts of a page that may be no content, or that are the main content."""

from __future__ import annotations

from typing import Final, NamedTuple

#: So many links, where they are most of a block's text, make a list of links.
MIN_LINKS = 3


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
    #: Calls itself content, or is an answer or a comment.
    CONTENT: Final = 7


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
