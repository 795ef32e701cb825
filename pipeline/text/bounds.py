"""What a page may ask of the parser.

Two things take lexbor time in their square, measured with selectolax 1.0.2: elements
nested within each other (20,000 take 0.6 s, 100,000 a minute), and attributes of one
element (20,000 take 0.8 s). Pages that have so many are told before they are parsed, by
cheap counts that nearly all pages pass. A page that deceives them costs its share of
time: how much that may be is for whoever calls (``pipeline.extract.sandbox``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.base.outcomes import Outcome, SetAside

#: Attributes of one element; real pages stay under a hundred.
MAX_ATTRIBUTES = 4_096
#: Elements that are never closed, of names that must be.
MAX_UNCLOSED = 5_000
#: Pages smaller than this cannot take long.
SMALL_PAGE = 131_072
#: Bytes of which ends of elements are counted at a time.
_STRETCH = 32_768

# A start tag with its quoted values, whatever they hold.
_START_TAG = re.compile(rb"<[a-zA-Z](?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|(?=[^\"'])))*+")
# What stands after "<" begins a tag; what stands after ">" may be text before one.
_STARTS = re.compile(rb"<[a-zA-Z](?!cript|tyle)|>[^<]*+<[a-zA-Z]")
_QUOTED = re.compile(rb"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_TAG_NAME = re.compile(rb"<(/?)([a-zA-Z][^\s/>]{0,30})")
#: Elements that have no end, or that the next of their kind ends.
_CLOSED_BY_THEMSELVES = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd tr td th "
    b"thead tbody tfoot option optgroup colgroup rt rp rb path circle rect line polygon use image "
    b"polyline ellipse stop".split()
)


def check_source(html: bytes) -> None:
    """Raise ``SetAside`` (``TOO_DEEP``) for a page that must not be parsed."""
    if len(html) < SMALL_PAGE:
        return
    if _may_be_deep(html):
        _check_nesting(html)
    # A tag that has one of the two in its values is taken apart by one of them only.
    for mark in (b"<", b">"):
        runs = [run for run in _runs_without(html, mark) if _STARTS.match(mark + run)]
        if runs and (mark == b"<" or html.count(b"=") > MAX_ATTRIBUTES):
            for run in runs:
                _check_attributes(mark + run)


def _may_be_deep(html: bytes) -> bool:
    """Whether more than ``MAX_UNCLOSED`` elements may have no end."""
    left = html.count(b"<") - MAX_UNCLOSED
    start = 0
    # Most pages have shown enough ends long before they are over.
    while left > 0 and start < len(html):
        # With the character after it: an end may stand across the border of two stretches.
        left -= 2 * html.count(b"</", start, start + _STRETCH + 1)
        start += _STRETCH
    return left > 0


def _runs_without(html: bytes, mark: bytes) -> Iterator[bytes]:
    """The stretches between two of ``mark`` that may hold too many attributes.

    Any stretch of three times ``MAX_ATTRIBUTES`` bytes holds one of the windows.
    """
    window = 2 * MAX_ATTRIBUTES
    start = 0
    while start < len(html):
        if html.find(mark, start, start + window) < 0:
            end = html.find(mark, start)
            end = len(html) if end < 0 else end
            yield html[html.rfind(mark, 0, start) + 1 : end]
            start = end
        start += MAX_ATTRIBUTES


def _check_nesting(html: bytes) -> None:
    balance: Counter[bytes] = Counter()
    for end, name in _TAG_NAME.findall(html):
        balance[name.lower()] += -1 if end else 1
    unclosed = sum(
        count for name, count in balance.items() if count > 0 and name not in _CLOSED_BY_THEMSELVES
    )
    if unclosed > MAX_UNCLOSED:
        raise SetAside(Outcome.TOO_DEEP, f"{unclosed} elements without an end")


def _check_attributes(html: bytes) -> None:
    for tag in _START_TAG.finditer(html):
        # Each attribute takes two characters at least.
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            names = _QUOTED.sub(b" ", tag.group()).split()
            if len(names) > MAX_ATTRIBUTES:
                raise SetAside(Outcome.TOO_DEEP, f"an element with {len(names)} attributes")
