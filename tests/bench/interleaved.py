"""Interleaved rounds over contenders in processes of their own, and tables of what they took.

A machine that slows down slows all contenders, and the median of the rounds counts.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "build" / "sample-web"
SHARED = PROJECT.parent / "shared"
#: No contender takes as long, unless it hangs.
_LONGEST_SECONDS = 900


@dataclass
class Measured:
    """What a contender told over the rounds; ``problem`` says why it has no figures."""

    speeds: list[float] = field(default_factory=list)
    memory: int = 0
    versions: str = ""
    problem: str = ""

    @property
    def speed(self) -> float:
        """Pages a CPU second, median of the rounds; 0 where there are none."""
        return statistics.median(self.speeds) if self.speeds else 0.0

    def ratio_to(self, other: Measured) -> Ratio | None:
        """How many times as fast as ``other``, round by round; None where either has no speed.

        What a round has of both was measured within seconds of each other.
        """
        pairs = zip(self.speeds, other.speeds, strict=False)
        ratios = sorted(mine / theirs for mine, theirs in pairs)
        return Ratio(ratios[len(ratios) // 2], ratios[0], ratios[-1]) if ratios else None


@dataclass(frozen=True)
class Ratio:
    """A ratio of speeds over the rounds."""

    median: float
    least: float
    greatest: float

    def rounds(self, digits: int) -> str:
        """The spread, for people."""
        return f"rounds {self.least:.{digits}f} to {self.greatest:.{digits}f}"


#: A line that tells how a demand is met, and whether it is.
Demand = tuple[str, bool]


def demand(told: str, met: bool) -> Demand:
    return f"{told}: {'met' if met else 'NOT MET'}", met


def interleaved(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """Each command once a round; a command that fails is left out of further rounds.

    Commands print, as their last line, JSON with pages, cpu, memory and perhaps versions.
    """
    measured = {name: Measured() for name in commands}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            one = measured[name]
            if one.problem:
                continue
            print(f"\rround {number} of {rounds}: {name:50}", end="", file=sys.stderr, flush=True)
            try:
                told = json.loads(run(command).splitlines()[-1])
            except Failed as failure:
                one.problem = str(failure)
                continue
            one.speeds.append(told["pages"] / max(told["cpu"], 1e-9))
            one.memory = max(one.memory, told["memory"])
            one.versions = told.get("versions", "")
    print(f"\r{'':70}\r", end="", file=sys.stderr, flush=True)
    return measured


class Failed(Exception):
    """A contender's process ended badly; the message is the last line it wrote."""


def run(command: Sequence[str]) -> str:
    """What the command printed. Raises ``Failed``."""
    try:
        told = subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, timeout=_LONGEST_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"{type(error).__name__}: {error}") from None
    if told.returncode or not told.stdout.strip():
        lines = told.stderr.strip().splitlines() or ["no word of why"]
        raise Failed(f"exit status {told.returncode}: {lines[-1]}")
    return told.stdout


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Columns, the first one aligned left, the others right."""
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def problems(measured: Mapping[str, Measured]) -> list[str]:
    """A line for each contender without figures."""
    return [f"{name}: {one.problem}" for name, one in measured.items() if one.problem]


def versions(measured: Mapping[str, Measured]) -> str:
    """What ran: each contender's packages, and where."""
    lines = [f"{name}: {one.versions}" for name, one in measured.items() if one.versions]
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    return "\n".join([*lines, f"Python {platform.python_version()}, {machine}"])
