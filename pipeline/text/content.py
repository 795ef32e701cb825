"""Which parts of a page are its content.

A region that is named furniture, or holds hardly anything but links, is left out. Names
err, and there are pages of links: so what holds much of the page's prose is kept
whatever it is called, and nothing is left out where hardly anything would remain. Where
the page's ``<main>`` and ``<article>`` hold nearly all prose that is left, what stands
outside of them goes too, but for answers and comments.
"""

from __future__ import annotations

from pipeline.text.inline.pieces import Pieces
from pipeline.text.marks import BLOCK, DISPLAY_OPEN, INLINE_OPEN, without_marks
from pipeline.text.regions import MIN_LINKS, Kind, Region

#: Of a page's prose: what holds more is no furniture, whatever it is called.
MOST = 0.4
#: Likewise for lists of links.
MOST_OF_LINKS = 0.2
#: Links that are longer on average are sentences or teasers, no navigation.
LONG_LINKS = 50
#: Characters of prose that make content of what a weak name calls furniture.
SOME_PROSE = 100
#: A page with less prose is judged as if it had so much.
LEAST_PROSE = 200
#: Of the prose that is left: with so much of it in the main content, the rest is none.
MAIN_SHARE = 0.8
#: Characters of a heading that the title may begin with.
LEAST_TITLE = 3
#: So few characters, and so small a share of the page's text, are a miss.
LEAST_CHARACTERS = 30
LEAST_SHARE = 0.05


def main_content(read: Pieces, title: str = "") -> str:
    """The marked text of the page's content; all its text where nothing seems content.

    A first heading that the page's ``title`` begins with stays, whatever it stands in.
    """
    for links in (True, False):
        dropped = _dropped(read, links=links)
        kept = read.characters - sum(region.characters for region in dropped)
        if kept >= LEAST_CHARACTERS or kept >= LEAST_SHARE * read.characters:
            return _without(read, _outside_main(read, dropped), title)
    return "".join(read.pieces)


def _dropped(read: Pieces, *, links: bool) -> list[Region]:
    """Regions that are left out, none within another, last ones first."""
    mains = [region for region in read.regions if region.kind == Kind.MAIN]
    found: list[Region] = []
    # An outer region comes after the inner ones that it holds.
    for region in reversed(read.regions):
        if found and _holds(found[-1], region):
            continue
        if region.kind == Kind.LINKS:
            leave_out = links and _is_navigation(region, read.prose)
        else:
            leave_out = _is_furniture(region, read.prose, mains)
        if leave_out:
            found.append(region)
    return found


def _outside_main(read: Pieces, dropped: list[Region]) -> list[Region]:
    """``dropped``, and what stands outside of the main content where that is nearly all."""
    mains = _outermost(read, dropped, (Kind.MAIN,))
    prose = read.prose - sum(region.prose for region in dropped)
    inside = sum(region.prose for region in mains)
    inside -= sum(region.prose for region in _held(dropped, mains))
    if not inside or inside < MAIN_SHARE * prose:
        return dropped
    kept = _outermost(read, dropped, (Kind.MAIN, Kind.CONTENT))
    found = dropped
    end = len(read.pieces)
    for start, before in [*((part.end, part.start) for part in kept), (0, 0)]:
        outside = Region(Kind.FURNITURE, start, end, 0, 0, 0, 0, 0)
        within = _held(dropped, [outside])
        if not _has_formulas(_cut(read.pieces, outside, within)):
            found = [outside, *(region for region in found if region not in within)]
        end = before
    return sorted(found, key=lambda region: -region.start)


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


def _outermost(read: Pieces, dropped: list[Region], kinds: tuple[int, ...]) -> list[Region]:
    """Regions of these kinds that are in no other one and not left out, last ones first."""
    of_kind = [region for region in reversed(read.regions) if region.kind in kinds]
    lost = set(_held(of_kind, dropped))
    found: list[Region] = []
    for region in of_kind:
        if region not in lost and not (found and _holds(found[-1], region)):
            found.append(region)
    return found


def _held(regions: list[Region], outer: list[Region]) -> list[Region]:
    """Those of ``regions`` that stand in one of ``outer``; both last ones first."""
    found: list[Region] = []
    at = 0
    for region in regions:
        while at < len(outer) and outer[at].start >= region.end:
            at += 1
        if at < len(outer) and _holds(outer[at], region):
            found.append(region)
    return found


def _is_navigation(region: Region, prose: int) -> bool:
    return (
        region.links >= MIN_LINKS
        and not region.formulas
        and region.linked < LONG_LINKS * region.links
        and region.prose < MOST_OF_LINKS * max(prose, LEAST_PROSE)
    )


def _is_furniture(region: Region, prose: int, mains: list[Region]) -> bool:
    if region.kind == Kind.WEAK:
        return region.prose < SOME_PROSE and not region.formulas
    if region.kind == Kind.HIDDEN:
        # Solutions are hidden until somebody asks.
        return not region.formulas and region.prose < MOST_OF_LINKS * max(prose, LEAST_PROSE)
    # The header of an article is its heading.
    if region.kind in (Kind.MAIN, Kind.CONTENT) or (
        region.kind == Kind.HEADER and any(_holds(main, region) for main in mains)
    ):
        return False
    return region.prose < MOST * max(prose, LEAST_PROSE)


def _holds(outer: Region, inner: Region) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _without(read: Pieces, dropped: list[Region], title: str) -> str:
    pieces, parts = read.pieces, [BLOCK]
    position = 0
    for region in reversed(dropped):
        parts += pieces[position : region.start]
        parts.append(BLOCK)
        parts += _heading(read, region, title)
        position = region.end
    parts += pieces[position:]
    return "".join(parts)


def _heading(read: Pieces, region: Region, title: str) -> list[str]:
    for start, end in read.titles:
        if region.start <= start and end <= region.end:
            text = " ".join(without_marks("".join(read.pieces[start:end])).split())
            if len(text) >= LEAST_TITLE and " ".join(title.split()).startswith(text):
                return [text, BLOCK]
    return []
