"""Makes the screenshots of docs/tagging.md anew, of made-up data.

python -m tests.tagging.screenshots
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).resolve().parent
IMAGES = FOLDER.parents[1] / "docs" / "images"
sys.path.insert(0, str(FOLDER))

from browser import chromium  # noqa: E402
from mined_rounds import small_round  # noqa: E402
from serving import run_file, serving  # noqa: E402

WIDE, PHONE = {"width": 1360, "height": 760}, {"width": 390, "height": 844}


def main() -> None:
    """Write ``tagging-wide.png`` (light) and ``tagging-phone.png`` (dark)."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        workspace = small_round().write(folder / "workspace")
        with serving(workspace, run_file(folder)) as served:
            for prefix in ("proofs-daily.example", "olympiad-archive.example"):
                served.decide(prefix, "mathematical")
            served.decide("canal-news.example", "not")
            served.decide("aufgaben.example/klasse-9", "mathematical")
            served.decide("board.numbers.example", "split")
            served.decide("board.numbers.example/users", "not")
            shots: list[tuple[str, dict[str, int], Literal["light", "dark"]]] = [
                ("wide", WIDE, "light"),
                ("phone", PHONE, "dark"),
            ]
            for shot, size, scheme in shots:
                page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
                page.goto(served.address)
                page.wait_for_selector("article math")
                page.evaluate("document.fonts.ready.then(() => true)")
                page.screenshot(path=IMAGES / f"tagging-{shot}.png")


if __name__ == "__main__":
    main()
