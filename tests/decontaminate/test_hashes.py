import numpy as np

from pipeline.decontaminate.hashes import Bitmap
from pipeline.text.words import hash_words

_MASK = 2**64 - 1


def test_a_bitmap_says_yes_to_its_own_and_seldom_to_others():
    made = np.random.default_rng(1).integers(0, _MASK, size=60_000, dtype=np.uint64)
    own, other = made[:10_000], made[10_000:]
    bitmap = Bitmap.of(own)
    assert bitmap.likely(own).tolist() == list(range(len(own)))
    assert len(bitmap.likely(other)) < 0.02 * len(other)
    mixed = np.concatenate([other[:5], own[:1]])
    assert 5 in bitmap.likely(mixed).tolist()


def test_a_bitmap_of_nothing_says_no():
    nothing = np.empty(0, dtype=np.uint64)
    assert len(Bitmap.of(nothing).likely(hash_words(["a", "b", "c"]))) == 0
    assert len(Bitmap.of(hash_words(["a"])).likely(nothing)) == 0
