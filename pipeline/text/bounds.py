"""What a page may ask of the parser and the extractor.

Two things make them slow, measured with resiliparse 2.0.1: its parser compares
each attribute of an element with all before it (20,000 take 0.7 s), and its
main-content heuristics take time in the square of the depth (10,000 levels take
2 s).
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.ledger import Outcome, SetAside

#: Attributes of one element; real pages stay under a hundred.
MAX_ATTRIBUTES = 4_096
#: Pages smaller than this cannot hold an element that takes long to parse.
SMALL_PAGE = 131_072
#: Levels of elements: where browsers themselves stop nesting.
MAX_DEPTH = 512

# A start tag with its quoted values, whatever they hold.
_START_TAG = re.compile(r"<[a-zA-Z](?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|(?=[^\"'])))*+")
_TOO_DEEP = ">".join(["*"] * (MAX_DEPTH + 1))
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")


def check_source(html: str) -> None:
    """Raise ``SetAside`` (``TOO_DEEP``) for a page that must not be parsed."""
    if len(html) < SMALL_PAGE:
        return
    for tag in _START_TAG.finditer(html):
        # Each attribute takes two characters at least.
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            names = _QUOTED.sub(" ", tag.group()).split()
            if len(names) > MAX_ATTRIBUTES:
                raise SetAside(Outcome.TOO_DEEP, f"an element with {len(names)} attributes")


def check_depth(document: Any) -> None:
    """Raise ``SetAside`` (``TOO_DEEP``) where elements are nested deeper than browsers do."""
    # One selector, matched natively: a walk in Python would cost more than parsing.
    if document.query_selector(_TOO_DEEP) is not None:
        raise SetAside(Outcome.TOO_DEEP, f"elements nested over {MAX_DEPTH} deep")
