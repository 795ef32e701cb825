"""What deduplication costs: signing beside datasketch, growth, and a real crawl.

``make bench BENCH=dedupe`` runs all three; ``ARGS='--parts growth'`` one of them.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import numpy as np

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import estimated_jaccard, shingle_hashes, signature, true_jaccard
from pipeline.text.words import words
from tests.bench.duplicates import FOLDER, tell_duplicates
from tests.bench.interleaved import Failed, run, table

PARTS = ("signing", "growth", "crawl")
SIZES = (10_000, 100_000, 1_000_000)
#: Asked for: a document may cost so much more of its time at the next size.
MOST_GROWTH = 1.3
LEAST_SPEED = 2.5
_TEXTS, _PAIRS, _CHARACTERS, _ROUNDS = 150, 1_000, 3_000, 9
_NUMPY, _DATASKETCH = Dedupe(), Dedupe(minhash="datasketch")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="documents")
    parser.add_argument("--warc", default="", help="WARCs of the crawl; a glob")
    parser.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    if "signing" in arguments.parts:
        tell_signing()
    if "growth" in arguments.parts:
        tell_growth(arguments.sizes)
    if "crawl" in arguments.parts:
        tell_duplicates(arguments.warc, peers=not arguments.no_peers)
    return 0


def tell_signing() -> None:
    """Signatures of 3 KB texts, interleaved, out of words; and the error of both."""
    pairs = [_edited(random.Random(number)) for number in range(_PAIRS)]
    texts = [words(left) for left, _ in pairs[:_TEXTS]]
    shingles = [
        [" ".join(text[i : i + 5]).encode() for i in range(len(text) - 4)] for text in texts
    ]
    ways: dict[str, Callable[[], object]] = {
        "numpy, words to signature": lambda: [signature(text, _NUMPY) for text in texts],
        "datasketch, words to signature": lambda: [signature(text, _DATASKETCH) for text in texts],
        "datasketch, update_batch alone": lambda: [_update_batch(grams) for grams in shingles],
        "words of the text, for both": lambda: [words(left) for left, _ in pairs[:_TEXTS]],
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            way()
            spent[name].append(time.process_time() - started)
    reference = median(spent["datasketch, update_batch alone"])
    rows = [("texts of 3 KB", "texts/CPU-s", "x update_batch")]
    for name, seconds in spent.items():
        one = median(seconds)
        rows.append((name, f"{_TEXTS / one:,.0f}", f"{reference / one:.2f}"))
    print(table(rows))
    for settings in (_NUMPY, _DATASKETCH):
        errors = [_error(left, right, settings) for left, right in pairs]
        error = float(np.sqrt(np.mean(np.square(errors))))
        bias = float(np.mean(errors))
        print(f"{settings.minhash}: root mean square error {error:.4f}, bias {bias:+.4f}", end="")
        print(f" over {len(pairs):,} edited pairs")
    speed = reference / median(spent["numpy, words to signature"])
    held = "held" if speed >= LEAST_SPEED else "MISSED"
    print(f"asked for: {LEAST_SPEED} times update_batch: {held}")


def _edited(dice: random.Random) -> tuple[str, str]:
    """A text of about 3 KB, and a copy with up to 30 of its words replaced."""

    def word() -> str:
        return "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 9)))

    text: list[str] = []
    while sum(map(len, text)) + len(text) < _CHARACTERS:
        text.append(word())
    copy = list(text)
    for place in dice.sample(range(len(text)), dice.randint(0, 30)):
        copy[place] = word()
    return " ".join(text), " ".join(copy)


def _update_batch(grams: list[bytes]) -> object:
    from datasketch import MinHash

    sketch = MinHash(num_perm=_NUMPY.bands * _NUMPY.rows)
    sketch.update_batch(grams)
    return sketch


def _error(left: str, right: str, settings: Dedupe) -> float:
    sides = [words(left), words(right)]
    one, other = (np.unique(shingle_hashes(side, settings)) for side in sides)
    estimate = estimated_jaccard(*(signature(side, settings) for side in sides))
    return float(estimate) - true_jaccard(one, other)


def tell_growth(sizes: list[int]) -> None:
    """The pool of synthetic signatures, each size in a process of its own."""
    told = []
    for size in sizes:
        print(f"\r{size:,} documents {'':20}", end="", file=sys.stderr, flush=True)
        folder = FOLDER / f"growth-{size}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            command = [sys.executable, "-m", "tests.bench.pool_growth", str(size), str(folder)]
            told.append(json.loads(run(command).splitlines()[-1]))
        except Failed as failure:
            print(f"{size:,} documents: {failure}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    head = (
        "documents", "seconds", "ms a document", "kept", "as known", "hot buckets", "largest",
        "driver: JVM MB", "Python MB", "heap in use MB", "written B a document",
    )  # fmt: skip
    rows = [head]
    for one in told:
        documents, buckets = one["documents"], list(one["buckets"].values())
        rows.append(
            (
                f"{documents:,}",
                f"{one['seconds']:.1f}",
                f"{one['seconds'] / documents * 1e3:.3f}",
                f"{one['methods']['kept']:,}",
                f"{one['expected kept']:,}",
                f"{buckets[2]:,}",
                f"{buckets[1]:,}",
                *(f"{one[f'driver {part}'] / 1e6:.0f}" for part in ("java", "python", "heap")),
                f"{one['bytes written'] / documents:.0f}",
            )
        )
    print("\r" + table(rows))
    for before, after in pairwise(told):
        once, then = (one["seconds"] / one["documents"] for one in (before, after))
        print(
            f"from {before['documents']:,} to {after['documents']:,}: a document takes "
            f"{then / once:.2f} times as long (asked for: at most {MOST_GROWTH})"
        )


if __name__ == "__main__":
    sys.exit(main())
