"""Headings of a page: its title, what they introduce, and those with nothing below."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import chain

from pipeline.text.lines import (
    HEADING_BEGIN,
    heads_furniture,
    heads_others,
    may_head_others,
)
from pipeline.text.marks import (
    BLOCK,
    CELL,
    EM_CLOSE,
    EM_OPEN,
    GLUE,
    LINE,
    STRONG_CLOSE,
    STRONG_OPEN,
    without_marks,
)
from pipeline.text.pieces import Pieces
from pipeline.text.regions import Kind, Region

#: Characters of a heading that the title may begin with.
LEAST_TITLE = 3
#: Characters of the longest.
MAX_CHARACTERS = 200
#: What stands between a page's title and its site's in ``<title>``.
_BETWEEN_TITLES = re.compile(r"\s+[|·•»«›—–:-]+\s+|\s*::\s*|\s*\|\s*|_(?=\w+$)")
_COLON = re.compile(r":\s+")
#: Headings of a page, from its end, of which is asked what they head.
_LAST_HEADINGS = 60
#: Characters of the longest of them, with marks.
_LONGEST_HEAD = 60
#: Characters of what is as short as such a heading.
_SHORT_HEADING = 30
#: Pieces without text that may stand between a heading and what is below it.
_MOST_MARKS = 12
#: Regions without which nothing is left of their section.
_SECTIONS = (Kind.FURNITURE, Kind.LINKS, Kind.ASIDE)
_MARKS = frozenset((BLOCK, LINE, CELL, GLUE, EM_OPEN, EM_CLOSE, STRONG_OPEN, STRONG_CLOSE))


class Headings:
    """The headings of what was read, in order."""

    def __init__(self, read: Pieces, title: str) -> None:
        self.read = read
        self.title = " ".join(title.split())
        #: Where they end, for each that holds text.
        self.headings = sorted(read.headings)
        self.starts = [start for start, _, _ in self.headings]

    def text(self, start: int, end: int) -> str:
        """What a heading says."""
        return " ".join(without_marks("".join(self.read.pieces[start:end])).split())

    def introduce(self, region: Region) -> bool:
        """Whether a heading or a line with a colon stands right before, and is no furniture's."""
        before = self._before(region.start)
        if before < 0:
            return False
        if (heading := self._heading_at(before)) is not None:
            start, end, level = heading
            text = self.text(start, end)
            return level > 1 and not heads_furniture(text)
        return self.read.pieces[before].rstrip().endswith((":", "："))

    def stands_below_title(self, region: Region) -> bool:
        """Whether a heading stands before it, where no element is said to be the content."""
        return bool(self.starts) and self.starts[0] < region.start

    def title_before(self, position: int) -> int:
        """Where a heading begins that stands before ``position`` and begins the title; 0: none."""
        title = _folded(self.title)
        for start, end, level in self.headings:
            if start >= position:
                break
            text = _folded(self.text(start, end)) if level < 3 else ""
            if len(text) > LEAST_TITLE and title.startswith(text):
                return start
        return 0

    def sections_of_others(self) -> list[Region]:
        """What stands below headings such as "Similar threads", without prose or formulas."""
        sections: list[Region] = []
        heads = [(start, end) for start, end, level in self.headings if level > 1]
        heads += [
            (one.start, one.end)
            for one in self.read.regions
            if one.kind == Kind.WEAK and one.characters <= _SHORT_HEADING
        ]
        pieces = self.read.pieces
        for start, end in heads[-_LAST_HEADINGS:]:
            if end - start > _MOST_MARKS:
                continue
            # Told by how it begins: few headings need a closer look.
            begin = ""
            for piece in pieces[start:end]:
                if piece not in _MARKS and (begin := piece.lstrip()[:HEADING_BEGIN]):
                    break
            if (
                not begin
                or not (len(begin) < HEADING_BEGIN or may_head_others(begin))
                or sum(map(len, pieces[start:end])) > _LONGEST_HEAD
                or not heads_others(self.text(start, end))
            ):
                continue
            around = [
                one
                for one in chain(self.read.blocks, self.read.regions)
                if one.start <= start and end <= one.end and one.end - one.start > end - start + 2
            ]
            if around:
                least = min(around, key=lambda one: one.end - one.start)
                if not least.formulas:
                    sections.append(least._replace(kind=Kind.SECTION_OF_OTHERS))
        return sections

    def _before(self, position: int) -> int:
        """The last piece with text before ``position``, if it is near; -1 if not."""
        for at in range(position - 1, max(0, position - _MOST_MARKS) - 1, -1):
            if _has_text(self.read.pieces[at]):
                return at
        return -1

    def _heading_at(self, piece: int) -> tuple[int, int, int] | None:
        at = bisect_right(self.starts, piece) - 1
        if at >= 0 and piece < self.headings[at][1]:
            return self.headings[at]
        return None

    def around(self, dropped: list[Region]) -> tuple[list[str], list[Region]]:
        """Pieces without ``dropped`` ones, and all that was dropped, in order.

        The page's title stays where it is, and headings go of which nothing else is left.
        """
        ordered = list(reversed(dropped))
        titles = self._titles(ordered)
        ordered = sorted(ordered + self._bare(ordered), key=lambda region: region.start)
        pieces, parts = self.read.pieces, [BLOCK]
        position = 0
        for region in ordered:
            parts += pieces[position : region.start]
            parts.append(" " if region.kind == Kind.INLINE_CARD else BLOCK)
            if title := titles.get(region.start):
                parts += [title, BLOCK]
            position = region.end
        parts += pieces[position:]
        return parts, ordered

    def _titles(self, dropped: list[Region]) -> dict[int, str]:
        """First headings that are the page's title, by the dropped region that they are in."""
        if not dropped:
            return {}
        inside: dict[int, str] = {}
        others = False
        starts = [region.start for region in dropped]
        headings = self.headings
        if self.read.titles:
            headings = sorted(headings + self.read.titles)
        for start, end, level in headings:
            if level > 2:
                continue
            at = bisect_right(starts, start) - 1
            if at >= 0 and end <= dropped[at].end:
                # Within a title that is no heading stands, in a block, where the page belongs.
                text = self.text(start, end if level else self._end_of_block(start, end))
                if len(_folded(text)) >= LEAST_TITLE and dropped[at].start not in inside:
                    inside[dropped[at].start] = text
            elif not others and level < 2:
                others = bool(self.text(start, end))
        titles = self._of_title(inside, others=others) if inside else {}
        return titles if titles or others else self._short_title(dropped)

    def _of_title(self, inside: dict[int, str], *, others: bool) -> dict[int, str]:
        """Those of the headings ``inside`` that are the title; ``others``: another one stays."""
        title = _folded(self.title)
        return {
            start: text
            for start, text in inside.items()
            if (title.startswith(_folded(text)) and len(text) >= LEAST_TITLE)
            or (not others and self._is_title(text, title))
        }

    def _end_of_block(self, start: int, end: int) -> int:
        """Where the first block with text ends that begins at ``start``."""
        seen = False
        for at in range(start, end):
            piece = self.read.pieces[at]
            if seen and piece == BLOCK:
                return at
            seen = seen or _has_text(piece)
        return end

    def _short_title(self, dropped: list[Region]) -> dict[int, str]:
        """A dropped region that says what the title begins with, and no more."""
        short = [
            region
            for region in dropped
            if region.characters < MAX_CHARACTERS and region.kind in (Kind.WEAK, Kind.HEADER)
        ]
        if short and len(title := _folded(_BETWEEN_TITLES.split(self.title)[0])) >= LEAST_TITLE:
            for region in short:
                text = self.text(region.start, region.end)
                if _folded(text) == title:
                    return {region.start: text}
        return {}

    def _is_title(self, text: str, title: str) -> bool:
        """Whether it is a part of the title, but not the site's, which is the last.

        ``title``: the title, folded.
        """
        parts = _BETWEEN_TITLES.split(self.title)
        folded = _folded(text)
        first = _folded(parts[0])
        if len(first) >= LEAST_TITLE and first in folded and len(folded) < 2 * len(first):
            return True
        if len(parts) > 1 and folded == _folded(parts[-1]):
            return False
        named = [_folded(part) for part in _COLON.split(self.title)]
        if len(named) > 1 and all(len(one) >= LEAST_TITLE and one in folded for one in named):
            # "Library: Member list" of what is headed "Library::Class member list".
            return True
        return folded in title

    def _bare(self, dropped: list[Region]) -> list[Region]:
        """Headings right before a dropped region after which another section begins."""
        bare: list[Region] = []
        number = 0
        while number < len(dropped):
            region = dropped[number]
            # What follows each other without text between counts as one.
            last = number
            while last + 1 < len(dropped) and self._is_empty(
                dropped[last].end, dropped[last + 1].start
            ):
                last += 1
            heading = None
            if region.kind in _SECTIONS:
                before = self._before(region.start)
                heading = self._heading_at(before) if before >= 0 else None
            if heading is not None and heading[2] > 1 and heading != self.headings[0]:
                start, end, level = heading
                if self._ends_section(dropped[last].end, level):
                    bare.append(
                        Region(Kind.BARE_HEADING, start, end, 0, 0, 0, 0, 0, 1, f"h{level}")
                    )
            number = last + 1
        return bare + self._last(dropped)

    def _last(self, dropped: list[Region]) -> list[Region]:
        """A heading such as "Comments" after which nothing is left of the page."""
        if not self.headings:
            return []
        start, end, level = self.headings[-1]
        rest = end
        for region in dropped:
            if region.start <= start and end <= region.end:
                return []
            if region.start >= rest and self._is_empty(rest, region.start):
                rest = region.end
        if not self._is_empty(rest, len(self.read.pieces)) or level < 2:
            return []
        if not heads_furniture(self.text(start, end)):
            return []
        return [Region(Kind.BARE_HEADING, start, end, 0, 0, 0, 0, 0, 1, f"h{level}")]

    def _is_empty(self, start: int, end: int) -> bool:
        return start >= end or (
            end - start <= _MOST_MARKS and not any(map(_has_text, self.read.pieces[start:end]))
        )

    def _ends_section(self, position: int, level: int) -> bool:
        """Whether nothing, or a heading of that level or above, comes next."""
        pieces = self.read.pieces
        at = bisect_left(self.starts, position)
        if at < len(self.starts):
            return self.headings[at][2] <= level and self._is_empty(position, self.starts[at])
        return self._is_empty(position, len(pieces))


def _has_text(piece: str) -> bool:
    return piece not in _MARKS and not piece.isspace()


def _folded(text: str) -> str:
    """Letters and digits alone: sites put other signs between the parts of a title."""
    return "".join(filter(str.isalnum, text.casefold()))
