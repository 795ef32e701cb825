"""The page of all settings, made of their own descriptions in ``pipeline.config.settings``.

``python -m pipeline.config.settings_page`` prints it, and writes it to the file that is named,
as ``make settings`` does.
"""

from __future__ import annotations

import sys
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from pipeline.base.program import Parser, run_program
from pipeline.base.small_files import write_whole
from pipeline.config.settings import Config
from pipeline.config.sources import Section

_HEAD = """\
# Settings

One TOML says everything about a run. This page lists each key that it may have. A key that is left
out takes the default. A key that is not listed here is refused, with the nearest one that is. Paths
are relative to the TOML's own folder.

*Source* says where a default comes from: DeepSeekMath is the paper (arXiv 2402.03300). Defaults
without a source were chosen for this project.

This page is made of [`pipeline/config/settings.py`](../pipeline/config/settings.py). Edit
that file, and then say `make settings`.
"""
_COLUMNS = ("setting", "default", "values", "meaning", "source")
_KINDS = {int: "whole number", float: "number", str: "text", bool: "true or false"}
#: Limits as pydantic keeps them, and how they are said.
_LIMITS = {"gt": "over", "ge": "at least", "lt": "under", "le": "at most"}


def settings_page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([_HEAD, *(_section(name, section) for name, section in sections())])


def sections() -> Iterator[tuple[str, type[Section]]]:
    """Each table that a run's TOML may have, in the order of ``Config``: name and class."""
    for name, field in Config.model_fields.items():
        if get_origin(field.annotation) is dict:
            yield f"{name}.NAME", get_args(field.annotation)[1]
        else:
            yield from _with_nested(name, field)


def _with_nested(name: str, field: FieldInfo) -> Iterator[tuple[str, type[Section]]]:
    section = nested_section(field)
    assert section is not None
    yield name, section
    for key, inner in section.model_fields.items():
        if nested_section(inner):
            yield from _with_nested(f"{name}.{key}", inner)


def nested_section(field: FieldInfo) -> type[Section] | None:
    """The section that a field holds, where it holds one: it is a table of its own."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def _section(name: str, section: type[Section]) -> str:
    about = " ".join((section.__doc__ or "").replace("``", "`").split())
    about = about.removeprefix(f"`[{name}]`: ")
    lines = [f"## `[{name}]`", "", textwrap.fill(about[:1].upper() + about[1:], 100), ""]
    rows = [_COLUMNS, ("---",) * len(_COLUMNS)]
    for key, field in section.model_fields.items():
        if not nested_section(field):
            rows.append(_row(key, field))
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _row(key: str, field: FieldInfo) -> tuple[str, ...]:
    extra = field.json_schema_extra
    source = extra.get("source", "") if isinstance(extra, dict) else ""
    default = "required" if field.is_required() else f"`{_toml(field.default)}`"
    meaning = (field.description or "").replace("*", "\\*")
    return f"`{key}`", default, _values(field), meaning, str(source)


def _toml(value: Any) -> str:
    """A default as a run's TOML would say it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:_}"


def _values(field: FieldInfo) -> str:
    """What a key may be, in words."""
    kind = _kind(field.annotation)
    limits = []
    for limit in field.metadata:
        for name, words in _LIMITS.items():
            if (bound := getattr(limit, name, None)) is not None:
                limits.append(f"{words} {bound:,}")
        if getattr(limit, "min_length", None):
            limits.append("not empty")
    return ", ".join([kind, *limits])


def _kind(annotation: Any) -> str:
    if isinstance(annotation, type) and annotation in _KINDS:
        return _KINDS[annotation]
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        return " or ".join(f'`"{value}"`' for value in inner)
    if get_origin(annotation) is tuple:
        return f"list of {_kind(inner[0])}s"
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join(_kind(one) for one in inner)
    return _kind(inner[0])  # Annotated


def main() -> int:
    """Print the page, or write it to the file that is named."""
    parser = Parser(__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="written instead of printed")
    file: Path | None = parser.parse_args().file
    if file:
        write_whole(file, settings_page())
    else:
        print(settings_page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(run_program(main))
