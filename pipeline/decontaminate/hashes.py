"""Hashes of words and sets of hashes, made for looking up every word of a crawl.

Equal words have equal hashes, and that is all that is asked for: whatever is found
by hash is compared word by word before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: By the number of a word's bytes, up to eight: which bits of a load are the word's.
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(9)], dtype=np.uint64)
_BITS = np.left_shift(np.uint8(1), np.arange(8, dtype=np.uint8))
#: Bits of a bitmap for each of its hashes, as a power of two.
_SPARSENESS = 6


def quick_hashes(page_words: Sequence[str]) -> np.ndarray:
    """``uint64`` of shape ``(len(page_words),)``, a tenth of the cost of a hash function's calls.

    Of a word's UTF-8 its first eight bytes, its last eight and their number are
    hashed: long words that differ in their middle alone are taken for one. No word
    is empty or holds a line feed.
    """
    if not page_words:
        return np.empty(0, dtype=np.uint64)
    joined = "\n".join(page_words).encode("utf-8", "surrogatepass")
    size = len(joined)
    # Eight bytes from every byte on, which begin or end as a word does.
    loads = np.ndarray((size + 1,), "<u8", joined + bytes(8), strides=(1,))
    ends = np.append(np.flatnonzero(np.frombuffer(joined, dtype=np.uint8) == 10), size)
    starts = np.empty_like(ends)
    starts[0] = 0
    starts[1:] = ends[:-1] + 1
    sizes = ends - starts
    masks = _MASKS.take(sizes, mode="clip")
    hashes = (loads[starts] & masks) * np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(29)
    hashes += loads[np.maximum(ends - 8, starts)] & masks
    hashes += sizes.astype(np.uint64)
    hashes *= np.uint64(0xD6E8FEB86659FD93)
    hashes ^= hashes >> np.uint64(32)
    return hashes


@dataclass(frozen=True, slots=True)
class Bitmap:
    """One bit for each value of the high bits of some 64-bit hashes.

    Says no for certain; says yes wrongly for about one hash in a hundred.
    """

    bytes: np.ndarray

    @classmethod
    def of(cls, hashes: np.ndarray) -> Bitmap:
        bits = max(len(hashes), 1).bit_length() + _SPARSENESS
        filled = np.zeros(1 << (bits - 3), dtype=np.uint8)
        slots = hashes >> np.uint64(64 - bits)
        np.bitwise_or.at(filled, slots >> np.uint64(3), _BITS[slots & np.uint64(7)])
        return cls(filled)

    def likely(self, hashes: np.ndarray) -> np.ndarray:
        """Indices of those hashes that may be among the ones it was made of."""
        slots = hashes >> np.uint64(64 - 3 - (len(self.bytes).bit_length() - 1))
        known = self.bytes.take(slots >> np.uint64(3))
        return np.flatnonzero(known & _BITS.take(slots & np.uint64(7)))
