"""What reading from S3 and from the web have in common: answers, troubles, patience.

The decisions are functions of what a server says, and know no server.
"""

from __future__ import annotations

import random
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol, TypeVar

from urllib3 import BaseHTTPResponse, Retry
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    NewConnectionError,
    ReadTimeoutError,
)

from pipeline.base.printing import masked
from pipeline.config.sources import Read
from pipeline.web.lockout import Admission, LockOut, admitted, locks_out

#: Bytes that one look at the wire may bring.
_PIECE = 256 * 1024
#: Seconds of the longest wait after a first failure; doubled after each further one.
BASE_WAIT = 0.5
#: Statuses below 500 that another attempt may cure.
_TRANSIENT = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS))
_CONTENT_RANGE = re.compile(
    r"bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", re.ASCII | re.IGNORECASE
)
#: What resolvers say of a host that there is not; of anything else they may change their minds.
_UNKNOWN_HOST = frozenset((socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)))

T = TypeVar("T")
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


# --- Decisions ----------------------------------------------------------------


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


# --- Patience -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """What time is and what chance is."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform


PACE = Pace()


class Patience:
    """How long attempts at one thing, at the address ``path``, go on."""

    def __init__(self, path: str, settings: Read, pace: Pace = PACE) -> None:
        self._lockout = LockOut(path, pace.clock)
        self._settings = settings
        self._pace = pace
        self._until = pace.clock() + settings.patience_seconds
        self._failures = 0
        self._locked_out_at: float | None = None

    def wait(self, trouble: Trouble) -> bool:
        """Wait before the next attempt; False where there is to be none.

        A lock-out is waited out before the next connection, and costs no patience.
        """
        now = self._pace.clock()
        if trouble.locked_out:
            self._locked_out_at = self._locked_out_at or now
            return now - self._locked_out_at < self._settings.longest_lockout_seconds
        self._failures += 1
        left = self._until - now
        if left <= 0 or trouble.asked > left:
            return False
        longest = self._settings.longest_wait_seconds
        wait = wait_before(self._failures, trouble.asked, longest, self._pace.uniform)
        self._pace.sleep(min(wait, left))
        return True

    def connect(self) -> Connection:
        """One of the machine's connections, once the server may be asked.

        Waiting for it costs no patience. Raises a lasting ``Trouble`` where a lock-out does
        not end.
        """
        began = self._pace.clock()
        settings = self._settings
        longest = settings.longest_lockout_seconds
        admission = admitted(
            self._lockout, settings.machine_connections, self._pace.clock, self._pace.sleep, longest
        )
        if admission is None:
            raise Trouble(
                f"the server locks this machine out for asking too much, for over {longest:g} "
                "seconds: try again later, with fewer connections in [read]",
                lasting=True,
            )
        self._until += self._pace.clock() - began
        return Connection(admission, settings.lockout_seconds)


class Connection:
    """One of the machine's connections, for one request and its answer."""

    def __init__(self, admission: Admission, first_pause: float) -> None:
        self._admission = admission
        self._first_pause = first_pause

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.ended(error)
        self.give_back()

    def ended(self, error: BaseException | None = None) -> None:
        """The request was answered, or failed of ``error``: all processes learn what that tells."""
        if error is None:
            self._admission.answered()
        elif isinstance(error, Trouble) and error.locked_out:
            self._admission.refused(error.asked, self._first_pause)

    def give_back(self) -> None:
        self._admission.give_back()


def persist(
    attempt: Callable[[Patience], T],
    path: str,
    settings: Read,
    *,
    offset: int = 0,
    pace: Pace = PACE,
) -> T:
    """What ``attempt`` gives, made again while it raises a ``Trouble`` that may pass.

    Neither urllib3's retries nor botocore's do this: they count attempts, where here time is
    counted, without that spent waiting for a connection; and a body that is cut half-way is
    none of their business, where here the next attempt goes on from the last byte.

    ``path`` and ``offset`` (bytes read before) are for the error. Raises ``ReadFailed`` for one
    that lasts, and after ``patience_seconds``.
    """
    patience = Patience(path, settings, pace)
    while True:
        try:
            return attempt(patience)
        except Trouble as trouble:
            if trouble.lasting:
                raise ReadFailed(path, offset, trouble.cause) from trouble
            if not patience.wait(trouble):
                seconds = (
                    settings.longest_lockout_seconds
                    if trouble.locked_out
                    else settings.patience_seconds
                )
                cause = f"{trouble.cause}; so for {seconds:g} seconds"
                raise ReadFailed(path, offset, cause) from trouble


# --- Answers ------------------------------------------------------------------


class Source(Protocol):
    """A file on the network. Both raise ``Trouble``."""

    path: str
    settings: Read

    def head(self) -> Version: ...

    def get(
        self, start: int, end: int | None, known: Version | None
    ) -> tuple[int, Fields, BaseHTTPResponse]:
        """Status, header fields and body of an answer with the bytes from ``start`` to ``end``.

        To be refused by the server where the file is no longer the version ``known``.
        """


class Answer:
    """An open response, and the connection that it holds."""

    def __init__(
        self,
        source: Source,
        patience: Patience,
        *,
        start: int = 0,
        end: int | None = None,
        known: Version | None = None,
    ) -> None:
        self._settings = source.settings
        self._start = start
        self._body: BaseHTTPResponse | None = None
        self._connection = patience.connect()
        try:
            status, fields, self._body = source.get(start, end, known)
            self._extent = extent(status, fields, start, known)
        except BaseException as error:
            self._connection.ended(error)
            self.close()
            raise
        self._connection.ended()
        self._at = self._extent.start

    @property
    def version(self) -> Version:
        return self._extent.version

    @property
    def open_ended(self) -> bool:
        """Whether the server did not tell where the response ends."""
        return self._extent.end is None

    def read(self) -> bytes:
        """The next bytes, as many as are there; none at the end. Raises ``Trouble``."""
        assert self._body is not None
        while True:
            try:
                piece = self._body.read1(_PIECE, decode_content=False)
            except (HTTPError, OSError) as error:
                raise failure(error, self._settings, reached=True) from error
            if not piece:
                if self._extent.end is not None and self._at < self._extent.end:
                    raise Trouble("the connection was cut")
                return b""
            before = max(0, self._start - self._at)
            self._at += len(piece)
            if before < len(piece):
                return piece[before:] if before else piece

    def close(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body.release_conn()
        self._connection.give_back()
