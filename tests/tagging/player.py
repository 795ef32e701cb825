"""A tagger for scripts: decides through the page's API by the truth of the pages it is shown."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.tagging.serving import Served

#: Shares of mathematical sample pages beyond which a prefix is one or the other; one page
#: of twenty that disagrees is reason to look deeper.
CLEAR_YES, CLEAR_NO = 0.95, 0.05
_QUEUE = 200


@dataclass
class Player:
    """Looks at the sample pages of a prefix and of those below it, and presses a key.

    ``truth`` says of a URL whether the page is mathematical; where it knows no page of a
    prefix, that one is skipped. A share ``errs`` of the words on mathematics is turned
    round, by a die of its own.
    """

    served: Served
    truth: Mapping[str, bool]
    errs: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def play(self) -> int:
        """Decide until the queue has nothing open; the number of decisions."""
        decisions = 0
        while domains := self.served.get("/api/queue", state="open", limit=_QUEUE)["domains"]:
            before = decisions
            for domain in domains:
                decisions += self._domain(domain["domain"])
            assert decisions > before, "the queue is open, and nothing in it to decide"
        return decisions

    def _domain(self, domain: str) -> int:
        decisions = 0
        told = self.served.get("/api/domain", domain=domain)
        prefixes = [node["prefix"] for node in told["nodes"]]
        samples = {prefix: self._known_samples(prefix) for prefix in prefixes}
        # Parents first: what a word on a parent covers is not asked again.
        open_one = next((node["prefix"] for node in told["nodes"] if node["open"]), None)
        while open_one is not None:
            below = [prefix for prefix in prefixes if prefix.startswith(f"{open_one}/")]
            # The whole tree is in sight, with sample pages of each part of it.
            known = {url for prefix in (open_one, *below) for url in samples.get(prefix, ())}
            word = self._word([self.truth[url] for url in known], bool(below))
            open_one = self.served.decide(open_one, word, overrule=True)["next"]
            decisions += 1
        return decisions

    def _known_samples(self, prefix: str) -> list[str]:
        samples = self.served.get("/api/samples", prefix=prefix)["samples"]
        return [page["url"] for page in samples if page["url"] in self.truth]

    def _word(self, known: list[bool], splits: bool) -> str:
        if not known:
            return "skip"
        share = sum(known) / len(known)
        if CLEAR_NO < share < CLEAR_YES and splits:
            return "split"
        mathematical = share >= 0.5
        if self._dice.random() < self.errs:
            mathematical = not mathematical
        return "mathematical" if mathematical else "not"


def truth_of(labels: list[dict[str, Any]]) -> dict[str, bool]:
    """Of lines with ``url`` and ``label``; other labels than math and not-math say nothing."""
    sides = {"math": True, "not-math": False}
    return {line["url"]: sides[line["label"]] for line in labels if line["label"] in sides}
