"""Sets of hashes, made for looking up every word of a crawl.

Equal words have equal hashes, and that is all that is asked for: whatever is found
by hash is compared word by word before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BITS = np.left_shift(np.uint8(1), np.arange(8, dtype=np.uint8))
#: Bits of a bitmap for each of its hashes, as a power of two.
_SPARSENESS = 6


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
