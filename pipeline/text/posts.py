"""What surrounds posts: told by what recurs beside each of them.

Forums, questions with answers and comments are siblings of one class path, each of which
names a person or a date. Within them a block that stands in most of them on one path, and
never holds prose or a formula, is no part of what people wrote: a card of a person, the
time, buttons. So are lines that stand at the end of several of them: signatures.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from typing import NamedTuple

from pipeline.text.furniture import signature_of
from pipeline.text.marks import ALL, BLOCK, GLUE, LINE
from pipeline.text.pieces import Pieces
from pipeline.text.regions import LONGEST_CARD, Kind, Region, holds, in_order

#: So many siblings are posts among others.
_LEAST_POSTS = 2
#: Of posts: so many of them name somebody or a date, or hold prose.
_MOST_POSTS = 0.5
#: A block is beside each post where it is in so many of them.
_IN_POSTS = 0.6
#: Of posts that name somebody, so many others among them are advertisements.
_MOST_SILENT = 0.34
#: Links of buttons, which are shorter than titles, and their share of a block.
_LONGEST_BUTTON = 20
_BUTTONS = 0.6
#: Lines at the end of posts that are compared, and characters of the shortest.
_LAST_LINES, _SHORTEST_LINE = 5, 12
#: Pieces at the end of a post that are looked at.
_MOST_PIECES = 400
_RULE = "_____"
_NUMBER = re.compile(r"\d+")
#: What names of people are called, and characters that they have at most.
_OF_PEOPLE = re.compile(r"(?i)user|author|name|poster|creator|member")
_LONGEST_NAME = 30
#: Characters of a piece of a post, where nothing else says that it is one.
_SHORTEST_TEXT = 40
#: What their cards are called, and nothing else is.
_CARD_OF_A_PERSON = re.compile(
    r"(?i)(?:^|[\s_-])(?:profile|postdetails|poster|userdetails|memberinfo|user-?info)(?=$|[\s_-])"
)


class Siblings:
    """Blocks of a page by their class path, in which numbers do not count."""

    def __init__(self, read: Pieces) -> None:
        self.read = read
        numbers = _without_numbers_in(read.paths)
        self.paths = [numbers[block.path] for block in read.blocks]
        by_path: defaultdict[int, list[Region]] = defaultdict(list)
        for path, block in zip(self.paths, read.blocks, strict=True):
            by_path[path].append(block)
        #: Those that are posts.
        self.posts = {
            path: regions
            for path, regions in by_path.items()
            if len(regions) >= _LEAST_POSTS
            and sum(1 for one in regions if one.prose) >= _MOST_POSTS * len(regions)
            and sum(1 for one in regions if cued(read, one)) >= _MOST_POSTS * len(regions)
        }


def _without_numbers_in(paths: dict[tuple[int, str], int]) -> list[int]:
    """By a class path's number the number of the same path without digits in its classes."""
    numbers = [0]
    known: dict[tuple[int, str], int] = {}
    for outer, classes in paths:
        path = numbers[outer], signature_of(classes)
        numbers.append(known.setdefault(path, len(known) + 1))
    return numbers


def around_posts(siblings: Siblings) -> list[Region]:
    """Regions that recur in posts, inner ones first."""
    groups = siblings.posts
    if not groups:
        return []
    read = siblings.read
    inside = _by_post(siblings)
    around: list[Region] = []
    for (group, _), recurring in inside.items():
        posts = groups[group]
        distinct = {post for post, _ in recurring}
        if len(distinct) >= max(_LEAST_POSTS, _IN_POSTS * len(posts)):
            regions = [block for _, block in recurring]
            if _is_card(read, regions):
                around += [region._replace(kind=Kind.RECURRING) for region in regions]
    for posts in groups.values():
        around += _advertisements(read, posts)
    return in_order(around)


def spoken(read: Pieces) -> list[Region]:
    """Posts by their names in which a person or a date is named."""
    return [region for region in read.regions if region.kind == Kind.POST and cued(read, region)]


def has_cards(read: Pieces) -> bool:
    """Whether several cards of people stand on the page on one class path, each beside a text.

    Where posts are rows of a table, nothing else says that they are some.
    """
    cards: defaultdict[int, list[Region]] = defaultdict(list)
    for one in read.regions:
        if one.kind == Kind.CARD and one.path and _CARD_OF_A_PERSON.search(one.names):
            cards[one.path].append(one)
    for group in cards.values():
        ends = [one.start for one in group[1:]] + [len(read.pieces)]
        gaps = zip(group, ends, strict=True)
        if sum(1 for one, end in gaps if _holds_a_text(read, one.end, end)) >= _LEAST_POSTS:
            return True
    return False


def _holds_a_text(read: Pieces, start: int, end: int) -> bool:
    return any(
        len(piece) > _SHORTEST_TEXT for piece in read.pieces[start : min(end, start + _MOST_PIECES)]
    )


def people_of(read: Pieces) -> frozenset[str]:
    """Names of people in the lines about posts, case folded."""
    names = set()
    for region in read.regions:
        if region.kind == Kind.INLINE_CARD and _OF_PEOPLE.search(region.names):
            name = "".join(read.pieces[region.start : region.end]).strip().casefold()
            if name and len(name) <= _LONGEST_NAME and not name.isdigit():
                names.add(name)
    return frozenset(names)


def cued(read: Pieces, region: Region) -> bool:
    """Whether a person or a date is named in it."""
    at = bisect_left(read.cues, region.start)
    return at < len(read.cues) and read.cues[at] < region.end


def _advertisements(read: Pieces, posts: list[Region]) -> list[Region]:
    """Of siblings that nearly all name somebody, those that do not and hold no prose."""
    silent = [post for post in posts if not cued(read, post)]
    if len(silent) > _MOST_SILENT * len(posts):
        return []
    return [
        post._replace(kind=Kind.RECURRING) for post in silent if not (post.prose or post.formulas)
    ]


def _by_post(
    siblings: Siblings,
) -> dict[tuple[int, int], list[tuple[int, Region]]]:
    """Blocks within posts, by the path of the innermost post and their own.

    Each with the place where its post begins.
    """
    by_post: defaultdict[tuple[int, int], list[tuple[int, Region]]] = defaultdict(list)
    open_posts: list[tuple[int, Region]] = []
    # Outer ones before those that they hold.
    for path, block in zip(reversed(siblings.paths), reversed(siblings.read.blocks), strict=True):
        while open_posts and not holds(open_posts[-1][1], block):
            open_posts.pop()
        if open_posts:
            outer, post = open_posts[-1]
            by_post[outer, path].append((post.start, block))
        if path in siblings.posts:
            open_posts.append((path, block))
    return by_post


def _is_card(read: Pieces, regions: list[Region]) -> bool:
    """Whether what recurs beside posts is about them, and none of them holds text."""
    characters = 0
    named = True
    for one in regions:
        if one.prose or one.formulas or one.kind in (Kind.CONTENT, Kind.POST, Kind.MAIN):
            return False
        named = named and one.kind in (Kind.CARD, Kind.WEAK)
        characters += one.characters
        if one.headings and one.kind != Kind.CARD:
            return False
    count = len(regions)
    if not characters or characters > LONGEST_CARD * count:
        return False
    if named or sum(1 for one in regions if cued(read, one)) >= _MOST_POSTS * count:
        return True
    links = sum(one.links for one in regions)
    linked = sum(one.linked for one in regions)
    if linked >= _BUTTONS * characters and linked <= _LONGEST_BUTTON * links:
        return True
    texts = Counter(_without_numbers(read.pieces[one.start : one.end]) for one in regions)
    return max(texts.values()) > _MOST_POSTS * count


def signatures(siblings: Siblings, dropped: list[Region], posts: list[Region]) -> list[Region]:
    """Last lines of posts that end several of them, or stand under a rule.

    ``dropped``: what of the page is left out already; ``posts``: those that are named so.
    """
    read = siblings.read
    posts = posts + [region for regions in siblings.posts.values() for region in regions]
    if len(posts) < _LEAST_POSTS:
        return []
    gone = bytearray(len(read.pieces))
    for region in dropped:
        gone[region.start : region.end] = b"\1" * (region.end - region.start)
    quoted = bytearray(len(read.pieces))
    for start, end in read.quotations:
        quoted[start:end] = b"\1" * (end - start)
    # Of a post and what it is wrapped in the last lines are the same.
    ends = {post.end: post for post in posts}
    lasts = {
        lines[0].start: lines for post in ends.values() if (lines := _last_lines(read, post, gone))
    }
    lasts = {
        start: [line for line in lines[:-1] if not quoted[line.start]]
        for start, lines in lasts.items()
    }
    # How often a line is the last, or the last but one, and so on.
    times = Counter(
        (number, line.text) for lines in lasts.values() for number, line in enumerate(lines, 1)
    )
    regions_by_start: dict[int, Region] = {}
    for lines in lasts.values():
        rules = [number for number, line in enumerate(lines, 1) if line.text.startswith(_RULE)]
        cut = max(rules, default=0)
        for number, line in enumerate(lines, start=1):
            if rules:
                break
            if times[number, line.text] < _LEAST_POSTS or cut < number - 1:
                break
            if len(line.text) >= _SHORTEST_LINE or number < len(lines):
                cut = number
        if sum(len(line.text) for line in lines[:cut]) >= _SHORTEST_LINE:
            for line in lines[:cut]:
                regions_by_start[line.start] = Region(
                    Kind.SIGNATURE, line.start, line.end, len(line.text), 0, 0, 0, 0, 0, ""
                )
    return list(regions_by_start.values())


class _Line(NamedTuple):
    """``pieces[start:end]``, a line of a post."""

    text: str
    start: int
    end: int


def _last_lines(read: Pieces, post: Region, gone: bytearray) -> list[_Line]:
    """The last lines of a post that are left, last ones first."""
    last_lines: list[_Line] = []
    parts: list[str] = []
    pieces = read.pieces
    end = post.end
    for at in range(post.end - 1, max(post.start, post.end - _MOST_PIECES) - 1, -1):
        piece = pieces[at]
        if gone[at] or piece in (BLOCK, LINE):
            if text := " ".join("".join(reversed(parts)).split()):
                last_lines.append(_Line(text, at + 1, end))
                if len(last_lines) == _LAST_LINES:
                    break
            parts = []
            end = at
        elif piece != GLUE:
            parts.append(piece)
    return last_lines


def _without_numbers(pieces: list[str]) -> str:
    text = "".join(piece for piece in pieces if piece not in ALL)
    return " ".join(_NUMBER.sub("", text).split())
