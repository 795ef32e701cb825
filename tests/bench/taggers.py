"""``make bench BENCH=rounds``: rounds that a script tags through the tagging page's API.

    python -m tests.bench.taggers                 on the sample web (PAGES)
    python -m tests.bench.taggers --crawl FOLDER  on real pages with labels.jsonl.gz

The script knows the truth of the pages that the page shows it. On the sample web it
plays twice: once right, once wrong in a share of its words. Real rounds start from the
patterns of a few hosts, and are judged on the labelled pages of all others. A workspace
that is there already is gone on with.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import numpy as np

from pipeline.base.printing import aligned
from pipeline.classify.evaluation import RECALL, auc, precision_recall
from pipeline.config.run_file import load_config
from pipeline.loop.rounds import carry_out, closing, is_stable, whole_loop
from pipeline.loop.run import Run
from pipeline.mine.patterns import HEADER
from pipeline.sampleweb.generate import Size, generate
from tests.bench.interleaved import PROJECT
from tests.places import rows_in
from tests.tagging.player import Player, truth_of
from tests.tagging.serving import serving

_PLACE = PROJECT / "build" / "bench-rounds"
#: Share of the erring tagger's words that are wrong.
ERRS = 0.1
#: What real rounds start from: a textbook and two blogs, English, Chinese and Spanish.
SEEDS = ("discrete.openmathbooks.org", "zengfk.com.cn", "relopezbriega.github.io")
_REAL = """\
[crawls.real]
warcs = ["{crawl}/*.warc.gz"]

[seed]
patterns = {seeds}

[train]
dim = 64
buckets = 200_000

[tags]
file = "{name}.tsv"

[labels]
path = "{labels}"
"""


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
            options = ("--round", str(number))
            with serving(self.workspace, self.config_path, *options, who=self.name) as served:
                decisions.append(Player(served, truth, self.errs).play())
        counts = ", ".join(f"{count:,}" for count in decisions)
        return [
            f"{self.name}: decisions after each round: {counts}",
            *closing(whole_loop(self.run().config, number), self.run(), number),
            "",
            *aligned([_HEADER, *(self._ranked(n) for n in range(1, number + 1))]),
        ]

    def carry_out(self, number: int) -> None:
        run = self.run()
        for report in carry_out(whole_loop(run.config, number), run, dry_run=False):
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


_HEADER = ["round", "mathematical", "others", "AUC", "precision at 95% recall"]


def on_sample_web(pages: int, rounds: int) -> list[str]:
    folder = _PLACE / str(pages)
    web = folder / "sample-web"
    if not web.exists():
        generate(web, Size(pages, 1, 0), lambda _: None)
    labels = [json.loads(line) for line in (web / "labels.jsonl").open(encoding="utf-8")]
    toml = (PROJECT / "seeds" / "sample.toml").read_text(encoding="utf-8")
    toml = toml.replace("../build/sample-web", str(web))
    toml = toml.replace('"allowed_grams.toml"', f'"{PROJECT / "seeds" / "allowed_grams.toml"}"')
    # Budgets are of the default size.
    toml = "".join(line for line in toml.splitlines(True) if not line.startswith("budgets = "))
    games = [Game("honest", folder, labels), Game("erring", folder, labels, ERRS)]
    for game in games:
        game.begin(toml.replace('"url_patterns.tsv"', f'"{game.name}.tsv"'))
    if not games[1].workspace.exists():
        # In round 1 nobody has tagged yet. What is copied halfway is not there.
        games[0].carry_out(1)
        halfway = folder / "halfway"
        shutil.rmtree(halfway, ignore_errors=True)
        shutil.copytree(games[0].workspace, halfway)
        halfway.rename(games[1].workspace)
    return [line for game in games for line in ("", *game.play(rounds))]


def on_real_pages(crawl: Path, rounds: int) -> list[str]:
    folder = _PLACE / "real"
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(crawl / "labels.jsonl.gz", "rt", encoding="utf-8") as stream:
        labels = [json.loads(line) for line in stream]
    for line in labels:
        of_seed = (urlsplit(line["url"]).hostname or "").removeprefix("www.") in SEEDS
        line["kind"] = "seed hosts" if of_seed else "other hosts"
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in labels), encoding="utf-8")
    game = Game("real", folder, labels)
    seeds = json.dumps(SEEDS)
    game.begin(_REAL.format(crawl=crawl.resolve(), seeds=seeds, name=game.name, labels=path))
    return game.play(rounds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=4_000)
    parser.add_argument("--crawl", type=Path)
    parser.add_argument("--rounds", type=int, default=4, help="at most")
    given = parser.parse_args()
    if given.crawl:
        lines = on_real_pages(given.crawl, given.rounds)
    else:
        lines = on_sample_web(given.pages, given.rounds)
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
