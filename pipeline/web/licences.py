"""Which licence an address or a name stands for: SPDX's short names, where SPDX has one."""

from __future__ import annotations

import re

#: A licence that has no name of its own here.
OTHER = "other"
#: Characters of an address or name that are looked at.
_LONGEST = 500

_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?P<kind>licenses|publicdomain)/(?P<parts>[a-z+-]{2,20})"
    r"(?:/(?P<version>\d\.\d)(?:/(?!deed|legalcode)(?P<port>[a-z]{2,8})(?![a-z.]))?)?",
    re.IGNORECASE,
)
#: The parts of Creative Commons licences in their order.
_PARTS = ("by", "nc", "nd", "sa")
_DEDICATIONS = {"zero": "CC0", "mark": "PDM", "certification": "CC-PDDC"}
_NAMED = re.compile(
    r"\bCC[ -]{0,2}(?P<parts>BY(?:[ -](?:NC|ND|SA))*|0|Zero)\b(?:[ -]{0,2}(?P<version>\d\.\d)\b)?",
    re.IGNORECASE,
)
_SPELT_OUT = re.compile(
    r"Creative Commons(?: Licen[cs]e)?[ :,-]{0,3}(?P<parts>Attribution(?:[ -]{1,3}"
    r"(?:Non-?Commercial|No-?Deriv(?:ative|s)?(?:s| Works)?|Share-?Alike))*)"
    r"(?: (?P<version>\d\.\d)\b)?",
    re.IGNORECASE,
)
_WORDS = {"by": "attribution", "nc": "commercial", "nd": "deriv", "sa": "alike"}
#: Other licences by their addresses; what stands in the group is the version.
_ADDRESSES = (
    (re.compile(r"gnu\.org/(?:copyleft|licenses)/(?:old-licenses/)?fdl(?:-(\d\.\d))?"), "GFDL"),
    (re.compile(r"gnu\.org/(?:copyleft|licenses)/(?:old-licenses/)?gpl(?:-(\d\.\d))?"), "GPL"),
    (re.compile(r"gnu\.org/(?:copyleft|licenses)/(?:old-licenses/)?lgpl(?:-(\d\.\d))?"), "LGPL"),
    (re.compile(r"gnu\.org/licenses/agpl(?:-(\d\.\d))?"), "AGPL"),
    (re.compile(r"opendatacommons\.org/licenses/odbl(?:/(\d\.\d))?"), "ODbL"),
    (re.compile(r"opendatacommons\.org/licenses/by(?:/(\d\.\d))?"), "ODC-By"),
    (re.compile(r"opendatacommons\.org/licenses/pddl(?:/(\d\.\d))?"), "PDDL"),
    (re.compile(r"apache\.org/licenses/license-(\d\.\d)"), "Apache"),
    (re.compile(r"opensource\.org/licenses?/mit\b()"), "MIT"),
    (re.compile(r"open-government-licence/version/(\d(?:\.\d)?)"), "OGL-UK"),
)


def licence_of_address(address: str) -> str | None:
    """The licence that an address leads to, such as ``CC-BY-SA-4.0``; None for any other.

    >>> licence_of_address("http://creativecommons.org/licenses/by-nc/3.0/us/deed.de")
    'CC-BY-NC-3.0-US'
    """
    address = address[:_LONGEST]
    if match := _CREATIVE_COMMONS.search(address):
        return _creative_commons(match)
    lowered = address.lower()
    for pattern, name in _ADDRESSES:
        if match := pattern.search(lowered):
            return f"{name}-{match[1]}" if match[1] else name
    return None


def licence_of_text(text: str) -> str | None:
    """The licence that a text names or has the address of; None where it does neither."""
    text = text[:_LONGEST]
    if licence := licence_of_address(text):
        return licence
    if match := _NAMED.search(text):
        parts = match["parts"].lower()
        if parts in ("0", "zero"):
            return _versioned("CC0", match["version"])
        return _of_parts(re.split("[ -]", parts), match["version"])
    if match := _SPELT_OUT.search(text):
        words = match["parts"].lower()
        parts_of_words = [part for part, word in _WORDS.items() if word in words]
        return _of_parts(parts_of_words, match["version"])
    return None


def _creative_commons(match: re.Match[str]) -> str | None:
    parts = match["parts"].lower().strip("-")
    if match["kind"].lower() == "publicdomain":
        name = _DEDICATIONS.get(parts)
        return name and _versioned(name, match["version"])
    if parts == "publicdomain":
        return "CC-PDDC"
    licence = _of_parts(parts.split("-"), match["version"])
    return f"{licence}-{match['port'].upper()}" if licence and match["port"] else licence


def _of_parts(parts: list[str], version: str | None) -> str | None:
    """In their order, which old licences have otherwise (``by-nd-nc``)."""
    if not parts or not set(parts) <= set(_PARTS):
        return None
    ordered = [part.upper() for part in _PARTS if part in parts]
    return _versioned("-".join(["CC", *ordered]), version)


def _versioned(name: str, version: str | None) -> str:
    return f"{name}-{version}" if version else name
