"""Saves every decision at once, and takes the last one back.

    url_patterns.tsv                   the tags, as ``pipeline.mine.patterns`` reads them
    url_patterns.journal.jsonl         see ``pipeline.tagging.journal``
    .url_patterns.tsv.lock             held while either is written

A decision is in the journal before it is in the tags, an undo the other way round: a
process killed between the two leaves an event that the tags do not bear out, and
such an event counts for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.base.errors import ConfigError, MathmineError, WorkspaceBusy
from pipeline.mine.patterns import AUTO, Pattern, normal_pattern
from pipeline.tagging.document import TagsDocument
from pipeline.tagging.journal import WORDS, Action, Event, Journal
from pipeline.workspace.storage import LocalStorage

_LOCK_SECONDS = 10
_MAX_NOTE = 200


class Refused(MathmineError):
    """A decision that is not taken as it is asked for."""


@dataclass(frozen=True)
class HostTags:
    """What was said of a host's prefixes. Automatic tags are nobody's word."""

    patterns: tuple[Pattern, ...] = ()
    splits: frozenset[str] = frozenset()
    skips: frozenset[str] = frozenset()
    #: Other people's words that disagree with the file's.
    disputes: tuple[Pattern, ...] = ()


class TagStore:
    """The file of tags and its journal, for one person and one round."""

    def __init__(self, path: Path, who: str, number: int) -> None:
        """Raises ``ConfigError`` for a name that the file cannot hold."""
        if not who.strip() or who == AUTO or not who.isprintable() or len(who) > 100:
            raise ConfigError(
                f"{who!r} cannot be the name of who tags",
                expected=f"a name other than {AUTO}, of printable characters",
                remedy="say make tag WHO=ada",
            )
        self.path, self.who, self.number = path.resolve(), who.strip(), number
        self.journal = Journal(self.path.with_name(f"{self.path.stem}.journal.jsonl"))
        self._lock = FileLock(self.path.with_name(f".{self.path.name}.lock"))
        self._stamp: tuple[int, ...] | None = ()
        self._length = 0
        self._document = TagsDocument()
        self._hosts: dict[str, HostTags] = {}

    def hosts(self) -> dict[str, HostTags]:
        """What holds now, by host; read again when either file has changed."""
        stamp, length = self._stamp_now(), self.journal.refresh()
        if stamp != self._stamp:
            self._document = TagsDocument.read(self.path)
        if (stamp, length) != (self._stamp, self._length):
            self._hosts, self._stamp, self._length = self._by_host(), stamp, length
        return self._hosts

    def decide(
        self, prefix: str, action: Action, note: str = "", *, overrule: bool = False
    ) -> Event:
        """Save a decision. Raises ``Refused`` for a prefix that is no pattern.

        Also refuses to contradict another person's line, unless ``overrule``.
        """
        if action not in (*WORDS, "split", "skip"):
            raise Refused(f"{action!r} is no decision", expected="mathematical, not, split, skip")
        try:
            normal = normal_pattern(prefix)
        except ValueError as error:
            raise Refused(f"{prefix[:200]!r} is no URL pattern: {error}") from None
        if normal != prefix:
            raise Refused(f"{prefix[:200]!r} is not the spelling of a pattern", expected=normal)
        with self._writing():
            event = Event(action, self.who, self.number, prefix)
            if action not in WORDS:
                self.journal.append(event)
                return event
            today = date.today().isoformat()
            note = " ".join(note.split())[:_MAX_NOTE]
            decision = Pattern(prefix, action == "mathematical", self.who, today, self.number, note)
            self._check_others(decision, overrule)
            before = tuple(self._document.lines(prefix))
            event = replace(event, before=before, after=(decision.line(),))
            self.journal.append(event)
            self._write(self._document.with_pattern(decision))
            return event

    def undo(self) -> Event | None:
        """Take back this person's last decision of this round; None where there is none.

        Raises ``Refused`` where the line was changed since; the next undo then takes
        the decision before.
        """
        with self._writing():
            for event in reversed(self.own_events()):
                undo = Event("undo", self.who, self.number, event.prefix, of=event.id)
                if event.action in WORDS:
                    now = tuple(self._document.lines(event.prefix))
                    if now == event.before:
                        continue
                    if now != event.after:
                        self.journal.append(undo)
                        raise Refused(
                            f"the line of {event.prefix} was changed since, so it stays",
                            remedy=f"look at {self.path}",
                        )
                    self._write(
                        self._document.with_lines(
                            event.prefix, list(event.before), self._meant(event.before)
                        )
                    )
                self.journal.append(undo)
                return event
            return None

    def own_events(self) -> list[Event]:
        """This person's decisions of this round that hold, in order."""
        return [
            event
            for event in self.journal.events()
            if event.who == self.who and event.round == self.number and event.action != "dispute"
        ]

    def pace(self) -> float | None:
        """Seconds a decision, the median of the last 50; None after fewer than 5.

        A gap of more than five minutes is a break.
        """
        times = [datetime.fromisoformat(event.at).astimezone(UTC) for event in self.own_events()]
        gaps = sorted(
            seconds
            for one, other in zip(times[-51:], times[-50:], strict=False)
            if 0 <= (seconds := (other - one).total_seconds()) < 300
        )
        return gaps[len(gaps) // 2] if len(gaps) >= 5 else None

    def patterns(self) -> dict[str, Pattern]:
        """Everybody's words, by pattern, as last read."""
        return self._document.patterns

    def merge(self, additions: list[Pattern], disputes: list[Pattern]) -> None:
        """Add words on new patterns, and note down those that contradict."""
        with self._writing():
            document = self._document
            for decision in additions:
                document = document.with_pattern(decision)
            known = {line for event in self.journal.events() for line in event.after}
            self.journal.append(
                *(
                    Event(
                        "dispute",
                        decision.who,
                        decision.round,
                        decision.pattern,
                        after=(decision.line(),),
                    )
                    for decision in disputes
                    if decision.line() not in known
                )
            )
            if additions:
                self._write(document)

    def _check_others(self, decision: Pattern, overrule: bool) -> None:
        other = self._document.patterns.get(decision.pattern)
        if (
            other is not None
            and other.who not in (self.who, AUTO)
            and other.mathematical != decision.mathematical
            and not overrule
        ):
            raise Refused(
                f"{other.who} says that {decision.pattern} is "
                f"{'mathematical' if other.mathematical else 'not mathematical'}",
                remedy="decide again to overrule",
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The lock is held and what is known is what the files say."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._lock.acquire(timeout=_LOCK_SECONDS):
                self.hosts()
                yield
        except Timeout:
            raise WorkspaceBusy(
                f"{self.path} is being written by another process",
                remedy="decide again; nothing was saved",
            ) from None

    def _write(self, document: TagsDocument) -> None:
        LocalStorage(self.path.parent).write(self.path.name, document.text())
        self._document, self._stamp = document, self._stamp_now()
        self._hosts, self._length = self._by_host(), self.journal.refresh()

    def _stamp_now(self) -> tuple[int, ...] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _meant(self, lines: tuple[str, ...]) -> Pattern | None:
        """The pattern that lines of the file of tags stand for, as the journal has them."""
        return Pattern.of_line(lines[0], str(self.journal.path)) if lines else None

    def _by_host(self) -> dict[str, HostTags]:
        patterns: dict[str, list[Pattern]] = defaultdict(list)
        for decision in self._document.patterns.values():
            if decision.who != AUTO:
                patterns[_host(decision.pattern)].append(decision)
        splits: dict[str, set[str]] = defaultdict(set)
        skips: dict[str, set[str]] = defaultdict(set)
        disputes: dict[str, dict[str, Pattern]] = defaultdict(dict)
        for event in self.journal.events():
            host = _host(event.prefix)
            if event.action == "split":
                splits[host].add(event.prefix)
                skips[host].discard(event.prefix)
            elif event.action == "skip" and (event.who, event.round) == (self.who, self.number):
                skips[host].add(event.prefix)
            elif event.action == "dispute" and (other := self._meant(event.after)):
                disputes[host][event.prefix] = other
            elif event.action in WORDS:
                disputes[host].pop(event.prefix, None)
                splits[host].discard(event.prefix)
        held = self._document.patterns
        return {
            host: HostTags(
                tuple(patterns.get(host, ())),
                frozenset(splits.get(host, ())),
                frozenset(skips.get(host, ())),
                tuple(
                    other
                    for other in disputes.get(host, {}).values()
                    if (mine := held.get(other.pattern)) and mine.mathematical != other.mathematical
                ),
            )
            for host in patterns.keys() | splits.keys() | skips.keys() | disputes.keys()
        }


def _host(prefix: str) -> str:
    return prefix.partition("/")[0]
