"""``make fuzz``: a coverage-guided run over ``extract_page``, for as long as you like.

Atheris mutates pages, keeps those that reach code which none before them did, and stops at
the first that breaks what holds of every page (``tests/text/invariants.py``) or takes too
long. What it finds belongs into ``tests/text/test_hostile_pages.py``.

The last argument is a folder of pages to begin with, to which it adds: the golden snippets
where it is empty.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pipeline.text", "pipeline.web"]):
    from tests.text.invariants import FRAGMENTS, check
    from tests.text.test_formulas import GOLDEN

#: Between the charset's number and the page.
_CHARSETS = ("", "text/html; charset=gbk", "text/html; charset=utf-8", "charset=x", "charset=")


def one_page(data: bytes) -> None:
    """The first byte chooses a Content-Type, the others are the page."""
    if data:
        check(data[1:], _CHARSETS[data[0] % len(_CHARSETS)])


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
    write_first_pages(Path(sys.argv[-1]))
    atheris.Setup(sys.argv, one_page)
    atheris.Fuzz()
