"""MinHash signatures over word shingles, and what their banding finds.

Broder, "On the resemblance and containment of documents" (1997): two sets share
the minimum of a random permutation with a probability that is their Jaccard
similarity. The permutations are ``x -> a * x + b`` modulo 2**32 with odd ``a``,
applied to 32 bits of a well mixed shingle hash; the estimate's error is that of
64-bit schemes (the tests hold it against datasketch's). They are derived here
from the seed and from nothing else, so that a stored signature means the same
with every version of every library.

datasketch can sign instead (``dedupe.minhash``): several times slower, and the
same in kind, so that everything after the signature is shared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import xxhash

from pipeline.base.arguments import Takes, checked
from pipeline.base.errors import SetupError, SignatureMismatch
from pipeline.config.settings import Dedupe
from pipeline.text.text_key import comparable_words
from pipeline.text.words import WORDS_VERSION, hash_words, ngram_hashes

try:
    from pipeline.dedupe import minhash_native
except ImportError:  # not compiled
    minhash_native = None  # type: ignore[assignment]

#: The permutations and how they are applied, by what signs: change one, change its
#: name. datasketch's own scheme is asked for by name, whatever its default becomes.
_SCHEMES = {"numpy": "affine32-loads64", "datasketch": "datasketch-affine32-sha1"}

#: FineWeb's shingles and bands, as a run has them where it says nothing.
FINEWEB = Dedupe()

#: Shingles taken at once: 112 permutations of them are 3.7 MB, whatever the page.
_CHUNK = 8192


def signature_settings(settings: Dedupe) -> dict[str, object]:
    """What makes signatures comparable. Stored with them; to be equal where they meet."""
    return {
        "signature_scheme": _SCHEMES[settings.minhash],
        "seed": settings.seed,
        "permutations": settings.bands * settings.rows,
        "shingle_words": settings.shingle_words,
        "words_version": WORDS_VERSION,
    }


@lru_cache(maxsize=8)
def signed_with(settings: Dedupe) -> str:
    """:func:`signature_settings` as a page has them beside its signature."""
    return json.dumps(signature_settings(settings), sort_keys=True)


def signature_columns(settings: Dedupe, text_words: Sequence[str]) -> Mapping[str, object]:
    """What a row of ``pages`` says of its signature, ``text_words`` as for :func:`signature`."""
    return {
        "signature": signature(text_words, settings).tobytes(),
        "signed_with": signed_with(settings),
    }


@lru_cache(maxsize=8)
def _permutations(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``a`` (odd) and ``b`` of each permutation: ``uint32`` of shape ``(count,)``."""
    bits = [xxhash.xxh3_64_intdigest(f"{seed}/{index}".encode()) for index in range(count)]
    drawn = np.array(bits, dtype=np.uint64)
    multipliers = (drawn >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    return multipliers, drawn.astype(np.uint32)


def shingle_hashes(text_words: Sequence[str], settings: Dedupe) -> np.ndarray:
    """A 64-bit hash of each run of ``shingle_words`` words, in order: ``uint64``.

    ``text_words`` as :func:`pipeline.text.text_key.comparable_words` gives them, at
    least one. A text shorter than a shingle is one shingle.
    """
    size = min(settings.shingle_words, len(text_words))
    return ngram_hashes(hash_words(text_words), size)


def signature(text_words: Sequence[str], settings: Dedupe) -> np.ndarray:
    """MinHash of a text: little-endian ``uint32`` of shape ``(bands * rows,)``.

    ``text_words`` as for :func:`shingle_hashes`. Raises ``SetupError`` where
    datasketch is asked for and is not there.
    """
    if settings.minhash == "datasketch":
        return _datasketch(text_words, settings)
    if minhash_native is None:
        return _by_numpy(text_words, settings)
    signed = minhash_native.signature(
        "\n".join(text_words).encode("utf-8", "surrogatepass"),
        settings.shingle_words,
        xxhash.xxh3_64_intdigest,
        *_permutations(settings.bands * settings.rows, settings.seed),
    )
    return np.frombuffer(signed, dtype="<u4")


def _by_numpy(text_words: Sequence[str], settings: Dedupe) -> np.ndarray:
    """The same numbers where nothing is compiled."""
    shingles = shingle_hashes(text_words, settings)
    upper = (shingles >> np.uint64(32)).astype(np.uint32)
    multipliers, offsets = _permutations(settings.bands * settings.rows, settings.seed)
    lowest = np.full(len(multipliers), 0xFFFFFFFF, dtype=np.uint32)
    for start in range(0, len(upper), _CHUNK):
        permuted = np.multiply.outer(multipliers, upper[start : start + _CHUNK])
        permuted += offsets[:, None]
        np.minimum(lowest, permuted.min(axis=1), out=lowest)
    return lowest.astype("<u4", copy=False)


@checked(
    text=Takes(
        (str,), "a str: a page's text", "of a page: minhash(page.text); of bytes: data.decode()"
    )
)
def minhash(text: str, settings: Dedupe = FINEWEB) -> np.ndarray:
    """:func:`signature` of a text, its words those of the shared tokenisation.

    >>> minhash("Two  Words!").tolist() == minhash("two words").tolist()
    True
    """
    return signature(comparable_words(text), settings)


def _datasketch(text_words: Sequence[str], settings: Dedupe) -> np.ndarray:
    """The same by datasketch's ``update_batch``, over shingles as text."""
    try:
        from datasketch import MinHash
    except ImportError:
        raise SetupError(
            'dedupe.minhash is "datasketch", which is not installed',
            remedy='pip install "datasketch>=2,<3" wherever tasks run, or set it to "numpy"',
        ) from None
    permutations = settings.bands * settings.rows
    size = min(settings.shingle_words, len(text_words))
    shingles = [
        " ".join(text_words[first : first + size]).encode("utf-8", "surrogatepass")
        for first in range(len(text_words) - size + 1)
    ]
    sketch = MinHash(num_perm=permutations, seed=settings.seed, scheme="affine32")
    sketch.update_batch(shingles)
    return np.asarray(sketch.hashvalues).astype("<u4", copy=False)


def signature_matrix(signatures: pa.Array) -> np.ndarray:
    """Signatures of one length, at least one, as ``uint32`` of shape ``(pages, minima)``."""
    joined = b"".join(signatures.to_pylist())
    return np.frombuffer(joined, dtype="<u4").reshape(len(signatures), -1)


_SIGNATURE = Takes((np.ndarray,), "a signature", "make one: minhash(text)")


@checked(left=_SIGNATURE, right=_SIGNATURE)
def estimated_jaccard(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Share of equal minima, along the last axis of two arrays of signatures.

    Standard error ``sqrt(J * (1 - J) / permutations)``: 0.04 at J = 0.75 with 112. Both are to
    be made with the same settings; ``SignatureMismatch`` where they differ in length.
    """
    if left.shape[-1] != right.shape[-1]:
        raise SignatureMismatch(
            f"signatures of {left.shape[-1]} and of {right.shape[-1]} minima",
            expected="two that were made with the same settings",
        )
    return np.asarray((left == right).mean(axis=-1))


def true_jaccard(left: np.ndarray, right: np.ndarray) -> float:
    """Of two sets of shingle hashes, each sorted and without repetition, none empty."""
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (len(left) + len(right) - shared)


def expected_recall(similarity: float, bands: int, rows: int) -> float:
    """Probability that a pair of this Jaccard similarity shares a band: the S-curve.

    >>> round(expected_recall(0.8, 14, 8), 3)
    0.924
    """
    return float(1.0 - (1.0 - similarity**rows) ** bands)


def band_keys(signatures: np.ndarray, bands: int) -> np.ndarray:
    """A 64-bit hash of each band's number and minima: ``int64`` of shape ``(pages, bands)``.

    ``signatures`` is ``uint32`` of shape ``(pages, bands * rows)``. Among 40 billion
    keys some 40 pairs are equal by chance.
    """
    minima = signatures.reshape(len(signatures), bands, -1).astype(np.uint64)
    # Spread over all bits: no minimum of 32 bits makes one band's number another's.
    numbers = np.arange(1, bands + 1, dtype=np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    keys = np.tile(numbers, (len(signatures), 1))
    for row in range(minima.shape[2]):
        keys ^= minima[:, :, row]
        keys *= np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(32)
    keys *= np.uint64(0xD6E8FEB86659FD93)
    keys ^= keys >> np.uint64(32)
    return keys.view(np.int64)
