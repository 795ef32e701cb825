"""Where the rest of the project is: beside ``pipeline/`` in a checkout, within it elsewhere.

A wheel, and the archive of the code that executors get, have ``jobs``, ``schemas`` and ``seeds``
in ``pipeline/_data``: as top-level packages these names could be anybody's.
"""

from __future__ import annotations

import os
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from pipeline.base.errors import SetupError

#: The folder (or archive) that ``pipeline`` is imported from.
ROOT = Path(__file__).resolve().parents[2]
#: Where a wheel has what a checkout has beside ``pipeline/``.
DATA = "_data"


def part_of_project(name: Literal["jobs", "schemas", "seeds"]) -> Traversable:
    """A folder of the project, wherever it lies; perhaps within an archive."""
    inside = files("pipeline").joinpath(DATA)
    return inside.joinpath(name) if inside.is_dir() else ROOT / name


def checkout() -> Path | None:
    """The root of the checkout that this code is run from; None for a wheel or an archive."""
    return None if files("pipeline").joinpath(DATA).is_dir() else ROOT


def cache_folder() -> Path:
    """A folder of this user's for what can be made again (XDG); perhaps not there yet.

    Raises ``SetupError`` where the user has no home.
    """
    named = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(os.path.expanduser(named))  # noqa: PTH111 - Path's own fails without a home
    # The standard: what is no absolute path is as good as nothing.
    if not folder.is_absolute():
        raise SetupError(
            "there is no folder for caches: this user has no home",
            remedy="set XDG_CACHE_HOME to the absolute path of a folder",
        )
    return folder / "mathmine"
