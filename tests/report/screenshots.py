"""Makes the pictures of the corpus's report in docs/corpus.md anew, of made-up figures.

python -m tests.report.screenshots
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from pipeline.report.corpus_report import corpus_report
from tests.places import PROJECT
from tests.report.made_up import made_up
from tests.tagging.browser import chromium

IMAGES = PROJECT / "docs" / "images"
#: Name, size in pixels, colours, and the heading that the picture begins with.
SHOTS: list[tuple[str, int, int, Literal["light", "dark"], str]] = [
    ("report-wide", 1280, 1100, "light", "Scores and cut-offs"),
    ("report-phone", 400, 560, "dark", "Sample pages"),
]


def main() -> None:
    """Write ``report-wide.png`` (light) and ``report-phone.png`` (dark)."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "report.html"
        file.write_text(corpus_report(made_up()), encoding="utf-8")
        for name, width, height, scheme, heading in SHOTS:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto(file.as_uri())
            page.get_by_role("heading", name=heading).evaluate("e => e.scrollIntoView()")
            page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
