import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.decontaminate.hashes import Bitmap, quick_hashes

_WORD = st.text(min_size=1, max_size=30).filter(lambda word: "\n" not in word)
_MASK = 2**64 - 1


def expected(word):
    """The same, a byte at a time."""
    spelled = word.encode("utf-8", "surrogatepass")
    value = int.from_bytes(spelled[:8], "little") * 0x9E3779B97F4A7C15 & _MASK
    value ^= value >> 29
    value = (value + int.from_bytes(spelled[-8:], "little") + len(spelled)) & _MASK
    value = value * 0xD6E8FEB86659FD93 & _MASK
    return value ^ value >> 32


@given(st.lists(_WORD, max_size=20))
def test_each_word_has_the_hash_of_its_ends_and_its_length(found):
    hashes = quick_hashes(found)
    assert hashes.dtype == np.uint64
    assert hashes.tolist() == [expected(word) for word in found]


def test_lone_surrogates_and_long_words_are_words_too():
    found = ["\ud800", "x" * 100_000, "角", "a"]
    assert quick_hashes(found).tolist() == [expected(word) for word in found]


def test_words_that_differ_have_other_hashes():
    choice = random.Random(1)
    made = {
        "".join(choice.choices("abcdefghijklmnopqrstuvwxyz0123456789角圆", k=choice.randint(1, 12)))
        for _ in range(50_000)
    }
    assert len(set(quick_hashes(sorted(made)).tolist())) == len(made)


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
    assert len(Bitmap.of(nothing).likely(quick_hashes(["a", "b", "c"]))) == 0
    assert len(Bitmap.of(quick_hashes(["a"])).likely(nothing)) == 0
