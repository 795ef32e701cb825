"""A server that locks a machine out for asking too much is left alone, by all of its processes.

Common Crawl's CDN answers 403 to whoever asks too much, and goes on with that for as long as
it is asked. So a lock-out is the machine's, and one file of the machine's folder for
connections tells all processes of it. Nothing is asked of that server until the pause is
over; then one process asks, for all. If it is refused again, the next pause is twice as
long. If it is served, connections come back one by one. (Nygard, "Release It!", has the
pattern: a circuit breaker that is half open.)
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

import xxhash
from filelock import FileLock, Timeout

from pipeline.base.printing import sentence
from pipeline.web.connections import LOOK_AGAIN, Connection, free_connection, machine_folder

#: A pause grows up to so many times the first one.
MOST_GROWTH = 16
#: After a lock-out one more connection is let in each time that so much of its pause has passed.
_STEP = 0.1
#: Seconds between two lines about one lock-out.
_TELL_AGAIN = 60.0
#: Seconds after which who waits for the end of a pause looks whether something has changed.
_LOOK_AT_PAUSE = 1.0

#: What CloudFront and the firewall before it say to who asked too much.
_PHRASES = (b"request blocked", b"too much traffic")
_CDN = "cloudfront"


def locks_out(status: int, fields: Mapping[str, str], body: bytes) -> bool:
    """Whether a refusal with this ``status`` is CloudFront's for too much traffic.

    It has CloudFront's own page as its body. A file that is not open to all is refused by the
    store behind it, with a short XML document; a country, or an address that the CDN does not
    serve, by a page of CloudFront's that says other things.
    """
    page = b" ".join(body.lower().split())
    return (
        status == 403
        and all(phrase in page for phrase in _PHRASES)
        and (_CDN.encode() in page or _CDN in _names_of_servers(fields))
    )


def _names_of_servers(fields: Mapping[str, str]) -> str:
    return " ".join(fields.get(name, "") for name in ("server", "via", "x-cache")).lower()


@dataclass(frozen=True, slots=True)
class State:
    """A lock-out as all processes see it; times are seconds of the machine's own clock.

    ``began``: of the lock-out; ``paused``: of its last pause, which lasts ``pause`` seconds
    or more, up to ``until``; ``ended``: when the server answered again, None before;
    ``printed``: when a line about it was last printed.
    """

    began: float
    paused: float
    pause: float
    until: float
    ended: float | None = None
    printed: float | None = None

    def allowed(self, limit: int, now: float) -> int:
        """How many of ``limit`` connections may be open, once the server answers again."""
        assert self.ended is not None
        return min(limit, 1 + int((now - self.ended) / (_STEP * self.pause)))


def paused_again(
    state: State | None, now: float, *, asked_at: float, wished: float, first: float
) -> State:
    """The state after a refusal at ``now`` of what was asked for at ``asked_at``.

    ``wished``: seconds that the server named, 0 for none; ``first``: of the first pause. What
    was on its way when a pause began is no news, and one that comes soon after the last one
    is its continuation.
    """
    if state is None or now - (state.ended or state.until) > MOST_GROWTH * first:
        return State(began=now, paused=now, pause=wished or first, until=now + (wished or first))
    if asked_at <= state.paused:
        return replace(state, until=max(state.until, now + wished))
    pause = wished or min(2 * state.pause, MOST_GROWTH * first)
    began = state.began if state.ended is None else now
    return State(began, now, pause, now + pause, printed=state.printed)


class LockOut:
    """What this machine knows of one server's lock-out. Times as ``clock`` tells them."""

    def __init__(self, address: str, clock: Callable[[], float]) -> None:
        self.server = urlsplit(address).netloc.rpartition("@")[2]
        self._clock = clock
        name = xxhash.xxh3_64_hexdigest(self.server.encode("utf-8", "surrogatepass"))
        self._file = machine_folder() / f"lockout-{name}.json"

    def state(self) -> State | None:
        """None where there is no lock-out to think of."""
        try:
            state = State(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        now = self._clock()
        # The clock is the machine's since it started; what is ahead of it is of an earlier start,
        # and a pause after which nobody asked is of a run that ended in it.
        is_left = state.ended is None and now > state.until + MOST_GROWTH * state.pause
        return None if state.paused > now or is_left else state

    def refused(self, asked_at: float, wished: float, first: float) -> None:
        """Begin a pause, or lengthen the one that there is; see :func:`paused_again`."""
        with self._lock("lock"):
            state = paused_again(
                self.state(), self._clock(), asked_at=asked_at, wished=wished, first=first
            )
            self._write(state)
        self.tell_of_pause()

    def answered(self, asked_at: float) -> None:
        """The server serves again what was asked for at ``asked_at``: the lock-out is over."""
        with self._lock("lock"):
            state, now = self.state(), self._clock()
            if state is None or state.ended is not None or asked_at < state.until:
                return
            self._write(replace(state, ended=now))
        self._print(f"answers again after {now - state.began:.0f} s; connections come back slowly")

    def tell_of_pause(self) -> None:
        """One line on standard error, unless there was one within a minute, of any process."""
        with self._lock("lock"):
            state, now = self.state(), self._clock()
            if state is None or (state.printed is not None and now - state.printed < _TELL_AGAIN):
                return
            self._write(replace(state, printed=now))
        self._print(
            "answers that this machine asks too much: nothing is asked of it for "
            f"{max(0, state.until - now):.0f} s; so since {now - state.began:.0f} s"
        )

    def right_to_probe(self) -> FileLock | None:
        """The right to ask for all, for one process at a time; None where another has it."""
        lock = self._lock("probe")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        return lock

    def _print(self, what: str) -> None:
        print(sentence(f"{self.server} {what}"), file=sys.stderr, flush=True)

    def _lock(self, kind: str) -> FileLock:
        path = self._file.with_suffix(f".{kind}")
        return FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)

    def _write(self, state: State) -> None:
        part = self._file.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        part.write_text(json.dumps(asdict(state)), encoding="utf-8")
        part.replace(self._file)


class Admission:
    """One of the machine's connections to a server, and the right to use it now."""

    def __init__(
        self, connection: Connection, lockout: LockOut, asked_at: float, probe: FileLock | None
    ) -> None:
        self._connection = connection
        self._lockout = lockout
        self._asked_at = asked_at
        self._probe = probe

    def answered(self) -> None:
        """The server served what was asked for."""
        if self._probe is not None:
            self._lockout.answered(self._asked_at)
            self._probe.release()
            self._probe = None

    def refused(self, wished: float, first: float) -> None:
        """The server locks this machine out; the seconds are those of :func:`paused_again`."""
        self._lockout.refused(self._asked_at, wished, first)

    def give_back(self) -> None:
        self._connection.give_back()
        if self._probe is not None:
            self._probe.release()
            self._probe = None


def admitted(
    lockout: LockOut,
    limit: int,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    longest: float,
) -> Admission | None:
    """A connection out of the machine's ``limit``, once the server may be asked.

    Waits for it as long as it takes; None where the lock-out has gone on for ``longest``
    seconds, or would.
    """
    while True:
        state, now = lockout.state(), clock()
        if state is None or state.ended is not None:
            allowed = limit if state is None else state.allowed(limit, now)
            if (connection := free_connection(allowed)) is not None:
                return Admission(connection, lockout, now, None)
            sleep(random.uniform(0, LOOK_AGAIN))  # noqa: S311
        elif now < state.until:
            if state.until - state.began > longest:
                return None
            lockout.tell_of_pause()
            sleep(min(state.until - now, _LOOK_AT_PAUSE))
        elif (probe := lockout.right_to_probe()) is None:
            sleep(random.uniform(0, LOOK_AGAIN))  # noqa: S311
        else:
            connection = free_connection(limit) if lockout.state() == state else None
            if connection is not None:
                return Admission(connection, lockout, now, probe)
            probe.release()
            sleep(random.uniform(0, LOOK_AGAIN))  # noqa: S311
