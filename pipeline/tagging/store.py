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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from pipeline.base.errors import ConfigError, MathmineError, WorkspaceBusy
from pipeline.mine.patterns import AUTO, CONFIDENCES, Pattern, normal_pattern
from pipeline.tagging.agreement import Words, words_of
from pipeline.tagging.document import TagsDocument
from pipeline.tagging.journal import BESIDE, WORDS, Action, Event, Journal
from pipeline.workspace.storage import LocalStorage

_LOCK_SECONDS = 10
_MAX_NOTE = 200
#: Ids of events begin with it that came out of a merge, which nobody here can undo.
_MERGED = "merged-"


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
    #: patterns with another person's word and none of whoever tags
    others: frozenset[str] = frozenset()


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
        self.journal = Journal.of_tags(self.path)
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

    def decide(self, prefix: str, action: Action, note: str = "", **more: Any) -> Event:
        """As :meth:`decide_all`, of one prefix."""
        return self.decide_all([prefix], action, note, **more)[0]

    def decide_all(
        self,
        prefixes: Sequence[str],
        action: Action,
        note: str = "",
        *,
        confidence: str = "",
        overrule: bool = False,
        second: bool = False,
    ) -> list[Event]:
        """Save one decision on several prefixes, on all or on none; one undo takes it back.

        Raises ``Refused`` for a prefix that is no pattern. Also refuses to contradict another
        person's line, unless ``overrule``. With ``second`` the word is put beside that of another
        person, whose line stays as it is.
        """
        if action not in (*WORDS, "split", "skip"):
            raise Refused(f"{action!r} is no decision", expected="mathematical, not, split, skip")
        if confidence not in ("", *CONFIDENCES):
            raise Refused(f"{confidence!r} is no confidence", expected=", ".join(CONFIDENCES))
        if not prefixes or len(set(prefixes)) < len(prefixes):
            raise Refused("no prefix, or one twice", expected="different prefixes")
        for prefix in prefixes:
            _check_spelling(prefix)
        with self._writing():
            group = uuid4().hex[:16] if len(prefixes) > 1 else ""
            blank = partial(Event, who=self.who, round=self.number, group=group)
            if action not in WORDS:
                events = [blank(action, prefix=prefix) for prefix in prefixes]
                self.journal.append(*events)
                return events
            today = date.today().isoformat()
            note = " ".join(note.split())[:_MAX_NOTE]
            yes = action == "mathematical"
            words = [
                Pattern(prefix, yes, self.who, today, self.number, note, confidence)
                for prefix in prefixes
            ]
            if second:
                for word in words:
                    self._check_second(word)
                events = [blank("second", prefix=w.pattern, after=(w.line(),)) for w in words]
                self.journal.append(*events)
                return events
            document, events = self._document, []
            for word in words:
                self._check_others(word, overrule)
                before = tuple(document.lines(word.pattern))
                after = (word.line(),)
                events.append(blank(action, prefix=word.pattern, before=before, after=after))
                document = document.with_pattern(word)
            self.journal.append(*events)
            self._write(document)
            return events

    def undo(self) -> list[Event]:
        """Take back this person's last decision of this round; empty where there is none.

        Of what was decided at once, all. Raises ``Refused`` where a line was changed since;
        the next undo then takes the decision before.
        """
        with self._writing():
            own = self.own_events()
            while own:
                last = own.pop()
                events = [last]
                while last.group and own and own[-1].group == last.group:
                    events.insert(0, own.pop())
                undos = [
                    Event("undo", self.who, self.number, e.prefix, of=e.id, group=e.group)
                    for e in events
                ]
                if last.action in WORDS:
                    lines = [tuple(self._document.lines(event.prefix)) for event in events]
                    if lines == [event.before for event in events]:
                        continue
                    changed = [
                        event.prefix
                        for event, now in zip(events, lines, strict=True)
                        if now != event.after
                    ]
                    if changed:
                        self.journal.append(*undos)
                        raise Refused(
                            f"the line of {changed[0]} was changed since, so it stays",
                            remedy=f"look at {self.path}",
                        )
                    document = self._document
                    for event in events:
                        meant = self._meant(event.before)
                        document = document.with_lines(event.prefix, list(event.before), meant)
                    self._write(document)
                self.journal.append(*undos)
                return events
            return []

    def own_events(self) -> list[Event]:
        """This person's decisions of this round that hold, in order."""
        return [
            event
            for event in self.journal.events()
            if (event.who, event.round) == (self.who, self.number)
            and event.action != "dispute"
            and not event.id.startswith(_MERGED)
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

    def words(self) -> Words:
        """Each person's own word on each pattern, to compare people by."""
        self.hosts()
        return words_of(self.journal.events(), self._document.patterns.values())

    def merge(
        self, additions: list[Pattern], disputes: list[Pattern], agreed: Sequence[Pattern] = ()
    ) -> None:
        """Add words on new patterns, and note down those on patterns that have one."""
        with self._writing():
            document = self._document
            for decision in additions:
                document = document.with_pattern(decision)
            known = {line for event in self.journal.events() for line in event.after}
            held = self._document.patterns
            others_words: list[tuple[Action, Pattern]] = [("dispute", word) for word in disputes]
            others_words += [
                ("second", word)
                for word in agreed
                if word.who not in (AUTO, held[word.pattern].who)
            ]
            self.journal.append(
                *(
                    Event(
                        action,
                        word.who,
                        word.round,
                        word.pattern,
                        after=(word.line(),),
                        id=_MERGED + uuid4().hex[:16],
                    )
                    for action, word in others_words
                    if word.line() not in known
                )
            )
            if additions:
                self._write(document)

    def _check_second(self, word: Pattern) -> None:
        other = self._document.patterns.get(word.pattern)
        if other is None or other.who in (self.who, AUTO):
            raise Refused(
                f"nobody else has said a word on {word.pattern} itself",
                remedy="decide on it as on any other",
            )

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
        held = self._document.patterns
        patterns: dict[str, list[Pattern]] = defaultdict(list)
        mine = {event.prefix for event in self.own_events() if event.action in (*WORDS, "second")}
        others: dict[str, set[str]] = defaultdict(set)
        for decision in held.values():
            if decision.who != AUTO:
                host = _host(decision.pattern)
                patterns[host].append(decision)
                if decision.who != self.who and decision.pattern not in mine:
                    others[host].add(decision.pattern)
        splits: dict[str, set[str]] = defaultdict(set)
        skips: dict[str, set[str]] = defaultdict(set)
        others_words: dict[str, dict[tuple[str, str], Pattern]] = defaultdict(dict)
        for event in self.journal.events():
            host = _host(event.prefix)
            if event.action == "split":
                splits[host].add(event.prefix)
                skips[host].discard(event.prefix)
            elif event.action == "skip" and (event.who, event.round) == (self.who, self.number):
                skips[host].add(event.prefix)
            elif event.action in BESIDE and (other := self._meant(event.after)):
                others_words[host][event.prefix, event.who] = other
                if event.who == self.who:
                    others[host].discard(event.prefix)
            elif event.action in WORDS:
                # Who decides settles it.
                for key in [key for key in others_words[host] if key[0] == event.prefix]:
                    del others_words[host][key]
                splits[host].discard(event.prefix)
                skips[host].discard(event.prefix)
        return {
            host: HostTags(
                tuple(patterns.get(host, ())),
                frozenset(splits.get(host, ())),
                frozenset(skips.get(host, ())),
                tuple(
                    other
                    for other in others_words.get(host, {}).values()
                    if (word := held.get(other.pattern)) and word.mathematical != other.mathematical
                ),
                frozenset(others.get(host, ())),
            )
            for host in patterns.keys() | splits.keys() | skips.keys() | others_words.keys()
        }


def _check_spelling(prefix: str) -> None:
    try:
        normal = normal_pattern(prefix)
    except ValueError as error:
        raise Refused(f"{prefix[:200]!r} is no URL pattern: {error}") from None
    if normal != prefix:
        raise Refused(f"{prefix[:200]!r} is not the spelling of a pattern", expected=normal)


def _host(prefix: str) -> str:
    return prefix.partition("/")[0]
