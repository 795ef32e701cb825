"""Which parts of a page are its content.

A region that is named furniture, or holds hardly anything but links, is left out. Names
err, and there are pages of links: so what holds much of the page's prose is kept
whatever it is called, and nothing is left out where hardly anything would remain. Where
the page's ``<main>`` and ``<article>`` hold nearly all prose that is left, what stands
outside of them goes too, but for answers and comments. What surrounds posts is told in
``posts.py``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from pipeline.text.headings import Headings
from pipeline.text.marks import DISPLAY_OPEN, INLINE_OPEN
from pipeline.text.pieces import Pieces
from pipeline.text.posts import Siblings, around_posts, has_cards, people_of, signatures, spoken
from pipeline.text.regions import MIN_LINKS, Kind, Region, holds, in_order

#: Of a page's prose: what holds more is no furniture, whatever it is called.
MOST = 0.4
#: Likewise for lists of links.
MOST_OF_LINKS = 0.2
#: Links that are longer on average are sentences or teasers, no navigation.
LONG_LINKS = 50
#: The same of what stands beside posts.
LONG_TEASERS = 90
#: Likewise on pages that are lists of links.
TITLES = 18
#: Characters of prose that make content of what a weak name calls furniture.
SOME_PROSE = 100
#: A page with less prose is judged as if it had so much.
LEAST_PROSE = 200
#: Of the prose that is left: with so much of it in the main content, the rest is none.
MAIN_SHARE = 0.8
#: So few characters, and so small a share of the page's text, are a miss.
LEAST_CHARACTERS = 30
LEAST_SHARE = 0.05
#: A page is a list of links where these are so many times as long as what else is left.
MOSTLY_LINKS = 2

_SPEAKING = (Kind.MAIN, Kind.CONTENT, Kind.POST)


class Content(NamedTuple):
    """What of a page is its content."""

    marked: str
    #: Whether it has posts of several people, or of one who is named.
    has_posts: bool
    #: Names of people who posted, case folded.
    people: frozenset[str]
    #: What was left out, in order, none within another.
    dropped: list[Region]


def main_content(read: Pieces, title: str = "") -> Content:
    """The marked text of the page's content; all its text where nothing seems content.

    A first heading that is the page's ``title`` stays, whatever it stands in.
    """
    siblings = Siblings(read) if read.cues else None
    recurring = around_posts(siblings) if siblings else []
    posts = spoken(read) if read.cues else []
    headings = Headings(read, title)
    cards = bool(read.cues) and not (recurring or posts) and has_cards(read)
    added = recurring + headings.sections_of_others()
    regions = in_order(read.regions + added) if added else read.regions
    judge = _Judge(read, regions, posts, headings, has_cards=cards)
    for shortest in (LONG_LINKS, TITLES, 0):
        dropped = judge.dropped(shortest)
        kept, prose, links = read.characters, read.prose, 0
        for region in dropped:
            kept -= region.characters
            prose -= region.prose
            if region.kind == Kind.LINKS:
                links += region.characters
        if shortest == LONG_LINKS and prose < LEAST_PROSE and links > MOSTLY_LINKS * kept:
            continue
        if kept >= LEAST_CHARACTERS or kept >= LEAST_SHARE * read.characters:
            break
    else:
        return Content("".join(read.pieces), False, frozenset(), [])
    dropped = _outside(read, dropped, judge)
    if siblings and (recurring or posts):
        # Last ones first, as all of them.
        dropped = list(reversed(in_order(dropped + signatures(siblings, dropped, posts))))
    parts, dropped = judge.headings.around(dropped)
    has_posts = bool(recurring or posts or cards)
    return Content("".join(parts), has_posts, people_of(read), dropped)


class _Judge:
    """Decides on the regions of one page."""

    def __init__(
        self,
        read: Pieces,
        regions: list[Region],
        posts: list[Region],
        headings: Headings,
        *,
        has_cards: bool,
    ) -> None:
        self.read = read
        self.regions = regions
        self.headings = headings
        self.has_posts = bool(posts)
        self.has_cards = has_cards or self.has_posts
        self.prose = max(read.prose, LEAST_PROSE)
        #: Where main content, content and posts begin, and end, each in order.
        speaking = [region for region in regions if region.kind in _SPEAKING]
        self.outermost = _outermost(speaking)[::-1]
        self.starts = [region.start for region in self.outermost]
        self.inner = sorted(
            [
                (region.start, region.end)
                for region in speaking
                if region.characters and region.kind != Kind.MAIN
            ]
        )
        self.spoken = sorted([(region.start, region.end) for region in posts])
        self.posts = [(region.start, region.end) for region in reversed(_outermost(posts))]

    def dropped(self, shortest: float) -> list[Region]:
        """Regions that are left out, none within another, last ones first.

        ``shortest``: characters of links that are no navigation, on average.
        """
        dropped: list[Region] = []
        kept: Region | None = None
        start, end = 0, -1
        # An outer region comes after the inner ones that it holds.
        for region in reversed(self.regions):
            kind = region.kind
            if kind in _SPEAKING or (start <= region.start and region.end <= end):
                continue
            of_links = kind == Kind.LINKS
            # Of a list that stays the lists in it stay.
            if of_links and kept is not None and holds(kept, region):
                continue
            if self._leaves_out(region, shortest):
                dropped.append(region)
                start, end = region.start, region.end
            elif of_links and not region.headings:
                kept = region
        return dropped

    def _leaves_out(self, region: Region, shortest: float) -> bool:
        kind = region.kind
        if kind == Kind.LINKS:
            return self._is_navigation(region, shortest)
        if kind == Kind.RECURRING:
            return True
        if kind == Kind.SECTION_OF_OTHERS:
            return region.prose < MOST * self.prose and not _holds_any(region, self.spoken)
        if kind in (Kind.CARD, Kind.INLINE_CARD):
            return (
                self.has_cards
                and not (region.prose or region.formulas)
                and not _holds_any(region, self.inner)
            )
        if kind == Kind.WEAK:
            few = region.prose < SOME_PROSE and not region.formulas
            return few and not _holds_any(region, self.inner)
        if kind == Kind.ASIDE:
            text = region.prose >= SOME_PROSE or region.formulas
            return not text or 2 * region.linked > region.characters
        if kind == Kind.HIDDEN:
            # Solutions are hidden until somebody asks.
            return not region.formulas and region.prose < MOST_OF_LINKS * self.prose
        # The header of an article, or of a post, is its heading.
        if kind == Kind.HEADER and self._is_inside(region):
            return False
        return region.prose < MOST * self.prose

    def _is_navigation(self, region: Region, shortest: float) -> bool:
        if self.has_posts and not (_holds_any(region, self.spoken) or self._is_in_post(region)):
            # Beside posts teasers of other pages are none of the text.
            shortest = max(shortest, LONG_TEASERS)
        if (
            region.links < MIN_LINKS
            or region.formulas
            or region.linked >= shortest * region.links
            or region.prose >= MOST_OF_LINKS * self.prose
        ):
            return False
        if not self._is_within_text(region):
            return True
        # Of a section its lists are looked at; a list is the author's where it is introduced.
        if not (region.headings or self.headings.introduce(region)):
            return True
        return _leads_into_the_page(self.read.link_lists[region.start, region.end])

    def _is_within_text(self, region: Region) -> bool:
        if self.outermost:
            return self._is_inside(region)
        return self.headings.stands_below_title(region)

    def _is_in_post(self, region: Region) -> bool:
        """Whether a post in which somebody is named holds it."""
        at = bisect_left(self.posts, (region.start + 1, 0)) - 1
        return at >= 0 and region.end <= self.posts[at][1]

    def _is_inside(self, region: Region) -> bool:
        """Whether main content, content or a post holds it."""
        at = bisect_right(self.starts, region.start) - 1
        return at >= 0 and holds(self.outermost[at], region)


def _leads_into_the_page(links: LexborNode) -> bool:
    """Whether the first of the links leads to a place on the page itself."""
    first = links.css_first("li a[href], td a[href], dt a[href]") or links.css_first("a[href]")
    return first is not None and (first.attributes.get("href") or "").startswith("#")


def _holds_any(region: Region, places: list[tuple[int, int]]) -> bool:
    """Whether one of ``places``, which are in order, is within ``region``."""
    at = bisect_left(places, (region.start, 0))
    while at < len(places) and places[at][0] < region.end:
        if places[at][1] <= region.end:
            return True
        # One that begins where the region does, and holds it.
        at += 1
    return False


def _outermost(regions: list[Region]) -> list[Region]:
    """Those that are in no other one, last ones first."""
    outermost: list[Region] = []
    for region in reversed(regions):
        if not (outermost and holds(outermost[-1], region)):
            outermost.append(region)
    return outermost


def _outside(read: Pieces, dropped: list[Region], judge: _Judge) -> list[Region]:
    """``dropped``, and what stands outside of the main content where that is nearly all."""
    of_kind = [region for region in judge.regions if region.kind == Kind.MAIN]
    if not of_kind:
        return dropped
    prose = read.prose - sum(region.prose for region in dropped)
    mains = _left(of_kind, dropped)
    inside = sum(region.prose for region in mains)
    inside -= sum(region.prose for region in _held(dropped, mains))
    if not inside or inside < MAIN_SHARE * prose:
        return dropped
    kept = _left([region for region in judge.regions if region.kind in _SPEAKING], dropped)
    left_out = dropped
    end = len(read.pieces)
    for start, before in [*((part.end, part.start) for part in kept), (0, 0)]:
        outside = Region(Kind.OUTSIDE, start, end, 0, 0, 0, 0, 0, 0, "")
        within = _held(dropped, [outside])
        if not _has_formulas(_cut(read.pieces, outside, within)):
            inner = set(map(id, within))
            left_out = [outside, *(region for region in left_out if id(region) not in inner)]
        end = before
    return sorted(left_out, key=lambda region: -region.start)


def _has_formulas(pieces: list[str]) -> bool:
    text = "".join(pieces)
    return any(sign in text for sign in (INLINE_OPEN, DISPLAY_OPEN, "\\(", "\\[", "$$"))


def _cut(pieces: list[str], whole: Region, dropped: list[Region]) -> list[str]:
    """The pieces of ``whole`` without those of ``dropped`` regions in it."""
    parts: list[str] = []
    position = whole.start
    for region in reversed(dropped):
        parts += pieces[position : region.start]
        position = region.end
    return parts + pieces[position : whole.end]


def _left(regions: list[Region], dropped: list[Region]) -> list[Region]:
    """Those that are not left out and in no other one, last ones first."""
    # By identity: of a region all that it holds would be hashed.
    lost = set(map(id, _held(list(reversed(regions)), dropped)))
    return _outermost([region for region in regions if id(region) not in lost])


def _held(regions: list[Region], outer: list[Region]) -> list[Region]:
    """Those of ``regions`` that stand in one of ``outer``; both last ones first."""
    held: list[Region] = []
    at = 0
    for region in regions:
        while at < len(outer) and outer[at].start >= region.end:
            at += 1
        if at < len(outer) and holds(outer[at], region):
            held.append(region)
    return held
