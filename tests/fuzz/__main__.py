"""``make fuzz``: a coverage-guided run over ``extract_page`` or ``read_warc``, as long as you like.

Atheris mutates pages, or the choices that make an archive and its damage; keeps those that
reach code which none before them did; and stops at the first that breaks what holds of every
page (``tests/text/invariants.py``) or archive (``tests/web/archives.py``) or takes too long.
What it finds belongs into ``tests/text/test_hostile_pages.py`` or ``tests/web/test_archives.py``.

``python -m tests.fuzz pages|archives [OPTION ...] FOLDER``: the folder holds what to begin with,
and gets what is found on the way. The golden snippets are put there where it is empty.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from typing import Any

import atheris

with atheris.instrument_imports(include=["pipeline.text", "pipeline.web"]):
    from tests.text.invariants import FRAGMENTS, check
    from tests.text.test_formulas import GOLDEN
    from tests.web import archives

#: Between the charset's number and the page.
_CHARSETS = ("", "text/html; charset=gbk", "text/html; charset=utf-8", "charset=x", "charset=")


def one_page(data: bytes) -> None:
    """The first byte chooses a Content-Type, the others are the page."""
    if data:
        check(data[1:], _CHARSETS[data[0] % len(_CHARSETS)])


class Bytes(Random):
    """Choices that a fuzzer's bytes make; when they are used up, the first each time."""

    def __new__(cls, _data: bytes) -> Bytes:
        return super().__new__(cls)

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._data = atheris.FuzzedDataProvider(data)

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:  # type: ignore[override]
        first, last = (0, start) if stop is None else (start, stop)
        return self._data.ConsumeIntInRange(first, last - 1)

    def choice(self, seq: Any) -> Any:
        return seq[self.randrange(len(seq))]


def one_archive(data: bytes) -> None:
    archives.check(archives.made(Bytes(data)))


def write_first_pages(folder: Path) -> None:
    """Golden snippets, and fragments in a row, unless there are pages already."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    pages = [snippet for snippet, _ in GOLDEN.values()]
    pages += ["".join(FRAGMENTS[at : at + 8]) for at in range(0, len(FRAGMENTS), 4)]
    for number, page in enumerate(pages):
        (folder / f"first-{number:03}").write_bytes(b"\0" + page.encode("utf-8", "replace"))


if __name__ == "__main__":
    what = sys.argv.pop(1)
    if what == "pages":
        write_first_pages(Path(sys.argv[-1]))
    else:
        Path(sys.argv[-1]).mkdir(parents=True, exist_ok=True)
    atheris.Setup(sys.argv, {"pages": one_page, "archives": one_archive}[what])
    atheris.Fuzz()
