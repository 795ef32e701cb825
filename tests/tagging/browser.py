"""A real browser: Debian's Chromium, without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NO_BROWSER = "there is no Chromium here: apt-get install chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Runs as long as the block."""
    assert CHROMIUM is not None, NO_BROWSER
    with sync_playwright() as playwright:
        # In containers there is often no sandbox to be had; what is opened is our own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
