"""Who decided what and when: one line of JSON an event, beside the file of tags.

The file of tags alone says what holds. The journal adds what that file has no room
for: what stood there before (so that a decision can be undone, by a server that was
started later too), which nodes were split or skipped, and other people's words on
patterns that have one: of a merge, or of a second look.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import uuid4

Action = Literal["mathematical", "not", "split", "skip", "undo", "dispute", "second"]
#: Actions that write the file of tags.
WORDS = ("mathematical", "not")
#: Another person's word beside that of the file: out of a merge that found the two to
#: disagree; on a second look, or out of a merge where they agree.
BESIDE = ("dispute", "second")


@dataclass(frozen=True)
class Event:
    """One event. ``before`` and ``after``: the pattern's lines in the file of tags.

    ``of`` is the id of the event that an undo takes back. ``after`` of a dispute, and of
    a second word, is that person's line. Events of one ``group`` were decided at once.
    """

    action: Action
    who: str
    round: int
    prefix: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    of: str = ""
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    id: str = field(default_factory=lambda: uuid4().hex[:16])
    group: str = ""


class Journal:
    """The events in a file. Whoever appends holds the lock of the file of tags."""

    @classmethod
    def of_tags(cls, tags: Path) -> Journal:
        """That of a file of tags."""
        return cls(tags.with_name(f"{tags.stem}.journal.jsonl"))

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._events: list[Event] = []

    def events(self) -> list[Event]:
        """All that hold: those that were undone, and the undoing, apart."""
        undone = {event.of for event in self._events if event.action == "undo"}
        return [e for e in self._events if e.action != "undo" and e.id not in undone]

    def refresh(self) -> int:
        """Read what was appended since; the length in bytes, which changes with the contents.

        A last line without its end is what a killed process left, and is no event.
        """
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._read:
                    self._read, self._events = 0, []
                file.seek(self._read)
                fresh = file.read()
        except FileNotFoundError:
            fresh, self._read, self._events = b"", 0, []
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        self._events += filter(None, map(_event, whole.splitlines()))
        return self._read

    def append(self, *events: Event) -> None:
        """Save events; they are on the disk when this returns."""
        self.refresh()
        lines = "".join(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in events)
        with self.path.open("ab") as file:
            file.truncate(self._read)
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
        self.refresh()


def _event(line: bytes) -> Event | None:
    """None for a line that is none, which a merge in git may leave."""
    try:
        fields: dict[str, Any] = json.loads(line)
        fields["before"], fields["after"] = tuple(fields["before"]), tuple(fields["after"])
        event = Event(**fields)
        datetime.fromisoformat(event.at)
    except (ValueError, TypeError, KeyError):
        return None
    return event if event.action in get_args(Action) else None
