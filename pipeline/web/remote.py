"""What servers say of files, and what it means: versions, extents, troubles.

The decisions are functions of what a server says, and know no server; attempts are made in
``pipeline.web.attempts``.
"""

from __future__ import annotations

import random
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from urllib3 import Retry
from urllib3.exceptions import (
    ConnectTimeoutError,
    InvalidHeader,
    NewConnectionError,
    ReadTimeoutError,
)

from pipeline.base.printing import masked
from pipeline.config.sources import Read
from pipeline.web.lockout import locks_out

#: Seconds of the longest wait after a first failure; doubled after each further one.
BASE_WAIT = 0.5
#: Statuses below 500 that another attempt may cure.
_TRANSIENT = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS))
_CONTENT_RANGE = re.compile(
    r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", re.ASCII | re.IGNORECASE
)
#: What resolvers say of a host that there is not; of anything else they may change their minds.
_UNKNOWN_HOST = frozenset((socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)))

#: Header fields of an answer, to be looked up in lower case.
Fields = Mapping[str, str]


class ReadFailed(OSError):
    """A file on the network that could not be read to its end.

    ``offset`` is the number of its bytes that were read, ``cause`` a short sentence.
    """

    def __init__(self, path: str, offset: int, cause: str) -> None:
        # Told to people and kept in the ledger, so without what lets anybody in.
        self.path = masked(path)
        self.offset = offset
        self.cause = masked(cause)
        super().__init__(f"cannot read {self.path} beyond byte {offset}: {self.cause}")

    def __reduce__(self) -> tuple[object, ...]:
        return (ReadFailed, (self.path, self.offset, self.cause))


@dataclass(frozen=True, slots=True)
class Stat:
    """A file's size, and its ETag (else Last-Modified, else the size), which changes with it."""

    bytes: int
    identity: str


@dataclass(frozen=True, slots=True)
class Version:
    """What one answer tells of the file, to know another version by; empty where it does not."""

    bytes: int | None = None
    etag: str = ""
    modified: str = ""

    @property
    def strong_etag(self) -> str:
        """The ETag where it may stand in If-Match: RFC 9110 has weak ones match nothing there."""
        return "" if self.etag.startswith("W/") else self.etag

    def completed(self, earlier: Version | None) -> Version:
        """With what only an ``earlier`` answer about the same file told."""
        if earlier is None:
            return self
        return Version(
            earlier.bytes if self.bytes is None else self.bytes,
            self.etag or earlier.etag,
            self.modified or earlier.modified,
        )

    def is_of_another_file(self, later: Version) -> bool:
        """Whether what both tell differs."""
        if None not in (self.bytes, later.bytes) and self.bytes != later.bytes:
            return True
        if self.etag and later.etag:
            return self.etag.removeprefix("W/") != later.etag.removeprefix("W/")
        return bool(self.modified and later.modified) and self.modified != later.modified


class Trouble(Exception):
    """An attempt that failed. ``lasting``: so would any other.

    ``asked`` is how many seconds the server asks us to wait. ``locked_out``: it asks that of
    the whole machine.
    """

    def __init__(
        self, cause: str, *, lasting: bool = False, asked: float = 0.0, locked_out: bool = False
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.lasting = lasting
        self.asked = asked
        self.locked_out = locked_out


def is_transient(status: int) -> bool:
    """Whether a server that answers with this HTTP ``status`` may answer otherwise later."""
    return status >= 500 or status in _TRANSIENT


def wait_before(
    failures: int,
    asked: float,
    longest: float,
    uniform: Callable[[float, float], float] = random.uniform,
) -> float:
    """Seconds to wait after so many failures in a row: exponential backoff with full jitter.

    On top of the seconds that the server ``asked`` for, so that not all come back at once; no
    more than ``longest`` besides these. (Brooker, "Exponential Backoff and Jitter", AWS, 2015.)
    """
    jitter = uniform(0, min(longest, BASE_WAIT * 2.0 ** min(failures - 1, 60)))
    return asked + jitter


def retry_after(value: str | None) -> float:
    """Seconds that a Retry-After field asks for (RFC 9110, 10.2.3); 0 where it says nothing.

    ``value``: a number of seconds, or a date.
    """
    try:
        return float(Retry().parse_retry_after(value or ""))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0


@dataclass(frozen=True, slots=True)
class Extent:
    """Which bytes of which version an answer brings; ``end`` is None where it does not tell."""

    start: int
    end: int | None
    version: Version


def extent(status: int, fields: Fields, start: int, known: Version | None) -> Extent:
    """What an answer to a request for the bytes from ``start`` brings.

    It may begin before ``start``, where the server did not look at Range. Raises
    ``Trouble`` where it begins elsewhere, and a lasting one where it is of another
    version than the one ``known``.
    """
    length = number_of(fields.get("content-length"))
    if status == HTTPStatus.PARTIAL_CONTENT:
        given = _CONTENT_RANGE.fullmatch(fields.get("content-range", ""))
        if given is None or int(given[1]) != start:
            raise Trouble("the server sent another part of the file than it was asked for")
        first, total = start, number_of(given[3])
        end: int | None = start + length if length is not None else int(given[2]) + 1
    elif status == HTTPStatus.OK:
        first, end, total = 0, length, length
    else:
        raise Trouble(f"the server answered {status}, which is no file", lasting=True)
    version = Version(total, fields.get("etag", ""), fields.get("last-modified", ""))
    if known is not None and known.is_of_another_file(version):
        raise changed()
    return Extent(first, end, version)


def refusal(status: int, fields: Fields, cause: str = "", body: bytes = b"") -> Trouble:
    """What a ``status`` that is no success means.

    ``cause``: a sentence that says it better than the status does, if there is one; ``body``:
    the beginning of what came with it. It is lasting unless the status is one that may pass,
    and asks for what Retry-After does. With 429 (RFC 6585, section 4), as the CDN's, and as
    any 403 that names a time, the machine is locked out.
    """
    if status == HTTPStatus.PRECONDITION_FAILED:
        return changed()
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = f"status {status}"
    asked = retry_after(fields.get("retry-after"))
    if (
        status == HTTPStatus.TOO_MANY_REQUESTS
        or (status == HTTPStatus.FORBIDDEN and asked)
        or locks_out(status, fields, body)
    ):
        cause = f"the server locks this machine out for asking too much ({phrase})"
        return Trouble(cause, asked=asked, locked_out=True)
    return Trouble(
        cause or f"the server answered {phrase}", lasting=not is_transient(status), asked=asked
    )


def changed() -> Trouble:
    """The file is no longer the one of which the first bytes were read."""
    return Trouble("the file was changed while it was being read", lasting=True)


def failure(error: BaseException, settings: Read, *, reached: bool) -> Trouble:
    """What an ``error`` of the connection means, lasting or not.

    ``reached``: whether the server answered before, so that its name is a good one.
    """
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, socket.gaierror):
            lasting = link.errno in _UNKNOWN_HOST and not reached
            return Trouble("the address names an unknown host: correct it", lasting=lasting)
        if isinstance(link, ssl.SSLCertVerificationError):
            cause = f"the server's certificate is not trusted: {link.verify_message}"
            return Trouble(cause, lasting=True)
    within = f"within {settings.timeout_seconds:g} seconds"
    for link in chain:
        # The first is a kind of the second.
        if isinstance(link, NewConnectionError):
            return Trouble("the server cannot be reached: connection refused, or no way there")
        if isinstance(link, ConnectTimeoutError):
            return Trouble(f"no connection {within}")
        if isinstance(link, (ReadTimeoutError, TimeoutError)):
            return Trouble(f"not a byte came {within}")
    return Trouble(f"the connection was cut ({type(chain[-1]).__name__})")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def number_of(text: str | None) -> int | None:
    """The number that a field holds; None where it holds none, or one of over 18 digits."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
