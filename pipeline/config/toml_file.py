"""Files of TOML that people give: read, or a clear error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pipeline.base.errors import ConfigError, InputMissing

_BITS = 64


def read_toml(path: Path, *, what: str, remedy: str) -> dict[str, Any]:
    """What the file holds; ``what`` names it in errors, ``remedy`` says how to give another.

    Raises ``InputMissing`` where it cannot be read and ``ConfigError`` where it is no TOML,
    which knows no numbers of over 64 bits.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputMissing(f"no {what} at {path}", remedy=remedy) from None
    except OSError as error:
        raise InputMissing(
            f"the {what} {path} cannot be read: {error.strerror}", remedy=remedy
        ) from None
    except (ValueError, RecursionError) as error:
        # No TOML, no UTF-8, or a number of more digits than Python reads.
        raise ConfigError(f"{path} is not TOML: {error}") from None
    if (key := _too_large(document)) is not None:
        raise ConfigError(
            f"{path} is not TOML: the number of {key} is too large",
            expected="numbers of at most 64 bits",
        )
    return document


def _too_large(value: Any, key: str = "") -> str | None:
    """The key of a number that TOML does not have, such as one of 5,000 hexadecimal digits."""
    if isinstance(value, int):
        return key if value.bit_length() > _BITS else None
    if isinstance(value, dict):
        inner = [(one, f"{key}.{name}" if key else name) for name, one in value.items()]
    else:
        inner = [(one, key) for one in value] if isinstance(value, list) else []
    return next(filter(None, (_too_large(one, name) for one, name in inner)), None)
