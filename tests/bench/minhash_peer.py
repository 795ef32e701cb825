"""MinHash of other projects, each with its own words, shingles and signatures.

    minhash_peer.py NAME TEXTS PAIRS OUT

TEXTS: a JSON line (page_id, text) a page. OUT gets a JSON line a page: page_id and the
digests of its bands. Where PAIRS exists (JSON lines of two page ids), OUT gets instead
the true Jaccard similarity of each pair, by the project's own shingles.

Stands alone: it is run by Pythons that have nothing of this project installed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

BANDS, ROWS, WORDS = 14, 8, 5


class Signer(NamedTuple):
    """A project's shingles of a text, and band digests of those."""

    shingles: Callable[[str], set[Any]]
    bands: Callable[[str], list[str]]
    package: str


def datatrove() -> Signer:
    """Its defaults, which are ours: 5 words, 14 buckets of 8 hashes."""
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step = MinhashDedupSignature(
        output_folder="unused",
        config=MinhashConfig(n_grams=WORDS, num_buckets=BANDS, hashes_per_bucket=ROWS),
    )

    def bands(text: str) -> list[str]:
        shingles = step.get_shingles(text)
        if not shingles.size:
            return []
        return [",".join(map(str, band)) for band in step.get_signature(shingles)]

    def shingles(text: str) -> set[Any]:
        return {int(shingle) for shingle in step.get_shingles(text).ravel()}

    return Signer(shingles, bands, "datatrove")


def text_dedup() -> Signer:
    """Its defaults with this banding; texts of fewer than 5 words it leaves out."""
    import numpy as np
    from text_dedup.minhash import NON_ALPHA, RNG, SIGNATURE_COLUMN, embed_func
    from text_dedup.utils import ngrams, sha1_hash

    prime = np.uint64((1 << 61) - 1)
    permutations = tuple(
        RNG.randint(least, prime, size=BANDS * ROWS, dtype=np.uint64) for least in (1, 0)
    )

    def shingles(text: str) -> set[Any]:
        return {" ".join(gram) for gram in ngrams(NON_ALPHA.split(text.lower()), WORDS, WORDS)}

    def bands(text: str) -> list[str]:
        if not shingles(text):
            return []
        row = embed_func(
            text,
            0,
            num_perm=BANDS * ROWS,
            ngram_size=WORDS,
            min_length=WORDS,
            hashranges=[(band * ROWS, (band + 1) * ROWS) for band in range(BANDS)],
            permutations=permutations,
            hash_func=lambda gram: sha1_hash(gram, d=32),
            dtype=np.uint64,
            max_hash=np.uint32((1 << 32) - 1),
            modulo_prime=prime,
        )
        return [digest.hex() for digest in row[SIGNATURE_COLUMN]]

    return Signer(shingles, bands, "text-dedup")


CONTENDERS = {"datatrove": datatrove, "text-dedup": text_dedup}


def main() -> None:
    name, texts, pairs, out = sys.argv[1], *map(Path, sys.argv[2:])
    signer = CONTENDERS[name]()
    pages = [json.loads(line) for line in texts.read_text(encoding="utf-8").splitlines()]
    signer.bands("a text to load whatever loads late, with a number of words of its own")
    spent = time.process_time()
    with out.open("w", encoding="utf-8") as stream:
        if pairs.exists():
            held = {page["page_id"]: page["text"] for page in pages}
            for line in pairs.read_text(encoding="utf-8").splitlines():
                left, right = (signer.shingles(held[page]) for page in json.loads(line))
                whole = len(left | right)
                stream.write(json.dumps(len(left & right) / whole if whole else 0.0) + "\n")
        else:
            for page in pages:
                row = {"page_id": page["page_id"], "bands": signer.bands(page["text"])}
                stream.write(json.dumps(row) + "\n")
    cpu = time.process_time() - spent
    told = f"{signer.package} {version(signer.package)}"
    print(json.dumps({"pages": len(pages), "cpu": cpu, "versions": told}))


if __name__ == "__main__":
    main()
