"""Lines that a site's software writes, told by what they say.

They are in ``furniture_lines.toml``. A line goes only as a whole: what people wrote may
have the same words in it. What is said of posts, and dates and numbers that stand alone,
goes on pages that have posts.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from pipeline.text.marks import FORMULA_MARKS

#: Longer lines are text.
LONGEST = 160
#: What forums write above a person's signature.
RULE = "__________"
#: Characters of the longest line that is a date, or a count of something.
_LONGEST_NUMBER = 80
#: Characters of a heading that mostly tell that it is not one of those of other pages.
HEADING_BEGIN = 4
#: The same of one in which no digit is.
_LONGEST_WORDS = 40
#: Among so many a date that stands alone is the page's.
_FIRST_LINES = 5
#: What Doxygen writes before a list of files.
_HEADS_FILES = "the documentation for this "
_BULLETS = frozenset(" -•·*▪»›|0123456789")
_BULLET = re.compile(r"\s*(?:[-•·*▪»›|]|\d{1,3}\.)\s+")


class Lines:
    """Which lines of one page are furniture, and those that were."""

    def __init__(
        self, *, has_posts: bool, people: frozenset[str] = frozenset(), title: str = ""
    ) -> None:
        """``people``: names of who posted, case folded; ``title``: the page's."""
        self.title = title.casefold()
        self.has_posts = has_posts
        self.people = people
        self.dropped: list[str] = []
        #: Lines that were looked at: a date among the first is the page's.
        self.count = 0
        #: Whether rows of a table that follow are of other pages.
        self.others = False
        #: Whether a list of files follows the last line.
        self.listing = False
        #: Whether a line may go of which :func:`may_go` does not say so.
        self.looks_at_all = True

    def drops(self, line: str, is_block: bool) -> bool:
        """Whether to leave out ``line``, which is laid out and may have its bullet.

        It is at most ``LONGEST`` characters long. ``is_block``: it is all of its block, not
        one line among others.
        """
        self.count += 1
        bullet = _BULLET.match(line) if line[0] in _BULLETS else None
        if bullet is not None:
            line = line[bullet.end() :]
        text = line.casefold().strip()
        if not (
            text in _WHOLE
            or _begins(text, _STARTS)
            or _holds_any(text)
            # Of a diary the date is the title.
            or (self.count <= _FIRST_LINES and _is_number(text) and text not in self.title)
            or (self.has_posts and self._is_of_posts(text, is_block=is_block))
            or (self.listing and bullet is not None and " " not in text)
            or (self.others and " | " in text)
        ):
            self.others = self.listing = False
            self.looks_at_all = self.has_posts or self.count < _FIRST_LINES
            return False
        if any(mark in line for mark in FORMULA_MARKS):
            return False
        self.others = text in _WHOLE_HEADINGS or (self.others and " | " in text)
        self.listing = text.startswith(_HEADS_FILES) or (self.listing and bullet is not None)
        self.looks_at_all = True
        self.dropped.append(line)
        return True

    def above_a_rule(self, laid: list[str]) -> list[str]:
        """The lines of a block that stand above a rule of underscores: below it is a signature."""
        for number, line in enumerate(laid):
            if line.startswith(RULE) and not line.strip("_"):
                self.dropped += laid[number:]
                return laid[:number]
        return laid

    def _is_of_posts(self, text: str, *, is_block: bool) -> bool:
        if " | " in text:
            return all(
                cell in _WHOLE or _begins(cell, _STARTS) or self._is_of_posts(cell, is_block=True)
                for cell in text.split(" | ")
            )
        return (
            text in _WHOLE_OF_POSTS
            or text in self.people
            or _begins(text, _STARTS_OF_POSTS)
            or (len(text) <= _LONGEST_NUMBER and _is_number(text))
            or (is_block and _COUNTS.fullmatch(text) is not None)
        )


def _is_number(text: str) -> bool:
    """Whether a line is a date, a time, or a count of something."""
    # Most lines are words alone, and longer than a date without a digit.
    if len(text) > _LONGEST_WORDS and not (_DIGIT.search(text) or text.startswith(_COUNTING)):
        return False
    return _NUMBERS.fullmatch(text) is not None


def _holds_any(text: str) -> bool:
    for part in _WITHIN:  # noqa: SIM110 -- of a generator each line would have its cost
        if part in text:
            return True
    return False


def heads_others(heading: str) -> bool:
    """Whether a heading says that what is below it is of other pages, or the site's."""
    return heading.casefold().partition(":")[0].strip(" ：") in _WHOLE_HEADINGS


def may_head_others(begin: str) -> bool:
    """Whether a heading may say so that begins with these ``HEADING_BEGIN`` characters."""
    begin = begin.casefold()[:HEADING_BEGIN]
    return begin in _BEGIN_HEADINGS or begin[:2] in _BEGIN_SHORT_HEADINGS


def heads_furniture(heading: str) -> bool:
    """Whether a heading says that what is below it is furniture, such as "Related posts"."""
    return heading.casefold().strip(" :：") in _HEADINGS


def _begins(text: str, starts: dict[str, re.Pattern[str]]) -> bool:
    pattern = starts.get(text[:2])
    if pattern is not None and pattern.fullmatch(text):
        return True
    pattern = starts.get(text[:1])
    return pattern is not None and pattern.fullmatch(text) is not None


def _starts(patterns: list[str]) -> dict[str, re.Pattern[str]]:
    """Patterns by the character or the two that they begin with, and that they escape."""
    by_start: dict[str, list[str]] = {}
    for pattern in patterns:
        escaped = pattern[0] == "\\"
        start = pattern[1] if escaped else pattern[: 2 if pattern[1].isalpha() else 1]
        if pattern[0] in ".([" or (escaped and start.isalpha()):
            raise ValueError(f"a pattern begins with nothing that stands for itself: {pattern}")
        by_start.setdefault(start, []).append(pattern)
    return {start: re.compile("|".join(group)) for start, group in by_start.items()}


_TABLES = tomllib.loads(
    (files("pipeline.text") / "furniture_lines.toml").read_text(encoding="utf-8")
)
_WHOLE = frozenset(_TABLES["anywhere"]["lines"]) | frozenset(_TABLES["headings"]["lines"])
_WHOLE_HEADINGS = frozenset(_TABLES["headings"]["lines"])
_BEGIN_HEADINGS = frozenset(line[:HEADING_BEGIN] for line in _WHOLE_HEADINGS)
_BEGIN_SHORT_HEADINGS = frozenset(line[:2] for line in _WHOLE_HEADINGS if len(line) < HEADING_BEGIN)
_WITHIN = tuple(_TABLES["anywhere"]["within"])
_HEADINGS = frozenset(_TABLES["headings"]["lines"]) | frozenset(_TABLES["headings"]["weak"])
_WHOLE_OF_POSTS = frozenset(_TABLES["posts"]["lines"])
_STARTS = _starts(_TABLES["anywhere"]["patterns"])
_DIGIT = re.compile(r"\d")
_COUNTING = ("one ", "two ", "three ")
_LITERAL = re.compile(r"[\w ]*")


def _beginnings() -> dict[str, tuple[str, ...]]:
    """What lines that go begin with: three characters, or fewer, as they may be written.

    For each, all that is known of how the line goes on, case folded.
    """
    by_name: dict[str, tuple[str, ...]] = {}
    for line in (*_WHOLE, *_TABLES["anywhere"]["patterns"]):
        known = line.removeprefix("\\")
        if line not in _WHOLE:
            literal = _LITERAL.match(line)
            length = literal.end() if literal else 0
            # The last of them may be missing.
            length -= line[length : length + 1] in ("?", "*", "{")
            known = line[:length] or known[:1]
        begun = known[:_BEGIN]
        for written in {begun, begun.upper(), begun.capitalize()}:
            by_name[written] = (*by_name.get(written, ()), known)
    return by_name


_BEGIN = 3
_BEGINNINGS = _beginnings()
#: Those of lines of which no more than so little is known.
SHORT_BEGINNINGS = frozenset(begun for begun in _BEGINNINGS if len(begun) < _BEGIN)
_FIRST_OF_OTHERS = frozenset("-").union(begun[0] for begun in SHORT_BEGINNINGS)


def may_go(line: str) -> bool:
    """Whether a line may be one of those that go on any page: few lines are."""
    known = _BEGINNINGS.get(line[:_BEGIN])
    if known is None and line[0] not in _FIRST_OF_OTHERS:
        return False
    if line.startswith("- "):
        line = line[2:]
        known = _BEGINNINGS.get(line[:_BEGIN])
    if line[:2] in SHORT_BEGINNINGS or line[:1] in SHORT_BEGINNINGS:
        return True
    if known is None:
        return False
    text = line.casefold()
    return text.startswith(known) or _holds_any(text)


_STARTS_OF_POSTS = _starts(_TABLES["posts"]["patterns"])
#: Dates, times, numbers of posts and counts that stand alone.
_NUMBERS = re.compile(_TABLES["posts"]["numbers"], re.VERBOSE)
_COUNTS = re.compile(_TABLES["posts"]["counts"])
