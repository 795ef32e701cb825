"""fastText's classifier folded into one weight a word and a bucket.

A supervised model of fastText's takes the mean of a line's rows, multiplies it by the row
of each label and turns that into probabilities. Nothing in between bends the line, so
with two labels each row counts by one number alone: its product with the difference of
the labels' rows. The score is the logistic function of the mean of these numbers. The
same probabilities come out of 4 bytes a row instead of 4 a dimension: 2 GB become 8 MB
and the words.

The numbers lie in a file that processes map: a machine holds them once, in its page cache,
however many workers score.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.base.errors import InputMalformed
from pipeline.classify.fasttext_file import FastTextFile
from pipeline.classify.fasttext_words import END_OF_LINE, Words, keys_of, read_lines

#: Lines scored together: the arrays of as many still fit a processor's cache.
LINES_AT_ONCE = 32

#: What a file begins with: magic, word n-grams, slots, homes among them, buckets, a byte of
#: zero, the model's digest. The arrays follow: keys, word weights, bucket weights.
_HEADER = struct.Struct("<8sIQQQx16s")
_MAGIC = b"folded 1"
_ARRAYS_AT = 64

#: fastText: multiplies the hash of an n-gram's words before each further word.
_NGRAM_FACTOR = np.uint64(116_049_371)
#: fastText: added to probabilities before it takes their logarithm.
_ADDED = 1e-5
#: Slots of the table of words for each of them.
_SLOTS_A_WORD = 2
_SCATTERS = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def fold(model: Path, label: str, target: Path, digest: str) -> None:
    """Write ``target``: what scores with the probability of ``label``, one of two.

    ``digest`` (32 hex digits) names the model. Raises ``InputMalformed`` as
    ``FastTextFile.read`` does, and for a model that has not these two labels.
    """
    file = FastTextFile.read(model)
    if len(file.labels) != 2 or label not in file.labels:
        raise InputMalformed(f"{model} tells {' from '.join(file.labels)}", expected=label)
    output = file.output.block(0, 2)
    chosen = file.labels.index(label)
    weights = file.input.times(output[chosen] - output[1 - chosen])
    keys, word_weights, homes = _table(keys_of(file.words), weights[: len(file.words)])
    buckets = weights[len(file.words) :]
    header = _HEADER.pack(
        _MAGIC, file.word_ngrams, len(keys), homes, len(buckets), bytes.fromhex(digest)
    )
    with target.open("wb") as out:
        out.write(header.ljust(_ARRAYS_AT, b"\0"))
        for array, kind in ((keys, "<u8"), (word_weights, "<f4"), (buckets, "<f4")):
            out.write(array.astype(kind, copy=False).tobytes())


class Folded:
    """A folded model, mapped from its file."""

    def __init__(self, path: Path) -> None:
        """Raises ``InputMalformed`` where the file is cut or no folded model."""
        with path.open("rb") as file:
            head = file.read(_ARRAYS_AT).ljust(_ARRAYS_AT, b"\0")
        magic, self._ngrams, slots, self._homes, buckets, digest = _HEADER.unpack_from(head)
        size = _ARRAYS_AT + 12 * slots + 4 * buckets
        if magic != _MAGIC or path.stat().st_size != size:
            raise InputMalformed(
                f"{path} is no folded model of {size:,} bytes",
                remedy="train the model again (jobs/train.py --force)",
            )
        mapped = np.memmap(path, dtype=np.uint8, mode="r")
        self.digest = digest.hex()
        arrays = mapped[_ARRAYS_AT:]
        self._keys = arrays[: 8 * slots].view("<u8")
        self._word_weights = arrays[8 * slots : 12 * slots].view("<f4")
        self._bucket_weights = arrays[12 * slots :].view("<f4")

    @property
    def vocabulary(self) -> int:
        """Words that the model knows; neither n-grams nor the end of line are counted."""
        words = int(np.count_nonzero(self._keys))
        return words - int(self._of_words(keys_of([END_OF_LINE.encode()]))[1].sum())

    def score(self, lines: Sequence[str]) -> np.ndarray:
        """Probabilities of the label as fastText's, within 1e-5: ``float32``."""
        parts = [
            self._score(read_lines(lines[start : start + LINES_AT_ONCE]))
            for start in range(0, len(lines), LINES_AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)

    def _score(self, words: Words) -> np.ndarray:
        firsts = np.concatenate(([0], words.ends[:-1] + 1))
        sums, in_model = self._of_words(words.keys)
        counts = np.add.reduceat(in_model, firsts, dtype=np.int64)
        hashes = words.hashes.view(np.int32).astype(np.int64).view(np.uint64)
        rolled = hashes.copy()
        for further in range(1, self._ngrams):
            rolled[:-further] *= _NGRAM_FACTOR
            rolled[:-further] += hashes[further:]
            places = (rolled % np.uint64(len(self._bucket_weights))).astype(np.intp)
            weights = self._bucket_weights[places]
            # An n-gram does not go beyond its line.
            for before in range(further):
                weights[np.maximum(words.ends - before, 0)] = 0
            counts += np.maximum(words.ends - firsts + 1 - further, 0)
            sums += weights
        means = np.add.reduceat(sums, firsts) / np.maximum(counts, 1)
        with np.errstate(over="ignore"):  # as good as never
            scores = 1 / (1 + np.exp(-means)) + _ADDED
        # A line of which nothing is known gets no label from fastText.
        scores[counts == 0] = 0
        return np.minimum(scores, 1).astype(np.float32)

    def _of_words(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each word's weight (``float64``), and whether the model knows it."""
        slots = _homes(keys, self._homes)
        slot_keys = self._keys[slots]
        # A word lies where its key sends it or, where others lie there, in the next slots.
        looking = np.flatnonzero((slot_keys != keys) & (slot_keys != 0))
        while len(looking):
            slots[looking] += 1
            next_keys = self._keys[slots[looking]]
            looking = looking[(next_keys != keys[looking]) & (next_keys != 0)]
        in_model = self._keys[slots] != 0
        return self._word_weights[slots].astype(np.float64), in_model


def _table(keys: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Keys and weights in slots, as ``Folded._of_words`` looks for them; how many are homes."""
    homes = max(_SLOTS_A_WORD * len(keys), 1)
    first_slots = _homes(keys, homes)
    order = np.argsort(first_slots, kind="stable")
    number = np.arange(len(keys))
    # In the order of their homes, each word takes its home or else the slot after the last one.
    slots = number + np.maximum.accumulate(first_slots[order] - number)
    # The last slot stays empty, so that every search ends.
    size = max(homes, slots[-1] + 1 if len(slots) else 0) + 1
    all_keys, all_weights = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.float32)
    all_keys[slots], all_weights[slots] = keys[order], weights[order]
    return all_keys, all_weights, homes


def _homes(keys: np.ndarray, homes: int) -> np.ndarray:
    """Where to look for keys first: 0 up to ``homes``, which has at most 32 bits."""
    high = (keys * _SCATTERS) >> _HALF
    return ((high * np.uint64(homes)) >> _HALF).astype(np.intp)
