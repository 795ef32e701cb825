"""Parts of a page that may be no content, or that are the main content."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What a region is."""

    #: Named navigation, footer and so on.
    FURNITURE = 1
    #: A list, or another block, of hardly anything but links.
    LINKS = 2
    #: Said to be the main content.
    MAIN = 3
    HEADER = 4
    #: Perhaps furniture, if there is little in it.
    WEAK = 5
    #: Not shown at first.
    HIDDEN = 6
    #: Calls itself content, or is an answer or a comment.
    CONTENT = 7


class Region(NamedTuple):
    """``pieces[start:end]`` of a page."""

    kind: Kind
    start: int
    end: int
    #: Characters of text in it, of these in links, and in long runs outside of links.
    characters: int
    linked: int
    prose: int
    formulas: int
    links: int
