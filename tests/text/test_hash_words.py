"""Hashes of words, which signatures and the search for benchmark texts stand on."""

import random

import numpy as np
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.words import hash_words

_WORD = st.text(min_size=1, max_size=30).filter(lambda word: "\n" not in word)
_MASK = 2**64 - 1


def expected(word):
    """The same, a byte at a time."""
    spelled = word.encode("utf-8", "surrogatepass")
    if len(spelled) > 16:
        return xxhash.xxh3_64_intdigest(spelled)
    value = int.from_bytes(spelled[:8], "little") * 0x9E3779B97F4A7C15 & _MASK
    value ^= value >> 29
    value = (value + int.from_bytes(spelled[-8:], "little") + len(spelled)) & _MASK
    value = value * 0xD6E8FEB86659FD93 & _MASK
    return value ^ value >> 32


@given(st.lists(_WORD, max_size=20))
def test_each_word_has_the_hash_of_its_bytes(found):
    hashes = hash_words(found)
    assert hashes.dtype == np.uint64
    assert hashes.tolist() == [expected(word) for word in found]


def test_lone_surrogates_and_long_words_are_words_too():
    found = ["\ud800", "x" * 100_000, "角", "a", "x" * 16, "x" * 17]
    assert hash_words(found).tolist() == [expected(word) for word in found]


def test_words_that_differ_have_other_hashes():
    choice = random.Random(1)
    made = {
        "".join(choice.choices("abcdefghijklmnopqrstuvwxyz0123456789角圆", k=choice.randint(1, 12)))
        for _ in range(50_000)
    }
    # Long ones, too, that differ in their middle alone.
    made |= {f"antidis{word}establish" for word in made}
    assert len(set(hash_words(sorted(made)).tolist())) == len(made)
