"""What a job says at its end: of each of its steps, and of how the rounds went.

Everything comes from manifests, so that a run with nothing to do says it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pipeline.base.printing import aligned
from pipeline.config.settings import Config
from pipeline.workspace.places import Workspace


class FinishedRun(Protocol):
    """A run, as far as telling needs to know it: its settings, and a workspace."""

    @property
    def config(self) -> Config: ...

    @property
    def workspace(self) -> Workspace: ...


@dataclass(frozen=True)
class Section:
    """What a step tells people, out of the manifests of what is up to date then.

    Tables of an earlier round may be missing, where a step was run alone.
    """

    #: cells for the table of rounds: of one round, by their headings
    cells: Callable[[FinishedRun, int], Mapping[str, str]] | None = None
    #: lines, at the end of a round
    lines: Callable[[FinishedRun, int], list[str]] | None = None
    #: whether its lines belong to those above them: no empty line stands between
    goes_on: bool = False


def closing_lines(sections: Iterable[Section], run: FinishedRun, last: int) -> list[str]:
    """Lines for a person, after the closing table: one table of rounds, then section by section."""
    sections = list(sections)
    lines = _table_of_rounds([section for section in sections if section.cells], run, last)
    for section in sections:
        of_section = section.lines(run, last) if section.lines else []
        if of_section and not (section.goes_on and lines):
            lines.append("")
        lines += of_section
    return lines


def share(value: float | None) -> str:
    """``12.3%``; a dash for None."""
    return "–" if value is None else f"{value:.1%}"


def _table_of_rounds(sections: Iterable[Section], run: FinishedRun, last: int) -> list[str]:
    rows = []
    for number in range(1, last + 1):
        row = {"round": str(number)}
        for section in sections:
            assert section.cells
            row |= section.cells(run, number)
        rows.append(row)
    headings = list(rows[-1])
    if len(headings) == 1:
        return []
    return ["", *aligned([headings, *(list(row.values()) for row in rows)])]
