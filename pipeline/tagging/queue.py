"""What is left to decide: of which domain, under which of its prefixes, in what order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.mine.patterns import Pattern, Patterns
from pipeline.tagging.mined import Domain, MinedRound, Node, PathTree
from pipeline.tagging.store import HostTags, TagStore

#: Nodes of a tree that are shown; a larger one is cut to those with the most pages.
MAX_NODES = 600
#: Share of the pages for which a second estimate is made: the queue's tail is long.
_MOST = 0.9
_NOTHING_SAID = HostTags()


@dataclass(frozen=True)
class Standing:
    """How far a domain is decided.

    ``open``: nodes to decide next, those first whose decision would add most pages.
    ``state``: disputed, open (nothing said), begun, skipped or done.
    """

    open: tuple[Node, ...]
    state: str

    @property
    def gain(self) -> int:
        """Uncollected pages under the open nodes."""
        return sum(node.uncollected for node in self.open)


def standing(tree: PathTree, host_tags: Iterable[HostTags]) -> Standing:
    """A node is open unless it, or one above it, is decided, skipped or split.

    A split node's children take its place; so do those of a node of which only
    parts were decided. A node whose words disagree is open, whatever stands above.
    """
    tags = list(host_tags)
    patterns = [pattern for part in tags for pattern in part.patterns]
    decided = Patterns(patterns)
    splits = frozenset().union(*(part.splits for part in tags))
    skips = frozenset().union(*(part.skips for part in tags))
    disputed = {other.pattern for part in tags for other in part.disputes}
    begun = {
        "/".join(parts[:length])
        for pattern in patterns
        if (parts := pattern.pattern.split("/"))
        for length in range(1, len(parts))
    }
    nodes = []
    pending = list(tree.roots)
    while pending:
        node = pending.pop()
        if node.prefix in disputed:
            nodes.append(node)
        elif node.prefix in skips or decided.covers(node.prefix):
            # Only what is disputed is looked for below.
            if any(name.startswith(f"{node.prefix}/") for name in disputed):
                pending += tree.children(node.prefix)
        elif node.prefix in splits or node.prefix in begun:
            pending += tree.children(node.prefix)
        else:
            nodes.append(node)
    nodes.sort(key=lambda n: (n.prefix not in disputed, -n.uncollected, n.prefix))
    if any(node.prefix in disputed for node in nodes):
        state = "disputed"
    elif nodes:
        state = "begun" if patterns or splits or skips else "open"
    else:
        state = "skipped" if skips else "done"
    return Standing(tuple(nodes), state)


class Queue:
    """The domains of a round and how far each is decided, kept up as tags are saved."""

    def __init__(self, mined: MinedRound, store: TagStore) -> None:
        self._mined, self._store = mined, store
        roots = {name: mined.roots.get(name, []) for name in mined.domains}
        self._hosts = {name: [node.prefix for node in nodes] for name, nodes in roots.items()}
        #: the domain of each host
        self.domain_of: dict[str, str] = {
            host: name for name, hosts in self._hosts.items() for host in hosts
        }
        self._standings: dict[str, tuple[list[HostTags], Standing]] = {}
        self._untouched = {
            name: Standing(
                tuple(sorted(nodes, key=lambda n: (-n.uncollected, n.prefix))),
                "open" if nodes else "done",
            )
            for name, nodes in roots.items()
        }

    def standing(self, domain: str) -> Standing:
        """As things are saved now."""
        return self._standing(domain, self._store.hosts())

    def _standing(self, domain: str, hosts: dict[str, HostTags]) -> Standing:
        tags = [hosts[host] for host in self._hosts[domain] if host in hosts]
        if not any(tag != _NOTHING_SAID for tag in tags):
            return self._untouched[domain]
        known = self._standings.get(domain)
        if known is None or known[0] != tags:
            known = (tags, standing(self._mined.tree(domain), tags))
            self._standings[domain] = known
        return known[1]

    def page(
        self,
        *,
        language: str = "",
        min_share: float = 0.0,
        max_share: float = 1.0,
        state: str = "open",
        offset: int = 0,
        limit: int = 50,
    ) -> dict[str, Any]:
        """Domains in the order of what a decision would add, filtered, and the progress.

        ``state`` ``open`` stands for all that have open nodes, ``all`` for every
        domain; else a state of :class:`Standing`. Disputed domains come first.
        """
        hosts = self._store.hosts()
        standings = {name: self._standing(name, hosts) for name in self._mined.domains}
        chosen = [
            (domain, standings[domain.domain])
            for domain in self._mined.domains.values()
            if (not language or domain.language == language)
            and min_share <= domain.share <= max_share
            and _fits(standings[domain.domain], state)
        ]
        chosen.sort(key=lambda it: (it[1].state != "disputed", -it[1].gain, it[0].domain))
        return {
            "round": self._mined.number,
            "total": len(chosen),
            "offset": offset,
            "domains": [_row(*it) for it in chosen[offset : offset + limit]],
            "languages": sorted({d.language for d in self._mined.domains.values()}),
            "progress": self._progress(standings),
        }

    def domain(self, name: str) -> dict[str, Any]:
        """A domain's tree, parents before children, and what was said of its nodes.

        Raises ``KeyError`` for a domain that the round does not have.
        """
        hosts = self._store.hosts()
        domain, now = self._mined.domains[name], self._standing(name, hosts)
        tree = self._mined.tree(name)
        tags = [hosts[host] for host in self._hosts[name] if host in hosts]
        decided = Patterns(pattern for part in tags for pattern in part.patterns)
        exact = {pattern.pattern: pattern for pattern in decided}
        disputes = {other.pattern: other for part in tags for other in part.disputes}
        splits = frozenset().union(*(part.splits for part in tags))
        skips = frozenset().union(*(part.skips for part in tags))
        still_open = {node.prefix for node in now.open}
        shown = _most_pages(tree, still_open)
        nodes = []
        for node in tree.walk():
            if node.prefix not in shown:
                continue
            above = decided.decisive(node.prefix)
            nodes.append(
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
                    "falls_under": _decision(above),
                    "disputed": _decision(disputes.get(node.prefix)),
                }
            )
        return {
            **_row(domain, now),
            "nodes": nodes,
            "left_out": len(tree.nodes) - len(nodes),
        }

    def _progress(self, standings: dict[str, Standing]) -> dict[str, Any]:
        gains = sorted(
            (node.uncollected for it in standings.values() for node in it.open), reverse=True
        )
        pages = sum(node.uncollected for it in self._untouched.values() for node in it.open)
        left, reached, most = sum(gains), 0, 0
        for gain in gains:
            if reached >= _MOST * left:
                break
            reached, most = reached + gain, most + 1
        pace = self._store.pace()
        return {
            "who": self._store.who,
            "domains": len(standings),
            "finished": sum(not it.open for it in standings.values()),
            "disputed": sum(it.state == "disputed" for it in standings.values()),
            "pages": pages,
            "pages_left": left,
            "decisions": len(self._store.own_events()),
            "decisions_left": len(gains),
            "seconds_left": None if pace is None else pace * len(gains),
            "seconds_to_most": None if pace is None else pace * most,
        }


def _fits(it: Standing, state: str) -> bool:
    return state == "all" or (bool(it.open) if state == "open" else it.state == state)


def _row(domain: Domain, now: Standing) -> dict[str, Any]:
    return {
        "domain": domain.domain,
        "language": domain.language,
        "pages": domain.pages,
        "collected": domain.collected,
        "share": domain.share,
        "gain": now.gain,
        "state": now.state,
        "open": len(now.open),
        "next": now.open[0].prefix if now.open else None,
    }


def _most_pages(tree: PathTree, still_open: set[str]) -> set[str]:
    """Prefixes that are shown: the largest, the open ones first, none without its parents."""
    shown: set[str] = set()
    order = sorted(tree.nodes.values(), key=lambda n: (n.prefix not in still_open, -n.pages))
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
        "when": pattern.when,
        "note": pattern.note,
    }
