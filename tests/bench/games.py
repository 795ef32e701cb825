"""A loop of rounds that a script tags through the tagging page's API, in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from pipeline.base.printing import aligned
from pipeline.classify.evaluation import RECALL, auc, precision_recall
from pipeline.config.run_file import load_config
from pipeline.loop.rounds import Plan, carry_out, closing, is_stable, whole_loop
from pipeline.loop.run import Run
from pipeline.mine.patterns import HEADER
from tests.bench.interleaved import PROJECT
from tests.places import rows_in
from tests.tagging.player import Player, truth_of
from tests.tagging.serving import serving

PLACE = PROJECT / "build" / "bench-rounds"
_HEADER = ["round", "mathematical", "others", "AUC", "precision at 95% recall"]


@dataclass(frozen=True)
class Game:
    """Rounds of one tagger in a folder of their own."""

    name: str
    folder: Path
    labels: list[dict[str, Any]]
    errs: float = 0.0

    @property
    def config_path(self) -> Path:
        return self.folder / f"{self.name}.toml"

    @property
    def workspace(self) -> Path:
        return self.folder / f"workspace-{self.name}"

    def run(self) -> Run:
        return Run(load_config(self.config_path), str(self.workspace), tags="skip")

    def begin(self, toml: str) -> None:
        self.config_path.write_text(toml, encoding="utf-8")
        tags = self.folder / f"{self.name}.tsv"
        if not tags.exists():
            tags.write_text("\t".join(HEADER) + "\n", encoding="utf-8")

    def play(self, rounds: int) -> list[str]:
        """The lines at the end of the last round, which is the one that converged if one did."""
        truth, number, decisions = truth_of(self.labels), 0, []
        while number < rounds and not (number and is_stable(self.run(), number)):
            number += 1
            self.carry_out(number)
            decisions.append(sum(map(decisions_in, self.tag(number, truth))))
        counts = ", ".join(f"{count:,}" for count in decisions)
        return [
            f"{self.name}: decisions after each round: {counts}",
            *closing(whole_loop(self.run().config, number), self.run(), number),
            "",
            *aligned([_HEADER, *(self._ranked(n) for n in range(1, number + 1))]),
        ]

    def tag(self, number: int, truth: Mapping[str, bool]) -> list[dict[str, Any]]:
        """Decide all that a round asks; what all decisions on it gave, by reason."""
        options = ("--round", str(number))
        with serving(self.workspace, self.config_path, *options, who=self.name) as served:
            Player(served, truth, self.errs).play()
            given: list[dict[str, Any]] = served.get("/api/decisions")["decisions"]
            return given

    def carry_out(self, number: int, plan: Plan | None = None) -> None:
        """Run the whole loop to the end of a round, or a ``plan``."""
        run = self.run()
        for report in carry_out(plan or whole_loop(run.config, number), run, dry_run=False):
            print(
                f"{self.name}: {report.title}: {report.state}, {report.seconds:.1f} s", flush=True
            )

    def _ranked(self, number: int) -> list[str]:
        """How a round ranks the labelled pages of hosts that the seed did not name."""
        sides = {
            line["url"]: line["label"] == "math"
            for line in self.labels
            if line["label"] in ("math", "not-math") and line.get("kind") != "seed hosts"
        }
        rows = duckdb.sql(
            f"select url, score from {rows_in(self.workspace, f'rounds/{number}/scores')} "
            f"join {rows_in(self.workspace, 'crawls/sample/pages')} using (page_id)"
        ).fetchall()
        judged = [(sides[url], score) for url, score in rows if url in sides]
        truth, scores = (np.array(column) for column in zip(*judged, strict=True))
        precision, recall = precision_recall(truth, scores)
        reached = precision[np.argmax(recall >= RECALL)]
        counts = [f"{truth.sum():,}", f"{(~truth).sum():,}"]
        return [str(number), *counts, f"{auc(truth, scores):.4f}", f"{reached:.3f}"]


def decisions_in(given: Mapping[str, Any]) -> int:
    return sum(given[word] for word in ("mathematical", "not", "split", "skip"))
