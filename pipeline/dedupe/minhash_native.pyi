from collections.abc import Callable

import numpy as np

def signature(
    words: bytes,
    shingle_words: int,
    hasher: Callable[[bytes], int],
    multipliers: np.ndarray,
    offsets: np.ndarray,
) -> bytes:
    """MinHash as little-endian ``uint32``. ``words``: in UTF-8, a line feed between two.

    ``hasher`` hashes words of more than 16 bytes to 64 bits. ``multipliers`` and ``offsets``:
    ``uint32`` of one shape, contiguous; ``ValueError`` else.
    """
