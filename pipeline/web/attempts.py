"""Attempts at reading from servers: how long they go on, and the answers that they bring."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from pipeline.config.sources import Read
from pipeline.web.lockout import Admission, LockOut, admitted
from pipeline.web.remote import (
    Fields,
    ReadFailed,
    Trouble,
    Version,
    extent,
    failure,
    wait_before,
)

#: Bytes that one look at the wire may bring.
_PIECE = 256 * 1024

T = TypeVar("T")


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
