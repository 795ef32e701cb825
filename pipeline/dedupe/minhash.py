"""MinHash signatures over word shingles, and what their banding finds.

Broder, "On the resemblance and containment of documents" (1997): two sets share
the minimum of a random permutation with a probability that is their Jaccard
similarity. The permutations are ``x -> a * x + b`` modulo 2**32 with odd ``a``,
applied to 32 bits of a well mixed shingle hash; the estimate's error is that of
64-bit schemes (the tests hold it against datasketch's). They are derived here
from the seed and from nothing else, so that a stored signature means the same
with every version of every library.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import xxhash

from pipeline.config import Dedupe
from pipeline.text.words import WORDS_VERSION, hash_words, ngram_hashes

#: What makes signatures comparable, beside the settings (``shingle_words``, ``bands``,
#: ``rows``, ``seed``). Stored with whatever is built on them and to be equal there.
#: The name stands for the permutations and how they are applied: change one, change
#: the other.
SIGNATURE_SCHEME: dict[str, object] = {
    "signature_scheme": "affine32-xxh3",
    "words_version": WORDS_VERSION,
}

#: Shingles taken at once: 112 permutations of them are 3.7 MB, whatever the page.
_CHUNK = 8192


@lru_cache(maxsize=8)
def _permutations(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``a`` (odd) and ``b`` of each permutation: ``uint32`` of shape ``(count,)``."""
    bits = [xxhash.xxh3_64_intdigest(f"{seed}/{index}".encode()) for index in range(count)]
    drawn = np.array(bits, dtype=np.uint64)
    multipliers = (drawn >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    return multipliers, drawn.astype(np.uint32)


def signature(text_words: Sequence[str], settings: Dedupe) -> np.ndarray:
    """MinHash of a text: little-endian ``uint32`` of shape ``(bands * rows,)``.

    ``text_words`` as :func:`pipeline.dedupe.keys.comparable_words` gives them, at
    least one. A text shorter than a shingle is one shingle.
    """
    size = min(settings.shingle_words, len(text_words))
    shingles = ngram_hashes(hash_words(text_words), size)
    upper = (shingles >> np.uint64(32)).astype(np.uint32)
    multipliers, offsets = _permutations(settings.bands * settings.rows, settings.seed)
    lowest = np.full(len(multipliers), 0xFFFFFFFF, dtype=np.uint32)
    for start in range(0, len(upper), _CHUNK):
        permuted = np.multiply.outer(multipliers, upper[start : start + _CHUNK])
        permuted += offsets[:, None]
        np.minimum(lowest, permuted.min(axis=1), out=lowest)
    return lowest.astype("<u4", copy=False)


def estimated_jaccard(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Share of equal minima, along the last axis of two arrays of signatures.

    Standard error ``sqrt(J * (1 - J) / permutations)``: 0.04 at J = 0.75 with 112.
    """
    return np.asarray((left == right).mean(axis=-1))


def expected_recall(similarity: float, bands: int, rows: int) -> float:
    """Probability that a pair of this Jaccard similarity shares a band: the S-curve.

    >>> round(expected_recall(0.8, 14, 8), 3)
    0.924
    """
    return float(1.0 - (1.0 - similarity**rows) ** bands)
