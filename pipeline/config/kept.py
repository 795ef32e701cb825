"""The configuration that a workspace keeps: what it was made of, for every job that comes after.

It is JSON with the keys of a run's TOML: what differs from the defaults, with absolute paths.
Passwords and keys of addresses never go into it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.base.errors import ConfigError
from pipeline.base.printing import MASK, masked
from pipeline.base.small_files import json_text
from pipeline.config.run_file import parse_config
from pipeline.config.settings import Config

#: Its name in a workspace.
KEPT = "run.json"
#: Of a crawl: what is lost with one of these is lost to the tables.
_SOURCES = ("warcs", "index", "host_index", "patterns")


def kept_text(config: Config) -> str:
    """A configuration as a workspace keeps it."""
    return json_text(_masked(config.model_dump(mode="json", exclude_defaults=True)))


@dataclass(frozen=True)
class Kept:
    """What a workspace says of its runs so far."""

    #: the workspace, as people write it
    workspace: str
    #: contents of its ``KEPT``; None where there is none
    text: str | None
    #: names of the crawls that have tables in it
    crawls: Collection[str] = ()

    def config(self, *, to_read: bool = True) -> Config:
        """The configuration that is kept.

        Raises ``ConfigError`` where there is none that can be used without its TOML: addresses
        are kept without passwords and keys, so where there were some it is not one ``to_read`` by.
        """
        if self.text is None:
            raise ConfigError(
                f"the workspace {self.workspace} keeps no configuration yet",
                remedy="give --config the path of a run's TOML; later jobs need none",
            )
        name = f"{self.workspace}/{KEPT}"
        document = self._document()
        if to_read and any(MASK in text for text in _texts(document)):
            raise ConfigError(
                f"{name} has addresses without their passwords and keys, which are not kept",
                remedy="give --config the run's TOML, which has them",
            )
        return parse_config(document, folder=Path("/"), name=name)

    def check(self, given: Config) -> None:
        """``ConfigError`` where ``given`` names other crawls, seeds or tags than are kept."""
        if changes := self._changes(given):
            raise ConfigError(
                f"the configuration is of another run than the workspace {self.workspace}:",
                listed=[f"    {change}" for change in changes],
                expected="the crawls, seed and tags that the workspace was made of",
                remedy="is it the right workspace? --adopt-config goes on with these, and keeps "
                "them; without --config a job takes what the workspace keeps",
            )

    def differs(self, config: Config) -> list[str]:
        """Keys in which a configuration differs from the one that is kept; none where none is."""
        if self.text is None:
            return []
        try:
            before = dict(_flat(self._document()))
        except ConfigError:
            return [KEPT]
        now = dict(_flat(json.loads(kept_text(config))))
        return sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))

    def _document(self) -> dict[str, Any]:
        try:
            document = json.loads(self.text or "")
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise ConfigError(
                f"{self.workspace}/{KEPT} is no configuration",
                remedy="give --config the run's TOML, and --adopt-config to keep it anew",
            )
        return document

    def _changes(self, given: Config) -> list[str]:
        if self.text is None:
            return [
                f"crawls.{name}: in the workspace, and not in the configuration"
                for name in sorted(set(self.crawls) - set(given.crawls))
            ]
        return differences(self._document(), json.loads(kept_text(given)))


def differences(kept: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """In what another run's crawls, seed and tags differ, a line a difference.

    Both are documents as :func:`kept_text` makes them. A crawl that is read further (more
    files, more patterns) is the same one, and so is a run that had no seed or no tags yet.
    """
    lines = []
    old_crawls, new_crawls = kept.get("crawls", {}), given.get("crawls", {})
    for name in sorted(old_crawls.keys() | new_crawls.keys()):
        if name not in new_crawls:
            lines.append(f"crawls.{name}: in the workspace, and not in the configuration")
        elif name not in old_crawls:
            lines.append(f"crawls.{name}: in the configuration, and not in the workspace")
        else:
            for key in _SOURCES:
                before, now = (side[name].get(key, []) for side in (old_crawls, new_crawls))
                if set(before) - set(now):
                    lines.append(f"crawls.{name}.{key}: {_listed(before)} → {_listed(now)}")
    seeds = (dict(_flat(side.get("seed", {}), "seed")) for side in (kept, given))
    old, new = seeds
    if old:
        lines += [
            f"{key}: {_listed(old.get(key, []))} → {_listed(new.get(key, []))}"
            for key in sorted(old.keys() | new.keys())
            if old.get(key) != new.get(key)
        ]
    before, now = (side.get("tags", {}).get("file", "") for side in (kept, given))
    if before and before != now:
        lines.append(f"tags.file: {before} → {now or 'none'}")
    return lines


def _listed(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, one in value.items():
        name = f"{above}.{key}" if above else key
        if isinstance(one, dict):
            yield from _flat(one, name)
        else:
            yield name, one
