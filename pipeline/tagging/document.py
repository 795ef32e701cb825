"""The file of tags as people keep it: comments and everybody's lines stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.base.errors import InputMissing
from pipeline.mine.patterns import Pattern, Patterns, header_line, normal_pattern


@dataclass(frozen=True)
class Entry:
    """A line of the file, and the comments right above it, which go where it goes."""

    line: str
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class TagsDocument:
    """The file: what stands above, the lines by pattern, comments at the end."""

    patterns: dict[str, Pattern] = field(default_factory=dict)
    head: tuple[str, ...] = (header_line(confidence=False),)
    entries: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    tail: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> TagsDocument:
        """As ``Patterns.read``, and with its errors; a file that is not there is an empty one."""
        try:
            patterns = {pattern.pattern: pattern for pattern in Patterns.read(path)}
        except InputMissing:
            return cls()
        head: list[str] = []
        entries: dict[str, tuple[Entry, ...]] = {}
        comments: list[str] = []
        header_seen = False
        for raw in path.read_text(encoding="utf-8-sig").split("\n"):
            line = raw.removesuffix("\r")
            if line.startswith("#"):
                comments.append(line)
            elif line.strip() and not header_seen:
                head, comments, header_seen = [*comments, line], [], True
            elif line.strip():
                name = normal_pattern(line.split("\t")[0])
                entry = Entry(line, tuple(comments))
                entries[name] = (*entries.get(name, ()), entry)
                comments = []
        if not header_seen:
            head, comments = [*comments, header_line(confidence=False)], []
        return cls(patterns, tuple(head), entries, tuple(comments))

    def lines(self, pattern: str) -> list[str]:
        """What stands in the file for a pattern, mostly one line or none."""
        return [entry.line for entry in self.entries.get(pattern, ())]

    def with_pattern(self, decision: Pattern) -> TagsDocument:
        """With this word on its pattern instead of what was said before."""
        return self._with(decision.pattern, [decision.line()], decision)

    def with_lines(self, pattern: str, lines: list[str], decision: Pattern | None) -> TagsDocument:
        """With these very lines for a pattern, which mean ``decision``."""
        return self._with(pattern, lines, decision)

    def text(self) -> str:
        """The whole file, sorted by pattern."""
        lines = [*self.head]
        for name in sorted(self.entries):
            for entry in self.entries[name]:
                lines += [*entry.comments, entry.line]
        return "".join(f"{line}\n" for line in (*lines, *self.tail))

    def _with(self, name: str, lines: Iterable[str], decision: Pattern | None) -> TagsDocument:
        comments = tuple(c for entry in self.entries.get(name, ()) for c in entry.comments)
        entries = {key: value for key, value in self.entries.items() if key != name}
        patterns = {key: value for key, value in self.patterns.items() if key != name}
        head, tail = self.head, self.tail
        if decision is not None and decision.confidence:
            head = (*head[:-1], header_line(confidence=True))
        made = [Entry(line) for line in lines]
        if made and decision is not None:
            made[0] = replace(made[0], comments=comments)
            entries[name], patterns[name] = tuple(made), decision
        else:
            # Nobody's comment is lost with the line that it stood above.
            tail = (*tail, *comments)
        return replace(self, patterns=patterns, head=head, entries=entries, tail=tail)
