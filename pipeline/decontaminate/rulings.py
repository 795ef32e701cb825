"""A reviewer's rulings: what a person says of a page and a benchmark text, side by side.

A TSV file, a line a ruling: page_id, benchmark, split, item, field, ruling, reviewer. The
next run obeys it: ``leak`` and ``near`` (a variant of the item) condemn the page, whatever
the rule says, and ``chance`` does not. The last line on one page and text counts.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from pipeline.base.errors import InputMalformed, InputMissing

Ruling = Literal["leak", "near", "chance"]
RULINGS: tuple[Ruling, ...] = get_args(Ruling)
_HEADER = ("page_id", "benchmark", "split", "item", "field", "ruling", "reviewer")


class Subject(NamedTuple):
    """A text of a benchmark."""

    benchmark: str
    split: str
    item: str
    field: str


#: By page, then text.
Rulings = Mapping[str, Mapping[Subject, Ruling]]


def load_rulings(path: str) -> dict[str, dict[Subject, Ruling]]:
    """The rulings of a file; none where ``path`` is empty.

    Raises ``InputMissing`` where there is no such file and ``InputMalformed`` with the
    line where one is wrong.
    """
    if not path:
        return {}
    rulings: dict[str, dict[Subject, Ruling]] = {}
    try:
        with Path(path).open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(rows, start=1):
                if tuple(row) == _HEADER or not row:
                    continue
                ruling = next((known for known in RULINGS if row[5:6] == [known]), None)
                if len(row) != len(_HEADER) or ruling is None:
                    raise InputMalformed(
                        f"{path}:{number}: no ruling: {' '.join(row)[:80]!r}",
                        expected=f"{', '.join(_HEADER)}, with tabs between; a ruling is one of "
                        + ", ".join(RULINGS),
                        remedy="mend or delete the line",
                    )
                rulings.setdefault(row[0], {})[Subject(*row[1:5])] = ruling
    except FileNotFoundError:
        raise InputMissing(
            f"no file of rulings at {path}",
            remedy="set decontaminate.rulings, or leave it empty to go without",
        ) from None
    except UnicodeDecodeError as error:
        raise InputMalformed(f"{path}: not UTF-8: {error.reason}") from None
    return rulings


def keep_ruling(path: Path, page_id: str, subject: Subject, ruling: Ruling, reviewer: str) -> None:
    """Append a ruling, on disk when this returns. ``ValueError`` for a tab or a line break."""
    row = (page_id, *subject, ruling, reviewer)
    if any(character in field for field in row for character in "\t\r\n"):
        raise ValueError(f"a field of a ruling holds a tab or a line break: {row}")
    new = not path.exists() or path.stat().st_size == 0
    with path.open("a", encoding="utf-8", newline="") as stream:
        for line in [_HEADER, row] if new else [row]:
            stream.write("\t".join(line) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
