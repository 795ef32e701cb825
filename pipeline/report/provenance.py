"""How tables came to be, out of their manifests, in the words of PROV-O.

https://www.w3.org/TR/prov-o/: an activity (a step's run) used entities (tables, WARCs, files)
and generated others. Croissant 1.1 has such nodes in its JSON-LD ("Provenance Representation").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from pipeline.base.printing import masked, visible
from pipeline.base.version import __version__
from pipeline.workspace.manifest import Manifest, Recipe

_URN = "urn:mathmine"
#: Characters of a name or value that are kept.
_LONGEST = 300
#: Folders of a path: they say how somebody's machine is laid out, and nothing of the data.
_FOLDERS = re.compile(r"(?<![\w:/])/(?:[^/\n]*/)*")


def provenance(manifests: Sequence[Manifest], last: Recipe, at: datetime) -> dict[str, Any]:
    """PROV-O properties of a data set that was made as ``last`` says, at the time ``at``.

    ``manifests`` are of the tables that it was made of, in the order in which they were made.
    Each entity stands once, with the activity that generated it, and is referred to by its
    ``@id`` everywhere else. What no manifest is of, such as WARCs and benchmark files, is an
    entity without an activity.
    """
    entities: dict[str, dict[str, Any]] = {}
    for manifest in manifests:
        entity = entities.get(manifest.identity)
        if entity is None:
            entities[manifest.identity] = {
                "@id": _entity_id(manifest.identity),
                "@type": "prov:Entity",
                "prov:label": manifest.table,
                "prov:wasGeneratedBy": {
                    **_activity(manifest.recipe, manifest.identity),
                    **_times(manifest),
                },
            }
        else:  # what one step made together has one identity
            entity["prov:label"] += f", {manifest.table}"
    entities = _reached(entities, last)
    recipes = [(one.table, one.recipe) for one in manifests if one.identity in entities]
    recipes.append(("the corpus", last))
    given: dict[str, dict[str, Any]] = {}
    for table, recipe in recipes:
        for name, identity in recipe.inputs.items():
            if identity not in entities:
                label = f"{_shown(name)}, read for {table}"
                entity = {"@type": "prov:Entity", "prov:label": label}
                given.setdefault(identity, {"@id": _entity_id(identity), **entity})
    return {
        "prov:wasGeneratedBy": {
            **_activity(last, last.fingerprint),
            "prov:endedAtTime": at.isoformat(timespec="seconds"),
        },
        "prov:wasDerivedFrom": [_reference(identity) for identity in given],
        "prov:wasInfluencedBy": [*given.values(), *entities.values()],
        "prov:wasAttributedTo": {
            "@id": f"{_URN}:software:{__version__}",
            "@type": "prov:SoftwareAgent",
            "prov:label": f"mathmine {__version__}",
        },
    }


def _reached(entities: dict[str, dict[str, Any]], last: Recipe) -> dict[str, dict[str, Any]]:
    """Those by which ``last`` was made, or what it was made of, in the order that they have."""
    identities = {entity["@id"]: identity for identity, entity in entities.items()}
    reached: set[str] = set()
    waiting = [*last.inputs.values()]
    while waiting:
        identity = waiting.pop()
        if identity in entities and identity not in reached:
            reached.add(identity)
            used = entities[identity]["prov:wasGeneratedBy"]["prov:used"]
            waiting += [identities[one["@id"]] for one in used if one["@id"] in identities]
    return {identity: entity for identity, entity in entities.items() if identity in reached}


def _activity(recipe: Recipe, identity: str) -> dict[str, Any]:
    return {
        "@id": f"{_URN}:activity:{quote(identity, safe='+')}",
        "@type": "prov:Activity",
        "prov:label": f"{recipe.step}, version {recipe.version}",
        "prov:used": [_reference(used) for used in dict.fromkeys(recipe.inputs.values())],
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": _shown(value)}
            for name, value in _flat(recipe.settings)
        ],
    }


def _times(manifest: Manifest) -> dict[str, str]:
    ended = datetime.fromisoformat(manifest.finished)
    started = ended - timedelta(seconds=round(manifest.seconds))
    return {
        "prov:startedAtTime": started.isoformat(timespec="seconds"),
        "prov:endedAtTime": ended.isoformat(timespec="seconds"),
    }


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings by their dotted names; what is not set has none."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", str(value)


def _reference(identity: str) -> dict[str, str]:
    return {"@id": _entity_id(identity)}


def _entity_id(identity: str) -> str:
    return f"{_URN}:entity:{quote(identity, safe='+')}"


def _shown(text: str) -> str:
    return visible(masked(_FOLDERS.sub("", text)), _LONGEST)
