"""``make bench BENCH=rounds``: rounds that a script tags through the tagging page's API.

    python -m tests.bench.taggers                 on the sample web (PAGES)
    python -m tests.bench.taggers --crawl FOLDER  on real pages with labels.jsonl.gz, from ten seeds

The script knows the truth of the pages that the page shows it. On the sample web it
plays twice: once right, once wrong in a share of its words. For real rounds see
``tests.bench.real_seeds``. A workspace that is there already is gone on with.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from pipeline.sampleweb.generate import Size, generate
from tests.bench.games import PLACE, Game
from tests.bench.interleaved import PROJECT
from tests.bench.real_seeds import VARIANTS, on_real_pages

#: Share of the erring tagger's words that are wrong.
ERRS = 0.1


def on_sample_web(pages: int, rounds: int) -> list[str]:
    folder = PLACE / str(pages)
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=4_000)
    parser.add_argument("--crawl", type=Path)
    parser.add_argument("--rounds", type=int, default=4, help="at most")
    parser.add_argument(
        "--seeds", default="", help="of real rounds: names with commas between; all of them"
    )
    parser.add_argument(
        "--variant", choices=VARIANTS, default="all", help="of real rounds: what is done to see"
    )
    given = parser.parse_args()
    if given.crawl:
        seeds = list(filter(None, given.seeds.split(",")))
        lines = on_real_pages(given.crawl, given.rounds, seeds, given.variant)
    else:
        lines = on_sample_web(given.pages, given.rounds)
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
