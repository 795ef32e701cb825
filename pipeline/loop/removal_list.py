"""The removals of a workspace: which addresses are taken out of it and never let in again.

A removal is a small file, ``removals/0001.json``, that says what was asked for, why, and when. All
steps that let pages in obey the whole list: extraction, and the fetching of pages by pattern.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.base.errors import InputMalformed, InputMissing, WorkspaceError
from pipeline.base.outcomes import SetAside
from pipeline.base.small_files import json_text
from pipeline.mine.patterns import Patterns
from pipeline.web.canonical import canonical_url, url_key
from pipeline.web.urls import host_of, registered_domain
from pipeline.workspace.places import Workspace

Kind = Literal["url", "host", "pattern", "copy"]
#: Characters of a reason.
_LONGEST_REASON = 500


class _Small(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Item(_Small):
    """One thing that is removed, and the date of the request.

    ``url``: the pages of an address, in every spelling that has its canonical form. ``host``: a
    host and all under it. ``pattern``: host and path prefix, as tags have them, of that host
    alone. ``copy``: the address of a page that went along, as it was the same as one of these.
    """

    kind: Kind
    value: str
    reason: str
    date: str


class Removal(_Small):
    """A removal: what was asked for, and what was found of it when it was carried out."""

    number: int
    made: str
    items: tuple[Item, ...]
    pages: int = 0
    records: int = 0
    #: the day on which it was undone; such a one is not obeyed
    undone: str = ""


class Removed:
    """Tells of an address whether it is removed. Picklable, for Spark's workers; false if empty."""

    def __init__(self, items: Iterable[Item]) -> None:
        listed = list(items)
        self._keys = frozenset(url_key(i.value) for i in listed if i.kind in ("url", "copy"))
        self._hosts = frozenset(i.value for i in listed if i.kind == "host")
        self._patterns = Patterns.of(i.value for i in listed if i.kind == "pattern")

    def __bool__(self) -> bool:
        return bool(self._keys or self._hosts or self._patterns)

    def __call__(self, url: str | None) -> bool:
        if not url or not self:
            return False
        if self._keys and url_key(url) in self._keys:
            return True
        try:
            host = host_of(url)
        except SetAside:
            return False
        above = host
        while above and self._hosts:
            if above in self._hosts:
                return True
            above = above.partition(".")[2]
        return self._patterns.match(url) is not None


def removals(workspace: Workspace) -> list[Removal]:
    """All that were ever made, in their order, those that were undone among them."""
    numbers = workspace.removals()
    files = [workspace.removal_file(number) for number in numbers]
    made = []
    for file, text in zip(files, workspace.storage.read_all(files), strict=True):
        try:
            made.append(Removal.model_validate_json(text or ""))
        except ValidationError as error:
            raise WorkspaceError(
                f"{workspace.storage.place(file)} is no removal: {error.errors()[0]['msg']}",
                remedy="what it says is to be obeyed: put back what was there",
            ) from None
    return made


def removed(workspace: Workspace) -> Removed:
    """What no page of the workspace may be."""
    return Removed(item for one in removals(workspace) if not one.undone for item in one.items)


def that_removed(workspace: Workspace, url: str) -> list[tuple[Removal, Item]]:
    """The removals in force, and what in each is meant, for which ``url`` is no more."""
    return [
        (one, item)
        for one in removals(workspace)
        if not one.undone
        for item in one.items
        if Removed([item])(url)
    ]


def removal_text(removal: Removal) -> str:
    """What its file says."""
    return json_text(json.loads(removal.model_dump_json()))


def item_of(kind: Kind, value: str, reason: str, when: str) -> Item:
    """What a person asked for, checked and spelt as the list has it. Raises ``InputMalformed``."""
    value, reason = value.strip(), " ".join(reason.split())[:_LONGEST_REASON]
    if not reason:
        raise InputMalformed(
            f"no reason to remove {value[:200]!r}",
            expected="--reason, or a second column in the file: whoever finds it later must know",
        )
    try:
        when = date.fromisoformat(when).isoformat()
    except ValueError:
        raise InputMalformed(
            f"the date to remove {value[:200]!r} is {when[:200]!r}",
            expected="a date such as 2025-01-31",
        ) from None
    return Item(kind=kind, value=_checked(kind, value), reason=reason, date=when)


def _checked(kind: Kind, value: str) -> str:
    if kind == "pattern":
        return next(iter(Patterns.of([value], "a pattern to remove"))).pattern
    try:
        if kind == "url":
            host_of(canonical_url(value))
            return value
        host = host_of(value if "://" in value else f"http://{value}")
    except SetAside:
        expected = "an http or https address" if kind == "url" else "such as example.org"
        raise InputMalformed(f"{value[:200]!r} is no {kind}", expected=expected) from None
    # Under a suffix of registries lie the sites of others.
    if "." not in host or registered_domain(f"a.b.{host}") == f"b.{host}":
        raise InputMalformed(
            f"{host} is no site but what registries give names under",
            expected="a host, whose subdomains go with it",
        )
    return host


def items_in(path: Path, reason: str, when: str) -> list[Item]:
    """What a file asks to remove: an item a line, then its reason and its date, with tabs between.

    An item with a scheme is an address, one with a slash a pattern, any other a host. Columns
    that a line lacks are ``reason`` and ``when``. Empty lines, and those that begin with ``#``,
    are passed over. Raises ``InputMissing`` and ``InputMalformed``, which names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputMissing(
            f"{path} cannot be read: {error}", expected="UTF-8, a line an item"
        ) from (None)
    items = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        value, *more = (cell.strip() for cell in line.split("\t"))
        own_reason, own_date, *beyond = (*more, "", "") if len(more) < 2 else more
        kind: Kind = "url" if "://" in value else "pattern" if "/" in value else "host"
        try:
            if beyond and any(beyond):
                raise InputMalformed(f"{len(more) + 1} columns", expected="item, reason, date")
            items.append(item_of(kind, value, own_reason or reason, own_date or when))
        except InputMalformed as error:
            raise InputMalformed(
                f"{path}:{number}: {error.problem}", expected=error.expected
            ) from None
    return items
