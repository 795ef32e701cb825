"""What a step notes in its manifests beside its counts: JSON there, typed classes in code.

A step's notes are one subclass of :class:`Notes`, and parts of them are others. This is the
one place where they become JSON and are read again. Notes are no part of a recipe, so a table
that an earlier version made may be up to date, and its notes are read.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.base.errors import WorkspaceError
from pipeline.workspace.manifest import Manifest


class Notes(BaseModel):
    """Notes of a step, or a part of them: frozen, and checked when they are made or read.

    A key that no field has is passed over: another version may have noted more. A field that
    older notes may lack has a default; where that is None, None is not written.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True)

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """The notes in a manifest; ``WorkspaceError`` where they are not such notes."""
        try:
            return cls.model_validate(manifest.notes)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise WorkspaceError(
                f"the notes in the manifest of {manifest.table} have no good {where!r}: "
                f"{first['msg']}",
                expected=f"what step {manifest.recipe.step} of this version notes",
                remedy="run the step's job with --force, which builds the table again",
            ) from None

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        whole = self.model_dump(mode="json", by_alias=True)
        for name, field in type(self).model_fields.items():
            if field.default is None and getattr(self, name) is None:
                del whole[field.serialization_alias or name]
        return whole


def _spaced(name: str) -> str:
    return name.replace("_", " ")


class SpacedNotes(Notes):
    """Notes whose keys in JSON have spaces for underscores: ``held_out`` is ``held out``."""

    model_config = ConfigDict(alias_generator=_spaced)
