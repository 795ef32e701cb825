"""The closed list of what can become of a WARC record, and the one type for what is set aside.

Every record that is read ends as exactly one ``Outcome``. ``PAGE`` is the only good end.
The rest are set aside as ``SetAside``, which says where and why, and which the ``ledger``
table keeps.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pipeline.base.printing import masked

#: Kinds of the ledger's rows: a record, a whole WARC, or a WARC's number of records of one outcome.
Kind = Literal["record", "warc", "count"]

#: In place of an outcome in the count row of all records that were read of a WARC.
READ = "read"
#: Characters of a detail that are kept, and of one that is looked at.
_DETAIL, _LOOKED_AT = 300, 2_000


class Outcome(StrEnum):
    """How a record, or a whole WARC, ended. The value is what the ledger stores.

    ``kind`` is that of the row that the ledger has of each; ``count`` where there is none,
    as every healthy crawl is full of them, and a WARC's number of them says enough.
    ``meaning`` is the sentence by which the documents explain it.
    """

    _value_: str
    kind: Kind
    meaning: str

    def __new__(cls, value: str, kind: Kind, meaning: str) -> Outcome:
        member = str.__new__(cls, value)
        member._value_ = value
        member.kind = kind
        member.meaning = meaning
        return member

    PAGE = "page", "count", "a page with its text: a row of pages"

    # Kinds of record that a crawl has by design.
    WARCINFO = "warcinfo", "count", "a record about the WARC file itself"
    REQUEST = "request", "count", "what the crawler asked a server"
    METADATA = "metadata", "count", "what the crawler noted about a response"
    REVISIT = "revisit", "count", "a page that had not changed since another visit; it has no body"
    ROBOTS_TXT = "robots-txt", "count", "a site's rules for crawlers"
    OTHER_RECORD = "other-record", "count", "a record of any other WARC type"

    # What nobody may have: no row says which address it was.
    REMOVED = "removed", "count", "a record of an address that was removed for good (make remove)"

    # Responses that are no HTML page.
    NOT_HTTP = "not-http", "record", "a response from an address that is not http or https"
    HTTP_STATUS = "http-status", "record", "a response with a status other than 200"
    NOT_HTML = "not-html", "record", "a response that is not HTML"
    EMPTY_BODY = "empty-body", "record", "a response without a body, or with white space alone"

    # Damage.
    BAD_RECORD = "bad-record", "record", "a damaged record, or bytes that are no record"
    TRUNCATED_RECORD = "truncated-record", "record", "a record in the middle of which the file ends"
    READER_TIMEOUT = (
        "reader-timeout",
        "record",
        "a place at which the reader used extract.max_record_seconds and came to no record",
    )
    BAD_HTTP = (
        "bad-http",
        "record",
        "a response without a status line, without an end of its head, or with broken chunks",
    )
    BAD_CONTENT_ENCODING = (
        "bad-content-encoding",
        "record",
        "a body whose compression is broken, cut short or unknown",
    )
    WRONG_RECORD = (
        "wrong-record",
        "record",
        "at the place that an index names is not the record that it means",
    )
    BAD_URL = "bad-url", "record", "a response without an address, or with one that names no host"
    TOO_LARGE = "too-large", "record", "a body larger than extract.max_page_bytes"

    # Pages out of which no text came.
    BAD_CHARSET = "bad-charset", "record", "bytes that are text in no character set"
    TOO_DEEP = (
        "too-deep",
        "record",
        "elements nested too deep, or one with too many attributes, to be parsed in time",
    )
    EXTRACTOR_FAILED = "extractor-failed", "record", "extraction raised an error at this page"
    EXTRACTOR_CRASHED = (
        "extractor-crashed",
        "record",
        "the process that extracts died of this page, twice",
    )
    EXTRACTOR_TIMEOUT = (
        "extractor-timeout",
        "record",
        "extraction used up extract.max_page_seconds of CPU, or waited for nothing",
    )
    OUT_OF_MEMORY = "out-of-memory", "record", "extraction needed over extract.max_page_memory"
    NO_TEXT = "no-text", "record", "no text, or fewer words than extract.min_words"

    # A whole WARC.
    UNREADABLE_WARC = "unreadable-warc", "warc", "a file without any WARC record"
    READ_FAILED = (
        "read-failed",
        "warc",
        "a file that the network did not give to its end; nothing of it is kept",
    )


class SetAside(Exception):
    """A record that makes no page, or a stretch of a file that is no record: why, and where.

    The one type for it, from the reader to the ledger. A function that cannot turn its input
    into a page raises it; the reader yields it and the sandbox returns it; ``ledger_row`` of
    ``pipeline.extract.warc_rows`` makes the row. Frozen, equal by what it says, and small: one
    that is yielded was never raised, so that it holds no frame and no page.

    ``outcome``: the reason, any ``Outcome`` but ``PAGE``; anything else is a ``ValueError``.
    ``detail``: for a person, cut at 300 characters, never the page's own bytes beyond what
    identifies the trouble; passwords and keys of addresses are masked. ``offset``: of the record in
    the WARC as stored, in bytes; None where it is not known, or the whole file is meant.
    ``url``: the record's address as it is written there, None where it is not known.
    """

    def __new__(
        cls,
        outcome: Outcome,
        detail: str = "",
        offset: int | None = None,
        url: str | None = None,
    ) -> SetAside:
        if not isinstance(outcome, Outcome) or outcome is Outcome.PAGE:
            raise ValueError(f"nothing is set aside as {outcome!r}: name an Outcome, but PAGE")
        return super().__new__(cls, outcome, detail, offset, url)

    def __init__(
        self,
        outcome: Outcome,
        detail: str = "",
        offset: int | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(outcome, masked(detail[:_LOOKED_AT])[:_DETAIL], offset, url)

    @classmethod
    def in_full(
        cls, outcome: Outcome, detail: str, offset: int | None = None, url: str | None = None
    ) -> SetAside:
        """With ``detail`` as it is, which is masked already and holds nothing of a page."""
        return cls.__new__(cls, outcome, detail, offset, url)

    @property
    def outcome(self) -> Outcome:
        outcome: Outcome = self.args[0]
        return outcome

    @property
    def detail(self) -> str:
        detail: str = self.args[1]
        return detail

    @property
    def offset(self) -> int | None:
        offset: int | None = self.args[2]
        return offset

    @property
    def url(self) -> str | None:
        url: str | None = self.args[3]
        return url

    def at(self, offset: int | None, url: str | None) -> SetAside:
        """The same of the record at ``offset`` (bytes in the WARC) with the address ``url``."""
        return SetAside.in_full(self.outcome, self.detail, offset, url)

    def __reduce__(self) -> tuple[Any, ...]:
        return SetAside.in_full, self.args

    def __setattr__(self, name: str, value: object) -> None:
        # What the interpreter and contextlib note of a raised error (__traceback__) has to pass.
        if not name.startswith("__"):
            raise AttributeError(f"{name} cannot be changed: what is set aside stays as it is")
        super().__setattr__(name, value)

    def __eq__(self, other: object) -> bool:
        return self.args == other.args if isinstance(other, SetAside) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.args)

    def __str__(self) -> str:
        return f"{self.outcome}: {self.detail}" if self.detail else str(self.outcome)
