"""Where the project is, and the real data that may lie beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def shared(*parts: str) -> Path:
    """A file of the real data beside the project; skips where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the real data are not here: no {'/'.join(parts)} in ../shared")
    return path
