"""``make bench BENCH=fidelity``: what survives extraction, ours beside peers'.

Formulas, prose and furniture of pages with known answers (see ``scoring.py``), furniture and
content of marked pages by software (see ``marked_pages.py``), and formulas found where there
are none. ``ARGS='--set folder'`` for another set of the same format.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.crawled import crawl, every, warcs, write_captures
from tests.bench.generated import write_set
from tests.bench.interleaved import (
    PROJECT,
    SHARED,
    Failed,
    Measured,
    problems,
    run,
    table,
    versions,
)
from tests.bench.marked_pages import Marks, marked_pages, rows_of_table
from tests.bench.ours import OURS
from tests.bench.peers import PEERS, environment, peer_command
from tests.bench.scoring import Row, Score, read_set

FOLDER = PROJECT / "build" / "bench-fidelity"
#: Who is measured by marked pages.
MARKED = ("extract_page, fast", "trafilatura", "resiliparse main content")
#: Every so many pages of the real crawl, for formulas where there are none.
STEP = 3
_OVERALL = "math; math, all; math (normalised); keep; drop; doubled".split("; ")


@dataclass
class Found:
    """Formulas that an extractor says it found, and those on pages that have none."""

    formulas: int = 0
    false: int = 0
    pages: int = 0
    false_pages: dict[str, int] = field(default_factory=dict)

    def add(self, url: str, plain: bool, formulas: int) -> None:
        self.formulas += formulas
        if plain:
            self.pages += 1
            self.false += formulas
            if formulas:
                self.false_pages[url] = formulas


@dataclass(frozen=True)
class Crawled:
    """Pages in a file for ``peer.py``: their addresses, and whether each is without formulas."""

    captures: Path
    pages: list[tuple[str, bool]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, default=None, help="folder with pages.jsonl")
    parser.add_argument("--misses", default="", help="NAME: show what this extractor got wrong")
    parser.add_argument("--no-peers", action="store_true", help="only ours")
    parser.add_argument("--no-crawl", action="store_true", help="leave false formulas out")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = arguments.set or SHARED / "extraction"
    if not (folder / "pages.jsonl").is_file():
        if arguments.set:
            parser.error(f"no pages.jsonl in {folder}")
        folder = write_set(FOLDER / "generated")
    rows = read_set(folder)
    held = FOLDER / "set.captures"
    write_captures(((row.get("url", ""), "", row["html"]) for row in rows), held)
    marked = marked_pages()
    marked_captures = FOLDER / "marked.captures"
    write_captures(((one.url, one.content_type, one.html) for one in marked), marked_captures)
    marks: dict[str, Marks] = {}
    plain = None if arguments.no_crawl else _crawled(rows, held)
    told: dict[str, Measured] = {}
    scores: dict[str, Score] = {}
    found: dict[str, Found] = {}
    for name, (command, problem) in _contenders(peers=not arguments.no_peers).items():
        print(f"\r{name:50}", end="", file=sys.stderr, flush=True)
        told[name] = Measured(problem=problem)
        if problem:
            continue
        try:
            made = _texts(command, held, told[name])
            if name in MARKED:
                marks[name] = Marks()
                for one, text in zip(
                    marked, _texts(command, marked_captures, told[name]), strict=True
                ):
                    marks[name].add(one, text["text"])
            if plain and made and made[0]["formulas"] is not None:
                found[name] = _found(_texts(command, plain.captures, told[name]), plain)
        except Failed as failure:
            told[name].problem = str(failure)
            continue
        scores[name] = Score()
        for row, text in zip(rows, made, strict=True):
            scores[name].add(row, text["text"])
    print(f"\r{'':50}\r{len(rows)} pages of {folder}\n", file=sys.stderr)
    _show(scores, found, plain)
    if marks:
        print("\nmarked pages by software: furniture gone / content kept / furniture's share (%)")
        print(table(rows_of_table(marks)))
    print("\n" + "\n".join([*problems(told), versions(told)]))
    if arguments.misses:
        _show_misses(arguments.misses, scores, found)
        for name, one in marks.items():
            if arguments.misses in name:
                for page, misses in one.misses.items():
                    print(f"\n{page}\n  " + "\n  ".join(misses))
    return 0


def _contenders(*, peers: bool) -> dict[str, tuple[list[str], str]]:
    """Each one's command, to which files are added, or why there is none."""
    all_of_them = {
        name: ([sys.executable, "-m", "tests.bench.ours", name, "texts"], "") for name in OURS
    }
    for name, needs in PEERS.items() if peers else ():
        place = environment(needs)
        all_of_them[name] = (peer_command(name, place.python, "texts"), place.problem)
    return all_of_them


def _texts(command: list[str], captures: Path, told: Measured) -> list[dict[str, Any]]:
    out = FOLDER / "texts.jsonl"
    told.versions = json.loads(run([*command, str(captures), str(out)]).splitlines()[-1])[
        "versions"
    ]
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def _crawled(rows: list[Row], held: Path) -> Crawled:
    """The real crawl's pages, or the set's own where that is not here."""
    labels = crawl() / "labels.jsonl.gz"
    if not labels.is_file():
        return Crawled(held, [(row["url"], not row["math"]) for row in rows])
    with gzip.open(labels, "rt", encoding="utf-8") as lines:
        labelled = {row["url"]: row for row in map(json.loads, lines)}
    target = FOLDER / "crawl.captures"
    pages = []

    def kept() -> Iterator[tuple[str, str, bytes]]:
        for capture in every(warcs(), STEP):
            label = labelled.get(capture.url, {"label": "", "formulas": 0})
            # A "$" of a price or a shell counts as a formula there: such pages say nothing.
            doubtful = label["label"] == "not-math" and label["formulas"]
            if not doubtful:
                pages.append((capture.url, label["label"] == "not-math"))
                yield capture.url, capture.content_type, capture.body

    write_captures(kept(), target)
    return Crawled(target, pages)


def _found(texts: list[dict[str, Any]], crawled: Crawled) -> Found:
    found = Found()
    for (url, plain), text in zip(crawled.pages, texts, strict=True):
        found.add(url, plain, text["formulas"] or 0)
    return found


def _show(scores: Mapping[str, Score], found: Mapping[str, Found], plain: Crawled | None) -> None:
    print(table(_columns(scores, {kind: kind for kind in _OVERALL})))
    for heading in ("exact", "normalised"):
        kinds = sorted(
            {kind for one in scores.values() for kind in one.kinds() if kind.startswith(heading)}
        )
        print(f"\nformulas kept, {heading}, by a page's first notation (%)")
        print(table(_columns(scores, {kind: kind.removeprefix(f"{heading} ") for kind in kinds})))
    if plain:
        without = sum(none for _, none in plain.pages)
        print(f"\nformulas on {len(plain.pages)} pages, {without} of them without any")
        print(table(_false(found)))


def _columns(scores: Mapping[str, Score], kinds: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    one = next(iter(scores.values()))
    yield ("%", *kinds.values())
    yield ("asked for", *(f"{one.asked[kind]:,}" for kind in kinds))
    for name, score in scores.items():
        rates = (score.rate(kind) for kind in kinds)
        yield (name, *("-" if rate is None else f"{100 * rate:.1f}" for rate in rates))


def _false(found: Mapping[str, Found]) -> Iterator[tuple[str, ...]]:
    yield "extractors that mark formulas", "formulas", "false", "false of all", "pages with false"
    for name, one in found.items():
        share = f"{100 * one.false / one.formulas:.2f} %" if one.formulas else "-"
        yield name, f"{one.formulas:,}", f"{one.false:,}", share, f"{len(one.false_pages):,}"


def _show_misses(name: str, scores: Mapping[str, Score], found: Mapping[str, Found]) -> None:
    chosen = next((one for one in scores if name in one), None)
    if chosen is None:
        sys.exit(f"no extractor named {name}: {', '.join(scores)}")
    for page, misses in scores[chosen].misses.items():
        print(f"\n{page}\n  " + "\n  ".join(misses))
    if chosen in found:
        pages = sorted(found[chosen].false_pages.items(), key=lambda item: -item[1])
        print("\nfalse formulas\n" + "\n".join(f"{count:6}  {url}" for url, count in pages))


if __name__ == "__main__":
    sys.exit(main())
