"""Small files of this machine, put in place whole: readers see the old one or the new one.

Written beside, synced and renamed, as ``rename(2)`` replaces a file at once.
"""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_whole(target: Path, text: str, *, mode: int | None = None) -> None:
    """Put a file (UTF-8) in place, over any that is there; its folder is made.

    ``mode`` are its permissions, the process's usual ones if None. Raises ``OSError``; then
    what was there is there still.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(target: Path, content: object) -> None:
    """Put a JSON file in place, as :func:`json_text` spells it."""
    write_whole(target, json_text(content))


def json_text(content: object) -> str:
    """A JSON document for people too: lines that are indented, letters as they are."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
