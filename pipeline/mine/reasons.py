"""Why people are asked about a domain, and what is noted of those that they are asked about."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.workspace.notes import Notes

#: It is mathematical by the paper's rule; an annotation's condition chose it; so many of its
#: pages are strongly suspected.
SHARE, ANNOTATION, SUSPECTED = REASONS = ("share", "annotation", "suspected")
#: So many decisions are spoken of as the next ones.
NEXT = 10


def expected(uncollected: int, reason: str, suspected: int, pages: int) -> int:
    """How many pages a decision on ``uncollected`` ones of a domain is expected to add.

    All of them, as in the paper; of a domain that is only suspected as large a share as that of
    its ``pages`` that are ``suspected``, rounded down.
    """
    return uncollected * suspected // pages if reason == SUSPECTED else uncollected


class MineNotes(Notes):
    """What step mine notes of a round's domains.

    ``queued``: how many people are asked about, by reason. ``expected``: the pages that
    decisions on these would add, and ``expected_of_next`` those of the first ``NEXT``.
    """

    queued: Mapping[str, int] = {}
    expected: int = 0
    expected_of_next: int = 0
