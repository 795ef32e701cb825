"""Opens the page in the user's browser without showing the token to other users of the machine.

The command line of a process is everybody's to read. So a browser is not given the page's
address, which has the token in it, but a file that leads there and that nobody else can read.
"""

from __future__ import annotations

import os
import tempfile
import threading
import webbrowser
from html import escape
from pathlib import Path

_PAGE = """\
<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}">
<title>Tagging</title>
<a href="{address}">Open the tagging page</a>
"""


class Doorway:
    """The file. It is there until the page was opened through it, or the server ends."""

    def __init__(self, address: str) -> None:
        file, name = tempfile.mkstemp(prefix="mathmine-tagging-", suffix=".html")  # mode 0600
        self.path = Path(name)
        with os.fdopen(file, "w", encoding="utf-8") as page:
            page.write(_PAGE.format(address=escape(address)))

    def show(self) -> None:
        """Have the browser open it; where there is none, the printed address is left.

        Some browsers are waited for until they end, so not by the thread that serves them.
        """
        threading.Thread(target=webbrowser.open, args=(self.path.as_uri(),), daemon=True).start()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
