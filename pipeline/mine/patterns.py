"""People's word on URL patterns, and which pattern a URL falls under.

A pattern is ``host/path/prefix``: a host without ``www.``, then whole path segments,
each literal or ``*`` for exactly one; a segment that is a star in the URL itself is
``%2A``. It matches the URLs of that host (not of hosts under it) whose path begins
with these segments; ``host`` alone matches them all. The longest matching pattern
decides; of two that are equally long, the one with the literal where the other first
has a ``*``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.base.outcomes import SetAside
from pipeline.base.printing import LONGEST_SENTENCE, visible
from pipeline.web.urls import host_of, path_segments

HEADER = ("pattern", "mathematical", "who", "when", "round", "note")
#: A column that may follow these, for some lines or none: how sure the person was.
CONFIDENCE = "confidence"
CONFIDENCES = ("sure", "likely", "unsure")
#: Who tags when nobody does.
AUTO = "auto"
#: Who speaks for the patterns of ``seed.patterns``.
SEED = "seed"
WILDCARD = "*"
#: In patterns, for the segment ``*`` of a URL; in URLs the two are one.
STAR = "%2A"
#: Digits of a round that a file may name.
_ROUND_DIGITS = 6

# What a spreadsheet takes for a formula, or for the beginning of a quoted text: an apostrophe
# before it keeps it from that. And what it takes for the end of a cell.
_FORMULA = re.compile("'*[=+\\-@\"＝＋－＠]")
_KEPT_FORMULA = re.compile("'+[=+\\-@\"＝＋－＠]")
_CELL_END = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A URL pattern and what was said of it.

    ``when`` is an ISO date or empty, ``confidence`` one of ``CONFIDENCES`` or empty.
    """

    pattern: str
    mathematical: bool
    who: str = ""
    when: str = ""
    round: int = 0
    note: str = ""
    confidence: str = ""

    def line(self) -> str:
        """As a line of the TSV, of which a spreadsheet runs nothing."""
        mathematical = "yes" if self.mathematical else "no"
        cells = (self.pattern, mathematical, self.who, self.when, str(self.round), self.note)
        # Who does not use the last column has files as they were without it.
        return "\t".join(map(_cell, (*cells, self.confidence) if self.confidence else cells))

    @classmethod
    def of_line(cls, line: str, place: str) -> Pattern:
        """What :meth:`line` has made, or a person; ``InputMalformed`` names the ``place``."""
        fields = _without_empty_end(line.split("\t"))
        if not len(HEADER) <= len(fields) <= len(HEADER) + 1:
            raise InputMalformed(
                f"{place}: {len(fields)} fields in {line[:200]!r}",
                expected=f"{len(HEADER)} with tabs between: {', '.join(HEADER)}; "
                f"and {CONFIDENCE}, if you like",
            )
        text, mathematical, who, when, round_, note, *more = map(_text_of, fields)
        if mathematical not in ("yes", "no"):
            raise InputMalformed(
                f"{place}: mathematical is {mathematical[:200]!r}", expected="yes or no"
            )
        if not who:
            raise InputMalformed(f"{place}: nobody in the column who", expected="a name")
        if not (round_.isascii() and round_.isdecimal() and len(round_) <= _ROUND_DIGITS):
            raise InputMalformed(
                f"{place}: round is {round_[:200]!r}",
                expected=f"a number of at most {_ROUND_DIGITS} digits, 0 or more",
            )
        if when or who not in (AUTO, SEED):
            try:
                when = date.fromisoformat(when).isoformat()
            except ValueError:
                raise InputMalformed(
                    f"{place}: when is {when[:200]!r}", expected="a date such as 2025-01-31"
                ) from None
        pattern = cls(_checked(text, place), mathematical == "yes", who, when, int(round_), note)
        return replace(pattern, confidence=_confidence(more[0], place)) if more else pattern


def header_line(*, confidence: bool) -> str:
    """The first line of the TSV, with or without the column that may follow."""
    return "\t".join((*HEADER, CONFIDENCE) if confidence else HEADER)


def normal_pattern(text: str) -> str:
    """The one spelling of a pattern: no scheme, no ``www.``, host in lower case, no end slash.

    Raises ``ValueError`` that says what is wrong with it.
    """
    _, scheme, address = text.strip().rpartition("://")
    if scheme and not text.strip().lower().startswith(("http://", "https://")):
        raise ValueError("a scheme other than http or https")
    bad = next((character for character in address if character in "?#" or character <= " "), None)
    if bad is not None:
        raise ValueError(f"{bad!r} in it, and patterns are host and path only")
    try:
        host = host_of(f"http://{address}")
    except SetAside:
        raise ValueError("it does not begin with a host") from None
    segments = filter(None, address.split("/")[1:])
    return "/".join((host, *(STAR if segment.upper() == STAR else segment for segment in segments)))


def literal_segments(url: str) -> list[str]:
    """The path of a URL as the segments of the pattern that matches it and all under it.

    Raises ``SetAside`` for what is no http(s) URL.
    """
    return [STAR if s == WILDCARD or s.upper() == STAR else s for s in path_segments(url)]


class _Node:
    """Patterns by path segment: what ends here, and what goes on."""

    __slots__ = ("children", "pattern")

    def __init__(self) -> None:
        self.pattern: Pattern | None = None
        self.children: dict[str, _Node] = {}


class Patterns:
    """An immutable set of patterns, one word on each. Picklable, for Spark's workers."""

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:
        by_name = {pattern.pattern: pattern for pattern in patterns}
        self._patterns = tuple(by_name[name] for name in sorted(by_name))
        self._hosts: dict[str, _Node] = {}
        for pattern in self._patterns:
            host, *segments = pattern.pattern.split("/")
            node = self._hosts.setdefault(host, _Node())
            for segment in segments:
                node = node.children.setdefault(segment, _Node())
            node.pattern = pattern

    @classmethod
    def of(cls, patterns: Iterable[str], place: str = "a pattern") -> Patterns:
        """Mathematical patterns without more said.

        Raises ``InputMalformed`` for a bad one, which names the ``place`` of these.
        """
        return cls(Pattern(_checked(text, place), True, SEED) for text in patterns)

    @classmethod
    def read(cls, path: Path) -> Patterns:
        """Read a TSV with the columns of ``HEADER``; ``#`` lines and empty ones are skipped.

        Raises ``InputMissing``, and ``InputMalformed`` with file and line for a line
        that cannot be read and for a pattern with two different words on it.
        Lines out of order are only warned about.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise InputMissing(
                f"no URL patterns at {path}",
                remedy="correct tags.file in the configuration, or make the file: make tags-file "
                "CONFIG=run.toml (python -m pipeline.tagging --config run.toml --make-file)",
            ) from None
        except UnicodeDecodeError as error:
            raise InputMalformed(f"{path} is not UTF-8: {error}") from None
        return cls.of_text(text, str(path))

    @classmethod
    def of_text(cls, text: str, path: str) -> Patterns:
        """What :meth:`read` has read from ``path``; raises what it raises."""
        decisions: dict[str, tuple[Pattern, int]] = {}
        header_seen = False
        for number, line in enumerate(text.split("\n"), start=1):
            line = line.removesuffix("\r")
            if not line.strip() or line.startswith("#"):
                continue
            if not header_seen:
                _check_header(line, f"{path}:{number}")
                header_seen = True
                continue
            pattern = Pattern.of_line(line, f"{path}:{number}")
            first, first_number = decisions.setdefault(pattern.pattern, (pattern, number))
            if first.mathematical != pattern.mathematical:
                raise InputMalformed(
                    f"{path}:{number}: {pattern.pattern} is {_word(pattern)} here"
                    f" and {_word(first)} in line {first_number}",
                    expected="one word on a pattern",
                    remedy="keep the line that is right",
                )
        if list(decisions) != sorted(decisions):
            warning = "%s is not sorted by pattern; sorted files are easier to review"
            _log.warning(warning, visible(path, LONGEST_SENTENCE))
        return cls(pattern for pattern, _ in decisions.values())

    def match(self, url: str) -> Pattern | None:
        """The pattern that decides on ``url``; None where there is none, or no http(s) URL."""
        try:
            node = self._hosts.get(host_of(url))
            return _longest(node, literal_segments(url)) if node else None
        except SetAside:
            return None

    def covers(self, pattern: str) -> bool:
        """Whether one of these matches all that ``pattern`` (in its normal spelling) matches."""
        host, *segments = pattern.split("/")
        node = self._hosts.get(host)
        return node is not None and next(_matching(node, segments), None) is not None

    def decisive(self, pattern: str) -> Pattern | None:
        """What decides on all that ``pattern`` matches, itself where it is one of these."""
        host, *segments = pattern.split("/")
        node = self._hosts.get(host)
        return _longest(node, segments) if node else None

    def above(self, pattern: str) -> Pattern | None:
        """What would decide on all that ``pattern`` matches if it were not there."""
        host, *segments = pattern.split("/")
        node = self._hosts.get(host)
        others = (p for p in _matching(node, segments) if p.pattern != pattern) if node else ()
        return max(others, key=_precedence, default=None)

    def all_matching(self, url: str) -> list[Pattern]:
        """Every pattern that matches ``url``, the one that decides first."""
        try:
            node = self._hosts.get(host_of(url))
            matching = _matching(node, literal_segments(url)) if node else ()
        except SetAside:
            return []
        return sorted(matching, key=_precedence, reverse=True)

    def merged_with(self, other: Patterns) -> Patterns:
        """These, and those of ``other`` on which these say nothing.

        So people's word on a prefix holds for all under it, against automatic tags;
        a person's exception within an automatic prefix stays one.
        """
        return Patterns(
            (*self, *(pattern for pattern in other if not self.covers(pattern.pattern)))
        )

    def on_host(self, host: str) -> Iterator[Pattern]:
        """The patterns on a host, each after those that stand above it."""
        pending = [self._hosts[host]] if host in self._hosts else []
        while pending:
            node = pending.pop()
            if node.pattern:
                yield node.pattern
            pending += reversed(node.children.values())

    def hosts(self) -> list[str]:
        """The hosts that patterns speak of."""
        return sorted(self._hosts)

    def tsv(self) -> str:
        """As a file that :meth:`read` reads."""
        header = header_line(confidence=any(pattern.confidence for pattern in self))
        return "".join(f"{line}\n" for line in (header, *(p.line() for p in self)))

    def __iter__(self) -> Iterator[Pattern]:
        return iter(self._patterns)

    def __len__(self) -> int:
        return len(self._patterns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Patterns) and self._patterns == other._patterns

    def __hash__(self) -> int:
        return hash(self._patterns)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Patterns, (self._patterns,))

    def __repr__(self) -> str:
        return f"Patterns({len(self)} on {len(self._hosts)} hosts)"


def _precedence(pattern: Pattern) -> tuple[int, list[bool]]:
    """Greater for the pattern that decides: the longer one, then that of earlier literals."""
    _, *segments = pattern.pattern.split("/")
    return len(segments), [segment != WILDCARD for segment in segments]


def _matching(root: _Node, segments: Iterable[str]) -> Iterator[Pattern]:
    """All patterns from ``root`` on that match a path of these segments."""
    frontier = [root]
    if root.pattern:
        yield root.pattern
    for segment in segments:
        names = (segment,) if segment == WILDCARD else (segment, WILDCARD)
        frontier = [
            node.children[name] for node in frontier for name in names if name in node.children
        ]
        yield from (node.pattern for node in frontier if node.pattern)


def _longest(root: _Node, segments: Iterable[str]) -> Pattern | None:
    best = root.pattern
    # All nodes that match so far, those with earlier literals first.
    frontier = [root]
    for segment in segments:
        names = (segment,) if segment == WILDCARD else (segment, WILDCARD)
        frontier = [
            node.children[name] for node in frontier for name in names if name in node.children
        ]
        if not frontier:
            break
        best = next((node.pattern for node in frontier if node.pattern), best)
    return best


def _check_header(line: str, place: str) -> None:
    if tuple(_without_empty_end(line.split("\t"))) not in (HEADER, (*HEADER, CONFIDENCE)):
        raise InputMalformed(
            f"{place}: the header is {line[:200]!r}",
            expected=f"{' '.join(HEADER)}, with a tab between",
            remedy="make this the first line that is no comment",
        )


def _without_empty_end(fields: list[str]) -> list[str]:
    """Without empty cells behind the columns, which spreadsheets add."""
    while len(fields) > len(HEADER) and not fields[-1].strip():
        fields = fields[:-1]
    return fields


def _confidence(cell: str, place: str) -> str:
    """A word of ``CONFIDENCES``; what else stands there decides nothing, and is only told."""
    if cell.lower() in CONFIDENCES:
        return cell.lower()
    _log.warning(
        "%s: %s is none of %s, and is passed over",
        visible(place, LONGEST_SENTENCE),
        visible(repr(cell[:100]), LONGEST_SENTENCE),
        ", ".join(CONFIDENCES),
    )
    return ""


def _cell(text: str) -> str:
    text = _CELL_END.sub(" ", text).strip()
    return f"'{text}" if _FORMULA.match(text) else text


def _text_of(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if _KEPT_FORMULA.match(cell) else cell


def _checked(text: str, place: str) -> str:
    try:
        return normal_pattern(text)
    except ValueError as error:
        raise InputMalformed(
            f"{place}: {text[:200]!r} is no URL pattern: {error}",
            expected="host and path prefix, such as mathoverflow.net/questions",
        ) from None


def _word(pattern: Pattern) -> str:
    return "mathematical" if pattern.mathematical else "not mathematical"
