"""Rounds over real pages from ten seeds of three hosts each, tagged by the honest script.

Three mixed, three English and three Chinese ones, and seven draws among the mathematical hosts.
Each is judged on the labelled pages of all hosts but its own. Extraction and the pool are of no
seed: they are made once, and every seed's workspace has hard links to them.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import numpy as np

from pipeline.base.printing import aligned
from pipeline.classify.evaluation import RECALL, auc, precision_recall
from pipeline.config.settings import Config
from pipeline.loop.rounds import Plan, deduplication, extraction, is_stable, one_round
from tests.bench.games import PLACE, Game, decisions_in
from tests.places import rows_in
from tests.tagging.player import truth_of

#: A textbook and two blogs, English, Chinese and Spanish; then English ones.
_NAMED = {
    "3mixed": ("discrete.openmathbooks.org", "zengfk.com.cn", "relopezbriega.github.io"),
    "3en": ("discrete.openmathbooks.org", "desvl.xyz", "gautammanohar.com"),
}
_DRAWS, _DRAWN_BY = 7, 22
#: Mathematical labelled pages of a host that may be drawn.
_LEAST_PAGES = 8
#: Languages with enough mathematical pages to speak of recall.
_LANGUAGES = ("en", "zh", "es")
#: Steps of a round that nothing here looks at.
_NOT_NEEDED = {"converge", "topics", "judge"}
#: Settings of ``[suspects]`` by variant: all levers, the paper's rounds without any, and beside
#: these each lever alone.
_PAPER = {"paper_alone": "true"}
VARIANTS: dict[str, dict[str, str]] = {
    "all": {"paper_alone": "false"},
    "paper": _PAPER,
    "spare": _PAPER | {"spare": "true"},
    "more-negatives": _PAPER | {"spare": "true", "negatives": "2"},
    "positives": _PAPER | {"spare": "true", "positives": "1"},
    "queue": _PAPER | {"domains": "30"},
    "languages": _PAPER | {"other_languages": "0.1"},
}
_TOML = """\
[crawls.real]
warcs = ["{crawl}/*.warc.gz"]

[seed]
patterns = {seeds}

[train]
dim = 64
buckets = 200_000
small_seed_updates = [130_000]

[tags]
file = "{name}.tsv"

[suspects]
{suspects}
"""


def seeds_of(labels: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The ten seeds, by name, out of lines with ``url``, ``label`` and ``lang``."""
    pages: Counter[str] = Counter()
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    for line in labels:
        if line["label"] == "math":
            host = _host(line["url"])
            pages[host] += 1
            languages[host][line["lang"]] += 1
    chinese = [h for h in pages if languages[h]["zh"] * 2 > pages[h]]
    chinese.sort(key=lambda host: (-pages[host], host))
    large = sorted(host for host, count in pages.items() if count >= _LEAST_PAGES)
    dice = random.Random(_DRAWN_BY)
    drawn = {f"draw{number}": tuple(dice.sample(large, 3)) for number in range(1, _DRAWS + 1)}
    return {**_NAMED, "3zh": tuple(chinese[:3]), **drawn}


def on_real_pages(crawl: Path, rounds: int, names: Sequence[str], variant: str) -> list[str]:
    """Play on from each seed, or those called ``names``; tables of all that was ever played."""
    with gzip.open(crawl / "labels.jsonl.gz", "rt", encoding="utf-8") as stream:
        labels = [json.loads(line) for line in stream]
    seeds = seeds_of(labels)
    folder = PLACE / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    pool = _game(folder, "pool", (), crawl, labels, {})
    pool.carry_out(1, _before_rounds(pool.run().config))
    for name in names or seeds:
        game = _game(folder, f"{variant}-{name}", seeds[name], crawl, labels, VARIANTS[variant])
        if not game.workspace.exists():
            _linked(pool.workspace, game.workspace)
        _play(game, rounds, set(seeds[name]))
    played = {name: _results(folder / f"{variant}-{name}.json") for name in seeds}
    return tables({name: rows for name, rows in played.items() if rows})


def _game(
    folder: Path,
    name: str,
    hosts: Sequence[str],
    crawl: Path,
    labels: list[dict[str, Any]],
    variant: Mapping[str, str],
) -> Game:
    game = Game(name, folder, labels)
    suspects = "\n".join(f"{key} = {value}" for key, value in variant.items())
    # Nothing is trained on the pool's own seed.
    seeds = json.dumps(list(hosts) or ["nobody.example"])
    toml = _TOML.format(crawl=crawl.resolve(), seeds=seeds, name=name, suspects=suspects)
    game.begin(toml)
    return game


def _before_rounds(config: Config) -> Plan:
    return [*extraction(config, 1), *deduplication(config, 1)]


def _linked(pool: Path, workspace: Path) -> None:
    """A workspace with the pool's tables; it takes no room."""
    halfway = workspace.with_name("halfway")
    shutil.rmtree(halfway, ignore_errors=True)

    def put(source: str, target: str) -> None:
        # What may be written again is a file of its own.
        (os.link if source.endswith(".parquet") else shutil.copy2)(source, target)

    shutil.copytree(
        pool, halfway, copy_function=put, ignore=shutil.ignore_patterns("run.json", "*lock*")
    )
    halfway.rename(workspace)


def _play(game: Game, rounds: int, hosts: set[str]) -> None:
    place = game.folder / f"{game.name}.json"
    results, truth = _results(place), truth_of(game.labels)
    while len(results) < rounds and not (results and is_stable(game.run(), len(results))):
        number, began = len(results) + 1, time.monotonic()
        config = game.run().config
        steps = [step for step in one_round(config, number) if step[0].name not in _NOT_NEEDED]
        game.carry_out(number, [*_before_rounds(config), *steps])
        given = game.tag(number, truth)
        row = _judged(game, number, hosts)
        row["decisions"] = {one["reason"]: decisions_in(one) for one in given}
        row["stable"] = is_stable(game.run(), number)
        row["seconds"] = round(time.monotonic() - began)
        results.append(row)
        place.write_text(json.dumps(results, indent=1), encoding="utf-8")
        print(*aligned([_HEADER, _cells(game.name, number, row)]), sep="\n", flush=True)


def _results(place: Path) -> list[dict[str, Any]]:
    if not place.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(place.read_text(encoding="utf-8"))
    return rows


def _judged(game: Game, number: int, hosts: set[str]) -> dict[str, Any]:
    """How a round ranks the labelled pages of hosts that the seed did not name."""
    sides = truth_of([line for line in game.labels if _host(line["url"]) not in hosts])
    rows = duckdb.sql(
        f"select url, language, score from {rows_in(game.workspace, f'rounds/{number}/scores')} "
        f"join {rows_in(game.workspace, 'crawls/real/pages')} using (page_id)"
    ).fetchall()
    judged = [(sides[url], language, score) for url, language, score in rows if url in sides]
    truth, languages, scores = (np.array(column) for column in zip(*judged, strict=True))
    precision, recall = precision_recall(truth, scores)
    of_language = {
        language: float((scores[truth & (languages == language)] >= 0.5).mean())
        for language in _LANGUAGES
        if (truth & (languages == language)).any()
    }
    return {
        "precision": float(precision[np.argmax(recall >= RECALL)]),
        "auc": float(auc(truth, scores)),
        "recall": of_language,
    }


_HEADER = [
    *("seed", "round", "precision at 95% recall", "AUC"),
    *(f"recall {language}" for language in _LANGUAGES),
    *("decisions", "of these suspected", "stable", "seconds"),
]


def _cells(name: str, number: int, row: Mapping[str, Any]) -> list[str]:
    recall = [f"{row['recall'][one]:.2f}" if one in row["recall"] else "–" for one in _LANGUAGES]
    decisions = row["decisions"]
    return [
        *(name, str(number), f"{row['precision']:.3f}", f"{row['auc']:.4f}", *recall),
        *(str(sum(decisions.values())), str(decisions.get("suspected", 0))),
        *("yes" if row["stable"] else "", str(row["seconds"])),
    ]


def tables(played: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """A line a seed and round; then median and worst of each round.

    A loop that has ended stays as it was.
    """
    lines = [_HEADER]
    for name, rows in played.items():
        lines += [_cells(name, number, row) for number, row in enumerate(rows, 1)]
    summary = [["round", "median", "worst", "decisions", "stable", "seeds"]]
    for number in range(1, max(map(len, played.values()), default=0) + 1):
        there = {
            name: rows[min(number, len(rows)) - 1]
            for name, rows in played.items()
            if len(rows) >= number or rows[-1]["stable"]
        }
        decided = [sum(rows[number - 1]["decisions"].values())
                   for rows in played.values() if len(rows) >= number]  # fmt: skip
        precision = [row["precision"] for row in there.values()]
        summary.append(
            [
                *(str(number), f"{statistics.median(precision):.3f}", f"{min(precision):.3f}"),
                f"{statistics.mean(decided):.0f}",
                *(str(sum(row["stable"] for row in there.values())), str(len(there))),
            ]
        )
    return [*aligned(lines), "", *aligned(summary)]


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
