"""The closed list of what can become of a WARC record, and how it is said.

Every record that is read ends as exactly one ``Outcome``. ``PAGE`` is the only
good end; the rest are set aside, with coordinates, in the ``ledger`` table.
"""

from __future__ import annotations

from enum import StrEnum

from pipeline.base.printing import masked

#: Characters of a detail that are kept, and of one that is looked at.
_DETAIL, _LOOKED_AT = 300, 2_000


class Outcome(StrEnum):
    """How a record, or a whole WARC, ended. The value is what the ledger stores."""

    PAGE = "page"

    # Kinds of record that a crawl has by design; counted per WARC, no row each.
    WARCINFO = "warcinfo"
    REQUEST = "request"
    METADATA = "metadata"
    REVISIT = "revisit"
    ROBOTS_TXT = "robots-txt"
    OTHER_RECORD = "other-record"

    # Responses that are no HTML page.
    NOT_HTTP = "not-http"
    HTTP_STATUS = "http-status"
    NOT_HTML = "not-html"
    EMPTY_BODY = "empty-body"

    # Damage.
    BAD_RECORD = "bad-record"
    TRUNCATED_RECORD = "truncated-record"
    READER_TIMEOUT = "reader-timeout"
    BAD_HTTP = "bad-http"
    BAD_CONTENT_ENCODING = "bad-content-encoding"
    BAD_URL = "bad-url"
    TOO_LARGE = "too-large"

    # Pages out of which no text came.
    BAD_CHARSET = "bad-charset"
    TOO_DEEP = "too-deep"
    EXTRACTOR_FAILED = "extractor-failed"
    EXTRACTOR_CRASHED = "extractor-crashed"
    EXTRACTOR_TIMEOUT = "extractor-timeout"
    OUT_OF_MEMORY = "out-of-memory"
    NO_TEXT = "no-text"

    # A whole WARC.
    UNREADABLE_WARC = "unreadable-warc"
    READ_FAILED = "read-failed"


#: Outcomes that every healthy crawl is full of: a count per WARC says enough.
COUNTED_ONLY = frozenset(
    {
        Outcome.PAGE,
        Outcome.WARCINFO,
        Outcome.REQUEST,
        Outcome.METADATA,
        Outcome.REVISIT,
        Outcome.ROBOTS_TXT,
        Outcome.OTHER_RECORD,
    }
)


class SetAside(Exception):
    """Raised by a pure function that cannot turn its input into a page.

    ``detail`` is for a person: short, never the page's own bytes beyond what
    identifies the trouble, and no password or key of an address.
    """

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        self.outcome = outcome
        self.detail = masked(detail[:_LOOKED_AT])[:_DETAIL]
        super().__init__(outcome, self.detail)

    def __str__(self) -> str:
        return f"{self.outcome}: {self.detail}" if self.detail else str(self.outcome)
