"""The page's address, kept for the next start: its port and its token.

    $XDG_STATE_HOME/mathmine/tagging/<digest of workspace and person>.json

In the user's own folder for state, which like the file nobody else can read. Beside the tags,
which people put into git, a token would travel with them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from pipeline.base.errors import SetupError

LOOPBACK = "127.0.0.1"
#: Where a workspace that was never tagged is served, if nothing else is there.
FIRST_PORT = 8765
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")


@dataclass(frozen=True)
class KeptAddress:
    """What an earlier start left; ``port`` 0 where it left none."""

    path: Path | None
    port: int
    token: str

    @classmethod
    def of(cls, workspace: str, who: str) -> KeptAddress:
        """That of a workspace and a person; a new token where there is none, or no good one."""
        path = _folder()
        if path is not None:
            key = f"{Path(workspace).resolve()}\0{who}".encode("utf-8", "surrogateescape")
            path = path / f"{hashlib.sha256(key).hexdigest()[:24]}.json"
            try:
                held = json.loads(path.read_text(encoding="utf-8"))
                port, token = held["port"], held["token"]
                private = path.stat().st_mode & 0o077 == 0
                if private and _TOKEN.fullmatch(token) and 0 < int(port) < 65_536:
                    return cls(path, int(port), token)
            except (OSError, ValueError, KeyError, TypeError):
                pass
        return cls(path, 0, secrets.token_urlsafe(24))

    def listen(self, wanted: int | None) -> socket.socket:
        """Listen on the port that is wanted (0: any free one), else where it was before.

        Where another program has taken that one, on any free one. Raises ``SetupError`` where
        the port that is wanted cannot be had.
        """
        if wanted is not None:
            try:
                return socket.create_server((LOOPBACK, wanted))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or error
                raise SetupError(
                    f"port {wanted} cannot be used: {reason}",
                    expected="a port that no other program listens on",
                    remedy="leave PORT= away for any free one; is another make tag running?",
                ) from None
        for port in (self.port or FIRST_PORT, 0):
            try:
                return socket.create_server((LOOPBACK, port))
            except OSError as error:
                failure = error
        raise SetupError(f"no port of {LOOPBACK} can be used: {failure.strerror}")

    def keep(self, port: int) -> bool:
        """Keep port and token for the next start; False where that cannot be."""
        if self.path is None:
            return False
        written = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            written.unlink(missing_ok=True)
            with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
                json.dump({"port": port, "token": self.token}, f)
            written.replace(self.path)
        except OSError:
            written.unlink(missing_ok=True)
            return False
        return True


def _folder() -> Path | None:
    """The user's folder for state (XDG base directory specification); None without a home."""
    named = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    folder = Path(os.path.expanduser(named))  # noqa: PTH111 - Path's own fails without a home
    return folder / "mathmine" / "tagging" if folder.is_absolute() else None
