"""What a table was made of, and whether that still holds.

A table's ``manifest.json`` is written last. Its *recipe* is everything that the
table depends on: the step and its version, the schema versions, the settings
that matter, and the identity of each input. Equal recipes make equal tables, so
a step whose outputs carry the recipe of today has nothing to do; otherwise the
recipes' difference is the reason to rebuild.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.base.errors import CountsDisagree
from pipeline.base.small_files import json_text


@dataclass(frozen=True)
class Recipe:
    """All that a step's outputs depend on."""

    step: str
    version: int
    schemas: dict[str, int]
    settings: dict[str, Any]
    inputs: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """32 hex digits, equal exactly for equal recipes."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:32]

    def changes_since(self, old: Recipe) -> list[str]:
        """Why something made by ``old`` has to be made again, a phrase a reason."""
        reasons = []
        if self.version != old.version:
            reasons.append(
                f"step {self.step} itself changed (version {old.version} → {self.version})"
            )
        for kind, mine, theirs in (
            ("setting", _plain(self.settings), _plain(old.settings)),
            ("input", self.inputs, old.inputs),
            ("schema", self.schemas, old.schemas),
        ):
            for key in sorted(mine.keys() | theirs.keys()):
                before, now = theirs.get(key), mine.get(key)
                if before == now:
                    continue
                if kind == "input":
                    verb = "is new" if before is None else "is gone" if now is None else "changed"
                    reasons.append(f"input {key} {verb}")
                else:
                    reasons.append(f"{kind} {key}: {before} → {now}")
        return reasons


@dataclass(frozen=True)
class Counts:
    """Rows that went into a step, came out, and were set aside by reason.

    A reason for which nothing was set aside is left out.
    """

    rows_in: int
    rows_out: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    #: what the rows are, for the closing table
    unit: str = "pages"

    def __post_init__(self) -> None:
        aside = {reason: rows for reason, rows in self.set_aside.items() if rows}
        object.__setattr__(self, "set_aside", aside)

    def reconcile(self, step: str) -> None:
        """``CountsDisagree`` unless in = out + set aside."""
        aside = sum(self.set_aside.values())
        if self.rows_in != self.rows_out + aside:
            raise CountsDisagree(
                f"{step}: {self.rows_in:,} {self.unit} went in, {self.rows_out:,} came out and "
                f"{aside:,} were set aside ({dict(self.set_aside)})",
                expected="in = out + set aside",
                remedy="nothing was committed; this is a defect of mathmine, please report it",
            )

    def document(self) -> dict[str, Any]:
        """As a manifest has it."""
        return {
            "in": self.rows_in,
            "out": self.rows_out,
            "set_aside": dict(self.set_aside),
            "unit": self.unit,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Counts:
        """Out of a manifest."""
        return cls(document["in"], document["out"], document["set_aside"], document["unit"])


@dataclass(frozen=True)
class Manifest:
    """The record beside a table. ``notes`` are read by a step's own class, see ``Notes.of``."""

    table: str
    schema_version: int
    recipe: Recipe
    rows: int
    bytes: int
    files: int
    counts: Counts
    code_version: str
    finished: str
    seconds: float
    #: digest of what was made, where a recipe does not fix it (a model trained
    #: with several threads); empty elsewhere
    content: str = ""
    notes: dict[str, Any] = field(default_factory=dict)
    #: the folders or files of Parquet that are the table now, from the workspace's root; None
    #: in manifests of before there was this: all that lies in the table's place
    parts: list[str] | None = None

    @property
    def identity(self) -> str:
        """What a table made from this one depends on."""
        return self.recipe.fingerprint + (f"+{self.content}" if self.content else "")

    def made_of(self, name: str, table: Manifest | None) -> bool:
        """Whether the input of that name was the table as it is now."""
        return table is not None and self.recipe.inputs.get(name) == table.identity

    def to_json(self) -> str:
        document = asdict(self) | {
            "counts": self.counts.document(),
            "fingerprint": self.recipe.fingerprint,
        }
        return json_text(document)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        document = json.loads(text)
        document.pop("fingerprint")
        recipe, counts = Recipe(**document["recipe"]), Counts.of(document["counts"])
        return cls(**document | {"recipe": recipe, "counts": counts})


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """As JSON gives it back (tuples are lists), and flat: ``train.dim``."""
    flat: dict[str, Any] = {}
    for key, value in json.loads(json.dumps(settings)).items():
        if isinstance(value, dict):
            flat |= {f"{key}.{name}": inner for name, inner in _plain(value).items()}
        else:
            flat[key] = value
    return flat
