"""What a page says of its own licence, and of being mined: rights and wishes.

Read of the bytes of its head, of its header fields, and where its body speaks of a licence at
all; nothing is parsed for it, as that would cost as much as extraction does.

- Licences: ``rel=license`` (RFC 4946, HTML 4.12), schema.org's ``license`` in JSON-LD and
  microdata, Dublin Core and Creative Commons in ``meta`` and RDFa, links to Creative Commons.
- Reservations: ``noai`` of robots' ``meta`` and X-Robots-Tag; TDM-Reservation
  (W3C's TDMRep, sections 5 and 6); Content-Signal (contentsignals.org) and Content-Usage (IETF
  aipref); RSL 1.0, whose licences are made for machines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any, NamedTuple

from pipeline.web.licences import OTHER, licence_of_address, licence_of_text

#: Header fields that are read, in lower case.
FIELDS = (
    "x-robots-tag",
    "tdm-reservation",
    "content-signal",
    "content-usage",
    "link",
)
#: Bytes at the beginning and at the end of a page that are looked at: a licence is in its head,
#: beside its content, or at its foot. What is between is looked at where it has this.
_LOOKED_AT = 49_152
_CREATIVE_COMMONS = b"creativecommons.org/"
#: Bytes of a page in which its head is looked for, and of one that has no end.
_LONGEST_HEAD, _HEADLESS = 65_536, 8_192
#: Places of a page that speak of licences and are looked at, and the bytes of a tag.
_MOST_PLACES, _LONGEST_TAG = 64, 2_048
#: Bytes of JSON-LD that are read, objects of it, and licences that a page has.
_LONGEST_JSON, _MOST_OBJECTS, _MOST_LICENCES = 262_144, 200, 5

_ATTRIBUTE = re.compile(r"([\w:.-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_TAG_NAME = re.compile(r"<([a-z][a-z0-9]{0,15})(?=[\s/])", re.IGNORECASE)
#: The end of a key of JSON.
_JSON_KEY = b'license"'
#: In a tag that may say something, and is read. Most have a licence only in an address.
_SPEAKS = re.compile(
    rb"(?:rel|itemprop|property|name)\s*=\s*[\"']?[^\"'>]{0,60}(?:licen[sc]e|rights|copyright)"
    rb"|creativecommons\.org/|rsl\+xml",
    re.IGNORECASE,
)
_META = re.compile(rb"<meta[\s/][^>]{0,2000}>")
#: RFC 8288: an address in angle brackets, then parameters.
_LINK = re.compile(r"<([^<>]{1,1000})>([^<]{0,1000})")
_REL = re.compile(r";\s*rel\s*=\s*\"?([^\";,]*)", re.IGNORECASE)
_RSL = "application/rsl+xml"
_META_LICENCES = re.compile(
    r"(?:dc|dcterms|dcterm|cc|og|citation|schema)?[.:_]?(?:rights[.:_])?(?:licen[sc]e|rights|copyright)"
    r"(?:[.:_](?:licen[sc]e|uri|url))?",
    re.IGNORECASE,
)
_PROPERTIES = {
    "license",
    "cc:license",
    "dct:license",
    "dcterms:license",
    "xhv:license",
    "dc:license",
}
#: Objects of JSON-LD that are a part of a page, or no page; of others the licence is the page's.
_OTHER_THINGS = re.compile(
    r"(?:Image|Video|Audio|Media|3DModel)(?:Object)?|Person|Organization|SoftwareApplication"
)
#: Keys of JSON-LD under which the page itself is described.
_ITSELF = ("@graph", "mainEntity", "mainEntityOfPage")
_WISH = "noai"
_ROBOTS = re.compile(r"robots|.*bot|google-extended|.*-?ai", re.IGNORECASE)
#: A wish about training, in Content-Signal and in Content-Usage.
_NO_TRAINING = re.compile(
    r"(?:ai-train|train-ai|train|tdm|ai)\s*=\s*(?:no?)(?![a-z])", re.IGNORECASE
)


class Rights(NamedTuple):
    """What a page says: each None where it says nothing.

    ``licence``: SPDX's short name, ``other`` for a licence that has none here; several names,
    in alphabetical order and joined by a space, where the page names several. ``licence_source``:
    where it said so, likewise joined: ``header``, ``link``, ``anchor``, ``json-ld``, ``meta``,
    ``microdata``, ``rdfa``, or ``cc-anchor`` for a link to Creative Commons that does not say
    whose licence it is, and counts where nothing else does. ``reservation``: how the page asks
    not to be mined, likewise joined: ``noai-meta``, ``noai-header``, ``tdm-header``,
    ``tdm-meta``, ``content-signal``, ``content-usage``, ``rsl``.
    """

    licence: str | None
    licence_source: str | None
    reservation: str | None


Statement = tuple[str, str]


def rights_of(body: bytes, fields: Sequence[tuple[str, str]] = ()) -> Rights:
    """What a page says in its ``body`` (HTML as it came) and header ``fields`` (of ``FIELDS``).

    Never raises; time is linear in the bytes. Comments and scripts say nothing, save JSON-LD.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16", "replace").encode("utf-8", "replace")
    if len(body) > 2 * _LOOKED_AT and body.find(_CREATIVE_COMMONS, _LOOKED_AT, -_LOOKED_AT) < 0:
        body = body[:_LOOKED_AT] + body[-_LOOKED_AT:]
    end = body.find(b"</head", 0, _LONGEST_HEAD)
    head = body[: end if end >= 0 else _HEADLESS].lower()
    statements: list[Statement] = []
    wishes: set[str] = set()
    for name, value in fields:
        _read_field(name, value, statements, wishes)
    if b"noai" in head or b"tdm-reserv" in head:
        wishes.update(_wishes_of_head(head))
    if places := _places(body, head):
        statements += _licences_at(places, body)
    if any(source == "rsl" for _, source in statements):
        wishes.add("rsl")
    licences = _strongest(statements)
    return Rights(
        _joined(licence for licence, _ in licences),
        _joined(source for _, source in licences),
        _joined(wishes),
    )


def _joined(words: Iterator[str] | set[str]) -> str | None:
    return " ".join(sorted(set(words))[:_MOST_LICENCES]) or None


def _strongest(statements: Sequence[Statement]) -> list[Statement]:
    """Without those of bare links, unless there are no others."""
    licences = [one for one in statements if one[1] != "rsl"]
    return [one for one in licences if one[1] != "cc-anchor"] or licences


# --- Header fields ------------------------------------------------------------


def _read_field(name: str, value: str, statements: list[Statement], wishes: set[str]) -> None:
    if name == "x-robots-tag":
        # "agent: noai, nofollow"; several fields are one.
        if _WISH in re.split(r"[,:\s]+", value.lower()):
            wishes.add("noai-header")
    elif name == "tdm-reservation":
        if value.strip().startswith("1"):
            wishes.add("tdm-header")
    elif name in ("content-signal", "content-usage"):
        if _NO_TRAINING.search(value):
            wishes.add(name)
    elif name == "link":
        for address, parameters in _LINK.findall(value[:10_000]):
            rel = _REL.search(parameters)
            if rel and "license" in rel[1].lower().split():
                source = "rsl" if _RSL in parameters.lower() else "header"
                statements.append((licence_of_address(address) or OTHER, source))


# --- The head -----------------------------------------------------------------


def _wishes_of_head(head: bytes) -> Iterator[str]:
    for tag in _META.finditer(head):
        if _is_hidden(head, tag.start()):
            continue
        attributes = _attributes(tag[0])
        name, content = attributes.get("name", ""), attributes.get("content", "")
        if name == "tdm-reservation":
            if content.strip().startswith("1"):
                yield "tdm-meta"
        elif _ROBOTS.fullmatch(name) and _WISH in re.split(r"[,\s]+", content):
            yield "noai-meta"


def _attributes(tag: bytes) -> dict[str, str]:
    """Of a tag: values by name in lower case, of a repeated one the first."""
    attributes: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag.decode("utf-8", "replace")):
        attributes.setdefault(name.lower(), unescape("".join(values)))
    return attributes


def _is_hidden(page: bytes, at: int) -> bool:
    """Whether the place is in a comment, or in a script."""
    return page.rfind(b"<!--", 0, at) > page.rfind(b"-->", 0, at) or _script_at(page, at) >= 0


def _script_at(page: bytes, at: int) -> int:
    """Where the script begins that the place is in; negative where it is in none."""
    begin = page.rfind(b"<script", 0, at)
    return begin if begin > page.rfind(b"</script", 0, at) else -1


# --- Licences -----------------------------------------------------------------


def _places(body: bytes, head: bytes) -> list[int]:
    """Where there are bytes of a licence, in their order: of many the first ones and the last."""
    places: set[int] = set()
    for page, word, start in (
        (head, b"rights", 0),
        (head, b"icen", 0),
        (body, b"icens", len(head)),
    ):
        at = page.find(word, start)
        while at >= 0 and len(places) < _MOST_PLACES:
            places.add(at)
            at = page.find(word, at + 1)
        last = len(page)
        for _ in range(_MOST_PLACES if at >= 0 else 0):
            last = page.rfind(word, at, last)
            places.add(last)
            if last == at:
                break
    return sorted(places)


def _licences_at(places: Sequence[int], body: bytes) -> Iterator[Statement]:
    """What the tags and scripts say in which these places are."""
    seen_to = 0
    for at in places:
        if at < seen_to:
            continue
        begin = body.rfind(b"<", max(0, at - _LONGEST_TAG), at)
        if begin >= 0 and body.find(b">", begin, at) < 0:
            seen_to = body.find(b">", at, begin + _LONGEST_TAG) + 1 or at
            tag = body[begin:seen_to]
            if _SPEAKS.search(tag) and not _is_hidden(body, begin):
                yield from _licences_of_tag(tag)
        elif body[at - 1 : at + 7].lower() == _JSON_KEY and (begin := _script_at(body, at)) >= 0:
            end = body.find(b"</script", at)
            seen_to = end if end >= 0 else len(body)
            yield from _licences_of_script(body[begin:seen_to])


def _licences_of_tag(tag: bytes) -> Iterator[Statement]:
    name_match = _TAG_NAME.match(tag.decode("latin-1"))
    if name_match is None:
        return
    name, attributes = name_match[1].lower(), _attributes(tag)
    address = attributes.get("href", "") or attributes.get("resource", "")
    content = attributes.get("content", "")
    rel = attributes.get("rel", "").lower().split()
    if name == "meta" and content:
        label = attributes.get("name") or attributes.get("property") or ""
        if _META_LICENCES.fullmatch(label) and (licence := licence_of_text(content)):
            yield licence, "meta"
    if name in ("link", "a", "area", "script") and _RSL in attributes.get("type", "").lower():
        yield OTHER, "rsl"
    elif address and not {"license", "licence"}.isdisjoint(rel):
        yield licence_of_address(address) or OTHER, "link" if name == "link" else "anchor"
    elif attributes.get("itemprop", "").lower() == "license" and (address or content):
        yield licence_of_text(address or content) or OTHER, "microdata"
    elif attributes.get("property", "").lower() in _PROPERTIES and (address or content):
        if name != "meta":
            yield licence_of_text(address or content) or OTHER, "rdfa"
    elif (
        name == "a"
        and (licence := licence_of_address(address))
        and licence.startswith(("CC", "PDM"))
    ):
        yield licence, "cc-anchor"


def _licences_of_script(script: bytes) -> Iterator[Statement]:
    tag, _, content = script.partition(b">")
    if b"ld+json" not in tag.lower() or len(content) > _LONGEST_JSON:
        return
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return
    todo = [document]
    for _ in range(_MOST_OBJECTS):
        if not todo:
            return
        thing = todo.pop()
        if isinstance(thing, list):
            todo += thing[:_MOST_OBJECTS]
        elif isinstance(thing, dict) and not _is_another_thing(thing):
            for value in _texts(thing.get("license")):
                yield licence_of_text(value) or OTHER, "json-ld"
            todo += [thing[key] for key in _ITSELF if key in thing]


def _is_another_thing(thing: Mapping[str, Any]) -> bool:
    return any(_OTHER_THINGS.fullmatch(kind) for kind in _texts(thing.get("@type")))


def _texts(value: object) -> Iterator[str]:
    """The texts that a property holds: one, several, or as things with an address."""
    for one in (value if isinstance(value, list) else [value])[:_MOST_LICENCES]:
        text = one
        if isinstance(one, dict):
            text = one.get("@id") or one.get("url") or one.get("name")
        if isinstance(text, str) and text:
            yield text
