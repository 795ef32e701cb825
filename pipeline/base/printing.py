"""What people read: tables, names that cannot harm a terminal, addresses without their keys.

Names come from pages, URLs, files and benchmarks, which anybody can write. All that is
printed goes through :func:`visible`, at the latest on its way out (:func:`print_visibly`).
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, TextIO, cast

#: Characters of a name that are shown, and of a sentence that may hold some.
LONGEST_NAME = 200
LONGEST_SENTENCE = 2_000
#: Between two columns of a table; and the least that is left of a column of words.
_GAP = 2
_LEAST_ROOM = 24

#: What a terminal obeys, or what nobody sees: controls, line and paragraph separators,
#: Unicode's format characters (those that turn the reading direction among them), other
#: characters without a shape, non-characters, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

#: What stands between ``://`` and the host. A secret may hold a slash: then the colon before
#: it tells it from a path, unless it is that of a port.
_LOGIN = re.compile(
    r"(?<=://)(?:[^\s/?#]{1,1000}|[^\s/?#:@]{0,1000}:(?!\d{1,5}(?:/|$))[^\s@?#]{1,1000})@"
)
#: Parameters that let whoever has the address in: those of presigned URLs, and tokens.
_KEY = re.compile(
    r"([?&;#](?:[\w.%-]*(?:signature|credential|token|secret|passw(?:or)?d|access_?key_?id|accessid"
    r"|api[_-]?key)[\w.%-]*|sig|key|auth|pwd)=)[^\s&;#'\"]+",
    re.IGNORECASE,
)
#: Stands for what is not to be shown.
MASK = "***"


def visible(text: str, longest: int | None = None) -> str:
    r"""``text`` in one line, with nothing in it that a terminal obeys or nobody sees.

    Such characters are written as Python writes them (``\x1b``, ``\u202e``, ``\n``). What is
    longer than ``longest`` then ends with an ellipsis there. Of what is visible nothing changes.
    """
    shown = _UNSEEN.sub(_escaped, text[:longest])
    if longest is not None and (len(text) > longest or len(shown) > longest):
        return f"{shown[: longest - 1]}…"
    return shown


def masked(text: str) -> str:
    """``text`` whose addresses have no user, password, signature or token in them.

    ``s3a://key:secret@bucket/x?X-Amz-Signature=5f`` becomes
    ``s3a://***@bucket/x?X-Amz-Signature=***``.
    """
    if "://" in text:
        text = _LOGIN.sub(f"{MASK}@", text)
    return _KEY.sub(rf"\g<1>{MASK}", text) if "=" in text else text


def sentence(text: str) -> str:
    """A line that may name addresses and files, as people see it: masked, visible, not endless."""
    return visible(masked(text), LONGEST_SENTENCE)


def named(names: Iterable[str]) -> str:
    """Names in a row, each as far as it is shown."""
    return ", ".join(visible(name, LONGEST_NAME) for name in names)


def terminal_width() -> int | None:
    """Columns of the terminal that is written to, or what COLUMNS says; None for a log or a pipe.

    What goes into a file is not cut for anybody's terminal.
    """
    if (columns := os.environ.get("COLUMNS", "")).isdecimal() and int(columns):
        return int(columns)
    try:
        # The real stream: that of print_visibly says that it is no terminal.
        return os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else None
    except (OSError, ValueError):
        return None


def aligned(
    rows: Sequence[Sequence[str]], longest: int = LONGEST_NAME, *, width: int | None = None
) -> list[str]:
    """A line a row, columns padded to their widest cell; the last one is left as it is.

    Cells are visible, and cut at ``longest`` characters. Lines have at most ``width`` columns,
    by default those of the terminal: names are cut with an ellipsis, and what has more columns
    than fit is parts of a table one below the other, each with the first column.
    """
    width = width or terminal_width()
    cells = [[visible(cell, longest) for cell in row] for row in rows]
    if width is None or _width_of(cells) <= width:
        return _padded(cells)
    columns = [list(column) for column in zip(*cells, strict=True)]
    first = _cut(columns[0], max(width // 3, _LEAST_ROOM))
    others = [_cut(column, width - _widest(first) - _GAP) for column in columns[1:]]
    lines: list[str] = []
    part = [first]
    for column in others:
        room = width - _width_of(zip(*part, strict=True)) - _GAP
        if len(part) > 1 and _widest(column) > room:
            # The last column is words, as a rule: better cut than on a line of its own.
            if column is others[-1] and room >= _LEAST_ROOM:
                column = _cut(column, room)
            else:
                lines += [*_padded(list(zip(*part, strict=True))), ""]
                part = [first]
        part.append(column)
    return lines + _padded(list(zip(*part, strict=True)))


def _widest(column: Iterable[str]) -> int:
    return max(map(len, column), default=0)


def _width_of(rows: Iterable[Sequence[str]]) -> int:
    columns = list(zip(*rows, strict=True))
    return sum(map(_widest, columns)) + _GAP * (len(columns) - 1)


def _cut(column: Sequence[str], room: int) -> list[str]:
    return [cell if len(cell) <= room else f"{cell[: max(room, 1) - 1]}…" for cell in column]


def _padded(cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]) - 1)]
    gap = " " * _GAP
    return [
        gap.join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in cells
    ]


def listed(counts: Sequence[tuple[str, int]], room: int | None = None) -> str:
    """``name 12, other 3``, as many as ``room`` columns hold, and what is left out of it."""
    parts = [f"{visible(name, LONGEST_NAME)} {number:,}" for name, number in counts]
    text = ", ".join(parts)
    if room is None or len(text) <= room:
        return text
    for shown in range(len(parts) - 1, 0, -1):
        left = sum(number for _, number in counts[shown:])
        text = f"{', '.join(parts[:shown])} and {len(parts) - shown} more: {left:,}"
        if len(text) <= room:
            break
    return text


def say(lines: Iterable[str]) -> None:
    """Print lines for people; a line end within one is shown and ends none."""
    print("\n".join(map(visible, lines)), flush=True)


def print_visibly() -> None:
    """From now on, whatever this process prints is visible: no place can forget it.

    That goes for warnings, logs, help and tracebacks too, whichever library writes them.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, _Visible):
            setattr(sys, name, cast(TextIO, _Visible(stream)))
    sys.excepthook = _tell_uncaught


class _Visible:
    """A stream of text for people, before the real one: of controls only line ends pass."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write("\n".join(map(visible, text.split("\n"))))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def isatty(self) -> bool:
        # Or libraries colour what they say, by the very sequences that are not let through.
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _tell_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    sys.stderr.write(masked("".join(traceback.format_exception(kind, error, trace))))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
