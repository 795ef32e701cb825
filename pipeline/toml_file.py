"""Files of TOML that people give: read, or a clear error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError, InputMissing


def read_toml(path: Path, *, what: str, remedy: str) -> dict[str, Any]:
    """What the file holds; ``what`` names it in errors, ``remedy`` says how to give another.

    Raises ``InputMissing`` where it cannot be read and ``ConfigError`` where it is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputMissing(f"no {what} at {path}", remedy=remedy) from None
    except OSError as error:
        raise InputMissing(
            f"the {what} {path} cannot be read: {error.strerror}", remedy=remedy
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
