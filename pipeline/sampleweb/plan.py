"""What is where: hosts, and each page by its number, without making any page.

Nothing is kept per page. A page's place follows from its number by arithmetic, and
which pages are copies of which from dice thrown for blocks of twelve pages; so any
part of a web of any size can be made alone.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import gcd, isqrt

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.notation import TEX_NOTATIONS
from pipeline.sampleweb.sites import SITES, Section, Site

#: Fewer pages cannot hold every kind of site with enough pages each.
FEWEST_PAGES = 500
_DEFAULT_PAGES = 4000
_BLOCK = 12

#: How a page shows another again; ``again`` is the same page at another address.
ORIGINAL, AGAIN, PRINT, EDITED, MIRRORED = "original", "again", "print", "edited", "mirrored"


@dataclass(frozen=True)
class Host:
    """One host of a site. ``slots`` is the number of its pages."""

    number: int
    name: str
    site: Site
    slots: int


@dataclass(frozen=True)
class Spec:
    """All that is decided about a page before it is written.

    ``root`` is the page whose content it shows (itself unless it is a copy),
    ``family`` names it and its copies, empty where there are none. ``planted``
    is ``leak``, ``lookalike`` or empty.
    """

    host: Host
    slot: int
    section: Section
    role: str
    root_host: Host
    root_slot: int
    family: str
    planted: str


class Plan:
    """The web of ``pages`` pages that ``seed`` gives."""

    def __init__(self, pages: int, seed: int) -> None:
        self.pages = pages
        self.seed = seed
        self.hosts = _hosts(pages)
        self._starts = [0, *accumulate(host.slots for host in self.hosts)]
        self._by_name = {host.name: host for host in self.hosts}
        self._mirrors = {
            _on(host.site.mirror_of, host): host for host in self.hosts if host.site.mirror_of
        }
        # Visits hop over the whole web, as a crawl's do: a step near the golden
        # section, without a factor in common with the number of pages.
        step = max(1, pages * 618 // 1000)
        while gcd(step, pages) != 1:
            step += 1
        self._step = step
        self._copies = lru_cache(maxsize=4096)(self._copies_of_block)

    def visit(self, at: int) -> tuple[Host, int]:
        """Host and slot of the crawl's visit number ``at``: each page once."""
        place = (at * self._step + self.seed) % self.pages
        number = bisect_right(self._starts, place) - 1
        return self.hosts[number], place - self._starts[number]

    def spec(self, host: Host, slot: int) -> Spec:
        """What is decided about the page."""
        source = self._by_name.get(_on(host.site.mirror_of, host)) if host.site.mirror_of else None
        if source:
            root_slot = self._root(source, 2 * slot)
            root = self.spec(source, root_slot)
            return Spec(
                host, slot, host.site.sections[0], MIRRORED, source, root_slot, root.family, ""
            )
        role, root_slot = self._copies(host.number, slot // _BLOCK)[slot % _BLOCK]
        section = self._section(host, root_slot)
        family = f"{host.name}/{root_slot}" if self._has_copies(host, root_slot) else ""
        planted = "" if family else self._planted(host, slot, section)
        return Spec(host, slot, section, role, host, root_slot, family, planted)

    def _section(self, host: Host, slot: int) -> Section:
        # The share of a section is exact over any run of slots, in a mixed order.
        place = (slot * 37 % 100 + 0.5) / 100
        for section in host.site.sections:
            place -= section.share
            if place < 0:
                return section
        return host.site.sections[-1]

    def _copies_of_block(self, number: int, block: int) -> list[tuple[str, int]]:
        """Role and root slot of each slot of a block."""
        host = self.hosts[number]
        dice = Dice(self.seed, "copies", host.name, block)
        first = block * _BLOCK
        roles: list[tuple[str, int]] = []
        originals: list[int] = []
        for slot in range(first, first + _BLOCK):
            if originals and dice.chance(0.1):
                role = dice.pick((AGAIN, AGAIN, PRINT, EDITED, EDITED))
                roles.append((role, dice.pick(originals)))
            else:
                roles.append((ORIGINAL, slot))
                originals.append(slot)
        return roles

    def _root(self, host: Host, slot: int) -> int:
        return self._copies(host.number, slot // _BLOCK)[slot % _BLOCK][1]

    def _has_copies(self, host: Host, root: int) -> bool:
        block = root // _BLOCK
        mirror = self._mirrors.get(host.name)
        for at, (_, of) in enumerate(self._copies(host.number, block)):
            slot = block * _BLOCK + at
            if of != root or slot >= host.slots:
                continue
            if slot != root or (mirror and slot % 2 == 0 and slot // 2 < mirror.slots):
                return True
        return False

    def _planted(self, host: Host, slot: int, section: Section) -> str:
        if not section.mathematical or host.site.language not in ("en", "zh"):
            return ""
        # Items are found again only where their formulas keep their TeX.
        if host.site.language == "en" and host.site.notation not in (*TEX_NOTATIONS, "typed"):
            return ""
        roll = Dice(self.seed, "planted", host.name, slot).random()
        return "leak" if roll < 0.045 else "lookalike" if roll < 0.1 else ""


def _on(site_name: str, sibling: Host) -> str:
    """The host of another site with the same count as ``sibling``."""
    head = sibling.name.partition(".")[0]
    count = head[len(sibling.site.name.partition(".")[0]) :]
    label, _, domain = site_name.partition(".")
    return f"{label}{count}.{domain}"


def _hosts(pages: int) -> list[Host]:
    rank = 3 if pages >= 3000 else 2 if pages >= 1500 else 1
    sites = [site for site in SITES if site.rank <= rank]
    sites = [
        site
        for site in sites
        if not site.mirror_of or any(other.name == site.mirror_of for other in sites)
    ]
    copies = max(1, isqrt(pages // _DEFAULT_PAGES))
    # The later hosts of a site are the smaller ones, as on the web.
    candidates = [(site, at, site.weight / (at + 1)) for site in sites for at in range(copies)]
    total = sum(weight for _, _, weight in candidates)
    slots = [max(1, int(pages * weight / total)) for _, _, weight in candidates]
    slots[0] += pages - sum(slots)
    return [
        Host(number, _numbered(site.name, at), site, count)
        for number, ((site, at, _), count) in enumerate(zip(candidates, slots, strict=True))
    ]


def _numbered(name: str, at: int) -> str:
    if at == 0:
        return name
    label, _, domain = name.partition(".")
    return f"{label}{at + 1}.{domain}"
