"""What is left to decide: of which domain, under which of its prefixes, in what order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from heapq import nsmallest
from typing import Any

from pipeline.config.settings import Mine
from pipeline.mine.patterns import SEED, Pattern, Patterns, normal_pattern
from pipeline.mine.reasons import NEXT, REASONS, SUSPECTED, expected
from pipeline.tagging.mined import Domain, MinedRound, Node, PathTree
from pipeline.tagging.standing import Standing, by_gain, standing, untouched
from pipeline.tagging.store import HostTags, TagStore
from pipeline.web.urls import registered_domain

#: Nodes of a tree that are shown; a larger one is cut to those with the most pages.
MAX_NODES = 600
#: Share of the pages for which a second estimate is made: the queue's tail is long.
_MOST = 0.9
#: Domains that the page names of those for which the next round would wait.
_NAMED = 20
_NOTHING_SAID = HostTags()
_DECISIONS = ("mathematical", "not", "split", "skip")
#: What may be asked for, beside the states of a standing.
STATES = ("all", "open", "begun", "disputed", "skipped", "done", "second", "seed")


class Queue:
    """The domains of a round and how far each is decided, kept up as tags are saved.

    What the seed's own patterns cover is not asked about: they hold against the tags.
    """

    def __init__(
        self, mined: MinedRound, store: TagStore, seed: Sequence[str], settings: Mine
    ) -> None:
        """``seed``: the configuration's ``seed.patterns``; ``settings`` its [mine]."""
        self._mined, self._store, self._settings = mined, store, settings
        roots = {name: mined.roots.get(name, []) for name in mined.domains}
        self._hosts = {name: [node.prefix for node in nodes] for name, nodes in roots.items()}
        #: the domain of each host
        self.domain_of: dict[str, str] = {
            host: name for name, hosts in self._hosts.items() for host in hosts
        }
        self._standings: dict[str, tuple[list[HostTags], Standing]] = {}
        self._second_looks: dict[str, tuple[frozenset[str], tuple[Node, ...]]] = {}
        self._untouched = {name: untouched(nodes) for name, nodes in roots.items()}
        self._seeds: dict[str, list[Pattern]] = {}
        for pattern in Patterns.of(seed):
            if domain := self.domain_of.get(pattern.pattern.partition("/")[0]):
                self._seeds.setdefault(domain, []).append(pattern)
        for name, patterns in self._seeds.items():
            self._untouched[name] = standing(mined.tree(name), [HostTags(tuple(patterns))])
        #: domains that the seed covers
        self._of_seed = {name for name in self._seeds if not self._untouched[name].open}

    def standing(self, domain: str) -> Standing:
        """As things are saved now."""
        return self._standing(domain, self._store.hosts())

    def _standing(self, domain: str, hosts: dict[str, HostTags]) -> Standing:
        tags = self._tags(domain, hosts)
        if domain in self._of_seed or not any(tag != _NOTHING_SAID for tag in tags):
            return self._untouched[domain]
        known = self._standings.get(domain)
        if known is None or known[0] != tags:
            # Last: the seed's word is the one that counts.
            seed = HostTags(tuple(self._seeds.get(domain, ())))
            known = (tags, standing(self._mined.tree(domain), [*tags, seed]))
            self._standings[domain] = known
        return known[1]

    def _tags(self, domain: str, hosts: dict[str, HostTags]) -> list[HostTags]:
        return [hosts[host] for host in self._hosts[domain] if host in hosts]

    def page(
        self,
        *,
        language: str = "",
        min_share: float = 0.0,
        max_share: float = 1.0,
        state: str = "open",
        reason: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> dict[str, Any]:
        """Domains in the order of what their next decision would add, filtered, and the progress.

        That is the uncollected pages of the open node that has most of them, or as large a share
        of these as is suspected, where that is the ``reason`` why the domain is queued.

        ``state`` ``open`` stands for all that have open nodes, ``all`` for every domain,
        ``seed`` for those that the seed covers, ``second`` for those with another person's
        word and none of whoever tags; else one of :class:`Standing`. Disputed domains come
        first. ``reason`` is one of ``REASONS``, or empty for all. Raises ``ValueError`` for
        another state or reason.
        """
        if state not in STATES:
            raise ValueError(f"{state[:200]!r} is no state: {', '.join(STATES)}")
        if reason and reason not in REASONS:
            raise ValueError(f"{reason[:200]!r} is no reason: {', '.join(REASONS)}")
        hosts = self._store.hosts()
        # Most domains are as they were in the beginning.
        touched = {domain for host in hosts if (domain := self.domain_of.get(host))}
        standings = self._untouched | {name: self._standing(name, hosts) for name in touched}
        chosen = [
            (domain, standings[domain.domain])
            for domain in self._mined.domains.values()
            if (not language or domain.language == language)
            and (not reason or domain.reason == reason)
            and min_share <= domain.share <= max_share
            and self._fits(domain.domain, standings[domain.domain], state, hosts)
        ]
        chosen.sort(key=lambda it: (it[1].state != "disputed", -_next_adds(*it), it[0].domain))
        second = state == "second"
        return {
            "round": self._mined.number,
            "total": len(chosen),
            "offset": offset,
            "domains": [
                self._row(*it, self._seconds(it[0].domain, hosts) if second else None)
                for it in chosen[offset : offset + limit]
            ],
            "languages": sorted({d.language for d in self._mined.domains.values()}),
            "progress": self._progress(standings, hosts),
        }

    def domain(self, name: str, *, second: bool = False, at: str = "") -> dict[str, Any]:
        """A domain's tree, parents before children, and what was said of its nodes.

        For a ``second`` look nothing is told of what others said, and open are the nodes with
        a word of theirs. The node ``at`` is among those that are shown. Raises ``KeyError``
        for a domain that the round does not have.
        """
        domain = self._mined.domains.get(name)
        if domain is None:
            raise KeyError(f"{name[:200]} in round {self._mined.number}")
        tree, hosts = self._mined.tree(name), self._store.hosts()
        tags, now = self._tags(name, hosts), self._standing(name, hosts)
        seconds = self._seconds(name, hosts) if second else None
        hidden = frozenset().union(*(part.others for part in tags)) if second else frozenset()
        exact = {p.pattern: p for part in tags for p in part.patterns}
        exact |= {pattern.pattern: pattern for pattern in self._seeds.get(name, ())}
        exact = {key: pattern for key, pattern in exact.items() if key not in hidden}
        decided = Patterns(exact.values())
        disputes = {} if second else {d.pattern: d for part in tags for d in part.disputes}
        splits = frozenset().union(*(part.splits for part in tags))
        skips = {node.prefix for node in now.skipped}
        still_open = {node.prefix for node in (now.open if seconds is None else seconds)}
        shown = _most_pages(tree, still_open | {at})
        nodes = [
            {
                "prefix": node.prefix,
                "parent": tree.parent(node.prefix),
                "depth": node.depth,
                "pages": node.pages,
                "collected": node.collected,
                "share": node.share,
                "scores": [node.score_10, node.score_50, node.score_90],
                "children": len(tree.children(node.prefix)),
                "open": node.prefix in still_open,
                "split": node.prefix in splits,
                "skipped": node.prefix in skips,
                "tag": _decision(exact.get(node.prefix)),
                "falls_under": _decision(decided.decisive(node.prefix)),
                "disputed": _decision(disputes.get(node.prefix)),
            }
            for node in tree.walk()
            if node.prefix in shown
        ]
        row = self._row(domain, now, seconds)
        return {**row, "nodes": nodes, "left_out": len(tree.nodes) - len(nodes)}

    def decisions(self) -> list[dict[str, Any]]:
        """What the decisions on the round's domains gave, a row for each reason that has some.

        Each has reason, its numbers of decisions ``mathematical``, ``not``, ``split`` and
        ``skip``, and of the uncollected pages that the first two are on. They are everybody's.
        """
        events = [
            event
            for event in self._store.journal.events()
            if event.round == self._mined.number and event.action in _DECISIONS
        ]
        uncollected = self._mined.uncollected({event.prefix for event in events})
        rows: dict[str, dict[str, Any]] = {}
        for event in events:
            domain = self.domain_of.get(event.prefix.partition("/")[0])
            if domain is None:
                continue
            reason = self._mined.domains[domain].reason
            blank = {
                "reason": reason,
                **dict.fromkeys(_DECISIONS, 0),
                "pages_yes": 0,
                "pages_no": 0,
            }
            row = rows.setdefault(reason, blank)
            row[event.action] += 1
            if pages := {"mathematical": "pages_yes", "not": "pages_no"}.get(event.action):
                row[pages] += uncollected.get(event.prefix, 0)
        return [rows[reason] for reason in REASONS if reason in rows]

    def find(self, text: str, limit: int = 20) -> list[dict[str, Any]]:
        """Prefixes of the round's trees with ``text`` in them, or that hold the URL ``text``.

        Whole hosts first, those that begin with it before others, large before small. Each
        has prefix, domain, pages and the domain's state.
        """
        text = text.strip()
        if not text:
            return []
        wanted = {text.lower()}
        # As patterns spell it: a URL, or a host in letters beyond ASCII.
        with suppress(ValueError):
            wanted.add(normal_pattern(text.partition("?")[0].partition("#")[0]))
        hits: dict[str, tuple[str, int]] = {}
        for name in wanted:
            hits |= self._mined.find(name, 10 * limit)
            if domain := self.domain_of.get(name.partition("/")[0]):
                # The longest prefix that holds it.
                nodes = self._mined.tree(domain).nodes
                while name not in nodes and "/" in name:
                    name = name.rpartition("/")[0]
                hits |= {name: (domain, nodes[name].pages)} if name in nodes else {}
        hosts = self._store.hosts()

        def rank(prefix: str) -> tuple[bool, bool, int, int, str]:
            begins = any(prefix.startswith(name) for name in wanted)
            return prefix not in wanted, not begins, prefix.count("/"), -hits[prefix][1], prefix

        return [
            {
                "prefix": prefix,
                "domain": hits[prefix][0],
                "pages": hits[prefix][1],
                "state": self._state(name, self._standing(name, hosts)),
            }
            for prefix in sorted(hits, key=rank)[:limit]
            for name in [hits[prefix][0]]
        ]

    def _state(self, domain: str, now: Standing) -> str:
        return "seed" if domain in self._of_seed else now.state

    def _fits(self, name: str, now: Standing, state: str, hosts: dict[str, HostTags]) -> bool:
        if state == "open":
            return bool(now.open)
        if state == "second":
            return bool(self._seconds(name, hosts))
        return state == "all" or state == self._state(name, now)

    def _seconds(self, name: str, hosts: dict[str, HostTags]) -> tuple[Node, ...]:
        """The nodes on which somebody else has said a word, and whoever tags has not."""
        others = frozenset().union(*(tag.others for tag in self._tags(name, hosts)))
        others -= {pattern.pattern for pattern in self._seeds.get(name, ())}
        if not others:
            return ()
        known = self._second_looks.get(name)
        if known is None or known[0] != others:
            nodes = self._mined.tree(name).nodes
            known = (others, tuple(sorted((nodes[p] for p in others if p in nodes), key=by_gain)))
            self._second_looks[name] = known
        return known[1]

    def _row(
        self, domain: Domain, now: Standing, seconds: tuple[Node, ...] | None = None
    ) -> dict[str, Any]:
        left = now.open if seconds is None else seconds
        return {
            "domain": domain.domain,
            "language": domain.language,
            "pages": domain.pages,
            "collected": domain.collected,
            "share": domain.share,
            "reason": domain.reason,
            "suspected": domain.suspected,
            "gain": sum(node.uncollected for node in left),
            "adds": _next_adds(domain, now),
            # What others said is not to be seen on a second look.
            "state": self._state(domain.domain, now) if seconds is None else "second",
            "open": len(left),
            "next": left[0].prefix if left else None,
        }

    def _progress(
        self, standings: dict[str, Standing], hosts: dict[str, HostTags]
    ) -> dict[str, Any]:
        asked = {name: it for name, it in standings.items() if name not in self._of_seed}
        gains = sorted(node.uncollected for it in asked.values() for node in it.open)
        adds = sorted(
            _adds(self._mined.domains[name], node) for name, it in asked.items() for node in it.open
        )
        left, reached, most = sum(gains), 0, 0
        for gain in reversed(gains):
            if reached >= _MOST * left:
                break
            reached, most = reached + gain, most + 1
        skipped = [node for it in asked.values() for node in it.skipped]
        waits, largest = self._waits(asked, hosts)
        pace = self._store.pace()
        return {
            "who": self._store.who,
            "domains": len(asked),
            "suspected": sum(self._mined.domains[name].reason == SUSPECTED for name in asked),
            "of_seed": len(self._of_seed),
            "finished": sum(it.state == "done" for it in asked.values()),
            "disputed": sum(it.state == "disputed" for it in asked.values()),
            "pages": sum(self._untouched[name].gain for name in asked),
            "pages_left": sum(it.undecided for it in asked.values()),
            "skipped": len(skipped),
            "pages_skipped": sum(node.uncollected for node in skipped),
            "waits": waits,
            "waits_for": largest,
            "decisions": len(self._store.own_events()),
            "decisions_left": len(gains),
            "adds": sum(adds),
            "next_adds": sum(adds[-NEXT:]),
            "seconds_left": None if pace is None else pace * len(gains),
            "seconds_to_most": None if pace is None else pace * most,
        }

    def _waits(
        self, asked: dict[str, Standing], hosts: dict[str, HostTags]
    ) -> tuple[int, list[str]]:
        """Domains for which the next round would wait: no word counts on any of their hosts.

        How many there are, and the largest.
        """
        whole = registered_domain if self._settings.domain == "registered_domain" else str
        tagged = {
            whole(host)
            for host, tags in hosts.items()
            if any(pattern.round <= self._mined.number for pattern in tags.patterns)
        }
        left = [name for name in asked if name not in tagged and name not in self._seeds]
        largest = nsmallest(_NAMED, left, key=lambda name: (-asked[name].undecided, name))
        return len(left), largest


def _adds(domain: Domain, node: Node) -> int:
    return expected(node.uncollected, domain.reason, domain.suspected, domain.pages)


def _next_adds(domain: Domain, now: Standing) -> int:
    """What the next decision on a domain is expected to add."""
    return max((_adds(domain, node) for node in now.open), default=0)


def _most_pages(tree: PathTree, first: set[str]) -> set[str]:
    """Prefixes that are shown: ``first`` and then the largest, none without its parents."""
    shown: set[str] = set()
    order = sorted(tree.nodes.values(), key=lambda n: (n.prefix not in first, -n.pages))
    for node in order:
        if len(shown) >= MAX_NODES:
            break
        prefix: str | None = node.prefix
        while prefix is not None and prefix not in shown:
            shown.add(prefix)
            prefix = tree.parent(prefix)
    return shown


def _decision(pattern: Pattern | None) -> dict[str, Any] | None:
    if pattern is None:
        return None
    return {
        "pattern": pattern.pattern,
        "mathematical": pattern.mathematical,
        "who": pattern.who,
        "seed": pattern.who == SEED,
        "when": pattern.when,
        "note": pattern.note,
        "confidence": pattern.confidence,
    }
