"""Duplicates of a real crawl: its clusters, how true they are, and what peers find.

``python -m tests.bench.duplicates [--warc GLOB] [--no-peers]`` extracts and deduplicates
the WARCs in ``build/bench-dedupe`` (once) and prints, over the very same texts, pairs
that share a band by our signatures, by datatrove's and by text-dedup's.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from pipeline.config.run_file import parse_config
from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import expected_recall, shingle_hashes, signature, true_jaccard
from pipeline.loop.rounds import carry_out, deduplication, extraction
from pipeline.loop.run import Run
from pipeline.report.closing_pool import dedupe_lines
from pipeline.text.text_key import comparable_words
from tests.bench.crawled import crawl
from tests.bench.interleaved import PROJECT, Failed, run, table
from tests.bench.peers import environment
from tests.places import rows_in

FOLDER = PROJECT / "build" / "bench-dedupe"
SETTINGS = Dedupe()
PEERS = {"datatrove": "datatrove-minhash", "text-dedup": "text-dedup"}
SAMPLED_PAIRS = 100
#: Two Jaccard similarities that differ by more are of other words, not of rounding.
_OTHER_WORDS = 0.05

Pair = tuple[str, str]


class Page(NamedTuple):
    url: str
    text: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warc", default="", help="WARCs; a glob")
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    tell_duplicates(arguments.warc, peers=not arguments.no_peers)
    return 0


def tell_duplicates(warc: str, *, peers: bool) -> None:
    """All of it; without ``warc`` of the real crawl, or of the sample web."""
    # The last two are compared: the first one of a session is slower.
    for verify in (False, True, False):
        deduplicated(warc or str(crawl() / "*.warc.gz"), verify=verify)
        connection = duckdb.connect()
        connection.sql(f"create view pool as from {rows_in(FOLDER / 'crawl', 'pool')}")
        connection.sql(
            f"create view pages as from {rows_in(FOLDER / 'crawl', 'crawls/bench/pages')}"
        )
        describe_precision(connection)
    describe_clusters(connection)
    if peers:
        compare(connection)


def deduplicated(warc: str, *, verify: bool) -> None:
    """Bring the workspace there, by the jobs' own steps, and say what they took."""
    document = {"crawls": {"bench": {"warcs": [warc]}}, "dedupe": {"verify": verify}}
    work = Run(parse_config(document, folder=PROJECT), str(FOLDER / "crawl"))
    # So that no step's time has the start of Spark in it.
    work.spark.range(1).count()
    for report in carry_out(extraction(work.config, 1), work, dry_run=False):
        assert report.counts
    print(f"\ndedupe.verify = {str(verify).lower()}")
    for report in carry_out(deduplication(work.config, 1), work, dry_run=False):
        if report.state == "built" and report.counts:
            print(f"  {report.title}: {report.seconds:.1f} s, {dict(report.counts.set_aside)}")
    print("\n".join(f"  {line}" for line in dedupe_lines(work)))


def describe_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    """How many clusters of which size, and the ten largest."""
    rows = connection.sql("""
        with sized as (select cluster, count(*) as pages from pool group by 1 having pages > 1)
        select case when pages = 2 then '2' when pages < 5 then '3–4' when pages < 10 then '5–9'
               else '10 and more' end as size, count(*), sum(pages) from sized group by 1
        order by min(pages)""").fetchall()
    print()
    print(table([("pages of a cluster", "clusters", "pages"), *(tuple(map(str, r)) for r in rows)]))
    largest = connection.sql("""
        select cluster, count(*) as pages, count(distinct host) as hosts,
               count_if(method = 'url'), count_if(method = 'exact'), count_if(method = 'minhash'),
               min(similarity) filter (method = 'minhash'),
               any_value(url order by url) as first, any_value(words order by url)
        from pool join pages using (page_id) group by 1 having pages > 1
        order by pages desc, cluster limit 10""").fetchall()
    print("\nthe ten largest, each with an address of it")
    head = ("pages", "hosts", "by url", "exact", "minhash", "least similarity", "words", "address")
    body = [
        (*map(str, row[1:6]), "–" if row[6] is None else f"{row[6]:.2f}", str(row[8]), row[7])
        for row in largest
    ]
    print(table([head, *body]))


def describe_precision(connection: duckdb.DuckDBPyConnection) -> None:
    """True Jaccard similarity of a sample of near-duplicates to the page kept."""
    rows = connection.sql("""
        select dropped.text, kept.text, similarity from pool
        join pages as dropped using (page_id)
        join pages as kept on kept.page_id = kept_page_id
        where method = 'minhash' order by pool.page_id""").fetchall()
    sample = random.Random(1).sample(rows, min(SAMPLED_PAIRS, len(rows)))
    true = sorted(jaccard(left, right) for left, right, _ in sample)
    errors = [similarity - jaccard(left, right) for left, right, similarity in sample]
    print(f"\n{len(sample)} of {len(rows):,} near-duplicates against the page kept, true Jaccard:")
    for least in (0.5, 0.6, 0.7, 0.75, 0.8, 0.9):
        print(f"  at least {least}: {sum(s >= least for s in true) / max(len(true), 1):.0%}")
    if true:
        print(f"  least {true[0]:.2f}, median {true[len(true) // 2]:.2f}")
        error = (sum(e * e for e in errors) / len(errors)) ** 0.5
        print(f"  root mean square error of the pool's estimate: {error:.3f}")


def jaccard(left: str, right: str) -> float:
    return true_jaccard(
        *(np.unique(shingle_hashes(comparable_words(text), SETTINGS)) for text in (left, right))
    )


def compare(connection: duckdb.DuckDBPyConnection) -> None:
    """Pairs that share a band, by each tool; those of one alone with both similarities."""
    rows = connection.sql("""
        select page_id, url, text from pool join pages using (page_id)
        where method is null or method = 'minhash' order by page_id""").fetchall()
    pages = {page: Page(url, text) for page, url, text in rows}
    texts = FOLDER / "texts.jsonl"
    texts.write_text(
        "".join(json.dumps({"page_id": i, "text": p.text}) + "\n" for i, p in pages.items())
    )
    spent = time.process_time()
    bands = {page: our_bands(one.text) for page, one in pages.items()}
    ours = pairs_of(bands)
    spent = time.process_time() - spent
    print(f"\n{len(pages):,} pages that no URL and no exact text joins")
    print(f"mathmine: {len(ours):,} pairs share a band, {len(pages) / spent:,.0f} pages/CPU-s")
    for name, needs in PEERS.items():
        found = environment(needs)
        if found.problem:
            print(f"{name}: {found.problem}")
            continue
        try:
            _compare_with(name, found.python, pages, ours, texts)
        except Failed as failure:
            print(f"{name}: {failure}")


def our_bands(text: str) -> list[str]:
    minima = signature(comparable_words(text), SETTINGS).reshape(SETTINGS.bands, SETTINGS.rows)
    return [band.tobytes().hex() for band in minima]


def pairs_of(bands: dict[str, list[str]]) -> set[Pair]:
    buckets = defaultdict(list)
    for page in sorted(bands):
        for number, digest in enumerate(bands[page]):
            buckets[number, digest].append(page)
    return {pair for members in buckets.values() for pair in combinations(members, 2)}


def _compare_with(
    name: str, python: str, pages: dict[str, Page], ours: set[Pair], texts: Path
) -> None:
    script, out = Path(__file__).with_name("minhash_peer.py"), FOLDER / f"{name}.jsonl"
    wanted = FOLDER / f"{name}.pairs.jsonl"
    wanted.unlink(missing_ok=True)
    command = [python, "-P", str(script), name, str(texts), str(wanted), str(out)]
    told = json.loads(run(command).splitlines()[-1])
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    theirs = pairs_of({line["page_id"]: line["bands"] for line in lines})
    unsigned = {line["page_id"] for line in lines if not line["bands"]}
    print(
        f"\n{told['versions']}: {len(theirs):,} pairs share a band, "
        f"{told['pages'] / told['cpu']:,.0f} pages/CPU-s, {len(unsigned)} pages not signed; "
        f"{len(ours & theirs):,} pairs found by both"
    )
    for who, alone in (("mathmine", ours - theirs), (name, theirs - ours)):
        listed = sorted(alone)
        wanted.write_text("".join(json.dumps(pair) + "\n" for pair in listed))
        run(command)
        similarities = [json.loads(line) for line in out.read_text().splitlines()]
        _explain(who, listed, similarities, pages)


def _explain(
    who: str, alone: Sequence[Pair], theirs: Iterable[float], pages: dict[str, Page]
) -> None:
    reasons: dict[str, list[tuple[Pair, float, float]]] = defaultdict(list)
    for pair, their in zip(alone, theirs, strict=True):
        our = jaccard(*(pages[page].text for page in pair))
        reasons[_reason(our, their)].append((pair, our, their))
    print(f"  by {who} alone: {len(alone):,}")
    for reason, found in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"    {len(found):,}: {reason}")
        for (left, right), our, their in random.Random(2).sample(found, min(3, len(found))):
            print(f"      {our:.2f} / {their:.2f}  {pages[left].url}  {pages[right].url}")


def _reason(our: float, their: float) -> str:
    if abs(our - their) > _OTHER_WORDS:
        more = "ours" if our > their else "theirs"
        return f"other words: more alike by {more} (true Jaccard by ours / by theirs)"
    chance = 0.001 < expected_recall(our, SETTINGS.bands, SETTINGS.rows) < 0.999
    return "chance: alike by both, and banding finds such a pair or not" if chance else "neither"


if __name__ == "__main__":
    sys.exit(main())
