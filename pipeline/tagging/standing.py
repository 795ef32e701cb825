"""How far a domain is decided: which of its nodes are open, and which were put off."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from pipeline.mine.patterns import Patterns
from pipeline.tagging.mined import Node, PathTree
from pipeline.tagging.store import HostTags


@dataclass(frozen=True)
class Standing:
    """How far a domain is decided.

    ``open``: nodes to decide next, those first whose decision would add most pages.
    ``skipped``: nodes that were put off, of which nothing is decided. ``state``: disputed,
    open (nothing said), begun, skipped (nothing open, something put off) or done.
    """

    open: tuple[Node, ...]
    skipped: tuple[Node, ...]
    state: str

    @cached_property
    def gain(self) -> int:
        """Uncollected pages under the open nodes."""
        return sum(node.uncollected for node in self.open)

    @cached_property
    def undecided(self) -> int:
        """Uncollected pages of which nobody has said anything, put off or not."""
        return self.gain + sum(node.uncollected for node in self.skipped)


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
    disputed_above = _above(disputed)
    begun = _above(pattern.pattern for pattern in patterns)
    nodes, put_off = [], []
    pending = list(tree.roots)
    while pending:
        node = pending.pop()
        if node.prefix in disputed:
            nodes.append(node)
        elif decided.covers(node.prefix):
            # Only what is disputed is looked for below.
            if node.prefix in disputed_above:
                pending += tree.children(node.prefix)
        elif node.prefix in skips:
            put_off.append(node)
        elif node.prefix in splits or node.prefix in begun:
            pending += tree.children(node.prefix)
        else:
            nodes.append(node)
    nodes.sort(key=lambda n: (n.prefix not in disputed, *by_gain(n)))
    put_off.sort(key=by_gain)
    if any(node.prefix in disputed for node in nodes):
        state = "disputed"
    elif nodes:
        state = "begun" if patterns or splits or put_off else "open"
    else:
        state = "skipped" if put_off else "done"
    return Standing(tuple(nodes), tuple(put_off), state)


def untouched(roots: Collection[Node]) -> Standing:
    """That of a domain of which nobody has said anything."""
    state = "open" if roots else "done"
    return Standing(tuple(sorted(roots, key=by_gain)), (), state)


def by_gain(node: Node) -> tuple[int, str]:
    """Sorts those first whose decision would add most pages."""
    return -node.uncollected, node.prefix


def _above(patterns: Iterable[str]) -> set[str]:
    """The prefixes within which the patterns lie."""
    return {
        "/".join(parts[:length])
        for pattern in patterns
        if (parts := pattern.split("/"))
        for length in range(1, len(parts))
    }
